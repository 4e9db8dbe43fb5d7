import type { corev1 } from '@reckon/api/types';
import { defaultPullPolicy } from '../image-reference';
import { roundResourceList } from '../resource-list';

/** What containers, init containers and ephemeral containers have in common. */
export type AnyContainer = corev1.Container | corev1.EphemeralContainer;

/** SetDefaults_Container and the defaults of what hangs below it (pkg/apis/core/v1/defaults.go). */
export function setContainerDefaults(container: AnyContainer): void {
  for (const port of container.ports ?? []) if (!port.protocol) port.protocol = 'TCP';
  for (const variable of container.env ?? []) setEnvDefaults(variable);
  if (container.resources) {
    roundResourceList(container.resources.limits);
    roundResourceList(container.resources.requests);
  }
  if (container.livenessProbe) setProbeDefaults(container.livenessProbe);
  if (container.readinessProbe) setProbeDefaults(container.readinessProbe);
  if (container.startupProbe) setProbeDefaults(container.startupProbe);
  if (container.lifecycle) {
    if (container.lifecycle.postStart?.httpGet) setHttpGetDefaults(container.lifecycle.postStart.httpGet);
    if (container.lifecycle.preStop?.httpGet) setHttpGetDefaults(container.lifecycle.preStop.httpGet);
    dropStopSignal(container, container.lifecycle);
  }
  if (!container.terminationMessagePath) container.terminationMessagePath = '/dev/termination-log';
  if (!container.terminationMessagePolicy) container.terminationMessagePolicy = 'File';
  if (!container.imagePullPolicy) container.imagePullPolicy = defaultPullPolicy(container.image);
}

/** Behind a gate that is off (ContainerStopSignals): taken and forgotten, with all that is then empty, as upstream does. */
function dropStopSignal(container: AnyContainer, lifecycle: corev1.Lifecycle): void {
  if (lifecycle.stopSignal === undefined) return;
  delete lifecycle.stopSignal;
  if (!lifecycle.postStart && !lifecycle.preStop) delete container.lifecycle;
}

function setEnvDefaults(variable: corev1.EnvVar): void {
  const from = variable.valueFrom;
  if (!from) return;
  if (from.fieldRef && !from.fieldRef.apiVersion) from.fieldRef.apiVersion = 'v1';
  if (from.fileKeyRef && from.fileKeyRef.optional === undefined) from.fileKeyRef.optional = false;
}

/** SetDefaults_Probe: zero means the default, so 0 can never be asked for. */
export function setProbeDefaults(probe: corev1.Probe): void {
  if (probe.httpGet) setHttpGetDefaults(probe.httpGet);
  if (probe.grpc && probe.grpc.service === undefined) probe.grpc.service = '';
  if (!probe.timeoutSeconds) probe.timeoutSeconds = 1;
  if (!probe.periodSeconds) probe.periodSeconds = 10;
  if (!probe.successThreshold) probe.successThreshold = 1;
  if (!probe.failureThreshold) probe.failureThreshold = 3;
}

function setHttpGetDefaults(get: corev1.HTTPGetAction): void {
  if (!get.path) get.path = '/';
  if (!get.scheme) get.scheme = 'HTTP';
}

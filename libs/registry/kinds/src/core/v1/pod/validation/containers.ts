import { type FieldPath, fieldErrors, validateDns1123Label, validatePortName } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkOneOf, checkRequired, checkText, type Errors } from '../../../../field-checks';
import { checkPortNumber, portProtocols } from '../../../../port-checks';
import type { AnyContainer } from '../container.defaults';
import { validateEnv, validateEnvFrom } from './env';
import { validateDevices, validateMounts } from './mounts';
import type { PodContext } from './pod-context';
import { validateHooksAndProbes } from './probes';
import { validateResources } from './resources';
import { validateRestartPolicy } from './restart-policy';
import { validateSecurityContext } from './security-context';

const pullPolicies = ['Always', 'IfNotPresent', 'Never'];
const messagePolicies = ['File', 'FallbackToLogsOnError'];

/** `validateContainers`: the regular ones. */
export function validateContainers(
  errors: Errors,
  path: FieldPath,
  containers: readonly corev1.Container[],
  context: PodContext,
): void {
  if (containers.length === 0) {
    errors.push(fieldErrors.required(path));
    return;
  }
  const names = new Set<string>();
  for (const [index, container] of containers.entries()) {
    const containerPath = path.index(index);
    validateAnyContainer(errors, containerPath, container, context);
    if (names.has(container.name)) errors.push(fieldErrors.duplicate(containerPath.child('name'), container.name));
    names.add(container.name);
    validateHooksAndProbes(errors, containerPath, container, context);
    validateRestartPolicy(errors, containerPath, container);
  }
  checkHostPortConflicts(errors, path, containers);
}

/** `validateInitContainers`: run one by one before the others, unless they restart always (sidecars). */
export function validateInitContainers(
  errors: Errors,
  path: FieldPath,
  containers: readonly corev1.Container[],
  regular: readonly corev1.Container[],
  context: PodContext,
): void {
  if (containers.length === 0) return;
  const names = new Set(regular.map(({ name }) => name));
  for (const [index, container] of containers.entries()) {
    const containerPath = path.index(index);
    validateAnyContainer(errors, containerPath, container, context);
    validateRestartPolicy(errors, containerPath, container);
    if (names.has(container.name)) errors.push(fieldErrors.duplicate(containerPath.child('name'), container.name));
    else if (container.name) names.add(container.name);
    checkHostPortConflicts(errors, path, [container]);
    if (container.restartPolicy === 'Always') {
      validateHooksAndProbes(errors, containerPath, container, context);
      continue;
    }
    for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const)
      if (container[field])
        errors.push(
          fieldErrors.forbidden(
            containerPath.child(field),
            'may not be set for init containers without restartPolicy=Always',
          ),
        );
  }
}

/** `validateContainerCommon`: what containers of every sort must keep to. */
export function validateAnyContainer(
  errors: Errors,
  path: FieldPath,
  container: AnyContainer,
  context: PodContext,
): void {
  if (!container.name) errors.push(fieldErrors.required(path.child('name')));
  else checkText(errors, path.child('name'), container.name, validateDns1123Label);
  checkRequired(errors, path.child('image'), container.image);
  checkOneOf(errors, path.child('terminationMessagePolicy'), container.terminationMessagePolicy, messagePolicies);
  if (container.ports) validatePorts(errors, path.child('ports'), container.ports);
  if (container.env) validateEnv(errors, path.child('env'), container.env);
  if (container.envFrom) validateEnvFrom(errors, path.child('envFrom'), container.envFrom);
  if (container.volumeMounts) validateMounts(errors, path.child('volumeMounts'), container, context);
  if (container.volumeDevices) validateDevices(errors, path.child('volumeDevices'), container, context);
  checkOneOf(errors, path.child('imagePullPolicy'), container.imagePullPolicy, pullPolicies);
  if (container.resources) validateResources(errors, path.child('resources'), container.resources, context);
  if (container.resizePolicy) validateResizePolicy(errors, path.child('resizePolicy'), container.resizePolicy, context);
  if (container.securityContext)
    validateSecurityContext(errors, path.child('securityContext'), container.securityContext, context);
}

function validatePorts(errors: Errors, path: FieldPath, ports: readonly corev1.ContainerPort[]): void {
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const portPath = path.index(index);
    if (port.name) {
      const messages = validatePortName(port.name);
      for (const message of messages) errors.push(fieldErrors.invalid(portPath.child('name'), port.name, message));
      if (messages.length === 0) {
        if (names.has(port.name)) errors.push(fieldErrors.duplicate(portPath.child('name'), port.name));
        names.add(port.name);
      }
    }
    if (!port.containerPort) errors.push(fieldErrors.required(portPath.child('containerPort')));
    else checkPortNumber(errors, portPath.child('containerPort'), port.containerPort);
    if (port.hostPort) checkPortNumber(errors, portPath.child('hostPort'), port.hostPort);
    checkOneOf(errors, portPath.child('protocol'), port.protocol, portProtocols);
  }
}

/** A node has each port once, so a pod may ask for each only once. */
function checkHostPortConflicts(errors: Errors, path: FieldPath, containers: readonly corev1.Container[]): void {
  let taken: Set<string> | undefined;
  for (const [index, container] of containers.entries())
    for (const [portIndex, port] of (container.ports ?? []).entries()) {
      if (!port.hostPort) continue;
      const text = `${port.protocol ?? ''}/${port.hostIP ?? ''}/${String(port.hostPort)}`;
      taken ??= new Set();
      if (taken.has(text))
        errors.push(fieldErrors.duplicate(path.index(index).child('ports').index(portIndex).child('hostPort'), text));
      taken.add(text);
    }
}

const resizable = ['cpu', 'memory'];
const resizeRestarts = ['NotRequired', 'RestartContainer'];

/** `validateResizePolicy`; all but the duplicate is said of the list. */
function validateResizePolicy(
  errors: Errors,
  path: FieldPath,
  policies: readonly corev1.ContainerResizePolicy[],
  context: PodContext,
): void {
  const seen = new Set<string>();
  for (const [index, { resourceName, restartPolicy }] of policies.entries()) {
    if (seen.has(resourceName)) errors.push(fieldErrors.duplicate(path.index(index), resourceName));
    seen.add(resourceName);
    checkOneOf(errors, path, resourceName, resizable);
    checkOneOf(errors, path, restartPolicy, resizeRestarts);
    if (context.restartPolicy === 'Never' && restartPolicy !== 'NotRequired')
      errors.push(fieldErrors.invalid(path, restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'"));
  }
}

/** Pods are stricter than templates: no blanks around an image (`validateContainerOnlyForPod`). */
export function checkImageOfPod(errors: Errors, path: FieldPath, container: AnyContainer): void {
  const image = container.image ?? '';
  if (image !== image.trim())
    errors.push(fieldErrors.invalid(path.child('image'), image, 'must not have leading or trailing whitespace'));
}

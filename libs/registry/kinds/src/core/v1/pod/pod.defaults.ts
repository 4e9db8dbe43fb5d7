import type { corev1 } from '@reckon/api/types';
import { fillResourceList } from '../resource-list';
import { setPodLevelDefaults } from './pod-level.defaults';
import { setPodSpecDefaults } from './pod-spec.defaults';

/** SetDefaults_Pod: what a pod gets beyond its spec's own defaults, but a template does not. */
export function setPodDefaults(pod: corev1.Pod): void {
  const spec = (pod.spec ??= { containers: [] });
  setPodSpecDefaults(spec);
  requestWhatIsLimited(spec.containers);
  requestWhatIsLimited(spec.initContainers);
  if (spec.resources) setPodLevelDefaults(spec);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork) {
    publishOnHost(spec.containers);
    publishOnHost(spec.initContainers);
  }
}

/** A limit without a request is also the request. */
function requestWhatIsLimited(containers: corev1.Container[] | undefined): void {
  for (const { resources } of containers ?? []) {
    if (!resources?.limits) continue;
    const requests = fillResourceList(resources.requests, resources.limits);
    if (requests !== undefined && requests !== resources.requests) resources.requests = requests;
  }
}

/** With the host's network a container port is a host port. */
function publishOnHost(containers: corev1.Container[] | undefined): void {
  for (const container of containers ?? [])
    for (const port of container.ports ?? [])
      if (!port.hostPort && port.containerPort !== port.hostPort) port.hostPort = port.containerPort;
}

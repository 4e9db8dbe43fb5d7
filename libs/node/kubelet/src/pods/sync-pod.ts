import { semanticEqual } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { type Pod, containersOf } from '../stages/next-stage';
import {
  type Container,
  type ContainerStatus,
  fullImageName,
  resourcesOf,
  runningStatus,
  terminatedStatus,
} from './container-status';
import { changedEvent, startEvents } from './pod-events';
import { type PodEvent, type StageContext, type StageOutcome, podStatus, uidOf } from './pod-status';

/**
 * What a started pod's status must follow without being asked by a stage (pkg/kubelet `syncPod`): its generation, readiness gates that
 * others open, resources resized in place, images that were changed, ephemeral containers that were added. Undefined when it does.
 */
export function syncPod(pod: Pod, context: StageContext): StageOutcome | undefined {
  const { phase, containerStatuses = [] } = pod.status ?? {};
  if ((phase !== 'Pending' && phase !== 'Running') || containersOf(pod) === 'none') return undefined;
  const events: PodEvent[] = [];
  const ephemeral = ephemeralStatuses(pod, context, events);
  const status = podStatus(pod, context, {
    containerStatuses: followed(pod, context, pod.spec?.containers ?? [], containerStatuses, events),
    ...(pod.status?.initContainerStatuses === undefined
      ? {}
      : {
          initContainerStatuses: followed(
            pod,
            context,
            pod.spec?.initContainers ?? [],
            pod.status.initContainerStatuses,
            events,
          ),
        }),
    ...(ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: ephemeral }),
  });
  return semanticEqual(status, pod.status) ? undefined : { status, events, isDeleted: false };
}

/** Running containers as their specification is now. */
function followed(
  pod: Pod,
  context: StageContext,
  containers: readonly Container[],
  statuses: readonly ContainerStatus[],
  events: PodEvent[],
): ContainerStatus[] {
  return statuses.map((status) => {
    const container = containers.find((c) => c.name === status.name);
    if (container === undefined || status.state?.running === undefined) return status;
    if (status.image === fullImageName(container.image ?? '')) return resized(status, container);
    events.push(changedEvent(pod, container), ...startEvents(pod, [container]));
    return runningStatus(container, uidOf(pod), {
      nowMs: context.nowMs,
      isReady: status.ready,
      restartCount: status.restartCount + 1,
      before: terminatedStatus(status, context.nowMs, 0),
    });
  });
}

function resized(status: ContainerStatus, container: Container): ContainerStatus {
  const next = { ...status, ...resourcesOf(container) };
  if (container.resources?.requests === undefined) delete next.allocatedResources;
  return next;
}

/** Those of `kubectl debug`: they start when they appear, and are never restarted. */
function ephemeralStatuses(pod: Pod, context: StageContext, events: PodEvent[]): ContainerStatus[] {
  const before = pod.status?.ephemeralContainerStatuses ?? [];
  return (pod.spec?.ephemeralContainers ?? []).map((container: corev1.EphemeralContainer) => {
    const known = before.find((s) => s.name === container.name);
    if (known !== undefined) return known;
    events.push(...startEvents(pod, [container]));
    return runningStatus(container, uidOf(pod), { nowMs: context.nowMs, isReady: false, restartCount: 0 });
  });
}

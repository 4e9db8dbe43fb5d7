import { semanticEqual, timeText } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { type Pod, containersOf } from '../stages/next-stage';
import { waitingStatus } from './container-status';
import { podConditions } from './pod-conditions';
import type { StageContext, StageOutcome } from './pod-status';

/**
 * A placed pod that its stages do not start at once: its node has taken it up, its sandbox and so its address are still to come
 * (pkg/kubelet/kubelet_pods.go `generateAPIPodStatus` of a pod without a sandbox; kubectl shows ContainerCreating). Undefined when the
 * status says so already, and for a pod that is past this.
 */
export function awaitStart(pod: Pod, context: Omit<StageContext, 'podIp'>): StageOutcome | undefined {
  const { phase = 'Pending', startTime } = pod.status ?? {};
  if (phase !== 'Pending' || pod.metadata.deletionTimestamp !== undefined || containersOf(pod) !== 'none')
    return undefined;
  const { containers = [], initContainers = [], hostNetwork } = pod.spec ?? {};
  const reason = initContainers.length > 0 ? 'PodInitializing' : 'ContainerCreating';
  const statuses: Pick<corev1.PodStatus, 'containerStatuses' | 'initContainerStatuses'> = {
    containerStatuses: containers.map((c) => waitingStatus(c, reason)),
    ...(initContainers.length === 0
      ? {}
      : { initContainerStatuses: initContainers.map((c) => waitingStatus(c, reason)) }),
  };
  const facts = { phase, ...statuses, hasSandbox: false };
  const status: corev1.PodStatus = {
    ...pod.status,
    ...statuses,
    observedGeneration: pod.metadata.generation ?? 1,
    phase,
    conditions: podConditions(pod, facts, context.nowMs),
    hostIP: context.hostIp,
    hostIPs: [{ ip: context.hostIp }],
    ...(hostNetwork === true ? { podIP: context.hostIp, podIPs: [{ ip: context.hostIp }] } : {}),
    startTime: startTime ?? timeText(context.nowMs),
  };
  return semanticEqual(status, pod.status) ? undefined : { status, events: [], isDeleted: false };
}

import { timeText } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Pod } from '../stages/next-stage';
import { podConditions } from './pod-conditions';

export interface StageContext {
  readonly nowMs: number;
  readonly hostIp: string;
  /** The pod's own address, or the host's for hostNetwork. */
  readonly podIp: string;
}

export interface PodEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** The container that it is about: `spec.containers{main}`. Absent: the pod. */
  readonly fieldPath?: string;
}

/** What a step changes: the new status, Events to tell, and whether the pod is deleted for good afterwards. */
export interface StageOutcome {
  readonly status: corev1.PodStatus;
  readonly events: readonly PodEvent[];
  readonly isDeleted: boolean;
}

type Parts = Partial<
  Pick<
    corev1.PodStatus,
    'phase' | 'reason' | 'message' | 'containerStatuses' | 'initContainerStatuses' | 'ephemeralContainerStatuses'
  >
>;

/**
 * The whole status of a placed pod: what `parts` says, the conditions and addresses that follow, and everything else as it was. Reason
 * and message belong to a phase and last as long as it does.
 */
export function podStatus(pod: Pod, context: StageContext, parts: Parts): corev1.PodStatus {
  const { reason, message, ...before } = pod.status ?? {};
  const kept = { ...before, ...parts };
  const phase = kept.phase ?? 'Pending';
  const why = phase === before.phase ? { reason: parts.reason ?? reason, message: parts.message ?? message } : parts;
  return {
    ...kept,
    observedGeneration: pod.metadata.generation ?? 1,
    phase,
    conditions: podConditions(pod, kept, context.nowMs),
    ...(why.reason === undefined ? {} : { reason: why.reason }),
    ...(why.message === undefined ? {} : { message: why.message }),
    hostIP: context.hostIp,
    hostIPs: [{ ip: context.hostIp }],
    podIP: context.podIp,
    podIPs: [{ ip: context.podIp }],
    startTime: before.startTime ?? timeText(context.nowMs),
  };
}

export const uidOf = (pod: Pod): string => pod.metadata.uid ?? '';

export const annotationOf = (pod: Pod, name: string | undefined): string =>
  name === undefined ? '' : (pod.metadata.annotations?.[name] ?? '');

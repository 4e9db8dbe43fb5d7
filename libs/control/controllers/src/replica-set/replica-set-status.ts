import { labelSelectorFromMap, semanticEqual, timeText } from '@reckon/api/machinery';
import type { appsv1 } from '@reckon/api/types';
import { type Pod, availableInMs, isReady } from './pod-state';
import type { ReplicaOwner } from './replica-kind';

const failureType = 'ReplicaFailure';

export interface StatusInput {
  readonly set: ReplicaOwner;
  readonly active: readonly Pod[];
  /** Undefined for a kind that does not tell. */
  readonly terminating: readonly Pod[] | undefined;
  /** What went wrong when pods were to be made or taken away. */
  readonly failure: { readonly failure: unknown } | undefined;
  readonly nowMs: number;
}

export interface CountedStatus {
  readonly status: appsv1.ReplicaSetStatus;
  /** When the next ready pod becomes available, undefined if none waits. */
  readonly nextAvailableMs: number | undefined;
}

/** pkg/controller/replicaset.calculateStatus; counts of zero are left out where upstream's encoding leaves them out. */
export function replicaSetStatus(input: StatusInput): CountedStatus {
  const { set, active, nowMs } = input;
  const inTemplate = labelSelectorFromMap(set.spec?.template?.metadata?.labels);
  const minReadySeconds = set.spec?.minReadySeconds ?? 0;
  let fullyLabeled = 0;
  let ready = 0;
  let available = 0;
  let nextAvailableMs: number | undefined;
  for (const pod of active) {
    if (inTemplate.matches(pod.metadata.labels)) fullyLabeled++;
    if (!isReady(pod)) continue;
    ready++;
    const inMs = availableInMs(pod, minReadySeconds, nowMs);
    if (inMs === 0) available++;
    else if (inMs !== undefined) nextAvailableMs = Math.min(nextAvailableMs ?? inMs, inMs);
  }
  const conditions = conditionsOf(input);
  const status: appsv1.ReplicaSetStatus = {
    replicas: active.length,
    ...(fullyLabeled === 0 ? {} : { fullyLabeledReplicas: fullyLabeled }),
    ...(ready === 0 ? {} : { readyReplicas: ready }),
    ...(available === 0 ? {} : { availableReplicas: available }),
    ...(input.terminating === undefined ? {} : { terminatingReplicas: input.terminating.length }),
    observedGeneration: set.metadata.generation ?? 0,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
  return { status, nextAvailableMs };
}

export const isSameStatus = (set: ReplicaOwner, status: appsv1.ReplicaSetStatus): boolean =>
  semanticEqual(set.status, status);

function conditionsOf({ set, active, failure, nowMs }: StatusInput): appsv1.ReplicaSetCondition[] {
  const before = set.status?.conditions ?? [];
  const others = before.filter((c) => c.type !== failureType);
  if (failure === undefined) return others;
  if (others.length < before.length) return before;
  const difference = active.length - (set.spec?.replicas ?? 1);
  return [
    ...others,
    {
      type: failureType,
      status: 'True',
      lastTransitionTime: timeText(nowMs),
      reason: difference < 0 ? 'FailedCreate' : 'FailedDelete',
      message: failure.failure instanceof Error ? failure.failure.message : String(failure.failure),
    },
  ];
}

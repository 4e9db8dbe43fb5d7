import type { appsv1 } from '@reckon/api/types';
import { type Pod, availableInMs } from '../replica-set/pod-state';
import type { SetRevisions } from './set-revisions';
import {
  type StatefulSet,
  isGoing,
  isRunningAndReady,
  minReadySeconds,
  podRevision,
  wantedReplicas,
} from './stateful-set';

export type SetStatus = appsv1.StatefulSetStatus;

/** What there is (statefulset `updateStatus`); zeros are left out where upstream's encoding leaves them out. */
export function setStatus(set: StatefulSet, revisions: SetRevisions, pods: readonly Pod[], nowMs: number): SetStatus {
  const names = { current: revisions.current.metadata.name ?? '', update: revisions.update.metadata.name ?? '' };
  const staying = pods.filter((pod) => !isGoing(pod));
  const ready = pods.filter(isRunningAndReady);
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: pods.length,
    ...count('readyReplicas', ready.length),
    ...count('currentReplicas', staying.filter((pod) => podRevision(pod) === names.current).length),
    ...count('updatedReplicas', staying.filter((pod) => podRevision(pod) === names.update).length),
    currentRevision: names.current,
    updateRevision: names.update,
    collisionCount: revisions.collisionCount,
    availableReplicas: ready.filter((pod) => availableInMs(pod, minReadySeconds(set), nowMs) === 0).length,
  };
}

type Count = 'readyReplicas' | 'currentReplicas' | 'updatedReplicas';

/** The status with another count. */
export function withCount(status: SetStatus, name: Count, value: number): SetStatus {
  const copy = { ...status };
  delete copy[name];
  return { ...copy, ...count(name, value) };
}

const count = (name: Count, value: number): Partial<SetStatus> => (value === 0 ? {} : { [name]: value });

/** When every pod is of the newest revision and ready, that is the current one (statefulset `completeRollingUpdate`). */
export function completed(set: StatefulSet, status: SetStatus): SetStatus {
  const wanted = wantedReplicas(set);
  const isComplete =
    set.spec?.updateStrategy?.type !== 'OnDelete' &&
    [status.updatedReplicas ?? 0, status.readyReplicas ?? 0, status.replicas].every((n) => n === wanted);
  if (!isComplete || status.updateRevision === undefined) return status;
  return withCount({ ...status, currentRevision: status.updateRevision }, 'currentReplicas', wanted);
}

const compared = [
  'replicas',
  'currentReplicas',
  'readyReplicas',
  'updatedReplicas',
  'availableReplicas',
  'currentRevision',
  'updateRevision',
] as const;

/** Whether the stored status tells all this already (statefulset `inconsistentStatus`). */
export function isToldAlready({ status: stored }: StatefulSet, status: SetStatus): boolean {
  if ((status.observedGeneration ?? 0) > (stored?.observedGeneration ?? 0)) return false;
  return compared.every((name) => (stored?.[name] ?? 0) === (status[name] ?? 0));
}

/** When the next of the pods becomes available, undefined if none is about to. */
export function nextAvailableMs(set: StatefulSet, pods: readonly Pod[], nowMs: number): number | undefined {
  let next: number | undefined;
  for (const pod of pods) {
    const inMs = availableInMs(pod, minReadySeconds(set), nowMs);
    if (inMs !== undefined && inMs > 0) next = Math.min(next ?? inMs, inMs);
  }
  return next;
}

import type { Pod } from '../replica-set/pod-state';

/** Annotation and label of a pod of an indexed job. */
export const completionIndexKey = 'batch.kubernetes.io/job-completion-index';

/** How often the pods before it at this index failed, where indexes have failures of their own. */
export const failureCountKey = 'batch.kubernetes.io/job-index-failure-count';

/** The same for failures that the pod failure policy passes over: they count for the back-off only. */
export const ignoredFailureCountKey = 'batch.kubernetes.io/job-index-ignored-failure-count';

/** Undefined if it has none. */
export function completionIndexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[completionIndexKey] ?? '';
  return /^\+?[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The index, if it is one of the job's. */
export function indexBelow(pod: Pod, completions: number): number | undefined {
  const index = completionIndexOf(pod);
  return index !== undefined && index < completions ? index : undefined;
}

export const failureCount = (pod: Pod): number => countIn(pod, failureCountKey);
export const ignoredFailureCount = (pod: Pod): number => countIn(pod, ignoredFailureCountKey);

/** With those that the policy passes over. */
export const allFailures = (pod: Pod): number => failureCount(pod) + ignoredFailureCount(pod);

/** Anyone may write annotations: what is no count is 0. */
function countIn({ metadata }: Pod, key: string): number {
  const text = metadata.annotations?.[key] ?? '';
  const value = /^\+?[0-9]{1,10}$/.test(text) ? Number(text) : 0;
  return value < 2 ** 31 ? value : 0;
}

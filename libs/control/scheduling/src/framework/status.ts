/**
 * What a plugin says of a pod, or of a pod on a node (k8s.io/kube-scheduler/framework.Status).
 *
 * - `Unschedulable`: not now; removing pods may help, so preemption looks at the node.
 * - `UnschedulableAndUnresolvable`: removing pods would not help either.
 * - `Pending`: waits for something outside; when that comes, the pod skips its backoff.
 * - `Wait` (only from permit), `Skip` (from preFilter, preScore, bind: this plugin has nothing to do with the pod).
 *
 * Success is `undefined`, so that the hot path allocates nothing; rejections that never vary are constants.
 */
export type StatusCode = 'Unschedulable' | 'UnschedulableAndUnresolvable' | 'Error' | 'Wait' | 'Skip' | 'Pending';

export interface Status {
  readonly code: StatusCode;
  readonly reasons: readonly string[];
  /** Who said it; '' when it was the scheduler itself. */
  readonly plugin: string;
  readonly cause?: unknown;
}

export type Outcome = Status | undefined;

export const unschedulable = (plugin: string, ...reasons: string[]): Status => ({
  code: 'Unschedulable',
  reasons,
  plugin,
});

export const unresolvable = (plugin: string, ...reasons: string[]): Status => ({
  code: 'UnschedulableAndUnresolvable',
  reasons,
  plugin,
});

export const errorStatus = (plugin: string, cause: unknown): Status => ({
  code: 'Error',
  reasons: [cause instanceof Error ? cause.message : String(cause)],
  plugin,
  cause,
});

/** The one `Skip`: compared by identity. */
export const skip: Status = { code: 'Skip', reasons: [], plugin: '' };

export const isRejected = (status: Status): boolean =>
  status.code === 'Unschedulable' || status.code === 'UnschedulableAndUnresolvable' || status.code === 'Pending';

export const statusMessage = (status: Status): string => status.reasons.join(', ');

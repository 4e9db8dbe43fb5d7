import { findCondition, timeText } from '@reckon/api/machinery';
import type { JobCondition } from './job';

export function newCondition(
  type: string,
  why: { readonly status?: 'True' | 'False'; readonly reason?: string; readonly message?: string },
  nowMs: number,
): JobCondition {
  const now = timeText(nowMs);
  return {
    type,
    status: why.status ?? 'True',
    lastProbeTime: now,
    lastTransitionTime: now,
    ...(why.reason === undefined || why.reason === '' ? {} : { reason: why.reason }),
    ...(why.message === undefined || why.message === '' ? {} : { message: why.message }),
  };
}

/**
 * The list with the condition in it, at its old place or last; undefined if it says that already. One that was never there does not
 * come as False, which would tell nothing (`ensureJobConditionStatus`).
 */
export function withJobCondition(
  conditions: readonly JobCondition[],
  condition: JobCondition,
): JobCondition[] | undefined {
  const old = findCondition(conditions, condition.type);
  if (old === undefined) return condition.status === 'False' ? undefined : [...conditions, condition];
  const isSame =
    old.status === condition.status &&
    (old.reason ?? '') === (condition.reason ?? '') &&
    (old.message ?? '') === (condition.message ?? '');
  return isSame ? undefined : conditions.map((c) => (c === old ? condition : c));
}

import { timeText } from '@reckon/api/machinery';
import type { batchv1 } from '@reckon/api/types';
import type { JobCondition } from './job';

/** The status of a job while it is worked out: nothing is absent that counts. */
export interface StatusDraft {
  conditions: JobCondition[];
  startTime: string | undefined;
  completionTime: string | undefined;
  active: number;
  succeeded: number;
  failed: number;
  /** Undefined until the job is first looked at. */
  ready: number | undefined;
  terminating: number | undefined;
  completedIndexes: string;
  failedIndexes: string | undefined;
  uncountedSucceeded: string[];
  uncountedFailed: string[];
}

export function draftOf(status: batchv1.JobStatus = {}): StatusDraft {
  return {
    conditions: [...(status.conditions ?? [])],
    startTime: status.startTime,
    completionTime: status.completionTime,
    active: status.active ?? 0,
    succeeded: status.succeeded ?? 0,
    failed: status.failed ?? 0,
    ready: status.ready,
    terminating: status.terminating,
    completedIndexes: status.completedIndexes ?? '',
    failedIndexes: status.failedIndexes,
    uncountedSucceeded: [...(status.uncountedTerminatedPods?.succeeded ?? [])],
    uncountedFailed: [...(status.uncountedTerminatedPods?.failed ?? [])],
  };
}

/** As upstream's encoding has it: what is zero or empty is left out, but for the counts that say that they are known. */
export function statusOf(draft: StatusDraft): batchv1.JobStatus {
  return {
    ...(draft.conditions.length === 0 ? {} : { conditions: draft.conditions }),
    ...(draft.startTime === undefined ? {} : { startTime: draft.startTime }),
    ...(draft.completionTime === undefined ? {} : { completionTime: draft.completionTime }),
    ...(draft.active === 0 ? {} : { active: draft.active }),
    ...(draft.succeeded === 0 ? {} : { succeeded: draft.succeeded }),
    ...(draft.failed === 0 ? {} : { failed: draft.failed }),
    ...(draft.terminating === undefined ? {} : { terminating: draft.terminating }),
    ...(draft.completedIndexes === '' ? {} : { completedIndexes: draft.completedIndexes }),
    ...(draft.failedIndexes === undefined ? {} : { failedIndexes: draft.failedIndexes }),
    uncountedTerminatedPods: {
      ...(draft.uncountedSucceeded.length === 0 ? {} : { succeeded: draft.uncountedSucceeded }),
      ...(draft.uncountedFailed.length === 0 ? {} : { failed: draft.uncountedFailed }),
    },
    ...(draft.ready === undefined ? {} : { ready: draft.ready }),
  };
}

export const startAt = (draft: StatusDraft, nowMs: number): void => {
  draft.startTime = timeText(nowMs);
};

import { type KubeObject, timeText } from '@reckon/api/machinery';
import type { batchv1, corev1 } from '@reckon/api/types';
import type { Lister } from '@reckon/client/cache';
import { type ResourceClient, refs } from '@reckon/client/rest';
import type { EventRecorder } from '@reckon/control/runtime';
import type { Clock } from '@reckon/kernel';
import type { Job } from '../job/job';
import type { OwnWrites } from '../ownership/own-writes';

export type CronJob = batchv1.CronJob & KubeObject;

/** As owner references name it. */
export const cronJobType = { apiVersion: 'batch/v1', kind: 'CronJob' } as const;

export interface CronTools {
  readonly cronJobs: ResourceClient<CronJob>;
  readonly jobs: ResourceClient<Job>;
  readonly jobLister: Lister<Job>;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly writes: OwnWrites;
}

/** One look at a CronJob, and what its status is to be. */
export interface CronRun extends CronTools {
  cronJob: CronJob;
  active: corev1.ObjectReference[];
  lastScheduleTime: string | undefined;
  lastSuccessfulTime: string | undefined;
}

export const newRun = (tools: CronTools, cronJob: CronJob): CronRun => ({
  ...tools,
  cronJob,
  active: [...(cronJob.status?.active ?? [])],
  lastScheduleTime: cronJob.status?.lastScheduleTime,
  lastSuccessfulTime: cronJob.status?.lastSuccessfulTime,
});

export const statusOf = ({ active, lastScheduleTime, lastSuccessfulTime }: CronRun): batchv1.CronJobStatus => ({
  ...(active.length === 0 ? {} : { active }),
  ...(lastScheduleTime === undefined ? {} : { lastScheduleTime }),
  ...(lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime }),
});

export const isActive = ({ active }: CronRun, uid: string | undefined): boolean => active.some((r) => r.uid === uid);

export function forgetActive(run: CronRun, uid: string | undefined): void {
  run.active = run.active.filter((r) => r.uid !== uid);
}

export function tell(
  { recorder, cronJob }: Pick<CronRun, 'recorder' | 'cronJob'>,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): void {
  recorder.event(cronJob, refs.cronJobs, { type, reason, message });
}

/** Deletes the job and, behind it, its pods; false if that failed. */
export async function deleteJob(run: CronRun, { metadata }: Job): Promise<boolean> {
  const { namespace = '', name = '', uid } = metadata;
  try {
    await run.jobs.delete(namespace, name, { propagationPolicy: 'Background' });
  } catch (error) {
    tell(run, 'Warning', 'FailedDelete', `Deleted job: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
  forgetActive(run, uid);
  tell(run, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`);
  return true;
}

export const isSameMoment = (text: string | undefined, ms: number): boolean => text === timeText(ms);

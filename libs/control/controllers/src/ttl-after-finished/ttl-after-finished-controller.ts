import { reasonOf } from '@reckon/api/machinery';
import { objectKey, splitKey } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import { Controller, type Result, done, requeueAfter } from '@reckon/control/runtime';
import type { ControllerRow } from '../controller-context';
import { type Job, finishedCondition } from '../job/job';
import { timeMs } from '../replica-set/pod-state';
import { startWhenSynced } from '../start-when-synced';

/** Deletes jobs some time after they have finished, where they ask for it (pkg/controller/ttlafterfinished). */
export const ttlAfterFinishedController: ControllerRow = {
  name: 'ttl-after-finished-controller',
  serviceAccount: 'ttl-after-finished-controller',
  start(context) {
    const jobs = context.informers.informer<Job>(refs.jobs);
    const client = context.rest.resource<Job>(refs.jobs);
    const leftMs = (job: Job): number | undefined => timeToLiveMs(job, context.clock.nowMs());
    const reconcile = async (key: string): Promise<Result> => {
      const known = jobs.lister.byKey(key);
      const left = known === undefined ? undefined : leftMs(known);
      if (left === undefined) return done;
      if (left > 0) return requeueAfter(left);
      const { namespace, name } = splitKey(key);
      try {
        // The cache may be old, and there is no way back.
        const fresh = await client.get(namespace, name);
        const freshLeft = leftMs(fresh);
        if (freshLeft === undefined) return done;
        if (freshLeft > 0) return requeueAfter(freshLeft);
        const { uid = '' } = fresh.metadata;
        await client.delete(namespace, name, { propagationPolicy: 'Foreground', preconditions: { uid } });
      } catch (error) {
        if (reasonOf(error) !== 'NotFound') throw error;
      }
      return done;
    };
    const controller = new Controller('ttl_jobs_to_delete', reconcile, context);
    const enqueue = (job: Job): void => {
      if (leftMs(job) !== undefined) controller.enqueue(objectKey(job));
    };
    jobs.addHandler({
      add: enqueue,
      update: (_, job) => {
        enqueue(job);
      },
    });
    return startWhenSynced([controller], [jobs]);
  },
};

/** Undefined for a job that is not to be deleted: unfinished, without a time to live, or on its way already. */
export function timeToLiveMs(job: Job, nowMs: number): number | undefined {
  const seconds = job.spec?.ttlSecondsAfterFinished;
  const finishedMs = timeMs(finishedCondition(job)?.lastTransitionTime);
  if (seconds === undefined || finishedMs === undefined || job.metadata.deletionTimestamp !== undefined)
    return undefined;
  return finishedMs + seconds * 1000 - nowMs;
}

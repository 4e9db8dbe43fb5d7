import { timeText } from '@reckon/api/machinery';
import { runAll } from '../ownership/run-all';
import type { Pod } from '../replica-set/pod-state';
import { completionIndexOf, indexBelow } from './completion-index';
import { withoutStatus } from './end-of-job';
import { countIndexes, hasIndex, indexesText } from './index-intervals';
import { backoffLimitPerIndexOf, hasTrackingFinalizer, indexCount, isIndexed, isPodFailed, trueCondition } from './job';
import { newCondition, withJobCondition } from './job-condition';
import { type JobSync, tell } from './job-sync';
import { matchPodFailurePolicy } from './pod-failure-policy';
import { releasePod } from './remove-pods';
import { statusOf } from './status-draft';

/** So that the uids in a status take no more than some 20 KB, and a large job keeps no small one waiting. */
const mostUncounted = 500;

/**
 * Counts pods that have ended, each exactly once, whatever fails in between (`trackJobStatusAndRemoveFinalizers`):
 *
 * 1. their uids are written into the status (`uncountedTerminatedPods`; of an indexed job the index of a success is enough),
 * 2. their finalizers are taken off, so that they may go,
 * 3. uids of pods that have no finalizer any more leave the status and are added to its counts, in one write.
 *
 * A crash after 1 finds the uids in the status and goes on; one after 2 finds uids without finalizer and counts them. The condition that
 * ends the job comes with the last count.
 */
export async function countEnded(sync: JobSync, isChanged: boolean): Promise<void> {
  const held = new Set(
    sync.all.filter((p) => hasTrackingFinalizer(p) && !sync.awaited.has(uidOf(p))).map((p) => uidOf(p)),
  );
  let mustWrite = [isChanged, countReleased(sync, held)].includes(true);
  const noted = noteEnded(sync);
  mustWrite ||= noted.isChanged;
  if (noteIndexes(sync)) mustWrite = true;
  if (announceEnd(sync)) mustWrite = true;
  if (mustWrite) {
    await writeStatus(sync);
    sync.backOffs.set(uidOf(sync.job), sync.backOff);
  }
  mustWrite = await releaseAll(sync, noted.ended, held);
  const isFinished = !noted.isCutOff && finish(sync);
  if (mustWrite || isFinished) await writeStatus(sync);
  if (isFinished) tellEnd(sync);
}

const uidOf = ({ metadata }: Pick<Pod, 'metadata'>): string => metadata.uid ?? '';

/** Also moves those that have lost their finalizers since the last look. */
function countReleased({ status }: JobSync, held: ReadonlySet<string>): boolean {
  const succeeded = status.uncountedSucceeded.filter((uid) => held.has(uid));
  const failed = status.uncountedFailed.filter((uid) => held.has(uid));
  const newlySucceeded = status.uncountedSucceeded.length - succeeded.length;
  const newlyFailed = status.uncountedFailed.length - failed.length;
  status.succeeded += newlySucceeded;
  status.failed += newlyFailed;
  status.uncountedSucceeded = succeeded;
  status.uncountedFailed = failed;
  return newlySucceeded + newlyFailed > 0;
}

interface Noted {
  /** May lose their finalizers once the status is written. */
  readonly ended: readonly Pod[];
  readonly isChanged: boolean;
  /** There are more than fit into one look. */
  readonly isCutOff: boolean;
}

function noteEnded(sync: JobSync): Noted {
  const { job, status, uncounted, awaited } = sync;
  const ended: Pod[] = [];
  const newIndexes = new Set<number>();
  let isChanged = false;
  for (const pod of inIndexOrder(sync)) {
    if (!hasTrackingFinalizer(pod) || awaited.has(uidOf(pod)) || !mayRelease(sync, pod)) continue;
    ended.push(pod);
    const isNewFailure = !uncounted.failed.has(uidOf(pod));
    const index = indexBelow(pod, indexCount(job));
    if (pod.status?.phase === 'Succeeded' && isNewFailure) {
      if (!isIndexed(job)) {
        if (uncounted.succeeded.has(uidOf(pod))) continue;
        status.uncountedSucceeded.push(uidOf(pod));
      } else if (index === undefined || hasIndex(sync.succeededBefore, index)) continue;
      else newIndexes.add(index);
      isChanged = true;
    } else if (countsAsFailed(sync, pod) && isNewFailure && (!isIndexed(job) || index !== undefined)) {
      if (!matchPodFailurePolicy(job.spec?.podFailurePolicy, pod).counts) continue;
      status.uncountedFailed.push(uidOf(pod));
      isChanged = true;
    }
    if (newIndexes.size + status.uncountedSucceeded.length + status.uncountedFailed.length >= mostUncounted)
      return { ended, isChanged, isCutOff: true };
  }
  return { ended, isChanged, isCutOff: false };
}

const inIndexOrder = ({ job, all }: JobSync): readonly Pod[] =>
  isIndexed(job) ? [...all].sort((a, b) => (completionIndexOf(a) ?? -1) - (completionIndexOf(b) ?? -1)) : all;

/** When the job ends for a failure, every pod that has not succeeded has failed with it. */
const countsAsFailed = ({ job, finished }: JobSync, pod: Pod): boolean =>
  isPodFailed(pod, job) || (finished !== undefined && finished.type !== 'SuccessCriteriaMet');

/** A job that goes or ends lets all of its pods go; else those that have ended, but for the one that waits for its successor. */
function mayRelease({ job, finished, heldForSuccessor }: JobSync, pod: Pod): boolean {
  if (job.metadata.deletionTimestamp !== undefined || finished !== undefined) return true;
  if (pod.status?.phase === 'Succeeded') return true;
  if (!isPodFailed(pod, job)) return false;
  const index = completionIndexOf(pod);
  const isKept = index !== undefined && heldForSuccessor.get(index)?.metadata.uid === pod.metadata.uid;
  return backoffLimitPerIndexOf(job) === undefined || !isKept;
}

function noteIndexes({ job, status, succeededIndexes, failedIndexes }: JobSync): boolean {
  if (!isIndexed(job)) return false;
  const completed = indexesText(succeededIndexes);
  const failed = failedIndexes === undefined ? undefined : indexesText(failedIndexes);
  const isChanged = completed !== status.completedIndexes || failed !== status.failedIndexes;
  status.succeeded = countIndexes(succeededIndexes);
  status.completedIndexes = completed;
  status.failedIndexes = failed;
  return isChanged;
}

/** What ends the job stands in the status before any finalizer goes; from here on `finished` is the condition that comes last. */
function announceEnd(sync: JobSync): boolean {
  const { finished, status, job } = sync;
  if (finished === undefined) return false;
  const isTarget = finished.type === 'FailureTarget';
  const isMet = finished.type === 'SuccessCriteriaMet';
  if (!isTarget && !isMet) return false;
  const isNew = trueCondition(job, finished.type) === undefined;
  if (isNew) status.conditions = withJobCondition(status.conditions, finished) ?? status.conditions;
  sync.finished = newCondition(isMet ? 'Complete' : 'Failed', withoutStatus(finished), sync.clock.nowMs());
  return isNew;
}

/** Whether the counts have changed by it and are to be written. What failed is thrown, after the rest is written. */
async function releaseAll(sync: JobSync, ended: readonly Pod[], held: Set<string>): Promise<boolean> {
  const { finalizers, job } = sync;
  finalizers.expect(uidOf(job), ended.map(uidOf));
  const released = new Set<string>();
  const failed = await runAll(
    ended.length,
    async (index) => {
      const pod = ended[index];
      if (pod === undefined) return;
      await releasePod(sync, pod);
      released.add(uidOf(pod));
    },
    sync.signal,
  );
  for (const pod of ended)
    if (released.has(uidOf(pod))) held.delete(uidOf(pod));
    else finalizers.saw(uidOf(job), uidOf(pod));
  const isChanged = countReleased(sync, held);
  if (failed === undefined) return isChanged;
  if (isChanged) await writeStatus(sync);
  throw failed.failure;
}

/** Not before every pod is counted and gone or ended (`enactJobFinished`). */
function finish({ finished, status, terminating, clock }: JobSync): boolean {
  if (finished === undefined || status.uncountedSucceeded.length + status.uncountedFailed.length > 0 || terminating > 0)
    return false;
  status.conditions = withJobCondition(status.conditions, finished) ?? status.conditions;
  if (finished.type === 'Complete') status.completionTime = finished.lastTransitionTime ?? timeText(clock.nowMs());
  return true;
}

function tellEnd(sync: JobSync): void {
  const { finished, job, status } = sync;
  if (finished?.type !== 'Complete') {
    tell(sync, 'Warning', finished?.reason ?? '', finished?.message ?? '');
    return;
  }
  const completions = job.spec?.completions;
  if (completions !== undefined && status.succeeded > completions)
    tell(sync, 'Warning', 'TooManySucceededPods', 'Too many succeeded pods running after completion count reached');
  tell(sync, 'Normal', 'Completed', 'Job completed');
}

async function writeStatus(sync: JobSync): Promise<void> {
  sync.job = await sync.jobs.updateStatus({ ...sync.job, status: statusOf(sync.status) });
  sync.writes.wrote(sync.job);
}

import type { LabelSelector } from '@reckon/api/machinery';
import type { Lister } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import { Controller, type Result, done, requeueAfter } from '@reckon/control/runtime';
import type { ControllerRow } from '../controller-context';
import { claim } from '../ownership/claim';
import { claimable, indexByController } from '../ownership/controller-index';
import { selectorCache } from '../ownership/selector-cache';
import { Expectations } from '../replica-set/expectations';
import type { Pod } from '../replica-set/pod-state';
import { startWhenSynced } from '../start-when-synced';
import { countEnded } from './count-ended';
import { countIndexesOf, endOf, untilDeadlineMs } from './end-of-job';
import { FinalizerExpectations } from './finalizer-expectations';
import { podsHeldForSuccessor } from './held-pods';
import {
  type Job,
  backoffLimitPerIndexOf,
  isFinished,
  isIndexed,
  isManagedByOther,
  isSuspended,
  jobType,
  trackingFinalizer,
} from './job';
import { newCondition, withJobCondition } from './job-condition';
import { type JobEvents, watchJobPods, watchJobs } from './job-events';
import { type JobSync, type JobTools, newSync, tell } from './job-sync';
import { type Managed, managePods } from './manage-pods';
import { releaseOrphan } from './orphan-pod';
import { OwnWrites } from '../ownership/own-writes';
import { endPods } from './remove-pods';
import { startAt } from './status-draft';

/** Runs pods to their ends (pkg/controller/job). */
export const jobController: ControllerRow = {
  name: 'job-controller',
  serviceAccount: 'job-controller',
  start(context) {
    const jobs = context.informers.informer<Job>(refs.jobs);
    const pods = context.informers.informer<Pod>(refs.pods);
    indexByController(pods);
    const tools: JobTools = {
      jobs: context.rest.resource<Job>(refs.jobs),
      pods: context.rest.resource<Pod>(refs.pods),
      recorder: context.recorder('job-controller'),
      clock: context.clock,
      expectations: new Expectations(context.clock),
      finalizers: new FinalizerExpectations(),
      writes: new OwnWrites(),
      backOffs: new Map(),
    };
    const parts: Omit<Parts, 'signal'> = {
      tools,
      jobLister: jobs.lister,
      podLister: pods.lister,
      selectorOf: selectorCache(),
    };
    const controller = new Controller('job', (key, signal) => reconcile({ ...parts, signal }, key), context);
    const orphans = new Controller(
      'job_orphan_pod',
      (key) => releaseOrphan({ ...parts, jobs: jobs.lister, pods: tools.pods }, key),
      context,
      { workers: 1 },
    );
    const events: JobEvents = {
      jobs,
      pods,
      expectations: tools.expectations,
      finalizers: tools.finalizers,
      selectorOf: parts.selectorOf,
      queue: controller.queue,
      orphans: orphans.queue,
      forget: (uid) => {
        tools.expectations.forget(uid);
        tools.finalizers.forget(uid);
        tools.writes.forget(uid);
        tools.backOffs.delete(uid);
      },
    };
    watchJobs(events);
    watchJobPods(events);
    return startWhenSynced([controller, orphans], [jobs, pods]);
  },
};

interface Parts {
  readonly tools: JobTools;
  readonly jobLister: Lister<Job>;
  readonly podLister: Lister<Pod>;
  readonly selectorOf: (job: Job) => LabelSelector;
  readonly signal: AbortSignal;
}

async function reconcile(parts: Parts, key: string): Promise<Result> {
  const { tools } = parts;
  const job = parts.jobLister.byKey(key);
  if (job === undefined || isManagedByOther(job)) return done;
  const uid = job.metadata.uid ?? '';
  if (isFinished(job)) {
    tools.backOffs.delete(uid);
    return done;
  }
  const mode = job.spec?.completionMode ?? 'NonIndexed';
  if (mode !== 'NonIndexed' && mode !== 'Indexed') {
    const message = 'Skipped Job sync because completion mode is unknown';
    tell({ ...tools, job }, 'Warning', 'UnknownCompletionMode', message);
    return done;
  }
  // The event that shows our last write brings the key back.
  if (!tools.writes.isSeen(job)) return done;
  // Before the pods are counted: one that comes later must find the expectation that it fulfils.
  const isInStep = tools.expectations.isSatisfied(uid);
  const sync = newSync({ ...tools, signal: parts.signal }, job, await podsOf(parts, job));
  if (isIndexed(job)) {
    countIndexesOf(sync);
    if (backoffLimitPerIndexOf(job) !== undefined) sync.heldForSuccessor = podsHeldForSuccessor(sync);
  }
  sync.finished = endOf(sync);
  const { active, failure, againMs } = await (sync.finished === undefined ? goOn(sync, isInStep) : end(sync, isInStep));
  await countEnded(sync, noteActive(sync, active));
  if (failure !== undefined) throw failure.failure;
  return nextLook(sync, againMs);
}

/** Its own pods, whatever became of them, and those that it adopts. */
async function podsOf({ tools, podLister, selectorOf }: Omit<Parts, 'signal'>, job: Job): Promise<Pod[]> {
  const { namespace = '', name = '', uid = '' } = job.metadata;
  const claimed = await claim({
    owner: job,
    ownerType: jobType,
    selector: selectorOf(job),
    candidates: claimable(podLister, job),
    client: tools.pods,
    freshOwner: () => tools.jobs.get(namespace, name),
    finalizer: trackingFinalizer,
  });
  return claimed.map((pod) => (pod.metadata.ownerReferences?.some((r) => r.uid === uid) ? pod : adopted(pod)));
}

/** As it is now; the cache shows it without the finalizer. */
const adopted = (pod: Pod): Pod => ({
  ...pod,
  metadata: { ...pod.metadata, finalizers: [...(pod.metadata.finalizers ?? []), trackingFinalizer] },
});

/** What still runs is stopped. The end is not told while a pod is left that could not be stopped, or may have been missed. */
async function end(sync: JobSync, isInStep: boolean): Promise<Managed> {
  const { count, failure } = await endPods(sync, sync.active);
  if (count < sync.active.length || !isInStep) sync.finished = undefined;
  return { active: sync.active.length - count, failure };
}

async function goOn(sync: JobSync, isInStep: boolean): Promise<Managed> {
  const { job, clock } = sync;
  const mayManage = isInStep && job.metadata.deletionTimestamp === undefined;
  const managed = mayManage ? await managePods(sync) : { active: sync.active.length };
  if (isComplete(sync, managed.active))
    sync.finished = newCondition(
      'SuccessCriteriaMet',
      { reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' },
      clock.nowMs(),
    );
  else if (mayManage) noteSuspension(sync);
  return managed;
}

/** Without a number of completions one success will do; in any case nothing runs any more. */
const isComplete = ({ job, succeeded }: JobSync, active: number): boolean =>
  active === 0 && (job.spec?.completions === undefined ? succeeded > 0 : succeeded >= job.spec.completions);

/** A resumed job begins anew: the time of its deadline did not run while it was suspended. */
function noteSuspension(sync: JobSync): void {
  const { job, status, clock } = sync;
  const isOn = isSuspended(job);
  const what = isOn ? 'Suspended' : 'Resumed';
  const message = `Job ${what.toLowerCase()}`;
  const conditions = withJobCondition(
    status.conditions,
    newCondition('Suspended', { status: isOn ? 'True' : 'False', reason: `Job${what}`, message }, clock.nowMs()),
  );
  if (conditions === undefined) return;
  status.conditions = conditions;
  if (!isOn) startAt(status, clock.nowMs());
  tell(sync, 'Normal', what, message);
}

/** Whether the counts of what runs, or the conditions, differ from those that are stored. */
function noteActive({ job, status, ready, terminating }: JobSync, active: number): boolean {
  const isSame =
    active === status.active &&
    ready === status.ready &&
    terminating === status.terminating &&
    status.conditions.length === (job.status?.conditions ?? []).length &&
    status.conditions.every((c, i) => c === job.status?.conditions?.[i]);
  status.active = active;
  status.ready = ready;
  status.terminating = terminating;
  return !isSame;
}

/** When the deadline passes, or the back-off allows another pod. */
function nextLook(sync: JobSync, againMs: number | undefined): Result {
  if (sync.finished !== undefined) return done;
  const times = [untilDeadlineMs(sync), againMs].filter((ms) => ms !== undefined);
  if (times.length === 0) return done;
  const soonestMs = Math.min(...times);
  // A deadline that has passed, and whose end cannot be told yet: events bring the key back, this is for want of them.
  return requeueAfter(soonestMs > 0 ? soonestMs : 1000);
}

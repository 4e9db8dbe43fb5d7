import { type LabelSelector, controllerOf } from '@reckon/api/machinery';
import { type Informer, objectKey } from '@reckon/client/cache';
import type { WorkQueue } from '@reckon/control/runtime';
import { controlledBy } from '../ownership/controller-index';
import type { Expectations } from '../replica-set/expectations';
import type { Pod } from '../replica-set/pod-state';
import type { FinalizerExpectations } from './finalizer-expectations';
import { type Job, hasTrackingFinalizer, isFinished } from './job';

/**
 * What many pods tell at once is looked at once; a job of few pods does not wait. Upstream waits for a second in any case: its second
 * is for the sake of large clusters.
 */
const gather = { fromPods: 25, ms: 20 } as const;

export interface JobEvents {
  readonly jobs: Informer<Job>;
  readonly pods: Informer<Pod>;
  readonly expectations: Expectations;
  readonly finalizers: FinalizerExpectations;
  readonly selectorOf: (job: Job) => LabelSelector;
  readonly queue: Pick<WorkQueue, 'addAfter'>;
  /** Pods without a job that would take off their finalizers. */
  readonly orphans: Pick<WorkQueue, 'add'>;
  /** The job is gone. */
  readonly forget: (uid: string) => void;
}

export function watchJobs({ jobs, pods, queue, orphans, forget }: JobEvents): void {
  const enqueue = (job: Job, ms: number): void => {
    queue.addAfter(objectKey(job), ms);
  };
  const releaseAll = (job: Job): void => {
    for (const pod of controlledBy(pods.lister, job.metadata.uid))
      if (hasTrackingFinalizer(pod)) orphans.add(objectKey(pod));
  };
  jobs.addHandler({
    add: (job) => {
      enqueue(job, 0);
    },
    update: (old, job) => {
      enqueue(job, old.metadata.generation === job.metadata.generation ? gatherMs(job) : 0);
      if (isFinished(job)) releaseAll(job);
    },
    delete: (job) => {
      forget(job.metadata.uid ?? '');
      releaseAll(job);
    },
  });
}

const gatherMs = ({ spec }: Job): number => ((spec?.parallelism ?? 1) < gather.fromPods ? 0 : gather.ms);

/** Which jobs must look again when a pod comes, changes or goes; tells the expectations what was seen. */
export function watchJobPods(events: JobEvents): void {
  const { jobs, pods, expectations, finalizers, selectorOf, queue, orphans } = events;
  const jobOf = (pod: Pod): Job | undefined => {
    const owner = controllerOf(pod);
    if (owner?.kind !== 'Job') return undefined;
    const job = jobs.lister.get(pod.metadata.namespace ?? '', owner.name);
    return job?.metadata.uid === owner.uid ? job : undefined;
  };
  const enqueue = (job: Job): void => {
    queue.addAfter(objectKey(job), gatherMs(job));
  };
  const orphaned = (pod: Pod): void => {
    if (hasTrackingFinalizer(pod)) orphans.add(objectKey(pod));
    for (const job of jobs.lister.list(pod.metadata.namespace ?? ''))
      if (selectorOf(job).matches(pod.metadata.labels)) enqueue(job);
  };
  const going = (pod: Pod, isGone: boolean): void => {
    const uid = pod.metadata.uid ?? '';
    const owner = controllerOf(pod);
    const job = jobOf(pod);
    if (owner !== undefined) {
      expectations.sawDeletion(owner.uid, uid);
      if (isGone || !hasTrackingFinalizer(pod)) finalizers.saw(owner.uid, uid);
    }
    if (job !== undefined && !isFinished(job)) enqueue(job);
    else if (hasTrackingFinalizer(pod) && !isGone) orphans.add(objectKey(pod));
  };
  pods.addHandler({
    add: (pod) => {
      const owner = controllerOf(pod);
      if (owner !== undefined) expectations.sawCreation(owner.uid, pod.metadata.uid ?? '');
      if (pod.metadata.deletionTimestamp !== undefined) going(pod, false);
      else if (owner === undefined) orphaned(pod);
      else {
        const job = jobOf(pod);
        if (job !== undefined) enqueue(job);
      }
    },
    update: (old, pod) => {
      const [before, owner] = [controllerOf(old), controllerOf(pod)];
      if (before !== undefined && before.uid !== owner?.uid) {
        const former = jobOf(old);
        if (!hasTrackingFinalizer(pod)) finalizers.saw(before.uid, pod.metadata.uid ?? '');
        if (former !== undefined) enqueue(former);
      }
      if (pod.metadata.deletionTimestamp !== undefined) {
        going(pod, false);
        return;
      }
      if (owner === undefined) {
        orphaned(pod);
        return;
      }
      if (!hasTrackingFinalizer(pod)) finalizers.saw(owner.uid, pod.metadata.uid ?? '');
      const job = jobOf(pod);
      if (job !== undefined) enqueue(job);
    },
    delete: (pod) => {
      going(pod, true);
    },
  });
}

import { controllerOf } from '@reckon/api/machinery';
import type { Lister } from '@reckon/client/cache';
import type { ResourceClient } from '@reckon/client/rest';
import { type Result, done } from '@reckon/control/runtime';
import type { Pod } from '../replica-set/pod-state';
import { type Job, hasTrackingFinalizer, isFinished, isManagedByOther, jobType } from './job';
import { releasePod } from './remove-pods';

interface OrphanParts {
  readonly jobs: Lister<Job>;
  readonly podLister: Lister<Pod>;
  readonly pods: ResourceClient<Pod>;
}

/** A pod whose job is gone or finished is counted by nobody: nothing may hold it (`syncOrphanPod`). */
export async function releaseOrphan({ jobs, podLister, pods }: OrphanParts, key: string): Promise<Result> {
  const pod = podLister.byKey(key);
  if (pod === undefined || !hasTrackingFinalizer(pod)) return done;
  const owner = controllerOf(pod);
  if (owner !== undefined) {
    if (owner.kind !== jobType.kind || owner.apiVersion !== jobType.apiVersion) return done;
    const job = jobs.get(pod.metadata.namespace ?? '', owner.name);
    const isOwned = job?.metadata.uid === owner.uid;
    if (isOwned && (isManagedByOther(job) || !isFinished(job))) return done;
  }
  await releasePod({ pods }, pod);
  return done;
}

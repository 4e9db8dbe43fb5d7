import type { Clock } from '@reckon/kernel';
import { type OwnedPods, createPod, deletePod, podFromTemplate } from '../ownership/owned-pods';
import { runAll } from '../ownership/run-all';
import { podsToDelete } from './deletion-rank';
import type { Pod } from './pod-state';
import type { ReplicaOwner } from './replica-kind';
import { slowStart } from './slow-start';

export { isNamespaceTerminating } from '../ownership/owned-pods';

/** Pods made or taken away in one reconcile (pkg/controller/replicaset.BurstReplicas). */
const burst = 500;

export interface PodControl extends OwnedPods {
  readonly clock: Clock;
  /** Pods of the sets that share this one's controller. */
  readonly related: (set: ReplicaOwner) => Pod[];
}

/** Creates or deletes pods so that there are as many as the set wants. Gives back what went wrong, it goes into the status. */
export async function scalePods(
  control: PodControl,
  set: ReplicaOwner,
  active: readonly Pod[],
  signal: AbortSignal,
): Promise<{ readonly failure: unknown } | undefined> {
  const difference = active.length - (set.spec?.replicas ?? 1);
  if (difference < 0) return createPods(control, set, Math.min(-difference, burst), signal);
  if (difference > 0)
    return deletePods(control, set, chosenOf(control, set, active, Math.min(difference, burst)), signal);
  return undefined;
}

async function createPods(
  control: PodControl,
  set: ReplicaOwner,
  count: number,
  signal: AbortSignal,
): Promise<{ readonly failure: unknown } | undefined> {
  const owner = set.metadata.uid ?? '';
  const pod = podFromTemplate(set, control.ref, set.spec?.template);
  control.expectations.createsBegin(owner);
  try {
    return await slowStart(count, () => createPod(control, set, pod), signal);
  } finally {
    control.expectations.createsEnded(owner);
  }
}

const chosenOf = ({ related, clock }: PodControl, set: ReplicaOwner, active: readonly Pod[], count: number): Pod[] =>
  podsToDelete(active, related(set), count, clock.nowMs());

async function deletePods(
  control: PodControl,
  set: ReplicaOwner,
  chosen: readonly Pod[],
  signal: AbortSignal,
): Promise<{ readonly failure: unknown } | undefined> {
  control.expectations.willDelete(
    set.metadata.uid ?? '',
    chosen.map((p) => p.metadata.uid ?? ''),
  );
  return runAll(
    chosen.length,
    async (index) => {
      const pod = chosen[index];
      if (pod !== undefined) await deletePod(control, set, pod);
    },
    signal,
  );
}

import type { Pod } from '../replica-set/pod-state';
import { slowStart } from '../replica-set/slow-start';
import { areClaimsRight, createClaims, mendClaims, mustWaitForClaims } from './pod-claims';
import { podOf } from './pod-identity';
import { createStatefulPod, deleteStatefulPod, mendStatefulPod } from './set-pods';
import { type SetRevisions, templateOfRevision } from './set-revisions';
import type { SetSync } from './set-sync';
import {
  firstOrdinal,
  isAvailable,
  isGoing,
  isInRange,
  isOrdered,
  isRunningAndReady,
  ordinalOf,
  podRevision,
  type StatefulSet,
  wantedReplicas,
} from './stateful-set';

/** The pod of a number that the set is to have, there or yet to be made. */
interface Slot {
  readonly pod: Pod;
  readonly isThere: boolean;
}

/** Whether the next pod may be looked at, or must wait for this one (for sets that go one by one). */
type Step = 'next' | 'wait';

/**
 * One step towards the pods that the set asks for (statefulset `updateStatefulSet`): makes and mends those of its numbers from the
 * first on; takes away those too many from the last on; then replaces those of an older revision from the last on. An ordered set
 * does one thing at a time. Gives back the pod that it replaces, if it does.
 */
export async function updateSet(
  sync: SetSync,
  revisions: SetRevisions,
  pods: readonly Pod[],
): Promise<{ readonly replaced: Pod | undefined }> {
  const { set, clock } = sync;
  const isUnavailable = (pod: Pod): boolean => isGoing(pod) || !isAvailable(set, pod, clock.nowMs());
  const slots = slotsOf(set, revisions, pods);
  const surplus = pods
    .filter((pod) => ordinalOf(pod) >= 0 && !isInRange(set, pod))
    .sort((a, b) => ordinalOf(b) - ordinalOf(a));
  const firstUnavailable =
    slots.find(({ pod, isThere }) => !isThere || isUnavailable(pod))?.pod ?? surplus.findLast(isUnavailable);
  const goesOn =
    (await forAll(sync, slots, (slot) => fill(sync, slot))) &&
    (await forAll(sync, surplus, (pod) => mendSurplusClaims(sync, pod))) &&
    (await forAll(sync, surplus, (pod) => takeAway(sync, pod, firstUnavailable)));
  if (!goesOn || set.spec?.updateStrategy?.type === 'OnDelete') return { replaced: undefined };
  return { replaced: await replaceOne(sync, revisions, slots, isUnavailable) };
}

function slotsOf(set: StatefulSet, revisions: SetRevisions, pods: readonly Pod[]): Slot[] {
  const byOrdinal = new Map(pods.filter((pod) => isInRange(set, pod)).map((pod) => [ordinalOf(pod), pod]));
  return Array.from({ length: wantedReplicas(set) }, (_, index): Slot => {
    const ordinal = firstOrdinal(set) + index;
    const pod = byOrdinal.get(ordinal);
    return pod === undefined ? { pod: plannedPod(set, revisions, index), isThere: false } : { pod, isThere: true };
  });
}

/** Below the partition a pod comes back as it was (statefulset `newVersionedStatefulSetPod`). */
function plannedPod(set: StatefulSet, { current, update }: SetRevisions, index: number): Pod {
  const { type, rollingUpdate } = set.spec?.updateStrategy ?? {};
  const partition =
    rollingUpdate === undefined
      ? type === 'OnDelete'
        ? 0
        : (set.status?.currentReplicas ?? 0)
      : (rollingUpdate.partition ?? 0);
  const revision = index < partition ? current : update;
  return podOf(set, firstOrdinal(set) + index, {
    template: templateOfRevision(set, revision),
    revision: revision.metadata.name ?? '',
  });
}

/** False when an ordered set must wait. What fails is thrown: in a set that is not ordered after all others have been tried. */
async function forAll<T>(
  { set, signal }: SetSync,
  items: readonly T[],
  step: (item: T) => Promise<Step>,
): Promise<boolean> {
  if (isOrdered(set)) {
    for (const item of items) {
      signal.throwIfAborted();
      if ((await step(item)) === 'wait') return false;
    }
    return true;
  }
  const failed = await slowStart(
    items.length,
    async (index) => {
      const item = items[index];
      if (item !== undefined) await step(item);
    },
    signal,
  );
  if (failed !== undefined) throw failed.failure;
  return true;
}

/** statefulset `processReplica` */
async function fill(sync: SetSync, { pod, isThere }: Slot): Promise<Step> {
  const { set, clock } = sync;
  if (!isThere) {
    if (!mustWaitForClaims(sync, pod)) await createStatefulPod(sync, pod);
    return 'wait';
  }
  const phase = pod.status?.phase ?? '';
  if (phase === 'Failed' || phase === 'Succeeded') {
    // The new pod of the number comes when this one is gone.
    if (!isGoing(pod)) await deleteStatefulPod(sync, pod);
    return 'wait';
  }
  if (phase === 'Pending') {
    await createClaims(sync, pod);
    await mendClaims(sync, pod);
  }
  if (isOrdered(set) && (isGoing(pod) || !isRunningAndReady(pod) || !isAvailable(set, pod, clock.nowMs())))
    return 'wait';
  await mendStatefulPod(sync, pod);
  return 'next';
}

async function mendSurplusClaims(sync: SetSync, pod: Pod): Promise<Step> {
  if (!areClaimsRight(sync, pod)) await mendClaims(sync, pod);
  return 'next';
}

/** statefulset `processCondemned`: an unhealthy pod goes only when no pod before it is unhealthy. */
async function takeAway(sync: SetSync, pod: Pod, firstUnavailable: Pod | undefined): Promise<Step> {
  const { set, clock } = sync;
  if (isGoing(pod)) return 'wait';
  const isHealthy = isRunningAndReady(pod) && isAvailable(set, pod, clock.nowMs());
  if (isOrdered(set) && !isHealthy && pod !== firstUnavailable) return 'wait';
  await deleteStatefulPod(sync, pod);
  return 'wait';
}

/** Of the pods from the partition on the last that is not of the newest revision, once all after it are and are available. */
async function replaceOne(
  sync: SetSync,
  { update }: SetRevisions,
  slots: readonly Slot[],
  isUnavailable: (pod: Pod) => boolean,
): Promise<Pod | undefined> {
  const partition = sync.set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  for (const { pod } of slots.slice(partition).reverse()) {
    if (podRevision(pod) !== update.metadata.name && !isGoing(pod)) {
      await deleteStatefulPod(sync, pod);
      return pod;
    }
    if (isUnavailable(pod)) return undefined;
  }
  return undefined;
}

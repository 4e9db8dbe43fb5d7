import { reasonOf } from '@reckon/api/machinery';
import type { Pod } from '../replica-set/pod-state';
import { areClaimsRight, createClaims, mendClaims } from './pod-claims';
import { identityMatches, storageMatches, withIdentity, withStorage } from './pod-identity';
import { type SetSync, tellOfPod } from './set-sync';

/** Makes a pod, its claims first (statefulset `CreateStatefulPod`). */
export async function createStatefulPod(sync: SetSync, pod: Pod): Promise<void> {
  try {
    await createClaims(sync, pod);
    const { metadata } = await sync.pods.create(pod);
    sync.expectations.created(sync.set.metadata.uid ?? '', metadata.uid ?? '');
    await mendClaims(sync, { ...pod, metadata });
    tellOfPod(sync, 'create', pod);
  } catch (failure) {
    if (reasonOf(failure) !== 'AlreadyExists') tellOfPod(sync, 'create', pod, { failure });
    throw failure;
  }
}

/** Gives a pod the identity, the volumes and the claims that one of its number has (`UpdateStatefulPod`). */
export async function mendStatefulPod(sync: SetSync, pod: Pod): Promise<void> {
  const { set, pods } = sync;
  const hasStorage = storageMatches(set, pod);
  if (hasStorage && identityMatches(set, pod) && areClaimsRight(sync, pod)) return;
  try {
    if (!hasStorage) await createClaims(sync, pod);
    await mendClaims(sync, pod);
    const mended = withIdentity(set, pod);
    if (!hasStorage || !identityMatches(set, pod)) await pods.update(hasStorage ? mended : withStorage(set, mended));
    tellOfPod(sync, 'update', pod);
  } catch (failure) {
    if (reasonOf(failure) !== 'Conflict') tellOfPod(sync, 'update', pod, { failure });
    throw failure;
  }
}

/** Deletes this pod and no other of its name: the cache may not show yet that it has been replaced. */
export async function deleteStatefulPod(sync: SetSync, pod: Pod): Promise<void> {
  const { set, pods, expectations } = sync;
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  const owner = set.metadata.uid ?? '';
  expectations.alsoDeletes(owner, [uid]);
  try {
    await pods.delete(namespace, name, { preconditions: { uid } });
    tellOfPod(sync, 'delete', pod);
  } catch (failure) {
    expectations.sawDeletion(owner, uid);
    const reason = reasonOf(failure);
    if (reason === 'NotFound') return;
    if (reason !== 'Conflict') tellOfPod(sync, 'delete', pod, { failure });
    throw failure;
  }
}

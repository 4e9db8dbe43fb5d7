import { controllerOf, type KubeObject } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';

export type Claim = corev1.PersistentVolumeClaim & KubeObject;
export type Pod = corev1.Pod & KubeObject;

/** Claims that a pod names, and those that are made for it. */
export const namesClaims = ({ spec }: Pod): boolean =>
  (spec?.volumes ?? []).some((volume) => volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined);

/**
 * Only a pod with a node counts: a kubelet starts none whose claim is being deleted. A pod that has ended still counts until it is
 * gone.
 */
export function usesClaim(pod: Pod, claim: Claim): boolean {
  if (!pod.spec?.nodeName) return false;
  return (pod.spec.volumes ?? []).some(
    (volume) =>
      volume.persistentVolumeClaim?.claimName === claim.metadata.name ||
      (volume.ephemeral !== undefined &&
        !isShutDown(pod) &&
        `${pod.metadata.name ?? ''}-${volume.name}` === claim.metadata.name &&
        controllerOf(claim)?.uid === pod.metadata.uid),
  );
}

/**
 * The kubelet is done with it, or it was deleted by force. It may wait for a finalizer that waits for the claim to go, so its own
 * claims do not wait for it.
 */
const isShutDown = ({ metadata }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;

/** A pod without a node, or one that has ended, can be what a claim waited for. */
export const mayReleaseClaims = (pod: Pod): boolean =>
  namesClaims(pod) && (!pod.spec?.nodeName || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed');

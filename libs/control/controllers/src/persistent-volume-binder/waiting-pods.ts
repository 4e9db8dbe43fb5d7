import type { Informer, Lister } from '@reckon/client/cache';
import { objectKey } from '@reckon/client/cache';
import { type Claim, claimUses } from '@reckon/control/runtime';
import type { Pod } from '../replica-set/pod-state';

const byClaim = 'claim';

export function indexByClaim(pods: Informer<Pod>): void {
  pods.addIndex(byClaim, (pod) =>
    claimUses(pod).map(({ claimName }) => `${pod.metadata.namespace ?? ''}/${claimName}`),
  );
}

/** Names of the pods that use the claim and have no node yet (`findNonScheduledPodsByPVC`). */
export const podsWaitingWith = (pods: Lister<Pod>, claim: Claim): string[] =>
  pods
    .byIndex(byClaim, objectKey(claim))
    .filter(({ spec, status }) => !spec?.nodeName && status?.phase !== 'Succeeded' && status?.phase !== 'Failed')
    .map(({ metadata }) => metadata.name ?? '')
    .sort();

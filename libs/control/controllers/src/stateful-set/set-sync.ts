import type { Lister } from '@reckon/client/cache';
import { type ResourceClient, refs } from '@reckon/client/rest';
import type { Clock } from '@reckon/kernel';
import { type OwnedPods, textOf } from '../ownership/owned-pods';
import type { Pod } from '../replica-set/pod-state';
import type { Claim, StatefulSet } from './stateful-set';

/** What it takes to give a set its pods and their claims. */
export interface SetTools extends OwnedPods {
  readonly claims: Lister<Claim>;
  readonly claimClient: ResourceClient<Claim>;
  readonly clock: Clock;
}

/** One look at one set. */
export interface SetSync extends SetTools {
  readonly set: StatefulSet;
  readonly signal: AbortSignal;
}

export const claimAt = ({ claims, set }: SetSync, name: string): Claim | undefined =>
  claims.get(set.metadata.namespace ?? '', name);

const reasons = {
  create: { done: 'SuccessfulCreate', failed: 'FailedCreate' },
  update: { done: 'SuccessfulUpdate', failed: 'FailedUpdate' },
  delete: { done: 'SuccessfulDelete', failed: 'FailedDelete' },
} as const;

type Verb = keyof typeof reasons;

/** statefulset `recordPodEvent` */
export function tellOfPod(
  { recorder, set }: SetSync,
  verb: Verb,
  pod: Pod,
  failed?: { readonly failure: unknown },
): void {
  const what = `${verb} Pod ${pod.metadata.name ?? ''} in StatefulSet ${set.metadata.name ?? ''}`;
  recorder.event(
    set,
    refs.statefulSets,
    failed === undefined
      ? { type: 'Normal', reason: reasons[verb].done, message: `${what} successful` }
      : { type: 'Warning', reason: reasons[verb].failed, message: `${what} failed error: ${textOf(failed.failure)}` },
  );
}

/** statefulset `recordClaimEvent` */
export function tellOfClaim(
  { recorder, set }: SetSync,
  claim: Claim,
  pod: Pod,
  failed?: { readonly failure: unknown },
): void {
  const [claimed, owner] = [
    claim.metadata.name ?? '',
    `${pod.metadata.name ?? ''} in StatefulSet ${set.metadata.name ?? ''}`,
  ];
  recorder.event(
    set,
    refs.statefulSets,
    failed === undefined
      ? { type: 'Normal', reason: reasons.create.done, message: `create Claim ${claimed} Pod ${owner} success` }
      : {
          type: 'Warning',
          reason: reasons.create.failed,
          message: `create Claim ${claimed} for Pod ${owner} failed error: ${textOf(failed.failure)}`,
        },
  );
}

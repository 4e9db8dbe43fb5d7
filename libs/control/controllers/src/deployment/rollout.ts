import type { KubeObject } from '@reckon/api/machinery';
import type { appsv1 } from '@reckon/api/types';
import type { ResourceClient } from '@reckon/client/rest';
import type { EventRecorder } from '@reckon/control/runtime';
import type { Clock } from '@reckon/kernel';
import type { Pod } from '../replica-set/pod-state';

export type Deployment = appsv1.Deployment & KubeObject;
export type ReplicaSet = appsv1.ReplicaSet & KubeObject;

export const deploymentType = { apiVersion: 'apps/v1', kind: 'Deployment' } as const;

export interface RolloutTools {
  readonly sets: ResourceClient<ReplicaSet>;
  readonly deployments: ResourceClient<Deployment>;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

/** One look at one Deployment, from reading the caches to writing the status. */
export interface Rollout extends RolloutTools {
  /** As the server has it, as far as we know: what the status is compared with. */
  stored: Deployment;
  /** A copy whose annotations, conditions and collision count are changed on the way; written with the status. */
  deployment: Deployment;
  /** The ReplicaSets that it controls, as far as the cache shows; the new one among them once it is there. */
  all: ReplicaSet[];
  /** Pods of a ReplicaSet, going ones too. */
  readonly podsOf: (set: ReplicaSet) => Pod[];
}

/** A copy that may be changed down to the conditions. */
export function draftOf(stored: Deployment): Deployment {
  const { annotations, ...metadata } = stored.metadata;
  return {
    ...stored,
    metadata: { ...metadata, annotations: { ...annotations } },
    status: {
      ...stored.status,
      ...(stored.status?.conditions === undefined ? {} : { conditions: [...stored.status.conditions] }),
    },
  };
}

export const byCreation = (a: ReplicaSet, b: ReplicaSet): number =>
  compare(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
  compare(a.metadata.name ?? '', b.metadata.name ?? '');

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The ReplicaSet that took the scaling, put in the place of its older version. */
export function replaceSet(rollout: Rollout, set: ReplicaSet): void {
  const at = rollout.all.findIndex((s) => s.metadata.uid === set.metadata.uid);
  if (at === -1) rollout.all.push(set);
  else rollout.all[at] = set;
}

import { type KubeObject, type LabelSelector, apiVersionOf } from '@reckon/api/machinery';
import type { appsv1, corev1 } from '@reckon/api/types';
import type { ResourceRef } from '@reckon/client/rest';

/** A ReplicaSet or a ReplicationController, as far as they are the same; how each selects is for its `ReplicaKind` to know. */
export interface ReplicaOwner extends KubeObject {
  spec?: {
    readonly replicas?: number;
    readonly minReadySeconds?: number;
    readonly template?: corev1.PodTemplateSpec;
  };
  status?: appsv1.ReplicaSetStatus;
}

/** What the two kinds do not share (upstream makes the one look like the other: pkg/controller/replication/conversion.go). */
export interface ReplicaKind {
  readonly ref: ResourceRef;
  /** The name of its work queue, in metrics. */
  readonly queue: string;
  /** Whom its Events are from. */
  readonly component: string;
  /** Makes a function that parses the selector of an object once per version of it. */
  readonly selectors: () => (owner: ReplicaOwner) => LabelSelector;
  /** Its status tells how many pods are on their way out. */
  readonly countsTerminating: boolean;
}

/** As owner references name it. */
export const ownerType = ({ ref }: ReplicaKind): { readonly apiVersion: string; readonly kind: string } => ({
  apiVersion: apiVersionOf(ref),
  kind: ref.kind,
});

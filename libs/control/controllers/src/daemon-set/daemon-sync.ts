import type { ResourceClient } from '@reckon/client/rest';
import type { Clock } from '@reckon/kernel';
import type { OwnedPods } from '../ownership/owned-pods';
import type { Pod } from '../replica-set/pod-state';
import type { DaemonSet, Node } from './daemon-set';
import { nodeOf } from './daemon-pod';
import type { FailedPodBackoff } from './failed-pod-backoff';
import type { Fit } from './node-fit';

export interface DaemonTools extends OwnedPods {
  readonly client: ResourceClient<DaemonSet>;
  readonly backoff: FailedPodBackoff;
  readonly clock: Clock;
}

/** One look at one set. */
export interface DaemonSync extends DaemonTools {
  readonly set: DaemonSet;
  /** Of the revision of the set's template. */
  readonly hash: string;
  readonly nodes: readonly Node[];
  readonly fit: (node: Node) => Fit;
  /** By the node that they are on or meant for; those that have ended and are going are no longer of interest. */
  readonly podsOn: ReadonlyMap<string, readonly Pod[]>;
  readonly nowMs: number;
  readonly signal: AbortSignal;
  /** That the set must be looked at again in so many ms. */
  readonly lookAgainIn: (ms: number) => void;
}

export function podsByNode(pods: readonly Pod[]): Map<string, Pod[]> {
  const byNode = new Map<string, Pod[]>();
  for (const pod of pods) {
    const hasEnded = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
    if (hasEnded && pod.metadata.deletionTimestamp !== undefined) continue;
    const node = nodeOf(pod);
    if (node === undefined) continue;
    const known = byNode.get(node);
    if (known === undefined) byNode.set(node, [pod]);
    else known.push(pod);
  }
  return byNode;
}

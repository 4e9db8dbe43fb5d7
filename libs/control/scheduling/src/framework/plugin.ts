import type { NodeInfo } from '../cache/node-info';
import type { PodInfo } from '../cache/pod-info';
import type { ClusterEvent, EventAction, EventResource } from './cluster-event';
import type { CycleState } from './cycle-state';
import type { NodeToStatus } from './diagnosis';
import type { Outcome, Status } from './status';

/** The nodes of the cluster as they stand for the length of one scheduling cycle. */
export interface NodeLister {
  /** Zones take turns in the order. */
  list(): readonly NodeInfo[];
  get(name: string): NodeInfo | undefined;
}

/** Asked only of a pod that this plugin rejected: may the event have helped? `false` leaves the pod where it waits. */
export interface EventHint {
  readonly resource: EventResource;
  readonly actions: readonly EventAction[];
  helps?(pod: PodInfo, event: ClusterEvent): boolean;
}

export interface PreFilterAnswer {
  readonly status?: Status;
  /** Only these nodes can fit; undefined means any. */
  readonly nodeNames?: ReadonlySet<string>;
}

export interface PostFilterAnswer {
  /** Undefined: the pod was made schedulable, or will be. */
  readonly status: Outcome;
  /** '' clears the nomination, undefined leaves it as it is. */
  readonly nominatedNodeName?: string;
}

export interface PermitAnswer {
  readonly status: Outcome;
  /** With `Wait`: what the pod waits for; it resolves with the verdict. */
  readonly verdict?: Promise<Outcome>;
}

/**
 * A plugin of the scheduler: a name and the extension points it takes part in, called in the order of the profile's table
 * (k8s.io/kube-scheduler/framework.Plugin and its kin).
 *
 * Up to `reserve` and `permit` everything is synchronous, extenders aside: one pod's cycle sees one state of the cluster, and no copy
 * of it is needed. From `preBind` on a pod is on its way alone, and other pods are scheduled meanwhile.
 */
export interface Plugin {
  readonly name: string;
  /** Which events can wake a pod that this plugin rejected. A plugin that rejects and names none waits for the five-minute flush. */
  readonly hints?: readonly EventHint[];
  /** Before the pod may be queued at all; a rejection keeps it aside without an attempt. */
  preEnqueue?(pod: PodInfo): Outcome;
  /** Once per pod, before the nodes. `Skip` leaves out this plugin's filter. */
  preFilter?(state: CycleState, pod: PodInfo, nodes: NodeLister): PreFilterAnswer;
  /** Keep what preFilter noted down true when `other` is put on or taken off a node in a dry run. */
  addPod?(state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo): void;
  removePod?(state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo): void;
  filter?(state: CycleState, pod: PodInfo, node: NodeInfo): Outcome;
  /** After no node fitted. All are asked until one succeeds. A promise only where extenders are asked. */
  postFilter?(state: CycleState, pod: PodInfo, statuses: NodeToStatus): PostFilterAnswer | Promise<PostFilterAnswer>;
  /** `Skip` leaves out this plugin's score. */
  preScore?(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): Outcome;
  /** Any integer; with `normalize` it is brought into 0 to 100, without it must be there already. */
  score?(state: CycleState, pod: PodInfo, node: NodeInfo): number;
  normalize?(state: CycleState, pod: PodInfo, scores: number[], nodes: readonly NodeInfo[]): void;
  /** The pod has been put on `nodeName` in the cache. On a rejection every `unreserve` is called, in reverse. */
  reserve?(state: CycleState, pod: PodInfo, nodeName: string): Outcome;
  unreserve?(state: CycleState, pod: PodInfo, nodeName: string): void;
  permit?(state: CycleState, pod: PodInfo, nodeName: string): PermitAnswer;
  /** Whether `preBind` will have something to do, which takes a while. */
  preBindPreFlight?(state: CycleState, pod: PodInfo, nodeName: string): boolean;
  preBind?(state: CycleState, pod: PodInfo, nodeName: string): Promise<Outcome>;
  /** The first that does not answer `Skip` binds. */
  bind?(state: CycleState, pod: PodInfo, nodeName: string): Promise<Outcome>;
  postBind?(state: CycleState, pod: PodInfo, nodeName: string): void;
}

export const maxNodeScore = 100;

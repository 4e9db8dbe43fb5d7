import type { Node, Pod } from '../framework/kinds';
import type { NodeLister } from '../framework/plugin';
import { NodeInfo } from './node-info';
import { interleaveZones, zoneOf } from './node-order';
import { type PodInfo, podInfoOf } from './pod-info';

interface Placed {
  readonly info: PodInfo;
  readonly nodeName: string;
  /** Put there by this scheduler and not yet seen in a watch. */
  isAssumed: boolean;
}

/**
 * The nodes and what is on them (pkg/scheduler/backend/cache). A pod's life here:
 *
 *     assume ──► (watch shows it bound) ──► confirmed ──► removed
 *        └──► forget (binding failed)
 *
 * Upstream copies the changed nodes into a snapshot before every cycle, because events come in from other goroutines while one
 * runs. Here a cycle is synchronous, so nothing can change during it: plugins read these very objects, and only dry runs copy.
 */
export class SchedulerCache implements NodeLister {
  private readonly nodes = new Map<string, NodeInfo>();
  private readonly placed = new Map<string, Placed>();
  /** Undefined after a change that moves it. */
  private order: readonly NodeInfo[] | undefined;
  private assumed = 0;
  /** How often pods that have a node use a claim, by its key. */
  private readonly claimUses = new Map<string, number>();

  list(): readonly NodeInfo[] {
    this.order ??= interleaveZones(this.knownNodes());
    return this.order;
  }

  get(name: string): NodeInfo | undefined {
    const info = this.nodes.get(name);
    return info?.node === undefined ? undefined : info;
  }

  get counts(): { readonly nodes: number; readonly pods: number; readonly assumed: number } {
    return { nodes: this.list().length, pods: this.placed.size, assumed: this.assumed };
  }

  /** Whether a pod that has a node uses the claim, `namespace/name`. */
  isClaimInUse(key: string): boolean {
    return this.claimUses.has(key);
  }

  setNode(node: Node): void {
    const name = node.metadata.name ?? '';
    const info = this.infoOf(name);
    const isMoved = info.node === undefined || zoneOf(info.labels) !== zoneOf(node.metadata.labels ?? {});
    info.setNode(node);
    if (isMoved) this.order = undefined;
  }

  removeNode(name: string): void {
    const info = this.nodes.get(name);
    if (info === undefined) return;
    info.setNode(undefined);
    this.order = undefined;
    if (info.pods.size === 0) this.nodes.delete(name);
  }

  isAssumed(uid: string): boolean {
    return this.placed.get(uid)?.isAssumed === true;
  }

  /** Counts the pod on the node before the apiserver knows. */
  assume(info: PodInfo, nodeName: string): void {
    this.put(info, nodeName, true);
  }

  /** The binding failed. A pod that a watch has confirmed meanwhile stays. */
  forget(uid: string): void {
    if (this.isAssumed(uid)) this.removePod(uid);
  }

  /** A pod that has a node, as a watch shows it; also a newer version of one. */
  setPod(pod: Pod): void {
    this.put(podInfoOf(pod), pod.spec?.nodeName ?? '', false);
  }

  removePod(uid: string): void {
    const placed = this.placed.get(uid);
    if (placed === undefined) return;
    this.placed.delete(uid);
    if (placed.isAssumed) this.assumed--;
    for (const key of placed.info.claimKeys) this.countClaim(key, -1);
    const node = this.nodes.get(placed.nodeName);
    node?.removePod(uid);
    if (node?.node === undefined && node?.pods.size === 0) this.nodes.delete(placed.nodeName);
  }

  private put(info: PodInfo, nodeName: string, isAssumed: boolean): void {
    const before = this.placed.get(info.uid);
    if (before !== undefined) this.removePod(info.uid);
    if (isAssumed) this.assumed++;
    this.placed.set(info.uid, { info, nodeName, isAssumed });
    this.infoOf(nodeName).addPod(info);
    for (const key of info.claimKeys) this.countClaim(key, 1);
  }

  private countClaim(key: string, sign: 1 | -1): void {
    const uses = (this.claimUses.get(key) ?? 0) + sign;
    if (uses === 0) this.claimUses.delete(key);
    else this.claimUses.set(key, uses);
  }

  private infoOf(name: string): NodeInfo {
    let info = this.nodes.get(name);
    if (info === undefined) {
      info = new NodeInfo(name);
      this.nodes.set(name, info);
    }
    return info;
  }

  private *knownNodes(): Iterable<NodeInfo> {
    for (const info of this.nodes.values()) if (info.node !== undefined) yield info;
  }
}

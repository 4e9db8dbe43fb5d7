import type { Node } from '../framework/kinds';
import { UsedPorts } from './host-ports';
import type { PodInfo } from './pod-info';
import { type Amounts, addAmounts, amountsOf, copyAmounts, noAmounts } from './resource-amount';

/** Of a node that does not change no more questions are remembered than this. */
const mostTallies = 32;

const noImages: ReadonlyMap<string, number> = new Map();
const noLabels: Readonly<Record<string, string>> = {};

/** One node and the sums over the pods on it, assumed ones included (pkg/scheduler/framework.NodeInfo). */
export class NodeInfo {
  readonly pods = new Map<string, PodInfo>();
  /** Those of `pods` with any pod affinity or anti-affinity: few, and asked for with every pod that is scheduled. */
  readonly podsWithAffinity = new Map<string, PodInfo>();
  requested: Amounts = noAmounts();
  assumedMilliCpu = 0;
  assumedMemory = 0;
  allocatable: Amounts = noAmounts();
  ports = new UsedPorts();
  /** Sizes in bytes by every name of an image that is on the node. */
  images: ReadonlyMap<string, number> = noImages;
  private current: Node | undefined;
  private readonly tallies = new Map<string, number>();

  constructor(readonly name: string) {}

  /** Undefined while pods are known of a node that is not. */
  get node(): Node | undefined {
    return this.current;
  }

  get labels(): Readonly<Record<string, string>> {
    return this.current?.metadata.labels ?? noLabels;
  }

  setNode(node: Node | undefined): void {
    this.current = node;
    this.allocatable = amountsOf(node?.status?.allocatable);
    this.images = imagesOf(node);
  }

  addPod(info: PodInfo): void {
    this.tallies.clear();
    this.pods.set(info.uid, info);
    if (info.affinity !== undefined) this.podsWithAffinity.set(info.uid, info);
    this.count(info, 1);
    if (info.hostPorts.length > 0) this.ports.add(info.hostPorts);
  }

  removePod(uid: string): PodInfo | undefined {
    const info = this.pods.get(uid);
    if (info === undefined) return undefined;
    this.tallies.clear();
    this.pods.delete(uid);
    this.podsWithAffinity.delete(uid);
    this.count(info, -1);
    if (info.hostPorts.length > 0) this.ports.remove(info.hostPorts);
    return info;
  }

  /**
   * How many pods `isCounted` holds for; `question` stands for the predicate, of which nothing but the pod may change the answer. The
   * answer is kept until a pod comes or goes: while a thousand pods are scheduled, only one node changes with each.
   */
  tally(question: string, isCounted: (pod: PodInfo) => boolean): number {
    const known = this.tallies.get(question);
    if (known !== undefined) return known;
    let count = 0;
    for (const info of this.pods.values()) if (isCounted(info)) count++;
    if (this.tallies.size >= mostTallies) this.tallies.clear();
    this.tallies.set(question, count);
    return count;
  }

  /** For dry runs: may be changed without being seen. */
  copy(): NodeInfo {
    const copy = new NodeInfo(this.name);
    copy.current = this.current;
    copy.allocatable = this.allocatable;
    copy.images = this.images;
    for (const [uid, info] of this.pods) copy.pods.set(uid, info);
    for (const [uid, info] of this.podsWithAffinity) copy.podsWithAffinity.set(uid, info);
    copy.requested = copyAmounts(this.requested);
    copy.assumedMilliCpu = this.assumedMilliCpu;
    copy.assumedMemory = this.assumedMemory;
    copy.ports = this.ports.copy();
    return copy;
  }

  private count(info: PodInfo, sign: 1 | -1): void {
    addAmounts(this.requested, info.requests, sign);
    this.assumedMilliCpu += sign * info.assumedMilliCpu;
    this.assumedMemory += sign * info.assumedMemory;
  }
}

function imagesOf(node: Node | undefined): ReadonlyMap<string, number> {
  const listed = node?.status?.images ?? [];
  if (listed.length === 0) return noImages;
  const images = new Map<string, number>();
  for (const { names = [], sizeBytes = 0 } of listed) for (const name of names) images.set(name, sizeBytes);
  return images;
}

import type { PodInfo } from '../cache/pod-info';

/** Pods that preempted others and wait for the place: counted on their node against pods of lower or equal priority. */
export class Nominator {
  private readonly byNode = new Map<string, Map<string, PodInfo>>();
  private readonly nodeOf = new Map<string, string>();

  /** Nominates, or with '' clears. */
  set(info: PodInfo, nodeName: string): void {
    this.delete(info.uid);
    if (nodeName === '') return;
    this.nodeOf.set(info.uid, nodeName);
    const pods = this.byNode.get(nodeName);
    if (pods === undefined) this.byNode.set(nodeName, new Map([[info.uid, info]]));
    else pods.set(info.uid, info);
  }

  delete(uid: string): void {
    const nodeName = this.nodeOf.get(uid);
    if (nodeName === undefined) return;
    this.nodeOf.delete(uid);
    const pods = this.byNode.get(nodeName);
    pods?.delete(uid);
    if (pods?.size === 0) this.byNode.delete(nodeName);
  }

  /** '' when it is nominated nowhere. */
  nodeNameOf(uid: string): string {
    return this.nodeOf.get(uid) ?? '';
  }

  on(nodeName: string): Iterable<PodInfo> {
    return this.byNode.get(nodeName)?.values() ?? nobody;
  }

  get isEmpty(): boolean {
    return this.nodeOf.size === 0;
  }
}

const nobody: readonly PodInfo[] = [];

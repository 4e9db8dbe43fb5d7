/**
 * Addresses of one node's pods. The one longest free is given out next, so that an address is not another's right after its pod is
 * gone; .0, .1 (the bridge) and .255 are nobody's.
 */
export class PodAddresses {
  /** The longest free first: a set keeps the order in which addresses were put back. */
  private readonly free = new Set<string>();
  private readonly taken = new Map<string, string>();

  /** `10.244.0.0/24` */
  constructor(podCidr: string) {
    const prefix = podCidr.slice(0, podCidr.lastIndexOf('.'));
    for (let host = 2; host < 255; host++) this.free.add(`${prefix}.${String(host)}`);
  }

  /** The pod's address; undefined when the node has none left. The same pod gets the same one. */
  take(podUid: string): string | undefined {
    const has = this.taken.get(podUid);
    if (has !== undefined) return has;
    const [address] = this.free;
    if (address === undefined) return undefined;
    this.free.delete(address);
    this.taken.set(podUid, address);
    return address;
  }

  /** A pod that was there before this process knows its address from its status. An address that another pod holds stays that pod's. */
  keep(podUid: string, address: string): void {
    if (this.taken.get(podUid) === address || !this.free.delete(address)) return;
    this.release(podUid);
    this.taken.set(podUid, address);
  }

  release(podUid: string): void {
    const address = this.taken.get(podUid);
    if (address === undefined) return;
    this.taken.delete(podUid);
    this.free.add(address);
  }
}

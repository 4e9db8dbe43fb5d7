import { type Amounts, UsedPorts, addAmounts, hostPortsOf, noAmounts, podRequests } from '@reckon/control/scheduling';
import type { Pod } from '../stages/next-stage';
import { uidOf } from './pod-status';

/** Why a node does not take a pod up that was placed on it. */
export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

interface Taken {
  readonly requests: Amounts;
  readonly ports: ReturnType<typeof hostPortsOf>;
  readonly generation: number | undefined;
}

/** As its specification asks: here a resize takes place at once, whatever the status still tells. */
const requestsOf = ({ metadata, spec }: Pod): Amounts =>
  podRequests({ metadata, ...(spec === undefined ? {} : { spec }) }, { assumeMissing: false });

/**
 * What the pods that a node has taken up leave of it. Who names its node passes the scheduler by; the node itself looks again
 * (pkg/kubelet/lifecycle `predicateAdmitHandler`, pkg/scheduler `AdmissionCheck`). Of extended resources a simulated machine has as
 * many as are asked for.
 */
export class NodeRoom {
  private readonly taken = new Map<string, Taken>();
  private readonly used = noAmounts();
  private readonly ports = new UsedPorts();

  constructor(private readonly capacity: Amounts) {}

  has(pod: Pod): boolean {
    return this.taken.has(uidOf(pod));
  }

  /** A pod that is here already is counted as it is now: it may have been resized. */
  take(pod: Pod): void {
    const uid = uidOf(pod);
    const { generation } = pod.metadata;
    const before = this.taken.get(uid);
    if (before !== undefined) {
      if (before.generation === generation) return;
      this.release(uid);
    }
    const taken = { requests: requestsOf(pod), ports: hostPortsOf(pod), generation };
    this.taken.set(uid, taken);
    addAmounts(this.used, taken.requests);
    this.ports.add(taken.ports);
  }

  release(uid: string): void {
    const taken = this.taken.get(uid);
    if (taken === undefined) return;
    this.taken.delete(uid);
    addAmounts(this.used, taken.requests, -1);
    this.ports.remove(taken.ports);
  }

  /** What is short for a pod that is not here yet: the first in upstream's order. */
  shortOf(pod: Pod): Rejection | undefined {
    const { capacity, used } = this;
    const wanted = requestsOf(pod);
    return (
      short('pods', 1, this.taken.size, capacity.pods) ??
      short('cpu', wanted.milliCpu, used.milliCpu, capacity.milliCpu) ??
      short('memory', wanted.memory, used.memory, capacity.memory) ??
      short('ephemeral-storage', wanted.ephemeralStorage, used.ephemeralStorage, capacity.ephemeralStorage) ??
      [...(wanted.scalars ?? [])]
        .filter(([name]) => capacity.scalars?.has(name) === true)
        .map(([name, amount]) => short(name, amount, used.scalars?.get(name) ?? 0, capacity.scalars?.get(name) ?? 0))
        .find((rejection) => rejection !== undefined)
    );
  }

  hasPortsFor(pod: Pod): boolean {
    return !hostPortsOf(pod).some((port) => this.ports.collides(port));
  }
}

function short(resource: string, requested: number, used: number, capacity: number): Rejection | undefined {
  if (requested === 0 || requested <= capacity - used) return undefined;
  const amounts = `requested: ${String(requested)}, used: ${String(used)}, capacity: ${String(capacity)}`;
  return { reason: `OutOf${resource}`, message: `Node didn't have enough resource: ${resource}, ${amounts}` };
}

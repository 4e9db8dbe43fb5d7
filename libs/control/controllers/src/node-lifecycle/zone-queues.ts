import type { CancelTimer, Monotonic, Timers } from '@reckon/kernel';

interface Zone {
  readonly waiting: Set<string>;
  perSecond: number;
  /** When the next may go. */
  nextMs: number;
  cancel: CancelTimer | undefined;
}

/**
 * Nodes that wait for their turn to have their pods driven out, in order, by zone, so many per second and never two at once
 * (`RateLimitedTimedQueue` with a burst of one).
 *
 * Bound: the number of nodes; nothing is dropped.
 */
export class ZoneQueues {
  private readonly zones = new Map<string, Zone>();
  private readonly zoneOf = new Map<string, string>();
  private isStopped = false;

  constructor(
    private readonly deps: { readonly clock: Monotonic; readonly timers: Pick<Timers, 'after'> },
    private readonly rate: number,
    private readonly turn: (node: string) => void,
  ) {}

  /** A node that waits already keeps its place. */
  add(zone: string, node: string): void {
    if (this.zoneOf.get(node) === zone) return;
    this.remove(node);
    this.zoneOf.set(node, zone);
    const known = this.zone(zone);
    known.waiting.add(node);
    this.pump(known);
  }

  remove(node: string): void {
    const zone = this.zoneOf.get(node);
    if (zone === undefined) return;
    this.zoneOf.delete(node);
    this.zones.get(zone)?.waiting.delete(node);
  }

  /** Whoever had to wait at the old rate waits for a whole turn at the new one. */
  setRate(zone: string, perSecond: number): void {
    const known = this.zone(zone);
    const now = this.deps.clock.elapsedMs();
    if (known.perSecond <= 0 || known.nextMs > now) known.nextMs = now + 1_000 / perSecond;
    known.perSecond = perSecond;
    known.cancel?.();
    known.cancel = undefined;
    this.pump(known);
  }

  stop(): void {
    this.isStopped = true;
    for (const zone of this.zones.values()) zone.cancel?.();
  }

  private zone(key: string): Zone {
    let zone = this.zones.get(key);
    if (zone === undefined) {
      zone = { waiting: new Set(), perSecond: this.rate, nextMs: 0, cancel: undefined };
      this.zones.set(key, zone);
    }
    return zone;
  }

  private pump(zone: Zone): void {
    if (this.isStopped || zone.cancel !== undefined || zone.perSecond <= 0) return;
    const [node] = zone.waiting;
    if (node === undefined) return;
    const now = this.deps.clock.elapsedMs();
    if (zone.nextMs > now) {
      zone.cancel = this.deps.timers.after(zone.nextMs - now, () => {
        zone.cancel = undefined;
        this.pump(zone);
      });
      return;
    }
    zone.nextMs = now + 1_000 / zone.perSecond;
    this.remove(node);
    this.turn(node);
    this.pump(zone);
  }
}

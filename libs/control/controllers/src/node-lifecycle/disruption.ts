import { type Node, readiness, zoneOf } from './node';
import type { NodeLifecycleOptions } from './node-lifecycle-options';
import type { ZoneCount } from './node-metrics';

const excludedLabel = 'node.kubernetes.io/exclude-disruption';

type State = 'initial' | 'normal' | 'partial' | 'full';

interface Zone {
  ready: number;
  unready: number;
  state: State;
}

/** What an evaluation found: rates that change, and whether the cluster as a whole was lost or came back. */
export interface Verdict {
  /** Nodes per second, by zone. */
  readonly rates: ReadonlyMap<string, number>;
  readonly turned: 'lost' | 'back' | undefined;
}

const nothing: Verdict = { rates: new Map(), turned: undefined };

/**
 * How much of each zone is ready, and how fast pods may therefore be driven out of its nodes (`handleDisruption`). When no node of
 * any zone is ready, it is taken for a fault of the control plane: nothing is evicted until one is back.
 */
export class Disruption {
  private readonly zones = new Map<string, Zone>();
  private readonly counted = new Map<string, { readonly zone: string; readonly isReady: boolean }>();
  private isStale = false;
  private isLost = false;

  constructor(
    private readonly options: Pick<
      NodeLifecycleOptions,
      'nodeEvictionRate' | 'secondaryNodeEvictionRate' | 'largeClusterSizeThreshold' | 'unhealthyZoneThreshold'
    >,
  ) {}

  /** Every zone is lost. */
  get isTotal(): boolean {
    return this.isLost;
  }

  /** Something has changed since the last evaluation. */
  get isDue(): boolean {
    return this.isStale;
  }

  *counts(): Iterable<ZoneCount> {
    for (const [zone, { ready, unready }] of this.zones) yield { zone, ready, unready };
  }

  count(node: Node): void {
    const name = node.metadata.name ?? '';
    const is = { zone: zoneOf(node), isReady: readiness(node) === 'True' };
    const was = this.counted.get(name);
    const isExcluded = node.metadata.labels?.[excludedLabel] !== undefined;
    if (!isExcluded && was?.zone === is.zone && was.isReady === is.isReady) return;
    this.discount(name);
    if (isExcluded) return;
    this.counted.set(name, is);
    let zone = this.zones.get(is.zone);
    if (zone === undefined) this.zones.set(is.zone, (zone = { ready: 0, unready: 0, state: 'initial' }));
    zone[is.isReady ? 'ready' : 'unready']++;
    this.isStale = true;
  }

  discount(name: string): void {
    const was = this.counted.get(name);
    const zone = was === undefined ? undefined : this.zones.get(was.zone);
    if (was === undefined || zone === undefined) return;
    this.counted.delete(name);
    zone[was.isReady ? 'ready' : 'unready']--;
    if (zone.ready + zone.unready === 0) this.zones.delete(was.zone);
    this.isStale = true;
  }

  /** Costs nothing when nothing has changed since the last time. */
  evaluate(): Verdict {
    if (!this.isStale) return nothing;
    this.isStale = false;
    const rates = new Map<string, number>();
    const states = [...this.zones].map(([key, zone]) => [key, zone, this.stateOf(zone)] as const);
    const isLost = states.length > 0 && states.every(([, , state]) => state === 'full');
    const wasLost = this.isLost && states.length > 0;
    this.isLost = isLost;
    if (isLost && wasLost) return nothing;
    for (const [key, zone, state] of states) {
      if (isLost || wasLost || zone.state !== state) rates.set(key, isLost ? 0 : this.rateOf(zone, state));
      zone.state = state;
    }
    return { rates, turned: isLost ? 'lost' : wasLost ? 'back' : undefined };
  }

  /** `ComputeZoneState` */
  private stateOf({ ready, unready }: Zone): State {
    if (ready === 0 && unready > 0) return 'full';
    return unready > 2 && unready / (ready + unready) >= this.options.unhealthyZoneThreshold ? 'partial' : 'normal';
  }

  private rateOf({ ready, unready }: Zone, state: State): number {
    if (state !== 'partial') return this.options.nodeEvictionRate;
    return ready + unready > this.options.largeClusterSizeThreshold ? this.options.secondaryNodeEvictionRate : 0;
  }
}

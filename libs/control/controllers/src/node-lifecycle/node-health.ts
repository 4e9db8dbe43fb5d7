import { findCondition } from '@reckon/api/machinery';
import type { Node } from './node';
import type { NodeLifecycleOptions } from './node-lifecycle-options';

/** What was last seen of one node, on the monotonic clock of this process: its own clock may be wrong. */
interface Seen {
  /** The last sign of life. */
  probeMs: number;
  graceMs: number;
  /** `lastHeartbeatTime` of its Ready condition; undefined without the condition. */
  heartbeat: string | undefined;
  renewTime: string | undefined;
  isReady: boolean;
  unreadySinceMs: number;
}

type Periods = Pick<NodeLifecycleOptions, 'nodeMonitorGracePeriodMs' | 'nodeStartupGracePeriodMs'>;

/**
 * When each node last gave a sign of life: a renewed Lease or a new heartbeat in its status (`tryUpdateNodeHealth`). A sign costs two
 * look-ups; nothing is done for nodes that are well.
 */
export class NodeHealth {
  private readonly seen = new Map<string, Seen>();

  constructor(private readonly periods: Periods) {}

  /** A node as the cache has it now. `ageMs` is since its creation: one that never told its state is given time from there. */
  node(
    node: Node,
    at: { readonly elapsedMs: number; readonly ageMs: number; readonly renewTime: string | undefined },
  ): void {
    const name = node.metadata.name ?? '';
    const ready = findCondition(node.status?.conditions, 'Ready');
    const heartbeat = ready === undefined ? undefined : (ready.lastHeartbeatTime ?? '');
    const isReady = ready?.status === 'True';
    const graceMs = ready === undefined ? this.periods.nodeStartupGracePeriodMs : this.periods.nodeMonitorGracePeriodMs;
    const known = this.seen.get(name);
    if (known === undefined) {
      const isFresh = ready !== undefined || at.renewTime !== undefined;
      this.seen.set(name, {
        probeMs: isFresh ? at.elapsedMs : at.elapsedMs - Math.max(0, at.ageMs),
        graceMs,
        heartbeat,
        renewTime: at.renewTime,
        isReady,
        unreadySinceMs: at.elapsedMs,
      });
      return;
    }
    if (known.heartbeat !== heartbeat) known.probeMs = at.elapsedMs;
    if (known.isReady && !isReady) known.unreadySinceMs = at.elapsedMs;
    Object.assign(known, { heartbeat, isReady, graceMs });
  }

  /** The Lease of a node, which may be one that nobody knows. */
  lease(name: string, renewTime: string | undefined, elapsedMs: number): void {
    const known = this.seen.get(name);
    if (known === undefined || renewTime === undefined) return;
    if (known.renewTime !== undefined && renewTime <= known.renewTime) return;
    known.renewTime = renewTime;
    known.probeMs = elapsedMs;
  }

  forget(name: string): void {
    this.seen.delete(name);
  }

  /** As if it had just given a sign. */
  restart(name: string, elapsedMs: number): void {
    const known = this.seen.get(name);
    if (known !== undefined) known.probeMs = elapsedMs;
  }

  restartAll(elapsedMs: number): void {
    for (const known of this.seen.values()) known.probeMs = elapsedMs;
  }

  /** How long until it counts as lost; 0 or less: it does. */
  remainingMs(name: string, elapsedMs: number): number {
    const known = this.seen.get(name);
    // More than the grace period must have passed.
    return known === undefined ? Infinity : known.probeMs + known.graceMs + 1 - elapsedMs;
  }

  unreadyForMs(name: string, elapsedMs: number): number {
    const known = this.seen.get(name);
    return known === undefined || known.isReady ? 0 : elapsedMs - known.unreadySinceMs;
  }
}

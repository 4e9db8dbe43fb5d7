import type { Clock, Logger, Running, Timers } from '@reckon/kernel';
import { usualEventTtlMs } from './event-expiry';
import { type EventLog, type Storage, resourcePrefix } from '@reckon/store/contract';

/** How long the history of a resource is kept; what is not named here is kept for ever. */
const retention = (eventTtlMs: number) => [
  { prefix: resourcePrefix({ group: 'coordination.k8s.io', resource: 'leases' }), keepMs: 5 * 60_000 },
  // Events expire by a delete, usually after an hour; only then may their history go.
  { prefix: resourcePrefix({ group: '', resource: 'events' }), keepMs: 2 * eventTtlMs },
];

const everyMs = 60_000;

/** Compacts, once a minute, what the policy lets go. */
export function startRetention(deps: {
  readonly log: EventLog;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  /** Default: an hour. */
  readonly eventTtlMs?: number;
}): Running {
  const kept = retention(deps.eventTtlMs ?? usualEventTtlMs);
  let running: Promise<void> = Promise.resolve();
  const compact = async (): Promise<void> => {
    try {
      const plan = await Promise.all(
        kept.map(async ({ prefix, keepMs }) => ({
          prefix,
          floor: await deps.storage.revisionAt(deps.clock.nowMs() - keepMs),
        })),
      );
      const removed = await deps.log.compact(plan.filter(({ prefix, floor }) => floor > deps.log.floorOf(prefix)));
      if (removed > 0) deps.logger.info('history compacted', { removed });
    } catch (error) {
      deps.logger.warn('history not compacted', { error: String(error) });
    }
  };
  const cancel = deps.timers.every(everyMs, () => {
    running = running.then(compact);
  });
  return {
    async stop() {
      cancel();
      await running;
    },
  };
}

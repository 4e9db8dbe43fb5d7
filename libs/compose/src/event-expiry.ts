import { type KubeObject, reasonOf } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Clock, Logger, Random, Running, Timers } from '@reckon/kernel';
import type { ResourceStore } from '@reckon/registry/generic';
import type { Storage } from '@reckon/store/contract';
import { systemContext, systemWrite } from './system-context';

/** Upstream's default of `--event-ttl`. */
export const usualEventTtlMs = 60 * 60_000;
const everyMs = 60_000;

/**
 * Deletes Events that nobody has written to for an hour (`--event-ttl`). Upstream's storage lets them vanish; here it is an ordinary delete by the
 * apiserver, so that watchers see it and the log tells it.
 */
export function startEventExpiry(deps: {
  readonly storage: Storage;
  readonly events: ResourceStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly agent: string;
  /** Default: an hour. */
  readonly ttlMs?: number;
}): Running {
  const { ttlMs = usualEventTtlMs } = deps;
  let running: Promise<void> = Promise.resolve();
  const expire = async (): Promise<void> => {
    const before = deps.clock.nowMs() - ttlMs;
    const ctx = systemContext(deps);
    const old = [...deps.storage.newestOf({ group: '', resource: 'events' })].filter(
      (stored) => lastWrittenMs(stored.parse() as unknown as corev1.Event) < before,
    );
    for (const { key } of old)
      try {
        await deps.events.delete(ctx, key.namespace, key.name, {}, systemWrite('v1'));
      } catch (error) {
        if (reasonOf(error) !== 'NotFound') deps.logger.warn('event not expired', { name: key.name, error });
      }
  };
  const cancel = deps.timers.every(everyMs, () => {
    running = running.then(expire);
  });
  return {
    async stop() {
      cancel();
      await running;
    },
  };
}

/** When the Event was last told of; its creation if it does not say. */
function lastWrittenMs(event: corev1.Event & Partial<KubeObject>): number {
  const times = [
    event.metadata.creationTimestamp,
    event.lastTimestamp,
    event.eventTime,
    event.series?.lastObservedTime,
  ];
  return Math.max(...times.map((t) => (typeof t === 'string' ? Date.parse(t) : 0)));
}

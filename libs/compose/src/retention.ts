import type { Clock, Logger, Running, Timers } from '@reckon/kernel';
import { type EventLog, type Storage, type StorageResource, resourcePrefix } from '@reckon/store/contract';
import type { RetentionRules } from './retention-rules';

const longestPauseMs = 60_000;
const shortestPauseMs = 1_000;

/** How often a look is worth while: what is kept shortest overstays by a quarter at most, but for a second. */
export function pauseMs({ byPrefix, othersMs }: RetentionRules): number {
  const shortestMs = Math.min(othersMs, ...byPrefix.values());
  return Math.max(shortestPauseMs, Math.min(longestPauseMs, Math.floor(shortestMs / 4)));
}

/** Compacts, again and again, what the rules let go. */
export function startRetention(deps: {
  readonly rules: RetentionRules;
  /** What is stored, for what the rules do not name. It may change. */
  readonly resources: () => Iterable<StorageResource>;
  readonly log: EventLog;
  readonly storage: Pick<Storage, 'revisionAt'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}): Running {
  const { rules, log, storage, logger } = deps;
  let running: Promise<void> | undefined;

  const kept = (): ReadonlyMap<string, number> => {
    if (rules.othersMs === Infinity) return rules.byPrefix;
    const others = [...deps.resources()].map((resource) => [resourcePrefix(resource), rules.othersMs] as const);
    return new Map([...others, ...rules.byPrefix]);
  };
  const compact = async (): Promise<void> => {
    try {
      const nowMs = deps.clock.nowMs();
      const finite = [...kept()].filter(([, keepMs]) => keepMs < Infinity);
      const ages = [...new Set(finite.map(([, keepMs]) => keepMs))];
      const floors = new Map(
        await Promise.all(ages.map(async (age) => [age, await storage.revisionAt(nowMs - age)] as const)),
      );
      const plan = finite.flatMap(([prefix, keepMs]) => {
        const floor = floors.get(keepMs);
        return floor === undefined || floor <= log.floorOf(prefix) ? [] : [{ prefix, floor }];
      });
      const removed = await log.compact(plan);
      if (removed > 0) logger.info('history compacted', { removed });
    } catch (error) {
      logger.warn('history not compacted', { error });
    }
  };
  const cancel = deps.timers.every(pauseMs(rules), () => {
    // One that takes longer than the pause is the look of the next time too.
    running ??= compact().finally(() => {
      running = undefined;
    });
  });
  return {
    async stop() {
      cancel();
      await running;
    },
  };
}

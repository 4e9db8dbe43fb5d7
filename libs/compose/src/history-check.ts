import type { Logger, MetricsRegistry, Running, Timers } from '@reckon/kernel';
import type { SqliteLog } from '@reckon/store/log';

/** A start has other things to do first. */
const afterReadyMs = 3_000;

/**
 * Looks once whether history is as it was written, some seconds after the cluster is there and in the background: no start waits for
 * its past. The first damaged entry is told at once, and the others counted.
 */
export function startHistoryCheck(deps: {
  readonly log: Pick<SqliteLog, 'checkHistory'>;
  readonly file: string;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}): Running {
  const { log, file, timers, logger } = deps;
  const gauge = deps.metrics.gauge(
    'reckon_log_damaged_entries',
    'Entries of the log that are not as they were written, as far as this start has looked.',
  );
  const ending = new AbortController();
  const { signal } = ending;
  let hasTold = false;
  const check = async (): Promise<void> => {
    await timers.sleep(afterReadyMs, signal);
    if (signal.aborted) return;
    const upTo = await log.checkHistory({
      timers,
      signal,
      onDamage: (damaged, { revision, problem }) => {
        gauge.set(damaged);
        if (hasTold) return;
        hasTold = true;
        logger.error('history is damaged', { file, revision, problem, hint });
      },
    });
    if (!signal.aborted && !hasTold) logger.info('history is sound', { revision: upTo });
  };
  const done = check().catch((error: unknown) => {
    logger.warn('history not checked', { error });
  });
  return {
    async stop() {
      ending.abort();
      await done;
    },
  };
}

const hint =
  'What the cluster is now is not touched by it. Once it is stopped, see `reckon check` for all that is wrong, and restore the data directory from a copy.';

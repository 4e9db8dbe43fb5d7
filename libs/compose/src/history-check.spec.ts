import { fakeClock, MetricsRegistry, silentLogger } from '@reckon/kernel';
import { revision } from '@reckon/store/contract';
import type { HistoryCheckOptions } from '@reckon/store/log';
import { describe, expect, it } from 'vitest';
import { startHistoryCheck } from './history-check';

type Line = readonly [level: string, message: string, fields: unknown];

/** A log whose check is the given function; what is logged and counted. */
function started(checkHistory: (options: HistoryCheckOptions) => Promise<ReturnType<typeof revision>>) {
  const lines: Line[] = [];
  const clock = fakeClock();
  const metrics = new MetricsRegistry();
  const note = (level: string) => (message: string, fields: unknown) => lines.push([level, message, fields]);
  const check = startHistoryCheck({
    log: { checkHistory },
    file: '/data/log.db',
    timers: clock,
    metrics,
    logger: { ...silentLogger, info: note('info'), warn: note('warn'), error: note('error') },
  });
  const damaged = (): string | undefined => /^reckon_log_damaged_entries (.*)$/m.exec(metrics.render())?.[1];
  return { check, clock, lines, damaged };
}

describe('the check of history', () => {
  it('begins some seconds after the cluster is there, and says where it has been', async () => {
    let asked = 0;
    const { check, clock, lines, damaged } = started(async () => {
      asked++;
      return revision(40);
    });
    await clock.advance(2_999);
    expect(asked).toBe(0);
    await clock.advance(1);
    expect([asked, lines]).toEqual([1, [['info', 'history is sound', { revision: 40 }]]]);
    expect(damaged()).toBe('0');
    await check.stop();
  });

  it('tells the first damaged entry once, and counts all', async () => {
    const { check, clock, lines, damaged } = started(async ({ onDamage }) => {
      const first = { revision: revision(7), problem: 'its checksum does not fit its content' };
      onDamage(1, first);
      onDamage(4, first);
      return revision(40);
    });
    await clock.advance(3_000);
    const said = { file: '/data/log.db', revision: 7, problem: 'its checksum does not fit its content' };
    expect(lines).toEqual([['error', 'history is damaged', expect.objectContaining(said)]]);
    expect(damaged()).toBe('4');
    await check.stop();
  });

  it('says that it could not look', async () => {
    const error = new Error('a thread of the log has ended');
    const { check, clock, lines } = started(() => Promise.reject(error));
    await clock.advance(3_000);
    expect(lines).toEqual([['warn', 'history not checked', { error }]]);
    await check.stop();
  });

  it('ends with the server, before it began or in the middle', async () => {
    let asked = 0;
    const early = started(async () => {
      asked++;
      return revision(1);
    });
    await early.check.stop();
    expect([asked, early.lines]).toEqual([0, []]);
    const late = started(
      ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(revision(20)));
        }),
    );
    await late.clock.advance(3_000);
    await late.check.stop();
    expect(late.lines).toEqual([]);
  });
});

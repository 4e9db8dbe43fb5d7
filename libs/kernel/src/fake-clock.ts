import type { CancelTimer, Clock, Monotonic, Timers, WallClock } from './clock';

/** A clock that stands still until `advance`; its timers fire in order of their due time while it advances. */
export interface FakeClock extends Clock, WallClock, Monotonic, Timers {
  /** Moves time forward and runs what falls due, letting promise callbacks run in between. */
  advance(ms: number): Promise<void>;
  /** Jumps without running timers: a clock that is set. May go back. */
  jump(ms: number): void;
}

interface Due {
  at: number;
  order: number;
  every: number | undefined;
  run: () => void;
}

export function fakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let now = startMs;
  let order = 0;
  const due = new Set<Due>();

  const add = (ms: number, run: () => void, every?: number): CancelTimer => {
    const entry: Due = { at: now + ms, order: order++, every, run };
    due.add(entry);
    return () => due.delete(entry);
  };
  const flush = async (): Promise<void> => {
    for (let i = 0; i < 8; i++) await new Promise((resolve) => setImmediate(resolve));
  };

  return {
    nowMs: () => now,
    wallMs: () => now,
    elapsedMs: () => now - startMs,
    after: (ms, run) => add(ms, run),
    every: (ms, run) => add(ms, run, ms),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) {
          resolve();
          return;
        }
        const done = (): void => {
          cancel();
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const cancel = add(ms, done);
        signal?.addEventListener('abort', done);
      }),
    jump(ms) {
      now += ms;
    },
    async advance(ms) {
      const end = now + ms;
      await flush();
      for (;;) {
        const next = [...due].filter((d) => d.at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
        if (next === undefined) break;
        now = Math.max(now, next.at);
        due.delete(next);
        if (next.every !== undefined) {
          // The same entry, so that its cancel still finds it.
          next.at += next.every;
          next.order = order++;
          due.add(next);
        }
        next.run();
        await flush();
      }
      now = end;
      await flush();
    },
  };
}

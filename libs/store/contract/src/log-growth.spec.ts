import { describe, expect, it } from 'vitest';
import { LogGrowth } from './log-growth';
import type { Revision } from './revision';

function growable() {
  const listeners = new Set<() => void>();
  return {
    head: 1 as Revision,
    listeners,
    onGrown(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    grow(to: number) {
      this.head = to as Revision;
      for (const listener of listeners) listener();
    },
  };
}

describe('the growth of a log', () => {
  it('is waited for, past a revision', async () => {
    const log = growable();
    const growth = new LogGrowth(log);
    await growth.past(0 as Revision);
    let isPast = false;
    const waiting = growth.past(2 as Revision).then(() => (isPast = true));
    log.grow(2);
    await Promise.resolve();
    expect(isPast).toBe(false);
    log.grow(3);
    await waiting;
    growth.stop();
    expect(log.listeners.size).toBe(0);
  });

  it('is no longer waited for after the signal', async () => {
    const controller = new AbortController();
    const growth = new LogGrowth(growable(), controller.signal);
    const waiting = growth.past(9 as Revision);
    controller.abort();
    await waiting;
    await growth.past(9 as Revision);
  });
});

import { fakeClock } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { defaultRateLimiter } from './rate-limiter';
import { WorkQueue } from './work-queue';

function queueForTest() {
  const clock = fakeClock();
  const depths: number[] = [];
  const waits: number[] = [];
  const queue = new WorkQueue({
    clock,
    timers: clock,
    limiter: defaultRateLimiter(clock),
    metrics: {
      added: () => undefined,
      retried: () => undefined,
      depth: (n) => depths.push(n),
      waited: (s) => waits.push(s),
      worked: () => undefined,
      running: () => () => undefined,
    },
  });
  return { clock, queue, waits, depths };
}

describe('a work queue', () => {
  it('gives out each key once, in order', async () => {
    const { queue } = queueForTest();
    for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
    expect(queue.length).toBe(3);
    expect([await queue.take(), await queue.take(), await queue.take()]).toEqual(['a', 'b', 'c']);
  });

  it('gives a key that is added while it is worked on out again, but only when that is done', async () => {
    const { queue } = queueForTest();
    queue.add('a');
    await queue.take();
    queue.add('a');
    queue.add('a');
    expect(queue.length).toBe(0);
    queue.done('a');
    expect(queue.length).toBe(1);
    expect(await queue.take()).toBe('a');
    queue.done('a');
    expect(queue.length).toBe(0);
  });

  it('hands a key to one who waits', async () => {
    const { queue } = queueForTest();
    const taken = Promise.all([queue.take(), queue.take()]);
    queue.add('a');
    queue.add('b');
    expect(await taken).toEqual(['a', 'b']);
  });

  it('adds after a delay, of several the earliest', async () => {
    const { queue, clock } = queueForTest();
    queue.addAfter('a', 1000);
    queue.addAfter('a', 500);
    queue.addAfter('a', 2000);
    await clock.advance(499);
    expect(queue.length).toBe(0);
    await clock.advance(1);
    expect(queue.length).toBe(1);
    queue.done((await queue.take()) ?? '');
    await clock.advance(5000);
    expect(queue.length).toBe(0);
  });

  it('waits longer with each failure until it is forgotten', async () => {
    const { queue, clock } = queueForTest();
    const delays: number[] = [];
    const fail = async (): Promise<void> => {
      queue.addRateLimited('a');
      const since = clock.nowMs();
      while (queue.length === 0) await clock.advance(1);
      delays.push(clock.nowMs() - since);
      queue.done((await queue.take()) ?? '');
    };
    for (let i = 0; i < 5; i++) await fail();
    expect(delays).toEqual([5, 10, 20, 40, 80]);
    expect(queue.failures('a')).toBe(5);
    queue.forget('a');
    await fail();
    expect(delays.at(-1)).toBe(5);
  });

  it('lets takers go when it is shut down and takes nothing more', async () => {
    const { queue, clock } = queueForTest();
    const taken = queue.take();
    queue.addAfter('later', 10);
    queue.shutDown();
    queue.add('a');
    await clock.advance(100);
    expect(await taken).toBeUndefined();
    expect(await queue.take()).toBeUndefined();
  });

  it('measures how long keys wait', async () => {
    const { queue, clock, waits, depths } = queueForTest();
    queue.add('a');
    await clock.advance(1500);
    await queue.take();
    expect(waits).toEqual([1.5]);
    expect(depths).toEqual([1, 0]);
  });
});

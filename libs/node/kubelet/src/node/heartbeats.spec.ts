import { fakeClock, seededRandom } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { Heartbeats } from './heartbeats';

describe('heartbeats', () => {
  it('come once in each period, in groups that are spread over it', async () => {
    const clock = fakeClock();
    const beats = new Heartbeats(clock, seededRandom(3), 10_000);
    const beatsAtMs: number[] = [];
    const hearts = Array.from({ length: 1_000 }, () =>
      beats.add(() => {
        beatsAtMs.push(clock.elapsedMs());
        return Promise.resolve();
      }),
    );
    await clock.advance(10_000);
    expect(beatsAtMs).toHaveLength(1_000);
    expect(new Set(beatsAtMs).size).toBe(63);
    const perSecond = Array.from(
      { length: 10 },
      (_, s) => beatsAtMs.filter((at) => Math.floor(at / 1_000) === s).length,
    );
    expect(Math.min(...perSecond)).toBeGreaterThan(70);
    expect(Math.max(...perSecond)).toBeLessThan(130);
    await Promise.all(hearts.map((h) => h.stop()));
    await clock.advance(20_000);
    expect(beatsAtMs).toHaveLength(1_000);
  });

  it('repeat until they are stopped, each by itself', async () => {
    const clock = fakeClock();
    const beats = new Heartbeats(clock, seededRandom(1), 1_000);
    const counts = [0, 0];
    const hearts = counts.map((_, n) =>
      beats.add(() => {
        counts[n] = (counts[n] ?? 0) + 1;
        return Promise.resolve();
      }),
    );
    await clock.advance(5_000);
    expect(counts).toEqual([5, 5]);
    await hearts[0]?.stop();
    await clock.advance(5_000);
    expect(counts).toEqual([5, 10]);
    await hearts[1]?.stop();
    const third = beats.add(() => {
      counts.push(1);
      return Promise.resolve();
    });
    await clock.advance(1_000);
    expect(counts).toEqual([5, 10, 1]);
    await third.stop();
  });

  it('never overlap themselves, and their stop waits for the beat that runs', async () => {
    const clock = fakeClock();
    let begun = 0;
    let finish: () => void = () => undefined;
    const heart = new Heartbeats(clock, seededRandom(1), 1_000).add(() => {
      begun++;
      return new Promise((resolve) => (finish = resolve));
    });
    await clock.advance(5_000);
    expect(begun).toBe(1);
    let isStopped = false;
    const stopped = heart.stop().then(() => (isStopped = true));
    await clock.advance(0);
    expect(isStopped).toBe(false);
    finish();
    await stopped;
  });
});

import { fakeClock, seededRandom } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { startHeartbeat } from './heartbeat';

describe('a heartbeat', () => {
  it('comes once in each period, and a thousand of them are spread over it', async () => {
    const clock = fakeClock();
    const deps = { timers: clock, random: seededRandom(3) };
    const beatsAtMs: number[] = [];
    const hearts = Array.from({ length: 1_000 }, () =>
      startHeartbeat(deps, 10_000, () => {
        beatsAtMs.push(clock.elapsedMs());
        return Promise.resolve();
      }),
    );
    await clock.advance(10_000);
    expect(beatsAtMs).toHaveLength(1_000);
    const perSecond = Array.from(
      { length: 10 },
      (_, s) => beatsAtMs.filter((at) => Math.floor(at / 1_000) === s).length,
    );
    expect(Math.min(...perSecond)).toBeGreaterThan(60);
    expect(Math.max(...perSecond)).toBeLessThan(140);
    await Promise.all(hearts.map((h) => h.stop()));
  });

  it('repeats until it is stopped', async () => {
    const clock = fakeClock();
    let beats = 0;
    const heart = startHeartbeat({ timers: clock, random: seededRandom(1) }, 1_000, () => {
      beats++;
      return Promise.resolve();
    });
    await clock.advance(5_000);
    expect(beats).toBe(5);
    await heart.stop();
    await clock.advance(5_000);
    expect(beats).toBe(5);
  });

  it('never overlaps itself, and its stop waits for the beat that runs', async () => {
    const clock = fakeClock();
    let begun = 0;
    let finish: () => void = () => undefined;
    const heart = startHeartbeat({ timers: clock, random: seededRandom(1) }, 1_000, () => {
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

import { fakeClock } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from './token-bucket';

function bucketForTest(perSecond: number, burst: number) {
  const clock = fakeClock();
  const bucket = new TokenBucket({ perSecond, burst }, { clock, timers: clock });
  const went: number[] = [];
  const ask = async (signal?: AbortSignal): Promise<void> => {
    await bucket.take(signal);
    went.push(clock.elapsedMs());
  };
  return { clock, bucket, ask, went };
}

describe('a token bucket', () => {
  it('lets a burst through, then so many per second, and saves up during a pause', async () => {
    const { clock, ask, went } = bucketForTest(10, 3);
    for (let i = 0; i < 6; i++) void ask();
    await clock.advance(1_000);
    expect(went).toEqual([0, 0, 0, 100, 200, 300]);
    await clock.advance(9_000);
    for (let i = 0; i < 5; i++) void ask();
    await clock.advance(1_000);
    expect(went.slice(6)).toEqual([10_000, 10_000, 10_000, 10_100, 10_200]);
  });

  it('takes less than one per second, and lets one through where no burst is allowed', async () => {
    const { clock, ask, went } = bucketForTest(0.5, 0);
    for (let i = 0; i < 3; i++) void ask();
    await clock.advance(5_000);
    expect(went).toEqual([0, 2_000, 4_000]);
  });

  it('takes the token of somebody who gave up back', async () => {
    const { clock, ask, went } = bucketForTest(1, 1);
    const gaveUp = new AbortController();
    void ask();
    void ask(gaveUp.signal);
    await clock.advance(100);
    gaveUp.abort();
    await clock.advance(0);
    expect(went).toEqual([0, 100]);
    void ask();
    await clock.advance(2_000);
    expect(went).toEqual([0, 100, 1_000]);
  });
});

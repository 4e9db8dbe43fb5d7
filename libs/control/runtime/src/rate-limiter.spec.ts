import { fakeClock } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { defaultRateLimiter, passiveTokenBucket, tokenBucket } from './rate-limiter';

describe('the default rate limiter', () => {
  it('doubles from 5 ms up to 1000 s per key', () => {
    const limiter = defaultRateLimiter(fakeClock());
    const waits = Array.from({ length: 20 }, () => limiter.when('a'));
    expect(waits.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(waits.at(-1)).toBe(1_000_000);
    expect(limiter.when('b')).toBe(5);
    expect(limiter.failures('a')).toBe(20);
    limiter.forget('a');
    expect([limiter.failures('a'), limiter.when('a')]).toEqual([0, 5]);
  });

  it('lets a hundred keys pass at once, then ten a second', () => {
    const limiter = defaultRateLimiter(fakeClock());
    const waits = Array.from({ length: 120 }, (_, i) => limiter.when(String(i)));
    expect(waits.slice(0, 100).every((ms) => ms === 5)).toBe(true);
    expect(waits.slice(100, 103)).toEqual([100, 200, 300]);
  });
});

it('a token bucket says when the token will be there', async () => {
  const clock = fakeClock();
  const take = tokenBucket(clock, { perSecond: 2, burst: 1 });
  expect([take(), take(), take()]).toEqual([0, 500, 1000]);
  await clock.advance(5000);
  expect([take(), take()]).toEqual([0, 500]);
});

it('a passive bucket owes nothing for what it refused', async () => {
  const clock = fakeClock();
  const take = passiveTokenBucket(clock, { perSecond: 1, burst: 2 });
  expect([take(), take(), take(), take(), take()]).toEqual([true, true, false, false, false]);
  await clock.advance(1000);
  expect([take(), take()]).toEqual([true, false]);
});

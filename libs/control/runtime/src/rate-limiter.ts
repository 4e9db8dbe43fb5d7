import type { Clock } from '@reckon/kernel';

/** How long a key must wait before it is tried again. */
export interface RateLimiter {
  when(key: string): number;
  forget(key: string): void;
  failures(key: string): number;
}

/**
 * client-go/util/workqueue.DefaultTypedControllerRateLimiter: the longer of 5 ms doubled per failure of the key (at most 1000 s)
 * and a bucket over all keys (10 a second, 100 at once).
 */
export const defaultRateLimiter = (clock: Clock): RateLimiter =>
  backoffRateLimiter(clock, { baseMs: 5, mostMs: 1_000_000 });

/** The same, with another first and longest wait. */
export function backoffRateLimiter(
  clock: Clock,
  { baseMs, mostMs }: { readonly baseMs: number; readonly mostMs: number },
): RateLimiter {
  const failures = new Map<string, number>();
  const bucket = tokenBucket(clock, { perSecond: 10, burst: 100 });
  return {
    when(key) {
      const n = failures.get(key) ?? 0;
      failures.set(key, n + 1);
      return Math.max(Math.min(baseMs * 2 ** Math.min(n, 30), mostMs), bucket());
    },
    forget: (key) => failures.delete(key),
    failures: (key) => failures.get(key) ?? 0,
  };
}

/** Each call takes a token and says in how many ms it is there (0 = now). */
export function tokenBucket(
  clock: Clock,
  limits: { readonly perSecond: number; readonly burst: number },
): () => number {
  let tokens = limits.burst;
  let lastMs = clock.nowMs();
  return () => {
    const now = clock.nowMs();
    tokens = Math.min(limits.burst, tokens + (Math.max(0, now - lastMs) * limits.perSecond) / 1000);
    lastMs = now;
    tokens -= 1;
    return tokens >= 0 ? 0 : (-tokens * 1000) / limits.perSecond;
  };
}

/** Each call takes a token if there is one and says whether; a refusal costs nothing (flowcontrol.PassiveRateLimiter). */
export function passiveTokenBucket(
  clock: Clock,
  limits: { readonly perSecond: number; readonly burst: number },
): () => boolean {
  let tokens = limits.burst;
  let lastMs = clock.nowMs();
  return () => {
    const now = clock.nowMs();
    tokens = Math.min(limits.burst, tokens + (Math.max(0, now - lastMs) * limits.perSecond) / 1000);
    lastMs = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

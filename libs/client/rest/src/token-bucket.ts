import type { Monotonic, Timers } from '@reckon/kernel';

export interface RequestRate {
  readonly perSecond: number;
  /** How many may go at once after a pause; at least one may. */
  readonly burst: number;
}

/**
 * Lets so many requests per second through, in the order in which they ask (client-go/util/flowcontrol `NewTokenBucketRateLimiter`).
 * Each takes a token at once, even one that is not there yet, and waits until it would be.
 *
 * Bound: none; whoever asks waits.
 */
export class TokenBucket {
  private readonly most: number;
  private tokens: number;
  private countedMs: number;

  constructor(
    private readonly rate: RequestRate,
    private readonly deps: { readonly clock: Monotonic; readonly timers: Pick<Timers, 'sleep'> },
  ) {
    this.most = Math.max(rate.burst, 1);
    this.tokens = this.most;
    this.countedMs = deps.clock.elapsedMs();
  }

  /** Undefined: at once. Otherwise resolves when it is the asker's turn, or when the signal is aborted, which gives the token back. */
  take(signal?: AbortSignal): Promise<void> | undefined {
    const now = this.deps.clock.elapsedMs();
    const grown = ((now - this.countedMs) * this.rate.perSecond) / 1000;
    this.tokens = Math.min(this.most, this.tokens + grown) - 1;
    this.countedMs = now;
    return this.tokens >= 0 ? undefined : this.wait((-this.tokens * 1000) / this.rate.perSecond, signal);
  }

  private async wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    await this.deps.timers.sleep(ms, signal);
    if (signal?.aborted === true) this.tokens++;
  }
}

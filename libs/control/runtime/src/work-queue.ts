import type { CancelTimer, Clock, Monotonic, Timers } from '@reckon/kernel';
import type { RateLimiter } from './rate-limiter';
import type { QueueMetrics } from './queue-metrics';

/**
 * Keys to reconcile (client-go/util/workqueue). A key that is added while it waits is one; added while it is being worked on, it is
 * given out again afterwards, never to two workers at once.
 *
 * Bound: the number of distinct keys; nothing is dropped.
 */
export class WorkQueue {
  private readonly waiting: string[] = [];
  private readonly dirty = new Set<string>();
  /** With the time when the work on each began. */
  private readonly processing = new Map<string, number>();
  private readonly delayed = new Map<string, { readonly dueMs: number; readonly cancel: CancelTimer }>();
  private readonly takers: ((key: string | undefined) => void)[] = [];
  private readonly addedMs = new Map<string, number>();
  private readonly forgetRunning: () => void;
  private isShutDown = false;

  constructor(
    private readonly deps: {
      readonly clock: Clock & Monotonic;
      readonly timers: Timers;
      readonly limiter: RateLimiter;
      readonly metrics: QueueMetrics;
    },
  ) {
    this.forgetRunning = deps.metrics.running(() => this.runningSeconds());
  }

  get length(): number {
    return this.waiting.length;
  }

  add(key: string): void {
    if (this.isShutDown || this.dirty.has(key)) return;
    this.dirty.add(key);
    this.deps.metrics.added();
    this.addedMs.set(key, this.deps.clock.elapsedMs());
    if (!this.processing.has(key)) this.hand(key);
  }

  /** Of several delays for one key the earliest counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.isShutDown) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const dueMs = this.deps.clock.nowMs() + delayMs;
    const pending = this.delayed.get(key);
    if (pending !== undefined) {
      if (pending.dueMs <= dueMs) return;
      pending.cancel();
    }
    const cancel = this.deps.timers.after(delayMs, () => {
      this.delayed.delete(key);
      this.add(key);
    });
    this.delayed.set(key, { dueMs, cancel });
  }

  addRateLimited(key: string): void {
    this.deps.metrics.retried();
    this.addAfter(key, this.deps.limiter.when(key));
  }

  forget(key: string): void {
    this.deps.limiter.forget(key);
  }

  failures(key: string): number {
    return this.deps.limiter.failures(key);
  }

  /** The next key, or undefined once the queue is shut down. `done` must follow. */
  take(): Promise<string | undefined> {
    const key = this.waiting.shift();
    if (key !== undefined) return Promise.resolve(this.begin(key));
    if (this.isShutDown) return Promise.resolve(undefined);
    return new Promise((resolve) => this.takers.push(resolve));
  }

  done(key: string): void {
    const since = this.processing.get(key);
    if (since !== undefined) this.deps.metrics.worked(this.secondsSince(since));
    this.processing.delete(key);
    if (this.dirty.has(key)) this.hand(key);
  }

  /** Takers get undefined; keys that wait or are delayed are dropped (a level-based reconciler finds them again at its next start). */
  shutDown(): void {
    this.isShutDown = true;
    this.forgetRunning();
    for (const { cancel } of this.delayed.values()) cancel();
    this.delayed.clear();
    this.waiting.length = 0;
    this.deps.metrics.depth(0);
    for (const taker of this.takers.splice(0)) taker(undefined);
  }

  private hand(key: string): void {
    if (this.isShutDown) return;
    const taker = this.takers.shift();
    if (taker === undefined) {
      this.waiting.push(key);
      this.deps.metrics.depth(this.waiting.length);
    } else taker(this.begin(key));
  }

  private begin(key: string): string {
    this.dirty.delete(key);
    this.processing.set(key, this.deps.clock.elapsedMs());
    this.deps.metrics.depth(this.waiting.length);
    const since = this.addedMs.get(key);
    this.addedMs.delete(key);
    if (since !== undefined) this.deps.metrics.waited(this.secondsSince(since));
    return key;
  }

  private secondsSince(elapsedMs: number): number {
    return (this.deps.clock.elapsedMs() - elapsedMs) / 1000;
  }

  private *runningSeconds(): Iterable<number> {
    for (const since of this.processing.values()) yield this.secondsSince(since);
  }
}

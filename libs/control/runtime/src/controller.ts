import { reasonOf } from '@reckon/api/machinery';
import type { Clock, Logger, MetricsRegistry, Monotonic, Running, Timers } from '@reckon/kernel';
import { queueMetricsIn, type QueueMetrics } from './queue-metrics';
import { type RateLimiter, defaultRateLimiter } from './rate-limiter';
import { WorkQueue } from './work-queue';

/** What a reconcile says. A thrown error is the fourth outcome: the key comes back after its backoff. */
export type Result =
  { readonly kind: 'done' } | { readonly kind: 'requeue' } | { readonly kind: 'requeue-after'; readonly ms: number };

export const done: Result = { kind: 'done' };
export const requeue: Result = { kind: 'requeue' };
export const requeueAfter = (ms: number): Result => ({ kind: 'requeue-after', ms });

/** Level-based: looks at the state of the world, never at what happened. */
export type Reconcile = (key: string, signal: AbortSignal) => Promise<Result>;

export interface ControllerDeps {
  readonly clock: Clock & Monotonic;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly metrics: ControllerMetrics;
}

export interface ControllerMetrics {
  queue(name: string): QueueMetrics;
  reconciled(controller: string, outcome: 'done' | 'requeue' | 'requeue_after' | 'error'): void;
  /** What only one kind of controller reports: declared when the first of the kind asks, then shared. */
  own<T>(declare: (registry: MetricsRegistry) => T): T;
}

export function controllerMetricsIn(registry: MetricsRegistry): ControllerMetrics {
  const outcomes = registry.counter('reckon_reconcile_total', 'Reconciles by controller and outcome.', [
    'controller',
    'outcome',
  ]);
  const declared = new Map<unknown, unknown>();
  return {
    queue: queueMetricsIn(registry),
    reconciled: (controller, outcome) => {
      outcomes.add(1, controller, outcome);
    },
    own<T>(declare: (into: MetricsRegistry) => T): T {
      const known = declared.get(declare) as T | undefined;
      if (known !== undefined) return known;
      const made = declare(registry);
      declared.set(declare, made);
      return made;
    },
  };
}

export interface ControllerSettings {
  /** Keys that are worked on at the same time; 5 by default. */
  readonly workers?: number;
  /** How long a key waits that failed; `defaultRateLimiter` by default. */
  readonly limiter?: RateLimiter;
}

/** A queue and its workers. Event handlers of informers call `enqueue`; `start` begins to work. */
export class Controller implements Running {
  readonly queue: WorkQueue;
  private readonly abort = new AbortController();
  private workers: Promise<void>[] = [];

  constructor(
    readonly name: string,
    private readonly reconcile: Reconcile,
    private readonly deps: ControllerDeps,
    private readonly options: ControllerSettings = {},
  ) {
    this.queue = new WorkQueue({
      clock: deps.clock,
      timers: deps.timers,
      limiter: options.limiter ?? defaultRateLimiter(deps.clock),
      metrics: deps.metrics.queue(name),
    });
  }

  enqueue(key: string): void {
    this.queue.add(key);
  }

  start(): void {
    this.workers = Array.from({ length: this.options.workers ?? 5 }, () => this.work());
  }

  /** Resolves when the reconciles that are running have ended. */
  async stop(): Promise<void> {
    this.abort.abort();
    this.queue.shutDown();
    await Promise.all(this.workers);
  }

  private async work(): Promise<void> {
    for (let key = await this.queue.take(); key !== undefined; key = await this.queue.take()) {
      await this.once(key);
      this.queue.done(key);
    }
  }

  private async once(key: string): Promise<void> {
    try {
      const result = await this.reconcile(key, this.abort.signal);
      switch (result.kind) {
        case 'done':
          this.queue.forget(key);
          this.deps.metrics.reconciled(this.name, 'done');
          return;
        case 'requeue':
          this.queue.addRateLimited(key);
          this.deps.metrics.reconciled(this.name, 'requeue');
          return;
        case 'requeue-after':
          this.queue.forget(key);
          this.queue.addAfter(key, result.ms);
          this.deps.metrics.reconciled(this.name, 'requeue_after');
      }
    } catch (error) {
      if (this.abort.signal.aborted) return;
      this.deps.metrics.reconciled(this.name, 'error');
      this.queue.addRateLimited(key);
      // A lost race is the ordinary way in which optimistic writes meet; the retry sees the newer object.
      const level = reasonOf(error) === 'Conflict' ? 'debug' : 'warn';
      this.deps.logger[level]('reconcile failed', { queue: this.name, key, error: String(error) });
    }
  }
}

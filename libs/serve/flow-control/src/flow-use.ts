import type { FlowMetrics } from './flow-metrics';
import type { RefusalReason } from './seat';

/** What a FlowSchema has in use of its priority level: the numbers of its metrics, found once. */
export class FlowUse {
  executing = 0;
  seatsInUse = 0;
  queued = 0;
  seatsQueued = 0;
  readonly dispatched: (amount: number) => void;
  readonly width: (seats: number) => void;
  readonly waited: (seconds: number) => void;
  readonly executed: (seconds: number) => void;
  readonly watchersSeen: (count: number) => void;
  private readonly watched: (seconds: number) => void;

  constructor(
    readonly metrics: FlowMetrics,
    readonly level: string,
    readonly schema: string,
    readonly headers: readonly string[],
    readonly distinguishBy: 'ByUser' | 'ByNamespace' | undefined,
  ) {
    this.dispatched = metrics.dispatched.of(level, schema);
    this.width = metrics.width.of(level, schema);
    this.waited = metrics.waited.of(level, schema, 'true');
    this.executed = metrics.executed.of(level, schema, 'regular');
    this.watched = metrics.executed.of(level, schema, 'watch');
    this.watchersSeen = metrics.watchers.of(level, schema);
  }

  /** How long it took, for a watch: until it was open. */
  ended(isWatch: boolean, seconds: number): void {
    if (isWatch) this.watched(seconds);
    else this.executed(seconds);
  }

  refused(reason: RefusalReason, waitedSeconds: number): void {
    this.metrics.rejected.add(1, this.level, this.schema, reason);
    this.metrics.waited.observe(waitedSeconds, this.level, this.schema, 'false');
  }
}

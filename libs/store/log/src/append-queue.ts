import { StorageError } from '@reckon/store/contract';
import type { Entry, Revision } from '@reckon/store/contract';

/** What became of a batch: the first `committed` appends of it are durable; with a failure the others are certainly not. */
export interface BatchOutcome {
  readonly committed: number;
  readonly failure?: StorageError;
}

export interface AppendQueueOptions {
  readonly head: Revision;
  readonly lastAt: number;
  /** Makes a batch durable. It is never called again before it answered. */
  readonly commit: (appends: readonly (readonly Entry[])[]) => void;
  /** Runs `flush` once what is ready in this turn of the event loop has been handled, so that it gathers. */
  readonly defer: (flush: () => void) => void;
  /** A batch is closed once it holds this many bytes of objects; one append is never split. */
  readonly batchBytes?: number;
}

interface Pending {
  readonly entries: readonly Entry[];
  readonly resolve: () => void;
  readonly reject: (error: StorageError) => void;
}

/**
 * Group commit. One batch is on its way; what is appended meanwhile gathers and goes with the next. Revisions are
 * promised when an append is taken (`next`), and taken back when something before it failed.
 *
 * ```
 *   append 5   append 6,7   append 8      (next = 9, head = 4)
 *   └ batch ┘  └─── gathering ────┘
 * ```
 * If the batch fails, 5 to 8 reject in this order and `next` is 5 again. Unbounded: each append belongs to a request
 * that waits for it, and those are bounded by the in-flight limits.
 */
export class AppendQueue {
  private gathering: Pending[] = [];
  private underway: readonly Pending[] = [];
  private flushDue = false;
  private waiters: (() => void)[] = [];
  private durable: { head: Revision; at: number };
  private taken: { next: number; at: number };

  constructor(private readonly options: AppendQueueOptions) {
    this.durable = { head: options.head, at: options.lastAt };
    this.taken = { next: options.head + 1, at: options.lastAt };
  }

  get head(): Revision {
    return this.durable.head;
  }

  get lastAt(): number {
    return this.durable.at;
  }

  get isIdle(): boolean {
    return this.gathering.length === 0 && this.underway.length === 0;
  }

  append(entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return Promise.resolve();
    const misfit = this.take(entries);
    if (misfit !== undefined) return Promise.reject(misfit);
    return new Promise((resolve, reject) => {
      this.gathering.push({ entries, resolve, reject });
      if (this.underway.length > 0 || this.flushDue) return;
      this.flushDue = true;
      this.options.defer(() => {
        this.flushDue = false;
        this.flush();
      });
    });
  }

  /** The answer to `commit`. Heads move and the next batch leaves before any caller learns of this one. */
  settle(outcome: BatchOutcome): void {
    const batch = this.underway;
    this.underway = [];
    const last = batch[outcome.committed - 1]?.entries.at(-1);
    if (last !== undefined) this.durable = { head: last.revision, at: last.at };
    let lost: readonly Pending[] = [];
    if (outcome.failure !== undefined) {
      lost = [...batch.slice(outcome.committed), ...this.gathering];
      this.gathering = [];
      this.taken = { next: this.durable.head + 1, at: this.durable.at };
    }
    this.flush();
    for (const pending of batch.slice(0, outcome.committed)) pending.resolve();
    if (outcome.failure !== undefined) rejectAll(lost, outcome.failure);
    if (this.isIdle) for (const wake of this.waiters.splice(0)) wake();
  }

  /** Resolves when nothing is gathered or underway. */
  idle(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  private flush(): void {
    if (this.underway.length > 0 || this.gathering.length === 0) return;
    const limit = this.options.batchBytes ?? defaultBatchBytes;
    let bytes = 0;
    let count = 0;
    for (const { entries } of this.gathering) {
      if (bytes >= limit) break;
      for (const entry of entries) bytes += entry.object.length;
      count++;
    }
    this.underway = count === this.gathering.length ? this.gathering : this.gathering.slice(0, count);
    this.gathering = count === this.gathering.length ? [] : this.gathering.slice(count);
    this.options.commit(this.underway.map((pending) => pending.entries));
  }

  private take(entries: readonly Entry[]): StorageError | undefined {
    let { next, at } = this.taken;
    for (const entry of entries) {
      if (entry.revision !== next)
        return new StorageError('Conflict', 'entries do not continue the log', {
          data: { expected: next, got: entry.revision },
        });
      if (entry.at < at)
        return new StorageError('Conflict', 'time goes back along the log', {
          data: { revision: entry.revision, at: entry.at, newest: at },
        });
      next++;
      at = entry.at;
    }
    this.taken = { next, at };
    return undefined;
  }
}

/** Large enough for hundreds of objects, small enough that a transaction stays under a hundred milliseconds. */
const defaultBatchBytes = 4 * 1024 * 1024;

/** The first is told its own failure, the others that they fell with it. */
function rejectAll(lost: readonly Pending[], failure: StorageError): void {
  const rest =
    failure.code === 'LogWriteFailed'
      ? failure
      : new StorageError('LogWriteFailed', 'an entry before it was refused', { cause: failure });
  for (const [i, pending] of lost.entries()) pending.reject(i === 0 ? failure : rest);
}

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
  /**
   * Makes a batch durable. Batches are answered in the order of the calls, by `settle`. After a failure those that left before it was
   * known must fail, too: they are of the same `generation`, what is taken later is of the next one.
   */
  readonly commit: (appends: readonly (readonly Entry[])[], generation: number) => void;
  /** Runs `flush` once what is ready in this turn of the event loop has been handled, so that it gathers. */
  readonly defer: (flush: () => void) => void;
  /** So many appends leave within the turn of the event loop that makes them, while fewer than so many batches are underway. */
  readonly early?: { readonly appends: number; readonly batches: number };
  /** A batch is closed once it holds this many bytes of objects; one append is never split. */
  readonly batchBytes?: number;
}

interface Pending {
  readonly entries: readonly Entry[];
  readonly resolve: () => void;
  readonly reject: (error: StorageError) => void;
}

/** What left together. */
interface Batch {
  readonly appends: readonly Pending[];
  /** Something before it failed: its appends have been told, and its answer says nothing new. */
  isLost: boolean;
}

/**
 * Group commit. While a batch is on its way, what is appended gathers and goes with the next; a turn of the event loop that makes many
 * appends hands the first of them over before it ends, so that the disk works while the rest is decided. Revisions are promised when
 * an append is taken (`next`), and taken back when something before it failed.
 *
 * ```
 *   append 5   append 6,7   append 8      (next = 9, head = 4)
 *   └ batch ┘  └─── gathering ────┘
 * ```
 * If the batch fails, 5 to 8 reject in this order and `next` is 5 again. Unbounded: each append belongs to a request
 * that waits for it, and those are bounded by the in-flight limits.
 */
export class AppendQueue {
  private readonly gathering: Pending[] = [];
  private readonly underway: Batch[] = [];
  private generation = 0;
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
      if (this.isMuch()) this.send();
      if (this.underway.length > 0 || this.flushDue) return;
      this.flushDue = true;
      this.options.defer(() => {
        this.flushDue = false;
        this.flush();
      });
    });
  }

  /** The answer to the oldest `commit`. Heads move and the next batch leaves before any caller learns of this one. */
  settle(outcome: BatchOutcome): void {
    const batch = this.underway.shift();
    if (batch === undefined || batch.isLost) {
      this.flush();
      this.wakeIfIdle();
      return;
    }
    const { appends } = batch;
    const last = appends[outcome.committed - 1]?.entries.at(-1);
    if (last !== undefined) this.durable = { head: last.revision, at: last.at };
    const lost = outcome.failure === undefined ? [] : this.lose(appends.slice(outcome.committed));
    this.flush();
    for (const pending of appends.slice(0, outcome.committed)) pending.resolve();
    if (outcome.failure !== undefined) rejectAll(lost, outcome.failure);
    this.wakeIfIdle();
  }

  /** Resolves when nothing is gathered or underway. */
  idle(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  private flush(): void {
    if (this.isMuch() || (this.underway.length === 0 && this.gathering.length > 0)) this.send();
  }

  private isMuch(): boolean {
    const { early } = this.options;
    return early !== undefined && this.gathering.length >= early.appends && this.underway.length < early.batches;
  }

  private send(): void {
    const limit = this.options.batchBytes ?? defaultBatchBytes;
    let bytes = 0;
    let count = 0;
    for (const { entries } of this.gathering) {
      if (bytes >= limit) break;
      for (const entry of entries) bytes += entry.object.length;
      count++;
    }
    const appends = this.gathering.splice(0, count);
    this.underway.push({ appends, isLost: false });
    this.options.commit(
      appends.map((pending) => pending.entries),
      this.generation,
    );
  }

  /** Everything after a failure, oldest first; revisions are counted from the head again. */
  private lose(rest: readonly Pending[]): readonly Pending[] {
    const later = this.underway.filter((batch) => !batch.isLost);
    for (const batch of later) batch.isLost = true;
    this.generation++;
    this.taken = { next: this.durable.head + 1, at: this.durable.at };
    return [...rest, ...later.flatMap(({ appends }) => appends), ...this.gathering.splice(0)];
  }

  private wakeIfIdle(): void {
    if (this.isIdle) for (const wake of this.waiters.splice(0)) wake();
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

import { systemRandom } from '@reckon/kernel';
import { noRevision, StorageError } from '@reckon/store/contract';
import type { CompactionPlan, Entry, EventLog, ReadRange } from '@reckon/store/contract';
import { AppendQueue } from './append-queue';
import { Floors } from './floors';
import { Growth } from './growth';
import { closed, tooLarge } from './log-error';
import { MemoryHistory } from './memory-history';

export interface MemoryLogOptions {
  /** What to begin with, id included: how a test reopens or forks a log. */
  readonly from?: MemorySnapshot;
  /**
   * Runs before each batch becomes durable and delays it. Throwing is a full disk (`LogWriteFailed`); throwing
   * `unknownOutcome` is a failed fsync.
   */
  readonly beforeCommit?: (entries: readonly Entry[]) => Promise<void> | void;
}

export interface MemorySnapshot {
  readonly id: string;
  /** In order of revision. */
  readonly entries: readonly Entry[];
  readonly floors: readonly CompactionPlan[];
}

export interface MemoryLog extends EventLog {
  /** All that is durable now. */
  snapshot(): MemorySnapshot;
}

/** What `beforeCommit` throws to play a failure of unknown outcome. */
export const unknownOutcome = new Error('unknown outcome');

/** A log that lives as long as its process: for tests and `--in-memory`. Same suite as the one on disk. */
export function memoryLog(options: MemoryLogOptions = {}): MemoryLog {
  const history = new MemoryHistory();
  for (const entry of options.from?.entries ?? []) history.add(entry);
  const floors = new Floors(options.from?.floors);
  const id = options.from?.id ?? systemRandom.uuid();
  const growth = new Growth();
  const fatalListeners: ((error: Error) => void)[] = [];
  let fatal: Error | undefined;
  let isClosed = false;
  const last = history.newest;

  const queue = new AppendQueue({
    head: last?.revision ?? noRevision,
    lastAt: last?.at ?? 0,
    defer: queueMicrotask,
    commit(appends) {
      void commitBatch(appends);
    },
  });

  async function commitBatch(appends: readonly (readonly Entry[])[]): Promise<void> {
    try {
      await options.beforeCommit?.(appends.flat());
    } catch (error) {
      if (error !== unknownOutcome) {
        queue.settle({ committed: 0, failure: new StorageError('LogWriteFailed', 'not written', { cause: error }) });
        return;
      }
      fatal = unknownOutcome;
      for (const listener of fatalListeners.splice(0)) listener(fatal);
      return;
    }
    const outcome = history.commit(appends);
    queue.settle(outcome);
    if (outcome.committed > 0) growth.tell();
  }

  const demandOpen = (): void => {
    if (isClosed) throw closed();
  };

  async function* readBetween(
    first: number,
    to: number,
    { prefix = '', acrossCompacted }: ReadRange,
  ): AsyncGenerator<readonly Entry[]> {
    const demand = (after: number): void => {
      if (acrossCompacted !== true) floors.demand(prefix, after);
    };
    demandOpen();
    demand(first);
    for (let after = first; after < to; after += chunkEntries) {
      demand(after);
      const chunk = history
        .between(after, Math.min(to, after + chunkEntries))
        .filter(({ key }) => key.startsWith(prefix));
      if (chunk.length > 0) yield chunk;
    }
  }

  return {
    id,
    get head() {
      return queue.head;
    },
    get lastAt() {
      return queue.lastAt;
    },
    snapshot: () => ({ id, entries: [...history.all()], floors: floors.rows() }),

    append(entries) {
      if (fatal !== undefined) return new Promise(() => undefined);
      if (isClosed) return Promise.reject(closed());
      return queue.append(entries);
    },

    onFatal(listener) {
      if (fatal === undefined) fatalListeners.push(listener);
      else listener(fatal);
    },

    async *heads() {
      demandOpen();
      for (const chunk of chunksOf([...history.heads()], chunkEntries)) yield chunk;
    },

    read(range: ReadRange) {
      return readBetween(range.after, Math.min(range.to ?? queue.head, queue.head), range);
    },

    async listAt(at, prefix, page) {
      demandOpen();
      floors.demand(prefix, at);
      if (at > queue.head) throw tooLarge(at, queue.head);
      const found = history.stateAt(at, prefix, page.startKey ?? '');
      return page.limit === 0 ? found : found.slice(0, page.limit);
    },

    async revisionAt(timeMs) {
      demandOpen();
      return history.newestAtTime(timeMs);
    },

    floorOf: (prefix) => floors.of(prefix),
    floors: () => floors.rows(),
    onGrown: (listener) => growth.listen(listener),

    async compact(plan) {
      demandOpen();
      const bounded = plan.map(({ prefix, floor }) => ({ prefix, floor: floor < queue.head ? floor : queue.head }));
      floors.raise(bounded);
      return history.compact(bounded);
    },

    async close() {
      isClosed = true;
      growth.end();
      if (fatal === undefined) await queue.idle();
    },
  };
}

/** Small enough that consumers meet chunk borders in tests too. */
const chunkEntries = 500;

function* chunksOf<T>(items: readonly T[], size: number): Iterable<readonly T[]> {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size);
}

import type { Entry, EventLog } from './event-log';
import { StorageError } from './storage-error';

/** A log whose appends a test can hold back, or make fail as a full disk would. */
export interface ControlledLog extends EventLog {
  /** Appends stay undecided until the returned function is called. */
  hold(): () => void;
  /** The next append is not written; with it fail all that are handed over before that is told. */
  failNext(): void;
}

interface Waiting {
  readonly entries: readonly Entry[];
  readonly fails: boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Wraps a log of any kind; reads go straight through. */
export function controlledLog(inner: EventLog): ControlledLog {
  let waiting: Waiting[] = [];
  let forwarded: Promise<unknown>[] = [];
  let holds = 0;
  let failsNext = false;
  let isPumping = false;

  async function pump(): Promise<void> {
    if (isPumping) return;
    isPumping = true;
    while (holds === 0 && waiting.length > 0) {
      const next = waiting[0];
      if (next === undefined) break;
      if (!next.fails) {
        waiting.shift();
        const written = inner.append(next.entries);
        forwarded.push(written.catch(() => undefined));
        written.then(next.resolve, next.reject);
        continue;
      }
      await Promise.all(forwarded);
      forwarded = [];
      const failed = waiting;
      waiting = [];
      const error = new StorageError('LogWriteFailed', 'the disk is full (by the test)');
      for (const each of failed) each.reject(error);
    }
    isPumping = false;
  }

  return {
    get head() {
      return inner.head;
    },
    get id() {
      return inner.id;
    },
    get lastAt() {
      return inner.lastAt;
    },
    append(entries) {
      return new Promise<void>((resolve, reject) => {
        waiting.push({ entries, fails: failsNext, resolve, reject });
        failsNext = false;
        void pump();
      });
    },
    onFatal: (listener) => inner.onFatal(listener),
    heads: () => inner.heads(),
    read: (range) => inner.read(range),
    listAt: (at, prefix, page) => inner.listAt(at, prefix, page),
    revisionAt: (timeMs) => inner.revisionAt(timeMs),
    floorOf: (prefix) => inner.floorOf(prefix),
    floors: () => inner.floors(),
    onGrown: (listener) => inner.onGrown(listener),
    compact: (plan) => inner.compact(plan),
    close: () => inner.close(),
    hold() {
      holds++;
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        holds--;
        void pump();
      };
    },
    failNext() {
      failsNext = true;
    },
  };
}

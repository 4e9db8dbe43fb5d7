import type { Revision } from './revision';

export type Verb = 'create' | 'update' | 'delete';

/** Who made a change: the user's name, the User-Agent, the field manager and the audit id of the request. */
export interface Attribution {
  readonly actor: string;
  readonly agent: string;
  readonly manager: string;
  readonly request: string;
}

/**
 * One change of one object. `object` is the whole JSON after the change with `metadata.resourceVersion` equal to
 * `revision`; a delete carries the last state stamped with the delete's own revision. `previous` is the key's entry
 * before this one (0 if the key did not exist; for a create after a delete: 0). `at` is API time in ms, never decreasing.
 */
export interface Entry extends Attribution {
  readonly revision: Revision;
  readonly key: string;
  readonly previous: Revision;
  readonly verb: Verb;
  readonly object: Buffer;
  readonly at: number;
}

/** The newest entry of a live key: what a fold needs to start from. */
export interface Head {
  readonly key: string;
  readonly revision: Revision;
  /** Shares memory with a few of its neighbours (tens of KiB at most). Never written to. */
  readonly object: Buffer;
}

export interface ReadRange {
  /** Exclusive lower bound. */
  readonly after: Revision;
  /** Inclusive upper bound; default: the durable head at the call. */
  readonly to?: Revision;
  /** Only keys that start with this text. */
  readonly prefix?: string;
  /**
   * Reads what compaction left instead of refusing with `Compacted`. A revision up to the end of the range that is missing then has
   * been compacted (or, with a prefix, is of another key); nothing else can be missing, for the log is dense.
   */
  readonly acrossCompacted?: true;
}

/** A retention rule has a floor per resource: entries at or below it may be compacted away (the newest ≤ floor of a live key stays). */
export interface CompactionPlan {
  /** Prefix of the keys it concerns, e.g. `/coordination.k8s.io/leases/`. */
  readonly prefix: string;
  readonly floor: Revision;
}

export interface CheckReport {
  readonly entries: number;
  readonly head: Revision;
  /** Empty when sound; each names the first bad revision it found, what is wrong and what to do. */
  readonly problems: readonly { readonly revision: Revision; readonly problem: string }[];
}

/**
 * The reading half of a log: what history, the relay and offline programs need. An `EventLog` is one; so is a log file that is
 * opened beside the program that writes it, or when none does.
 */
export interface LogReader {
  /** The newest durable revision (0 on an empty log). Moves before the promise of the append that moved it resolves. */
  readonly head: Revision;

  /** Id of this log, made at its birth (a UUID): the cluster id. */
  readonly id: string;

  /**
   * Entries in revision order, in chunks, in short transactions. Throws `StorageError` code `Compacted` if the range begins
   * below the floor of the prefix (of any resource, without prefix), also in the middle, when the floor overtakes a slow
   * reader: a chunk with a hole is never given out.
   */
  read(range: ReadRange): AsyncIterable<readonly Entry[]>;

  /**
   * The newest entry at or before `at` of every key with the prefix that was alive then, sorted by key bytes, from
   * `startKey` (inclusive), at most `limit` (0 = all). `Compacted` if `at` is below the floor, `TooLarge` if it is above
   * the head.
   */
  listAt(
    at: Revision,
    prefix: string,
    page: { readonly startKey?: string; readonly limit: number },
  ): Promise<readonly Head[]>;

  /** Newest revision whose entry was written at or before this API time (0 if none). */
  revisionAt(timeMs: number): Promise<Revision>;

  /**
   * Floor of the history of keys with this prefix: the highest of all floors that concern any of them ('' = of all keys).
   * Reads from below it answer `Compacted`. 0 if never compacted.
   */
  floorOf(prefix: string): Revision;

  /**
   * Every floor. What was found missing by a read, up to the time of that read, was of keys with one of these prefixes, at or
   * below its floor.
   */
  floors(): readonly CompactionPlan[];

  /**
   * Calls the listener when the head has moved, at most once per turn of the event loop; whoever follows the log reads on from
   * where it was. Returns the function that ends it.
   */
  onGrown(listener: () => void): () => void;

  /** Waits for appends in flight, closes files; later calls answer `Closed`. May be called more than once. */
  close(): Promise<void>;
}

/**
 * The append-only log: the only truth. Implementations: in memory, SQLite. Suite: `event-log.suite.ts`.
 *
 * Guarantees (docs/invariants.md): Append-only, Dense (but for the compaction ledger), Ordered, Unique, Atomic, Durable,
 * Compare-and-swap.
 */
export interface EventLog extends LogReader {
  /** API time (ms) of the newest durable entry, 0 on an empty log: clocks that jump back are held at it. */
  readonly lastAt: number;

  /**
   * Appends consecutive entries, all or nothing. The first revision must be one past the newest entry handed over so far
   * (durable or in flight); each `previous` must be the key's newest (0 for a create).
   *
   * Resolves when all are durable (fsynced). Appends become durable in the order of the calls.
   * Rejects with `StorageError`; the entries are then certainly not in the log:
   * - `Conflict`, at once and touching nothing else: revisions not consecutive, or `at` going back.
   * - `Conflict`, when its turn comes: a `previous` that is not its key's newest.
   * - `LogWriteFailed`: disk full, database busy.
   * After either of the last two, every append handed over later and not yet resolved rejects with `LogWriteFailed`, in the
   * order of the calls, and the next revision is `head + 1` again; what was handed over before is not touched.
   * An unknown outcome never rejects here: it calls `onFatal` and leaves the promise pending.
   */
  append(entries: readonly Entry[]): Promise<void>;

  /**
   * Called once with an error of unknown outcome (fsync or I/O error, corruption), also when it came before the listener;
   * the process must stop.
   */
  onFatal(listener: (error: Error) => void): void;

  /**
   * Live keys with their newest objects, in no order, in chunks: what a view is built from on open. Nothing may be appended
   * until it is read to the end. Throws `LogUnusable` when an object on disk is damaged.
   */
  heads(): AsyncIterable<readonly Head[]>;

  /**
   * Removes history below the floors in steps of a few ms between batches; resolves with the number of removed entries. A floor
   * above the head means the head, one below an earlier floor changes nothing. The newest entry of the log always stays.
   */
  compact(plan: readonly CompactionPlan[]): Promise<number>;
}

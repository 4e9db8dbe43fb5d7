import { existsSync, statSync } from 'node:fs';
import { systemTimers } from '@reckon/kernel';
import type { CancelTimer, Timers } from '@reckon/kernel';
import type { CompactionPlan, Entry, Head, LogReader, ReadRange, Revision } from '@reckon/store/contract';
import Database from 'better-sqlite3';
import { unusable } from './damage';
import type { EncryptionOptions } from './encryption/encryption-options';
import { Floors } from './floors';
import { Growth } from './growth';
import { entriesIn, headsAt } from './history-reads';
import type { HistorySource } from './history-reads';
import { closed } from './log-error';
import { sqliteCode } from './sqlite-failure';
import { once, readerPragmas } from './statements';
import { asUnusable, inspectDatabase, readState } from './worker/inspect-database';
import { Reader } from './worker/reader';

export interface LogReaderOptions {
  /** A log.db: of a program that runs, or of none. */
  readonly file: string;
  /** How often the file is asked for news while anybody listens. */
  readonly pollMs?: number;
  readonly timers?: Timers;
  /** What encrypted entries are read with; without their key, reads that meet one reject `LogUnusable` and name it. */
  readonly encryption?: EncryptionOptions;
}

/** A log file that somebody else writes, or nobody. */
export interface LogFileReader extends LogReader {
  /** Looks for what has been appended since: afterwards `head` is the newest durable revision at the call, or newer. */
  refresh(): void;
  /** As `refresh`, between two polls; a file that is busy or cannot be read now is asked again at the next. */
  poll(): void;
  /** Reads with these keys from now on. */
  decrypt(encryption: EncryptionOptions): void;
}

/** A question that finds nothing new costs a few microseconds; a follower is this late at most. */
const defaultPollMs = 25;
/** Only a process that recovers the write-ahead log of one that was killed can make a reader wait. */
const busyMs = 2000;

/**
 * Opens a log for reading on this thread, beside the program that writes it or when none does. It never takes a lock that a
 * writer waits for, and never changes the database (SQLite may leave an empty `-wal` and a `-shm` beside it). Each read is one
 * short transaction that holds up the calling thread for a few milliseconds at most; a thread that must not be held up has
 * `openSqliteLog`, or reads from a thread of its own. Rejects `LogUnusable` for a file that is missing, damaged, foreign or of a
 * newer format.
 */
export async function openLogReader(options: LogReaderOptions): Promise<LogFileReader> {
  const { file } = options;
  // Only asked for its size: opening it with node:fs in a process that writes it would drop SQLite's locks.
  if (!existsSync(file)) throw unusable(file, 'it does not exist', 'Name the log.db of a data directory.');
  if (statSync(file).size === 0 && !existsSync(`${file}-wal`)) throw unborn(file);
  try {
    const db = new Database(file, { readonly: true, fileMustExist: true, timeout: busyMs });
    try {
      for (const pragma of readerPragmas) db.pragma(pragma);
      if (inspectDatabase(db, file)) throw unborn(file);
      return new OpenFile(db, options);
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    throw asUnusable(file, error);
  }
}

const unborn = (file: string): Error =>
  unusable(file, 'it is empty', 'Start a cluster on its data directory first: `reckon up --data-dir …`.');

class OpenFile implements LogFileReader {
  readonly id: string;
  private current: Revision;
  /** Changes when another connection has committed. */
  private dataVersion: unknown;
  private readonly retention: Floors;
  private readonly growth = new Growth();
  private readonly history: HistorySource;
  private readonly reader: Reader;
  private readonly newest: Database.Statement;
  private readonly floorRows: Database.Statement;
  private stopPolling: CancelTimer | undefined;
  private isClosed = false;

  constructor(
    private readonly db: Database.Database,
    private readonly options: LogReaderOptions,
  ) {
    this.reader = new Reader(db, options.file, options.encryption);
    this.newest = db.prepare(once.newest).raw();
    this.floorRows = db.prepare(once.floors);
    // Asked before the state, so that a commit between the two is only looked at once more.
    this.dataVersion = db.pragma('data_version', { simple: true });
    const { id, head, floors } = readState(db);
    this.id = id;
    this.current = head as Revision;
    this.retention = new Floors(floors);
    // The floors are read in the transaction of the answer: compaction commits them before it removes anything.
    const withFloors = <A, T>(read: (ask: A) => T): ((ask: A) => T) =>
      db.transaction((ask: A): T => {
        this.retention.raise(this.floorRows.all() as CompactionPlan[]);
        return read(ask);
      });
    this.history = {
      demandOpen: () => {
        this.demandOpen();
      },
      demandRetained: (prefix, after) => {
        this.retention.demand(prefix, after);
      },
      read: withFloors((ask) => this.reader.read(ask)),
      listAt: withFloors((ask) => this.reader.listAt(ask)),
    };
  }

  get head(): Revision {
    return this.current;
  }

  refresh(): void {
    this.demandOpen();
    const version = this.db.pragma('data_version', { simple: true });
    if (version === this.dataVersion) return;
    const row = this.newest.get() as [revision: number, at: number] | undefined;
    this.retention.raise(this.floorRows.all() as CompactionPlan[]);
    this.dataVersion = version;
    const newest = (row?.[0] ?? 0) as Revision;
    if (newest <= this.current) return;
    this.current = newest;
    this.growth.tell();
  }

  read(range: ReadRange): AsyncIterable<readonly Entry[]> {
    return entriesIn(this.history, this.current, range);
  }

  listAt(
    at: Revision,
    prefix: string,
    page: { readonly startKey?: string; readonly limit: number },
  ): Promise<readonly Head[]> {
    return headsAt(this.history, this.current, { at, prefix, ...page });
  }

  async revisionAt(timeMs: number): Promise<Revision> {
    this.demandOpen();
    return this.reader.revisionAt({ timeMs, head: this.current }) as Revision;
  }

  floorOf(prefix: string): Revision {
    return this.retention.of(prefix);
  }

  floors(): readonly CompactionPlan[] {
    return this.retention.rows();
  }

  onGrown(listener: () => void): () => void {
    const end = this.growth.listen(listener);
    this.stopPolling ??= (this.options.timers ?? systemTimers).every(this.options.pollMs ?? defaultPollMs, () => {
      this.poll();
    });
    return () => {
      end();
      if (this.growth.isFollowed) return;
      this.stopPolling?.();
      this.stopPolling = undefined;
    };
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.stopPolling?.();
    this.growth.end();
    this.db.close();
  }

  poll(): void {
    if (this.isClosed) return;
    try {
      this.refresh();
    } catch (error) {
      // Busy, or a file that cannot be read now: asked again next time. Whoever reads entries is told what is wrong.
      if (sqliteCode(error) === undefined) throw error;
    }
  }

  decrypt(encryption: EncryptionOptions): void {
    this.reader.decrypt(encryption);
  }

  private demandOpen(): void {
    if (this.isClosed) throw closed();
  }
}

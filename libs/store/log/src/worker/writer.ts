import { failpoint } from '@reckon/kernel';
import type { Monotonic, Timers } from '@reckon/kernel';
import type { CompactionPlan } from '@reckon/store/contract';
import type { Database } from 'better-sqlite3';
import type { BatchMessage } from '../batch';
import { checksum } from '../checksum';
import { damaged } from '../damage';
import { packHeads } from '../packed-rows';
import type { EntryRow } from '../packed-rows';
import { isDamage, isKnownNotWritten } from '../sqlite-failure';
import { writerStatements } from '../statements';
import type { WriterStatements } from '../statements';
import { BatchCommitter } from './commit-batch';
import type { Committed } from './commit-batch';
import { compact } from './compaction';
import type { Opened, WriterRequests } from './protocol';

export interface WriterOptions {
  readonly db: Database;
  readonly opened: Opened;
  readonly file: string;
  readonly clock: Monotonic;
  readonly timers: Timers;
  /** Told when work that nobody waits for fails with an unknown outcome. */
  readonly fatal: (error: unknown) => void;
}

/** Copying the WAL back is worth two fsyncs of an idle disk once it holds this much. */
const checkpointBytes = 1024 * 1024;
const idleMs = 100;
/** Size of one message of heads. */
const headsBytes = 512 * 1024;

/** SQLite's side of the log; runs in the writer thread, synchronously, one thing at a time. */
export class Writer {
  private readonly sql: WriterStatements;
  private readonly committer: BatchCommitter;
  private newest: number;
  private compaction: Promise<unknown> = Promise.resolve();
  private bytesSinceCheckpoint = 0;
  private lastCommitMs = 0;
  private idleTimerRuns = false;
  private isClosing = false;

  constructor(private readonly options: WriterOptions) {
    this.sql = writerStatements(options.db);
    this.newest = options.opened.head;
    this.committer = new BatchCommitter(options.db, this.sql, this.newest);
  }

  commit(batch: BatchMessage): Committed {
    const outcome = this.committer.commit(batch);
    for (const size of batch.appendSizes.slice(0, outcome.committed)) this.newest += size;
    this.bytesSinceCheckpoint += batch.objectBytes;
    this.lastCommitMs = this.options.clock.elapsedMs();
    this.checkpointWhenIdle();
    return outcome;
  }

  headsAfter(afterKeyId: number): WriterRequests['heads']['answer'] {
    const rows: EntryRow[] = [];
    let bytes = 0;
    let lastKeyId: number | undefined;
    try {
      for (const row of this.sql.headsAfter.iterate(afterKeyId) as IterableIterator<HeadRow>) {
        const [keyId, key, revision, previous, verb, at, request, sum, object, pointsTo] = row;
        if (key === null || revision === null)
          throw damaged(this.options.file, pointsTo, 'a live key has lost its newest entry');
        if (checksum({ revision, key, previous, verb, at, request }, object) !== sum)
          throw damaged(this.options.file, revision, 'its checksum does not fit its content');
        rows.push([revision, key, previous, verb, at, null, null, null, request, sum, object]);
        lastKeyId = keyId;
        bytes += object.length;
        if (bytes >= headsBytes) break;
      }
    } catch (error) {
      throw isDamage(error) ? damaged(this.options.file, undefined, String(error)) : error;
    }
    return { heads: packHeads(rows), lastKeyId: bytes >= headsBytes ? lastKeyId : undefined };
  }

  /** One compaction at a time; a later one waits. */
  compact(plan: readonly CompactionPlan[]): Promise<number> {
    const { db, clock: monotonic, timers } = this.options;
    const run = this.compaction.then(() =>
      compact({
        db,
        sql: this.sql,
        plan,
        newest: () => this.newest,
        isStopping: () => this.isClosing,
        monotonic,
        timers,
      }),
    );
    this.compaction = run.catch(() => undefined); // Told to the one who asked.
    return run;
  }

  /** Bounds the file; undefined: as large as SQLite allows. */
  limitPages(pages: number | undefined): void {
    this.options.db.pragma(`max_page_count = ${pages ?? 4294967294}`);
  }

  async close(): Promise<void> {
    this.isClosing = true;
    await this.compaction;
    this.options.db.close();
  }

  private checkpointWhenIdle(): void {
    const { clock, timers } = this.options;
    if (this.idleTimerRuns || this.bytesSinceCheckpoint < checkpointBytes) return;
    this.idleTimerRuns = true;
    timers.after(idleMs, () => {
      this.idleTimerRuns = false;
      if (this.isClosing) return;
      if (clock.elapsedMs() - this.lastCommitMs < idleMs) this.checkpointWhenIdle();
      else this.checkpoint();
    });
  }

  private checkpoint(): void {
    this.bytesSinceCheckpoint = 0;
    try {
      failpoint('log.beforeCheckpoint');
      this.options.db.pragma('wal_checkpoint(PASSIVE)');
    } catch (error) {
      // Nothing is lost when there is no room for it now: the WAL stays and the next checkpoint tries again.
      if (!isKnownNotWritten(error, 'commit')) this.options.fatal(error);
    }
  }
}

type HeadRow = readonly [
  keyId: number,
  key: string | null,
  revision: number | null,
  previous: number,
  verb: EntryRow[3],
  at: number,
  request: string,
  checksum: number,
  object: Buffer,
  pointsTo: number,
];

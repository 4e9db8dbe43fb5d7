import { failpoint } from '@reckon/kernel';
import type { Monotonic, Timers } from '@reckon/kernel';
import type { CompactionPlan } from '@reckon/store/contract';
import type { Database } from 'better-sqlite3';
import type { BatchMessage } from '../batch';
import { misfit } from '../check-row';
import { checksum, rowPart } from '../checksum';
import { damaged } from '../damage';
import type { EncryptionOptions } from '../encryption/encryption-options';
import { EntrySealer } from '../encryption/entry-sealer';
import { rewrap } from '../encryption/rewrap';
import { demandKeys, SealedEntries, wrappingKeyUse } from '../encryption/sealed-entries';
import type { WrappingKeyUse } from '../encryption/sealed-entries';
import { packHeads } from '../packed-rows';
import type { EntryRow } from '../packed-rows';
import { isDamage, isKnownNotWritten, logWriteFailed } from '../sqlite-failure';
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
  readonly encryption?: EncryptionOptions;
  /** Told of data keys that a retired wrapping key had: none is wrapped by it any more. */
  readonly rewrapped?: (entries: number) => void;
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
  private readonly sealer: EntrySealer | undefined;
  private sealed: SealedEntries;
  private rewrapping: Promise<unknown> = Promise.resolve();
  private compaction: Promise<unknown> = Promise.resolve();
  private bytesSinceCheckpoint = 0;
  private lastCommitMs = 0;
  private idleTimerRuns = false;
  private isClosing = false;

  constructor(private readonly options: WriterOptions) {
    this.sql = writerStatements(options.db);
    this.newest = options.opened.head;
    const { db, file, encryption } = options;
    this.sealer = encryption === undefined ? undefined : new EntrySealer(db, encryption);
    this.sealed = new SealedEntries(db, file, encryption?.keys ?? []);
    this.committer = new BatchCommitter(db, this.sql, this.newest, this.sealer);
    this.startRewrapping();
  }

  /** An answer for each batch. */
  commit(batches: readonly BatchMessage[]): readonly Committed[] {
    const outcomes = this.committer.commit(batches);
    for (const [i, { appendSizes, objectBytes }] of batches.entries()) {
      for (const size of appendSizes.slice(0, outcomes[i]?.committed ?? 0)) this.newest += size;
      this.bytesSinceCheckpoint += objectBytes;
    }
    this.lastCommitMs = this.options.clock.elapsedMs();
    this.checkpointWhenIdle();
    return outcomes;
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
        if (checksum({ revision, key, previous, verb, at, request }, object) !== rowPart(sum))
          throw damaged(this.options.file, revision, misfit);
        const opened = this.sealed.open({ revision, key }, object);
        rows.push([revision, key, previous, verb, at, null, null, null, request, sum, opened]);
        lastKeyId = keyId;
        bytes += opened.length;
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
    const { sql, sealer } = this;
    const run = this.compaction.then(async () => {
      const removed = await compact({
        db,
        sql,
        plan,
        dropDataKey: sealer === undefined ? undefined : (revision) => sealer.sql.deleteDataKey.run(revision),
        newest: () => this.newest,
        isStopping: () => this.isClosing,
        monotonic,
        timers,
      });
      if (sealer !== undefined && removed > 0) this.cutWal();
      return removed;
    });
    this.compaction = run.catch(() => undefined); // Told to the one who asked.
    return run;
  }

  /** From the next batch on. Throws `LogUnusable`, changing nothing, if entries are encrypted with keys that are not among these. */
  encrypt(encryption: EncryptionOptions): void {
    const { db, file } = this.options;
    if (this.sealer === undefined) throw new Error('the log was opened without encryption');
    demandKeys(db, file, encryption.keys);
    try {
      this.sealer.use(encryption);
    } catch (error) {
      throw isKnownNotWritten(error, 'before-commit') ? logWriteFailed(error) : error;
    }
    this.sealed = new SealedEntries(db, file, encryption.keys);
    this.startRewrapping();
  }

  /** True if the entry lies here plain although it would be encrypted now. */
  isStale({ key, revision }: WriterRequests['isStale']['ask']): boolean {
    const { sealer } = this;
    return sealer?.target(key) !== undefined && sealer.sql.hasDataKey.get(revision) === undefined;
  }

  wrappingKeys(): readonly WrappingKeyUse[] {
    return wrappingKeyUse(this.options.db);
  }

  /** Bounds the file; undefined: as large as SQLite allows. */
  limitPages(pages: number | undefined): void {
    this.options.db.pragma(`max_page_count = ${pages ?? 4294967294}`);
  }

  async close(): Promise<void> {
    this.isClosing = true;
    await Promise.all([this.compaction, this.rewrapping]);
    this.options.db.close();
  }

  private startRewrapping(): void {
    const { sealer, sql } = this;
    if (sealer === undefined || sealer.retired().length === 0) return;
    const { db, clock: monotonic, timers, fatal, rewrapped } = this.options;
    const isStopping = (): boolean => this.isClosing;
    this.rewrapping = this.rewrapping.then(async () => {
      try {
        const entries = await rewrap({ db, sql, sealer, isStopping, monotonic, timers });
        if (entries === 0) return;
        this.cutWal();
        if (!isStopping()) rewrapped?.(entries);
      } catch (error) {
        fatal(error);
      }
    });
  }

  /** What is gone from the file shall not lie in old frames of its write-ahead log. A reader may keep it as it is until the next time. */
  private cutWal(): void {
    this.options.db.pragma('wal_checkpoint(TRUNCATE)');
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

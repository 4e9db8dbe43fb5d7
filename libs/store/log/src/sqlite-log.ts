import { nextTurn } from '@reckon/kernel';
import type { Random } from '@reckon/kernel';
import { noRevision, StorageError } from '@reckon/store/contract';
import type { CompactionPlan, Entry, EventLog, Head, ReadRange, Revision } from '@reckon/store/contract';
import { AppendQueue } from './append-queue';
import { BatchEncoder } from './batch';
import { checkHistory } from './check-history';
import type { HistoryCheckOptions } from './check-history';
import { type EncryptionOptions, type WrappingKey, writeKeys } from './encryption/encryption-options';
import type { WrappingKeyUse } from './encryption/sealed-entries';
import { Floors } from './floors';
import { Growth } from './growth';
import { entriesIn, headsAt } from './history-reads';
import type { HistorySource } from './history-reads';
import { closed, fromFields } from './log-error';
import { unpackHeads } from './packed-rows';
import { refusalOf, WorkerClient } from './worker-client';
import type { FromWorker, Opened, ReaderRequests, WriterData, WriterRequests } from './worker/protocol';

export interface SqliteLogOptions {
  /** Created if it is missing; its directory must exist. */
  readonly file: string;
  /** What errors call the file, where it is a copy of one that somebody knows; default: by its path. */
  readonly fileName?: string;
  /** The bundled scripts of the threads, e.g. `new URL('./log-writer.mjs', import.meta.url)`. */
  readonly workers: { readonly writer: URL | string; readonly reader: URL | string };
  /** The log was born before: a file that is missing or empty has lost it and is refused. */
  readonly wasBorn?: boolean;
  /** Makes the id of a log that is born. */
  readonly random: Random;
  /** As `RECKON_FAILPOINTS`, armed in both threads. */
  readonly failpoints?: string;
  /** Bounds the file, in pages of 8 KiB; an append that needs more rejects `LogWriteFailed`. */
  readonly maxPages?: number;
  /** Encryption at rest; without it a log with encrypted entries is not opened. */
  readonly encryption?: EncryptionOptions;
  /** Told when the data keys of retired wrapping keys are wrapped by the ones in use, durably: the retired ones can be taken away. */
  readonly onRewrapped?: (entries: number) => void;
}

export interface SqliteLog extends EventLog {
  /** Changes the bound of the file while it is open; undefined lifts it. */
  limitPages(pages: number | undefined): Promise<void>;
  /**
   * Encrypts in this way from the next write on, and reads with these keys. Only for a log that was opened with `encryption`. Rejects
   * `LogUnusable`, and changes nothing, if entries are encrypted with keys that are not among these.
   */
  encrypt(encryption: EncryptionOptions): Promise<void>;
  /** True if a durable entry lies there plain although it would be encrypted if it were written now. */
  isStale(key: string, revision: Revision): Promise<boolean>;
  /** How many entries each wrapping key has. Counts all encrypted entries. */
  wrappingKeys(): Promise<readonly WrappingKeyUse[]>;
  /**
   * Goes once through what was in the log when it was opened, on a thread of its own that ends with it, and tells which entries are not
   * as they were written. Takes its time: it leaves most of the thread's to others, the more so while anything is being written. Resolves
   * with the revision up to which it looked; at once, without a thread, where there was nothing yet.
   */
  checkHistory(options: HistoryCheckOptions): Promise<Revision>;
}

/**
 * Opens the log in a SQLite file. The writer thread is there when this resolves; the reader thread starts with the first read
 * of history. Rejects `LogUnusable` for a file that is lost, damaged, foreign, locked or of a newer format, and leaves it as it is.
 */
export function openSqliteLog(options: SqliteLogOptions): Promise<SqliteLog> {
  return new Promise((resolve, reject) => {
    let log: OpenLog | undefined;
    const data: WriterData = {
      file: options.file,
      ...(options.fileName === undefined ? {} : { fileName: options.fileName }),
      failpoints: options.failpoints ?? '',
      newId: options.random.uuid(),
      maxPages: options.maxPages,
      wasBorn: options.wasBorn ?? false,
      ...(options.encryption === undefined ? {} : { encryption: options.encryption }),
    };
    const writer = WorkerClient.start<WriterRequests>({
      script: options.workers.writer,
      data,
      onMessage(message) {
        if (message.type === 'opened') resolve((log = new OpenLog(options, writer, message.opened)));
        else if (message.type === 'unusable') reject(refusalOf(data, message.error));
        else log?.hear(message);
      },
      onExit(error) {
        const ended = error ?? new Error('the log writer thread ended');
        reject(ended);
        log?.writerEnded(ended);
      },
    });
  });
}

type Hearsay = Exclude<FromWorker, { type: 'answer' | 'refusal' | 'opened' | 'unusable' }>;

class OpenLog implements SqliteLog {
  readonly id: string;
  private readonly queue: AppendQueue;
  private readonly retention: Floors;
  private readonly growth = new Growth();
  private readonly history: HistorySource;
  private readonly encoder = new BatchEncoder();
  private encryption: EncryptionOptions | undefined;
  private writeKeyOf: (key: string) => WrappingKey | undefined;
  private reader: WorkerClient<ReaderRequests> | undefined;
  private fatal: Error | undefined;
  private fatalListeners: ((error: Error) => void)[] = [];
  private closing: Promise<void> | undefined;
  private readonly openedHead: number;
  private readonly ending = new AbortController();
  private checking: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly options: SqliteLogOptions,
    private readonly writer: WorkerClient<WriterRequests>,
    opened: Opened,
  ) {
    this.id = opened.id;
    this.openedHead = opened.head;
    this.encryption = options.encryption;
    this.writeKeyOf = writeKeys(options.encryption?.rules ?? []);
    this.retention = new Floors(opened.floors);
    this.history = {
      demandOpen: () => {
        this.demandOpen();
      },
      // A floor rises here before anything is removed, so whoever looks at it after an answer knows whether that can have holes.
      demandRetained: (prefix, after) => {
        this.retention.demand(prefix, after);
      },
      read: (ask) => this.readerThread().request('read', ask),
      listAt: (ask) => this.readerThread().request('listAt', ask),
    };
    this.queue = new AppendQueue({
      head: opened.head as Revision,
      lastAt: opened.lastAt,
      commit: (appends, generation) => {
        this.writer.send(this.encoder.encode(appends, generation));
      },
      defer: nextTurn,
      early: { appends: 8, batches: 4 },
    });
  }

  get head(): Revision {
    return this.queue.head;
  }

  get lastAt(): number {
    return this.queue.lastAt;
  }

  append(entries: readonly Entry[]): Promise<void> {
    if (this.fatal !== undefined) return new Promise(() => undefined);
    if (this.closing !== undefined) return Promise.reject(closed());
    return this.queue.append(entries);
  }

  onFatal(listener: (error: Error) => void): void {
    if (this.fatal === undefined) this.fatalListeners.push(listener);
    else listener(this.fatal);
  }

  async *heads(): AsyncGenerator<readonly Head[]> {
    this.demandOpen();
    const { head } = this;
    let next = this.writer.request('heads', { afterKeyId: 0 });
    for (;;) {
      const { heads, lastKeyId } = await next;
      if (head !== this.head || !this.queue.isIdle) throw new Error('appended to the log while its heads were read');
      if (lastKeyId !== undefined) {
        next = this.writer.request('heads', { afterKeyId: lastKeyId });
        next.catch(() => undefined); // Thrown when its turn comes.
      }
      if (heads.keys.length > 0) yield unpackHeads(heads);
      if (lastKeyId === undefined) return;
    }
  }

  read(range: ReadRange): AsyncIterable<readonly Entry[]> {
    return entriesIn(this.history, this.head, range);
  }

  listAt(
    at: Revision,
    prefix: string,
    page: { readonly startKey?: string; readonly limit: number },
  ): Promise<readonly Head[]> {
    return headsAt(this.history, this.head, { at, prefix, ...page });
  }

  async revisionAt(timeMs: number): Promise<Revision> {
    this.demandOpen();
    if (timeMs >= this.lastAt) return this.head;
    return (await this.readerThread().request('revisionAt', { timeMs, head: this.head })) as Revision;
  }

  floorOf(prefix: string): Revision {
    return this.retention.of(prefix);
  }

  floors(): readonly CompactionPlan[] {
    return this.retention.rows();
  }

  onGrown(listener: () => void): () => void {
    return this.growth.listen(listener);
  }

  async compact(plan: readonly CompactionPlan[]): Promise<number> {
    this.demandOpen();
    const { head } = this;
    const bounded = plan.map(({ prefix, floor }) => ({ prefix, floor: floor < head ? floor : head }));
    // Before anything is removed, so that no reader takes a hole for history.
    this.retention.raise(bounded);
    return this.writer.request('compact', { plan: bounded });
  }

  async limitPages(pages: number | undefined): Promise<void> {
    this.demandOpen();
    await this.writer.request('limitPages', { pages });
  }

  async encrypt(encryption: EncryptionOptions): Promise<void> {
    this.demandOpen();
    // Readers first: nothing is written that they cannot read. What they know besides does no harm.
    const before = this.encryption?.keys ?? [];
    await this.decryptWith({ ...encryption, keys: [...encryption.keys, ...before] });
    try {
      await this.writer.request('encrypt', encryption);
    } catch (error) {
      if (this.encryption !== undefined) await this.decryptWith(this.encryption);
      throw error;
    }
    await this.decryptWith(encryption);
  }

  async isStale(key: string, revision: Revision): Promise<boolean> {
    this.demandOpen();
    // What no rule has encrypted need not be asked for.
    if (this.writeKeyOf(key) === undefined) return false;
    return this.writer.request('isStale', { key, revision });
  }

  wrappingKeys(): Promise<readonly WrappingKeyUse[]> {
    this.demandOpen();
    return this.writer.request('wrappingKeys', undefined);
  }

  checkHistory(options: HistoryCheckOptions): Promise<Revision> {
    this.demandOpen();
    const run = this.checkOnThread({ ...options, signal: AbortSignal.any([options.signal, this.ending.signal]) });
    this.checking = run.catch(() => undefined); // Told to the one who asked.
    return run;
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  hear(message: Hearsay): void {
    if (message.type === 'fatal') {
      this.die(new Error(`the log cannot go on: ${message.message}`, { cause: message.cause }));
      return;
    }
    if (message.type === 'rewrapped') {
      this.options.onRewrapped?.(message.entries);
      return;
    }
    let grown = 0;
    for (const { committed, failure } of message.outcomes) {
      this.encoder.release();
      this.queue.settle({ committed, ...(failure === undefined ? {} : { failure: fromFields(failure) }) });
      grown += committed;
    }
    if (grown > 0) this.growth.tell();
  }

  writerEnded(error: Error): void {
    if (this.closing === undefined || !this.queue.isIdle) this.die(error);
  }

  private readerThread(): WorkerClient<ReaderRequests> {
    this.demandOpen();
    // Its requests have been refused; the next read starts another.
    this.reader ??= this.startReader(() => {
      this.reader = undefined;
    });
    return this.reader;
  }

  private startReader(onExit: () => void): WorkerClient<ReaderRequests> {
    return WorkerClient.start<ReaderRequests>({
      script: this.options.workers.reader,
      data: {
        file: this.options.file,
        ...(this.options.fileName === undefined ? {} : { fileName: this.options.fileName }),
        failpoints: this.options.failpoints ?? '',
        ...(this.encryption === undefined ? {} : { encryption: this.encryption }),
      },
      onExit,
    });
  }

  private async checkOnThread(options: HistoryCheckOptions): Promise<Revision> {
    if (this.openedHead === 0) return noRevision;
    const thread = this.startReader(() => undefined);
    try {
      return await checkHistory({
        ...options,
        to: this.openedHead,
        ask: (ask) => thread.request('check', ask),
        isBusy: () => !this.queue.isIdle,
      });
    } finally {
      await thread.request('close', undefined).catch(ignoreEnded);
      await thread.terminate();
    }
  }

  private async decryptWith(encryption: EncryptionOptions): Promise<void> {
    this.encryption = encryption;
    this.writeKeyOf = writeKeys(encryption.rules);
    await this.reader?.request('encrypt', encryption).catch(ignoreEnded);
  }

  /** Calls the listeners once; appends stay pending, for nobody knows whether they are on disk. */
  private die(error: Error): void {
    if (this.fatal !== undefined) return;
    this.fatal = error;
    const listeners = this.fatalListeners;
    this.fatalListeners = [];
    for (const listener of listeners) listener(error);
  }

  private async shutDown(): Promise<void> {
    this.growth.end();
    this.ending.abort();
    await this.checking;
    if (this.fatal === undefined) await this.queue.idle();
    const { reader, writer } = this;
    // The writer is the last to close: then SQLite copies the WAL back and removes it.
    await reader?.request('close', undefined).catch(ignoreEnded);
    await reader?.terminate();
    if (this.fatal === undefined) await writer.request('close', undefined).catch(ignoreEnded);
    await writer.terminate();
  }

  private demandOpen(): void {
    if (this.closing !== undefined) throw closed();
  }
}

/** A thread that is gone is closed. */
function ignoreEnded(error: unknown): void {
  if (!(error instanceof StorageError) || error.code !== 'Closed') throw error;
}

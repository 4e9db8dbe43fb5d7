import { stringifyJson } from '@reckon/api/machinery';
import type { Clock, Running } from '@reckon/kernel';
import { keyText, StorageError } from '@reckon/store/contract';
import type {
  Attribution,
  Change,
  Entry,
  EventLog,
  FieldExtractor,
  ListPage,
  ListRequest,
  ObjectKey,
  Revision,
  Storage,
  StorageResource,
  StoredObject,
  WatchEvent,
  WatchRequest,
  WatchSink,
} from '@reckon/store/contract';
import type { Folded, ResourceTable, Stored, View } from '@reckon/store/view';
import type { WatchHub } from '@reckon/store/watch';
import { demandDistinct, demandPrevious } from './decide';
import type { Batch, InFlight, Pending } from './in-flight';
import type { Observers } from './observers';
import type { Reads } from './reads';
import type { RevisionWaiters } from './revision-waiters';
import type { StorageMetrics } from './storage-metrics';

export interface LogStorageParts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly view: View;
  readonly hub: WatchHub;
  readonly waiters: RevisionWaiters;
  readonly reads: Reads;
  readonly inFlight: InFlight;
  readonly observers: Observers;
  readonly metrics: StorageMetrics;
  /** The log and the view have parted: a defect. The process must stop. */
  readonly onFatal: (error: Error) => void;
}

/**
 * Where decisions meet the log. Main thread only, and that is the lock: between `newest` and `commit` nothing else runs.
 *
 * ```
 * decide (sync) ─► stamp revision ─► log.append ─► durable ─► fold ─► answer; fan out
 *        ▲                              │
 *        └── newest = view + in flight ◄┘        not written: discard all in flight, number from head + 1
 * ```
 */
export class LogStorage implements Storage, Running {
  private nextRevision: Revision;
  private lastAt: number;
  /** Durable batches, waiting for the end of the current run of promise callbacks, so that one group commit is one fold. */
  private durable: Batch[] = [];
  private isClosed = false;
  private stopping: Promise<void> | undefined;
  /** Resolves when the log failed with an unknown outcome: what is in flight then never settles. */
  private readonly logFailed: Promise<void>;

  constructor(private readonly parts: LogStorageParts) {
    this.nextRevision = (parts.log.head + 1) as Revision;
    this.lastAt = parts.log.lastAt;
    this.logFailed = new Promise((resolve) =>
      parts.log.onFatal(() => {
        this.isClosed = true;
        resolve();
      }),
    );
  }

  get revision(): Revision {
    return this.parts.view.revision;
  }

  now(): number {
    return Math.max(this.parts.clock.nowMs(), this.lastAt);
  }

  setFields(resource: StorageResource, extract: FieldExtractor): void {
    this.parts.view.table(resource).extract = extract;
  }

  count(resource: StorageResource): number {
    return this.parts.view.table(resource).count;
  }

  get(
    key: ObjectKey,
    options?: { readonly atLeast?: Revision },
  ): Promise<StoredObject | undefined> | StoredObject | undefined {
    return this.parts.reads.get(key, options?.atLeast);
  }

  list(request: ListRequest): Promise<ListPage> | ListPage {
    const { reads, metrics } = this.parts;
    const counted = (page: ListPage): ListPage => {
      metrics.listed(request.resource, page);
      return page;
    };
    const page = reads.list(request);
    return page instanceof Promise ? page.then(counted) : counted(page);
  }

  getAt(key: ObjectKey, at: Revision): Promise<StoredObject | undefined> {
    return this.parts.reads.getAt(key, at);
  }

  revisionAt(timeMs: number): Promise<Revision> {
    return this.parts.log.revisionAt(timeMs);
  }

  newest(key: ObjectKey): StoredObject | undefined {
    return this.newestOfText(this.parts.view.table(key), keyText(key));
  }

  *newestOf(resource: StorageResource, namespace = ''): Iterable<StoredObject> {
    const table = this.parts.view.table(resource);
    const { from, to } = table.range(namespace);
    const pending = this.parts.inFlight.ofResource(table);
    const current = table.order.slice(from, to, 0);
    if (pending === undefined) {
      yield* current;
      return;
    }
    const changed = new Map(pending);
    for (const object of current) if (!changed.has(object.text)) yield object;
    for (const change of changed.values())
      if (change.verb !== 'delete' && change.after.text.startsWith(table.scope(namespace))) yield change.after;
  }

  commit(changes: readonly Change[], by: Attribution): Promise<readonly StoredObject[]> {
    const { log, inFlight, metrics } = this.parts;
    if (this.isClosed) throw new StorageError('Closed', 'the storage is closed');
    if (changes.length === 0) return Promise.resolve([]);
    const pending = this.decide(changes);
    const at = this.now();
    const written = log.append(
      pending.map((change, i) => entryOf(change, changes[i]?.previous ?? (0 as Revision), at, by)),
    );
    this.nextRevision = (this.nextRevision + pending.length) as Revision;
    this.lastAt = at;
    const batch = newBatch(pending, metrics.startedMs());
    inFlight.add(batch);
    metrics.committed(pending.length);
    written.then(
      () => this.onDurable(batch),
      (error: unknown) => this.onFailed(batch, error),
    );
    return batch.done;
  }

  settled(): Promise<void> {
    const { last } = this.parts.inFlight;
    return last === undefined ? Promise.resolve() : last.done.then(() => undefined);
  }

  watch(request: WatchRequest, sink: WatchSink): void {
    const { hub, waiters } = this.parts;
    const { start } = request;
    if (start.kind !== 'initial-events' || start.atLeast <= this.revision) {
      hub.watch(request, sink);
      return;
    }
    waiters.wait(start.atLeast).then(
      () => hub.watch(request, sink),
      (error: unknown) => sink.end(error instanceof Error ? error : new Error(String(error))),
    );
  }

  observe(resource: StorageResource, listener: (event: WatchEvent) => void): () => void {
    return this.parts.observers.observe(this.parts.view.table(resource), listener);
  }

  /** Ends the watches, waits for what is in flight. The log stays open: whoever opened it closes it. */
  stop(): Promise<void> {
    return (this.stopping ??= this.quieten());
  }

  private async quieten(): Promise<void> {
    this.isClosed = true;
    // A failed write was told to the one who asked for it.
    await Promise.race([this.settled().catch(() => undefined), this.logFailed]);
    this.parts.waiters.stop();
    await this.parts.hub.stop();
  }

  private newestOfText(table: ResourceTable, text: string): Stored | undefined {
    const pending = this.parts.inFlight.of(table, text);
    if (pending === undefined) return table.get(text);
    return pending.verb === 'delete' ? undefined : pending.after;
  }

  /** Checks every change against the newest state, then gives them their revisions. Throws before anything has changed. */
  private decide(changes: readonly Change[]): Pending[] {
    const { view } = this.parts;
    const texts = changes.map((change) => keyText(change.key));
    for (const [i, change] of changes.entries())
      demandPrevious(change, this.newestOfText(view.table(change.key), texts[i] ?? ''));
    demandDistinct(changes, texts);
    return changes.map((change, i) => {
      const table = view.table(change.key);
      const revision = (this.nextRevision + i) as Revision;
      change.object.metadata.resourceVersion = String(revision);
      const after = table.stored(texts[i] ?? '', revision, encode(change.object), change.key);
      if (table.selectors > 0) after.extractFrom(change.object);
      return { verb: change.verb, table, after };
    });
  }

  private onDurable(batch: Batch): void {
    // Batches that the log acknowledged together call back in one run: the first schedules the fold after the last.
    // A promise's callback, not `queueMicrotask`, which would make an async resource of each.
    if (this.durable.push(batch) === 1) void Promise.resolve().then(() => this.fold());
  }

  private fold(): void {
    const { view, hub, inFlight, observers, waiters, metrics } = this.parts;
    const batches = this.durable;
    const last = batches[batches.length - 1];
    if (last === undefined) return;
    this.durable = [];
    const changes: Folded[] = [];
    try {
      for (const batch of batches)
        for (const { table, verb, after } of batch.pending) changes.push(view.fold(table, verb, after));
      inFlight.takeThrough(last);
      observers.notify(changes);
    } catch (error) {
      this.parts.onFatal(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    hub.publish(changes);
    metrics.folded(batches, changes);
    waiters.advance();
    for (const batch of batches) batch.resolve(batch.pending.map((change) => change.after));
  }

  private onFailed(batch: Batch, error: unknown): void {
    const { log, view, inFlight, metrics, onFatal } = this.parts;
    if (!inFlight.has(batch)) return;
    this.fold();
    const discarded = inFlight.discard();
    metrics.discarded(discarded);
    this.nextRevision = (log.head + 1) as Revision;
    if (log.head !== view.revision) {
      onFatal(
        new Error(`the log is at ${String(log.head)} and the view at ${String(view.revision)} after a failed write`),
      );
      return;
    }
    const failure = notWritten(error);
    for (const each of discarded) each.reject(failure);
  }
}

function entryOf(change: Pending, previous: Revision, at: number, by: Attribution): Entry {
  const { verb, after } = change;
  return {
    revision: after.revision,
    key: after.text,
    previous,
    verb,
    object: after.bytes,
    at,
    actor: by.actor,
    agent: by.agent,
    manager: by.manager,
    request: by.request,
  };
}

/** Exactly as long as the text: Node's shared pool would keep 8 KiB alive for every object that outlives its neighbours. */
function encode(object: unknown): Buffer {
  const text = stringifyJson(object);
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

function newBatch(pending: readonly Pending[], startedMs: number): Batch {
  let resolve!: Batch['resolve'];
  let reject!: Batch['reject'];
  const done = new Promise<readonly Stored[]>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { pending, startedMs, done, resolve, reject };
}

function notWritten(error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  return new StorageError('LogWriteFailed', 'the log refused the entries', { cause: error });
}

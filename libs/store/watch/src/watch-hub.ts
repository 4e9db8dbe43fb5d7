import { type CancelTimer, type Running, type Timers, nextTurn } from '@reckon/kernel';
import { StorageError } from '@reckon/store/contract';
import type {
  EventLog,
  Revision,
  StorageResource,
  StoredObject,
  WatchRequest,
  WatchSink,
} from '@reckon/store/contract';
import { pageNow } from '@reckon/store/view';
import type { Folded, ResourceTable, View } from '@reckon/store/view';
import { BookmarkSchedule } from './bookmark-schedule';
import { catchUpFromMemory } from './catch-up';
import type { CatchUp } from './catch-up';
import { FrameCache, pick } from './frame-cache';
import type { Pick, Slice } from './frame-cache';
import { LogReplay } from './log-replay';
import { transitionOf } from './transition';
import { Watcher } from './watcher';
import type { WatcherState } from './watcher';
import { WatcherIndex } from './watcher-index';

export interface WatchHubOptions {
  readonly view: View;
  readonly log: EventLog;
  readonly timers: Timers;
  /** Runs what is to be done once this turn of the event loop has handled what was ready; a test may do it at once. */
  readonly defer?: (run: () => void) => void;
  /** Told how many events each batch sent; for metrics. */
  readonly onSent?: (resource: StorageResource, events: number) => void;
}

/**
 * Carries every change to every watcher whose selector it concerns (Reliable, Resumable, Bookmarkable). `publish` runs right after the
 * batch was folded; between the two nothing else runs. What is published in one turn of the event loop goes out together at its end, or
 * before anything else happens to a watcher: so nothing here ever meets a change that was folded and not yet fanned out.
 */
export class WatchHub implements Running {
  private readonly view: View;
  private readonly log: EventLog;
  private readonly indexes = new Map<ResourceTable, WatcherIndex>();
  private readonly bookmarks: BookmarkSchedule;
  private readonly cancelTimer: CancelTimer;
  private readonly onSent: (resource: StorageResource, events: number) => void;
  /** Reads of the log under way: `stop` waits for them. */
  private readonly readings = new Set<Promise<void>>();
  private readonly defer: (run: () => void) => void;
  /** Folded in this turn, to be fanned out. */
  private gathered: Folded[] = [];
  private isStopped = false;

  constructor(options: WatchHubOptions) {
    this.view = options.view;
    this.log = options.log;
    this.defer = options.defer ?? nextTurn;
    this.onSent = options.onSent ?? (() => undefined);
    this.bookmarks = new BookmarkSchedule(options.view);
    this.cancelTimer = options.timers.every(this.bookmarks.tickMs, () => {
      this.fanOut();
      this.bookmarks.tick();
    });
  }

  /** Starts a watch; what is in memory is written before this returns, up to what the sink takes. */
  watch(request: WatchRequest, sink: WatchSink): void {
    this.fanOut();
    const table = this.view.table(request.resource);
    const { start } = request;
    const position = start.kind === 'from' ? start.revision : this.view.revision;
    const watcher = new Watcher(request, table, sink, position);
    if (request.signal.aborted || this.isStopped) {
      watcher.end();
      return;
    }
    if (position < this.view.recent.floor && position < this.log.floorOf(table.prefix)) {
      watcher.end(compacted(position, this.log.floorOf(table.prefix)));
      return;
    }
    if (start.kind !== 'from')
      watcher.initial = {
        objects: this.stateFor(watcher),
        next: 0,
        bookmark: start.kind === 'initial-events' ? position : undefined,
      };
    this.indexOf(table).add(watcher);
    if (request.match !== undefined || request.requires !== undefined) table.selectors++;
    if (request.bookmarks) this.bookmarks.add(watcher);
    watcher.attach({
      drained: () => {
        this.fanOut();
        this.advance(watcher);
      },
      aborted: () => this.close(watcher),
    });
    this.advance(watcher);
  }

  /** Takes a folded batch, to be fanned out with the others of this turn. */
  publish(changes: readonly Folded[]): void {
    if (this.indexes.size === 0) return;
    if (this.gathered.length > 0) {
      this.gathered.push(...changes);
      return;
    }
    this.gathered = [...changes];
    this.defer(() => this.fanOut());
  }

  /** Live watchers get a last bookmark; all are ended. */
  async stop(): Promise<void> {
    this.fanOut();
    this.isStopped = true;
    this.cancelTimer();
    for (const index of [...this.indexes.values()])
      for (const watcher of [...index.all()]) {
        this.bookmarks.send(watcher);
        this.close(watcher);
      }
    await Promise.all(this.readings);
  }

  /** For `/debug/watchers` and metrics. */
  describe(): { resource: string; namespace: string; name: string; state: WatcherState; position: Revision }[] {
    this.fanOut();
    return [...this.indexes.entries()].flatMap(([table, index]) =>
      [...index.all()].map((w) => ({
        resource: table.prefix,
        namespace: w.request.namespace,
        name: w.request.name ?? '',
        state: w.state,
        position: w.state === 'live' && w.position < this.view.revision ? this.view.revision : w.position,
      })),
    );
  }

  get size(): number {
    let sum = 0;
    for (const index of this.indexes.values()) sum += index.size;
    return sum;
  }

  /** One write per watcher and resource, of a buffer shared by all who see the same. */
  private fanOut(): void {
    const changes = this.gathered;
    const first = changes[0];
    if (first === undefined) return;
    this.gathered = [];
    const base = (first.after.revision - 1) as Revision;
    for (const [table, batch] of byTable(changes)) {
      const index = this.indexes.get(table);
      if (index !== undefined && index.size > 0) this.publishTo(index, batch, base);
    }
  }

  private publishTo(index: WatcherIndex, changes: readonly Folded[], base: Revision): void {
    const cache = new FrameCache(changes);
    let sent = 0;
    for (const watcher of index.broad) sent += this.tryDeliver(watcher, cache, undefined, base);
    if (!index.isBroadOnly) {
      const concerned = new Map<Watcher, number[]>();
      for (const [i, change] of changes.entries())
        index.find(change, (watcher) => {
          const list = concerned.get(watcher);
          if (list === undefined) concerned.set(watcher, [i]);
          else list.push(i);
        });
      for (const [watcher, which] of concerned) sent += this.tryDeliver(watcher, cache, which, base);
    }
    const table = changes[0]?.table;
    if (sent > 0 && table !== undefined) this.onSent(table.resource, sent);
  }

  /** A selector, an encoding or a sink that throws ends its own watch, not the fan-out to the others. */
  private tryDeliver(
    watcher: Watcher,
    cache: FrameCache,
    which: readonly number[] | undefined,
    base: Revision,
  ): number {
    try {
      return this.deliver(watcher, cache, which, base);
    } catch (error) {
      this.close(watcher, asError(error));
      return 0;
    }
  }

  /** `which` = undefined: every change of the batch is in the watcher's scope. Answers how many events went out. */
  private deliver(watcher: Watcher, cache: FrameCache, which: readonly number[] | undefined, base: Revision): number {
    if (watcher.state !== 'live') return 0;
    const { request, encoding } = watcher;
    const { changes } = cache;
    if (which === undefined && request.match === undefined && watcher.position <= base) {
      this.send(watcher, cache.all(encoding));
      return changes.length;
    }
    const picks: Pick[] = [];
    const length = which === undefined ? changes.length : which.length;
    for (let n = 0; n < length; n++) {
      const i = which === undefined ? n : (which[n] ?? 0);
      const change = changes[i];
      if (change === undefined || change.after.revision <= watcher.position) continue;
      const transition = transitionOf(change, request.match);
      if (transition !== 'none') picks.push(pick(i, transition));
    }
    if (picks.length > 0) this.send(watcher, cache.slices(encoding, picks));
    return picks.length;
  }

  private send(watcher: Watcher, slices: readonly Slice[]): void {
    for (const [i, { frames, through }] of slices.entries()) {
      if (watcher.write(frames)) continue;
      if (watcher.state !== 'live') return;
      watcher.position = i === slices.length - 1 ? this.view.revision : through;
      watcher.state = 'lagging';
      return;
    }
  }

  /** Brings a replaying or lagging watcher on until it is live, its sink is full, or the log has to be read. */
  private advance(watcher: Watcher): void {
    if (watcher.isReading || watcher.isFull) return;
    if (watcher.state !== 'replaying' && watcher.state !== 'lagging') return;
    let outcome: CatchUp;
    try {
      outcome = catchUpFromMemory(watcher, this.view);
    } catch (error) {
      this.close(watcher, asError(error));
      return;
    }
    if (outcome !== 'read-log') return;
    const reading = this.readLog(watcher).finally(() => this.readings.delete(reading));
    this.readings.add(reading);
  }

  private async readLog(watcher: Watcher): Promise<void> {
    watcher.isReading = true;
    try {
      const replay = new LogReplay(watcher, this.log);
      while (!watcher.isClosed() && !watcher.isFull && watcher.position < this.view.recent.floor)
        await replay.feed(this.view.recent.floor);
    } catch (error) {
      // A floor that rose past its position, or a log that cannot be read: this watch ends and says why; the others go on.
      this.close(watcher, asError(error));
    }
    watcher.isReading = false;
    this.fanOut();
    this.advance(watcher);
  }

  private close(watcher: Watcher, error?: Error): void {
    if (watcher.state === 'closed') return;
    const index = this.indexes.get(watcher.table);
    index?.delete(watcher);
    if (index?.size === 0) this.indexes.delete(watcher.table);
    if (watcher.request.match !== undefined || watcher.request.requires !== undefined) watcher.table.selectors--;
    this.bookmarks.delete(watcher);
    watcher.end(error);
  }

  private stateFor(watcher: Watcher): readonly StoredObject[] {
    const { table, request } = watcher;
    const { namespace, name, match } = request;
    return pageNow(table, { namespace, name, match, limit: 0, startAfter: undefined }).items;
  }

  private indexOf(table: ResourceTable): WatcherIndex {
    let index = this.indexes.get(table);
    if (index === undefined) {
      index = new WatcherIndex();
      this.indexes.set(table, index);
    }
    return index;
  }
}

function compacted(asked: Revision, floor: Revision): StorageError {
  return new StorageError('Compacted', `too old resource version: ${String(asked)} (${String(floor)})`, {
    data: { requested: asked, floor },
  });
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

function byTable(changes: readonly Folded[]): Iterable<[ResourceTable, readonly Folded[]]> {
  const table = changes[0]?.table;
  if (table !== undefined && changes.every((change) => change.table === table)) return [[table, changes]];
  const groups = new Map<ResourceTable, Folded[]>();
  for (const change of changes) {
    const group = groups.get(change.table);
    if (group === undefined) groups.set(change.table, [change]);
    else group.push(change);
  }
  return groups;
}

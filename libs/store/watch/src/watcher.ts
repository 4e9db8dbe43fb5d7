import type { Revision, StoredObject, WatchEncoding, WatchRequest, WatchSink } from '@reckon/store/contract';
import type { ResourceTable } from '@reckon/store/view';
import { plainEncoding } from './json-encoding';

/**
 * ```
 * replaying ──caught up──► live ──sink full──► lagging ──drained, caught up──► live
 *     └──────────────────────┴──────────────────┴──signal, stop, compacted──► closed
 * ```
 * A replaying or lagging watcher keeps only its position; what it has not seen is read again from the recent changes or from the
 * log. So a slow client costs nothing while it is slow, is never dropped and never skips an event.
 */
export type WatcherState = 'replaying' | 'live' | 'lagging' | 'closed';

/** The current state, on its way to a watcher that asked for it before the changes. */
export interface InitialState {
  readonly objects: readonly StoredObject[];
  next: number;
  /** Sent after the last object, if the watcher asked for `initial-events`. */
  readonly bookmark: Revision | undefined;
}

export class Watcher {
  state: WatcherState = 'replaying';
  initial: InitialState | undefined = undefined;
  /** The sink said that it is full and has not drained yet. */
  isFull = false;
  /** A read of the log is under way for it. */
  isReading = false;
  /** The tick on which its next bookmark is due. */
  bookmarkTick = Infinity;
  /** The tick shortly before its planned end. */
  lastBookmarkTick = Infinity;
  readonly encoding: WatchEncoding;
  private onAbort: (() => void) | undefined;

  constructor(
    readonly request: WatchRequest,
    readonly table: ResourceTable,
    private readonly sink: WatchSink,
    /**
     * All events up to here went to the sink (or are not for it). Of a live watcher a lower bound, moved only when it goes live
     * or falls behind; from a future revision: that revision.
     */
    public position: Revision,
  ) {
    this.encoding = request.encoding ?? plainEncoding;
  }

  /** A method, so that the compiler does not think it knows: any write may close the watch. */
  isClosed(): boolean {
    return this.state === 'closed';
  }

  /** The scope is checked by whoever finds the watcher; this is for reads that find more than its scope. */
  isInScope(object: StoredObject): boolean {
    const { namespace, name } = this.request;
    if (namespace === '' && name === undefined) return true;
    const { key } = object;
    return (namespace === '' || key.namespace === namespace) && (name === undefined || key.name === name);
  }

  /** False if the sink is full now, or the watch ended: nothing more may be written until it drains. */
  write(frame: Buffer): boolean {
    if (this.state === 'closed') return false;
    if (!this.sink.write(frame)) this.isFull = true;
    return !this.isFull;
  }

  /** Listens to the sink and the signal. */
  attach(on: { readonly drained: () => void; readonly aborted: () => void }): void {
    this.sink.onDrain(() => {
      this.isFull = false;
      on.drained();
    });
    this.onAbort = on.aborted;
    this.request.signal.addEventListener('abort', on.aborted, { once: true });
  }

  end(error?: Error): void {
    this.state = 'closed';
    this.initial = undefined;
    if (this.onAbort !== undefined) this.request.signal.removeEventListener('abort', this.onAbort);
    if (error === undefined) this.sink.end();
    else this.sink.end(error);
  }
}

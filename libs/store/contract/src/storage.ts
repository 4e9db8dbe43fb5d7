import type { Attribution, Verb } from './event-log';
import type { ObjectKey, StorageResource } from './object-key';
import type { Revision } from './revision';

/** JSON object as stored; the registry knows its type. */
export interface StoredJson {
  metadata: { name?: string; namespace?: string; resourceVersion?: string; labels?: Record<string, string> };
  [field: string]: unknown;
}

/** An object in the store: its bytes are the truth; `parse` gives a fresh, mutable copy each call. */
export interface StoredObject {
  readonly key: ObjectKey;
  readonly revision: Revision;
  /** The whole JSON with `metadata.resourceVersion` = revision. Never written to. */
  readonly bytes: Buffer;
  parse(): StoredJson;
  /** Labels and selectable fields, extracted once, on first use. Never written to. */
  readonly labels: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
}

/** Selects objects: by labels, by selectable fields. Pure and cheap. `undefined` instead of a Match means everything. */
export type Match = (labels: Readonly<Record<string, string>>, fields: Readonly<Record<string, string>>) => boolean;

/** Extracts what field selectors can ask for (at least `metadata.name` and `metadata.namespace`). */
export type FieldExtractor = (object: StoredJson) => Record<string, string>;

export interface Change {
  readonly key: ObjectKey;
  readonly verb: Verb;
  /** The key's newest revision that the decision was made on; 0 for a create. */
  readonly previous: Revision;
  /** Plain object; the storage sets `metadata.resourceVersion` on it and stringifies it once. */
  readonly object: StoredJson;
}

export interface Committed {
  readonly stored: StoredObject;
}

export interface ListRequest {
  readonly resource: StorageResource;
  /** '' = all namespaces (or cluster-scoped). */
  readonly namespace: string;
  /** Only this object (a field selector on metadata.name is a get). */
  readonly name?: string;
  readonly match?: Match;
  /** 0 = no limit. */
  readonly limit: number;
  /**
   * `current`: at least as new as the call; `any`: whatever is there (resourceVersion=0); `at-least`: not older than `revision`,
   * else waits up to 3 s and throws TooLarge; `exact`: the state at `revision`.
   */
  readonly consistency:
    | { readonly kind: 'current' }
    | { readonly kind: 'any' }
    | { readonly kind: 'at-least'; readonly revision: Revision }
    | { readonly kind: 'exact'; readonly revision: Revision };
  /** Key text (exclusive) after which the page starts. */
  readonly startAfter?: string;
}

export interface ListPage {
  /** The revision that the list shows. ≥ 1 even on an empty log. */
  readonly revision: Revision;
  readonly items: readonly StoredObject[];
  /** Key text of the last item, if more follow; with `remaining` when it is known (no selector). */
  readonly next?: { readonly lastKey: string; readonly remaining?: number };
}

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

/**
 * A change as a watcher sees it after its selector: an object that stops matching is a DELETED carrying its last matching
 * state with the revision of the change.
 */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: Revision;
  readonly object: StoredObject;
}

export interface Bookmark {
  readonly type: 'BOOKMARK';
  readonly revision: Revision;
  /** True on the one that ends `sendInitialEvents`. */
  readonly initialEventsEnd: boolean;
}

export interface WatchRequest {
  readonly resource: StorageResource;
  readonly namespace: string;
  readonly name?: string;
  readonly match?: Match;
  /**
   * A promise of the caller: `match` answers false for every object whose selectable field has another value. A change then
   * touches this watcher only if the value stands before or after it (1,000 kubelets, each on its `spec.nodeName`).
   */
  readonly requires?: { readonly field: string; readonly value: string };
  /** The planned end (`timeoutSeconds`), in ms from now: a bookmark goes out two seconds before it. */
  readonly endsInMs?: number;
  /**
   * `from`: events after this revision (replayed from the log if need be; a future revision is silent until then);
   * `now-with-state`: first the current state as ADDED (resourceVersion "" or "0"), then events;
   * `initial-events`: as `now-with-state`, state at least as new as `atLeast`, then the bookmark that ends it.
   */
  readonly start:
    | { readonly kind: 'from'; readonly revision: Revision }
    | { readonly kind: 'now-with-state' }
    | { readonly kind: 'initial-events'; readonly atLeast: Revision };
  /** About once a minute while idle, and before a planned end. */
  readonly bookmarks: boolean;
  readonly signal: AbortSignal;
  /**
   * Makes the frame of an event; memoised per event and `encoding.id`, so that every watcher with the same encoding shares one
   * buffer. The default encoding is `{"type":…,"object":<bytes>}\n`.
   */
  readonly encoding?: WatchEncoding;
}

export interface WatchEncoding {
  readonly id: string;
  encode(event: WatchEvent): Buffer;
  encodeBookmark(bookmark: Bookmark): Buffer;
}

/**
 * Frames for one watcher. The sink returns false when its buffer is full and calls `onDrain` listeners later; a watcher that
 * does not drain is *lagging*: it is caught up from the log and never dropped, never skipped (states: replaying → live ⇄ lagging → closed).
 */
export interface WatchSink {
  write(frame: Buffer): boolean;
  onDrain(listener: () => void): void;
  /** The watch is over (signal, shutdown, or a compacted start with its `error`). */
  end(error?: Error): void;
}

/**
 * What the registry and the http plane know of the store.
 *
 * Guarantees: Nothing-uncommitted-seen, Read-your-writes, Resumable, Reliable, Bookmarkable, View-equals-fold, Compare-and-swap.
 */
export interface Storage {
  /** The newest durable and folded revision (≥ 1 after `open`). */
  readonly revision: Revision;
  /** API time in ms for a change decided now: never decreasing along the log. */
  now(): number;

  /** Teaches the storage how to extract selectable fields of a resource (before first use; replaceable at run time). */
  setFields(resource: StorageResource, extract: FieldExtractor): void;

  /** The durable state: what a GET shows. `atLeast` beyond the head waits up to 3 s, then throws TooLarge. */
  get(
    key: ObjectKey,
    options?: { readonly atLeast?: Revision },
  ): Promise<StoredObject | undefined> | StoredObject | undefined;

  /** The newest state *including changes in flight*: what a decision must be made on. Synchronous. */
  newest(key: ObjectKey): StoredObject | undefined;

  /** All newest objects of a resource (including in flight) for decisions over many objects (allocators, quota). */
  newestOf(resource: StorageResource, namespace?: string): Iterable<StoredObject>;

  /**
   * Commits changes as consecutive entries, all or nothing. Synchronous decision: throws `StorageError` Conflict, Exists or NotFound
   * at once when `previous` is not the newest (including in flight). Resolves when durable and folded; rejects LogWriteFailed.
   */
  commit(changes: readonly Change[], by: Attribution): Promise<readonly StoredObject[]>;

  /**
   * Resolves when everything in flight now is durable and folded; a refusal or no-op computed from `newest` must wait for it.
   * Rejects LogWriteFailed if what it waits for was rolled back.
   */
  settled(): Promise<void>;

  list(request: ListRequest): Promise<ListPage> | ListPage;

  watch(request: WatchRequest, sink: WatchSink): void;

  /**
   * For indexes inside the server (RBAC, allocators, token checks): `listener` is called synchronously in revision order for each
   * change of the resource as it is folded (durable), before answers are released. Starts with ADDED for everything alive now.
   * Returns the function that ends it.
   */
  observe(resource: StorageResource, listener: (event: WatchEvent) => void): () => void;

  /** Newest revision at or before an API time, for `/at/<time>/…`. */
  revisionAt(timeMs: number): Promise<Revision>;

  /** The object as it was at a revision (`Compacted`, `TooLarge` as list). */
  getAt(key: ObjectKey, at: Revision): Promise<StoredObject | undefined>;

  /** Objects of a resource alive now; O(1). */
  count(resource: StorageResource): number;
}

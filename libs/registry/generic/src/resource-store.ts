import type { FieldSelector, KubeObject, LabelSelector } from '@reckon/api/machinery';
import type { ResourceRow } from '@reckon/api/kinds';
import type { Change, ListPage, Revision, StoredObject, WatchSink } from '@reckon/store/contract';
import type { ApplyToCurrent } from './apply';
import type { RequestContext } from './request-context';
import type { ServedEncoding } from './watch-encodings';
import type { DeleteOptions } from './strategy';

/** What a write answers: the bytes that were stored (or would have been, in a dry run). */
export interface WriteResult {
  readonly bytes: Buffer;
  /** True when the write created the object (201). */
  readonly created: boolean;
}

/** What a delete answers: the object while it lingers (graceful, finalizers), or its last state with `gone`. */
export interface DeleteResult {
  readonly bytes: Buffer;
  readonly gone: boolean;
  readonly uid: string;
  /** What upstream answers: the object, or a Status `Success` with `details` {name, group, kind: resource, uid}. */
  readonly answer: 'object' | 'status';
}

/** Admission as the store sees it: functions (the registry never imports admission). They may change `object` (mutate) or throw StatusError. */
export interface AdmissionFunctions {
  /** For updates it runs inside the optimistic retry because it must see the current object. */
  readonly mutate: (object: KubeObject | undefined, old: KubeObject | undefined) => void | Promise<void>;
  readonly validate: (object: KubeObject | undefined, old: KubeObject | undefined) => void | Promise<void>;
  /**
   * Right before the append, synchronously, on the newest state including changes in flight: changes that stand or fall with the object's
   * (a quota's usage) and are appended before it. May throw StatusError. Absent where no plugin has any.
   */
  readonly companions?: ((object: KubeObject, old: KubeObject | undefined) => readonly Change[]) | undefined;
}

export interface WriteOptions {
  readonly dryRun: boolean;
  readonly admission: AdmissionFunctions;
  /** The user-visible version the body came in (apiVersion of managedFields). */
  readonly apiVersion: string;
}

/** Makes the new object from the current one (PUT: ignores it; PATCH: applies the patch). Runs again after a lost compare-and-swap. */
export interface UpdateIntent {
  /**
   * `current` is undefined when the object does not exist. It is the intent's own: it may be changed and returned. A server-side
   * apply (operation `Apply`) returns what `apply` makes of its configuration: owners of fields are known to the store only.
   */
  readonly next: (current: KubeObject | undefined, apply: ApplyToCurrent) => KubeObject | Promise<KubeObject>;
  /** `next` does not change `current`, and what it puts of it into its result nobody changes in place: then no copy of it is made. */
  readonly leavesCurrent?: boolean;
  /** PUT with a resourceVersion or a patch containing one: mismatch is 409, no retry. undefined = unconditional (retried). */
  readonly operation: 'Update' | 'Apply';
  /** PUT: the body's uid; another uid of the stored object is a 409 before anything else. A patch leaves it out (then it is a 422). */
  readonly uid?: string;
  /** False: a missing object is 404 even if the strategy would create it (PATCH other than apply). */
  readonly mayCreate: boolean;
}

export interface ListQuery {
  readonly namespace: string;
  readonly labels?: LabelSelector;
  readonly fields?: FieldSelector;
  readonly limit: number;
  readonly continueToken: string;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: '' | 'Exact' | 'NotOlderThan';
  /** Set under `/at/…`: read as of this revision. */
  readonly at?: Revision;
}

export interface ListResult {
  readonly page: ListPage;
  /** Opaque; '' at the end. */
  readonly continueToken: string;
  readonly remainingItemCount?: number;
}

export interface WatchQuery {
  readonly namespace: string;
  readonly labels?: LabelSelector;
  readonly fields?: FieldSelector;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: '' | 'Exact' | 'NotOlderThan';
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
  /** When the client is sent away: shortly before, it is told how far it is. */
  readonly endsInMs?: number;
  readonly at?: Revision;
}

/** REST storage of one resource (upstream's `registry/generic/registry.Store`): every method throws StatusError. */
export interface ResourceStore {
  readonly row: ResourceRow;
  create(ctx: RequestContext, namespace: string, object: KubeObject, options: WriteOptions): Promise<WriteResult>;
  get(
    namespace: string,
    name: string,
    options: { resourceVersion: string; at?: Revision },
  ): Promise<StoredObject> | StoredObject;
  list(query: ListQuery): Promise<ListResult> | ListResult;
  watch(query: WatchQuery, sink: WatchSink, signal: AbortSignal, encoding?: ServedEncoding): void | Promise<void>;
  /** `subresource` '' for the object itself, `status`, … : picks the strategy. */
  update(
    ctx: RequestContext,
    namespace: string,
    name: string,
    subresource: string,
    intent: UpdateIntent,
    options: WriteOptions,
  ): Promise<WriteResult>;
  delete(
    ctx: RequestContext,
    namespace: string,
    name: string,
    deleteOptions: DeleteOptions,
    options: WriteOptions,
  ): Promise<DeleteResult>;
  /** Deletes what the query matches; answers the list of deleted objects. */
  deleteCollection(
    ctx: RequestContext,
    query: ListQuery,
    deleteOptions: DeleteOptions,
    options: WriteOptions,
  ): Promise<ListResult>;
}

import type { KubeObject } from '@reckon/api/machinery';
import type { ListOptions, ResourceClient } from '@reckon/client/rest';
import type { Logger, Random, Running, Timers } from '@reckon/kernel';
import { Indexer, type IndexFunction, type Lister, objectKey } from './indexer';
import { reflect } from './reflector';
import type { SharedObjects } from './shared-objects';

/**
 * What happens to one object, as a handler sees it. The store holds the new state before a handler runs, so a handler that reads the
 * lister never sees older state than its own argument. A handler only enqueues keys: it is called synchronously, one after another.
 */
export interface EventHandler<T> {
  add?(object: T): void;
  update?(old: T, object: T): void;
  /** `object` is the last state known: if the delete was missed between two lists, an older one than the last. */
  delete?(object: T): void;
}

export interface InformerOptions<T> {
  readonly client: ResourceClient<T>;
  /** '' = all namespaces. */
  readonly namespace?: string;
  readonly selectors?: Pick<ListOptions, 'labelSelector' | 'fieldSelector'>;
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>;
  /** Shared with other informers of this process. */
  readonly objects?: SharedObjects;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
}

const managedFields = ['metadata', 'managedFields'] as const;

/**
 * A collection kept in memory by list and watch, with handlers (client-go/tools/cache.SharedInformer).
 *
 * - Eventually the store equals the server's collection; every handler sees for each object a sequence of add, update…, delete that
 *   leads to the store's state, although versions in between may be skipped when a list replaces the state.
 * - After `hasSynced`, the store shows the collection at one revision at least as new as the start.
 * - An update that brings the same resourceVersion (a relist) calls no handler.
 */
export class Informer<T extends KubeObject = KubeObject> implements Running {
  private readonly indexer: Indexer<T>;
  private readonly handlers: EventHandler<T>[] = [];
  private readonly abort = new AbortController();
  private running: Promise<void> | undefined;
  private markSynced: () => void = () => undefined;
  /** Resolves when the first list is in the store and its handlers have run; also when the informer is stopped before that. */
  readonly synced: Promise<void>;
  private isSynced = false;
  private reached = 0;

  constructor(private readonly options: InformerOptions<T>) {
    this.indexer = new Indexer<T>(options.indexes);
    this.synced = new Promise((resolve) => {
      this.markSynced = resolve;
    });
  }

  get lister(): Lister<T> {
    return this.indexer;
  }

  get hasSynced(): boolean {
    return this.isSynced;
  }

  /** The store shows everything up to this revision of the server; 0 before the first list. */
  get revision(): number {
    return this.reached;
  }

  addIndex(name: string, of: IndexFunction<T>): void {
    this.indexer.addIndex(name, of);
  }

  /** A handler added late first gets an `add` for everything in the store. */
  addHandler(handler: EventHandler<T>): void {
    this.handlers.push(handler);
    for (const object of this.indexer.list()) handler.add?.(object);
  }

  /** Calling it again does nothing. */
  start(): void {
    this.running ??= reflect(
      {
        client: this.options.client,
        namespace: this.options.namespace ?? '',
        selectors: this.options.selectors ?? {},
        timers: this.options.timers,
        random: this.options.random,
        logger: this.options.logger,
        ...(this.options.objects === undefined ? {} : { parse: this.options.objects.parse }),
        unread: managedFields,
        sink: {
          replace: (items) => {
            this.replace(items);
          },
          apply: (type, object) => {
            if (type === 'DELETED') this.remove(objectKey(object), object);
            else this.put(object);
          },
          reached: (resourceVersion) => {
            this.reached = Number(resourceVersion);
          },
        },
      },
      this.abort.signal,
    );
  }

  async stop(): Promise<void> {
    this.abort.abort();
    this.markSynced();
    await this.running;
  }

  private replace(items: readonly T[]): void {
    const present = new Set(items.map((item) => objectKey(item)));
    for (const key of [...this.indexer.keys()]) {
      const last = present.has(key) ? undefined : this.indexer.byKey(key);
      if (last !== undefined) this.remove(key, last);
    }
    for (const item of items) this.put(item);
    this.isSynced = true;
    this.markSynced();
  }

  private put(object: T): void {
    // Who owns which field matters to no reader of a cache, and is a third of an object; a PUT without it keeps the server's.
    delete object.metadata.managedFields;
    const key = objectKey(object);
    const known = this.indexer.byKey(key);
    // The same version again (a relist): readers keep the object that they know.
    if (known !== undefined && known.metadata.resourceVersion === object.metadata.resourceVersion) return;
    const old = this.indexer.set(key, object);
    if (old === undefined) for (const handler of this.handlers) handler.add?.(object);
    else if (old.metadata.uid === object.metadata.uid)
      for (const handler of this.handlers) handler.update?.(old, object);
    else
      for (const handler of this.handlers) {
        handler.delete?.(old);
        handler.add?.(object);
      }
  }

  private remove(key: string, last: T): void {
    if (this.indexer.delete(key) === undefined) return;
    for (const handler of this.handlers) handler.delete?.(last);
  }
}

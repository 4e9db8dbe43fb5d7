import type { KubeObject } from '@reckon/api/machinery';
import { type Lister, objectKey } from '@reckon/client/cache';

/**
 * A cache with what its owner knows better: an object that it has written, until the watch brings that, or one that it takes for
 * granted (`pkg/scheduler/util/assumecache`). What the watch brings counts as soon as it is newer; an object that the cache does not
 * show is gone, whatever was kept of it.
 *
 * Bound: one object for each in the cache.
 */
export class NewestObjects<T extends KubeObject> {
  private readonly kept = new Map<string, T>();

  constructor(private readonly lister: Pick<Lister<T>, 'byKey' | 'list'>) {}

  keep(object: T): void {
    this.kept.set(objectKey(object), object);
  }

  /** Only the cache counts again. */
  restore(key: string): void {
    this.kept.delete(key);
  }

  byKey(key: string): T | undefined {
    return this.newest(key, this.lister.byKey(key));
  }

  list(): T[] {
    if (this.kept.size === 0) return this.lister.list();
    return this.lister.list().map((object) => this.newest(objectKey(object), object) ?? object);
  }

  private newest(key: string, cached: T | undefined): T | undefined {
    const kept = this.kept.get(key);
    if (kept === undefined) return cached;
    if (cached !== undefined && cached.metadata.uid === kept.metadata.uid && revisionOf(kept) >= revisionOf(cached))
      return kept;
    this.kept.delete(key);
    return cached;
  }
}

/** Upstream compares them as numbers too; one that is none is older than any. */
export function revisionOf({ metadata }: KubeObject): number {
  const revision = Number(metadata.resourceVersion ?? '');
  return Number.isNaN(revision) ? -1 : revision;
}

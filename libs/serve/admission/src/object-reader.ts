import type { KubeObject } from '@reckon/api/machinery';
import type { Storage, StorageResource, StoredObject } from '@reckon/store/contract';

/**
 * The newest objects, changes in flight included, parsed once each: what plugins decide by. Synchronous, never I/O. Callers share
 * what they get and must not write to it.
 */
export interface ObjectReader {
  get<T extends KubeObject>(resource: StorageResource, namespace: string, name: string): T | undefined;
  /** In order of their names. */
  list<T extends KubeObject>(resource: StorageResource, namespace?: string): T[];
}

export function objectReader(storage: Pick<Storage, 'newest' | 'newestOf'>): ObjectReader {
  // By the stored object, not by its revision: the revision of a change that was rolled back is used again.
  const parsed = new WeakMap<StoredObject, KubeObject>();

  function parse<T extends KubeObject>(stored: StoredObject): T {
    let object = parsed.get(stored);
    if (object === undefined) {
      object = stored.parse();
      parsed.set(stored, object);
    }
    return object as T;
  }

  return {
    get<T extends KubeObject>({ group, resource }: StorageResource, namespace: string, name: string): T | undefined {
      const stored = storage.newest({ group, resource, namespace, name });
      return stored === undefined ? undefined : parse<T>(stored);
    },
    list<T extends KubeObject>(resource: StorageResource, namespace?: string): T[] {
      const objects: T[] = [];
      for (const stored of storage.newestOf(resource, namespace)) objects.push(parse(stored));
      return objects;
    },
  };
}

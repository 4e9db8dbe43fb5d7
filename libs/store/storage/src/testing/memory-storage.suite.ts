import type { FakeClock } from '@reckon/kernel';
import {
  noRevision,
  type ObjectKey,
  type Storage,
  type StorageResource,
  type StoredJson,
} from '@reckon/store/contract';
import { memoryLog } from '@reckon/store/log';
import { storageOver } from './storage-over.suite';

export interface MemoryStorage {
  readonly storage: Storage;
  readonly clock: FakeClock;
  /** Creates or replaces. */
  put(resource: StorageResource, object: object): Promise<void>;
  remove(key: ObjectKey): Promise<void>;
}

const tester = { actor: 'tester', agent: 'spec', manager: 'spec', request: '' };

/** A real storage over a log in memory, with what specs of the server plane do to it. */
export async function memoryStorage(): Promise<MemoryStorage> {
  const { storage, clock } = await storageOver(memoryLog());
  return {
    storage,
    clock,
    async put({ group, resource }, given) {
      const object = structuredClone(given) as StoredJson;
      const { namespace = '', name = '' } = object.metadata;
      const key = { group, resource, namespace, name };
      const previous = storage.newest(key)?.revision ?? noRevision;
      await storage.commit([{ key, verb: previous === noRevision ? 'create' : 'update', previous, object }], tester);
    },
    async remove(key) {
      const newest = storage.newest(key);
      if (newest === undefined) throw new Error(`nothing to remove: ${key.name}`);
      await storage.commit([{ key, verb: 'delete', previous: newest.revision, object: newest.parse() }], tester);
    },
  };
}

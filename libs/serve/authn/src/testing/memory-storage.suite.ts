import { type FakeClock, fakeClock, MetricsRegistry, silentLogger } from '@reckon/kernel';
import { noRevision, type ObjectKey, type Storage, type StoredJson } from '@reckon/store/contract';
import { memoryLog } from '@reckon/store/log';
import { openStorage } from '@reckon/store/storage';

export interface MemoryStorage {
  readonly storage: Storage;
  readonly clock: FakeClock;
  /** Creates or replaces. */
  put(resource: { readonly group: string; readonly resource: string }, object: object): Promise<void>;
  remove(key: ObjectKey): Promise<void>;
}

const tester = { actor: 'tester', agent: 'spec', manager: 'spec', request: '' };

/** A real storage over a log in memory, with what specs do to it. */
export async function memoryStorage(): Promise<MemoryStorage> {
  const clock = fakeClock();
  const storage = await openStorage({
    log: memoryLog(),
    clock,
    timers: clock,
    metrics: new MetricsRegistry(),
    logger: silentLogger,
    onFatal: (error) => {
      throw error;
    },
  });
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

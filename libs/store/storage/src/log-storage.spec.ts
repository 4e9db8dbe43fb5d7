import { MetricsRegistry } from '@reckon/kernel';
import { StorageError } from '@reckon/store/contract';
import type { EventLog } from '@reckon/store/contract';
import { configMap, put, someone, turns } from '@reckon/store/contract/suites';
import { memoryLog, unknownOutcome } from '@reckon/store/log';
import { describe, expect, it } from 'vitest';
import { genesisKey } from './genesis';
import type { OpenStorage, StorageOptions } from './open-storage';
import { storageOver } from './testing/storage-over.suite';

const openOver = async (log: EventLog, options: Partial<StorageOptions> = {}): Promise<OpenStorage> =>
  (await storageOver(log, options)).storage;

describe('the storage', () => {
  it('writes the birth of the log as its first entry, once', async () => {
    const log = memoryLog();
    const storage = await openOver(log);
    expect(storage.revision).toBe(1);
    const genesis = storage.newest(genesisKey)?.parse();
    expect(genesis?.metadata).toMatchObject({ name: 'genesis', uid: log.id, resourceVersion: '1' });
    await storage.stop();
    expect((await openOver(log)).revision).toBe(1);
  });

  it('folds what was acknowledged before it discards what was not, when the log tells both in one go', async () => {
    const inner = memoryLog();
    const calls: { resolve: () => void; reject: (error: Error) => void; write: () => Promise<void> }[] = [];
    const log: EventLog = Object.assign(Object.create(inner) as EventLog, {
      append: (entries: Parameters<EventLog['append']>[0]) =>
        inner.head === 0
          ? inner.append(entries)
          : new Promise<void>((resolve, reject) => calls.push({ resolve, reject, write: () => inner.append(entries) })),
    });
    const storage = await openOver(log);
    const first = put(storage, configMap('a'));
    const second = put(storage, configMap('b')).catch((error: unknown) => error);
    await calls[0]?.write();
    calls[0]?.resolve();
    calls[1]?.reject(new StorageError('LogWriteFailed', 'disk full'));
    expect((await first).revision).toBe(2);
    expect(await second).toBeInstanceOf(StorageError);
    expect(storage.revision).toBe(2);
    expect(storage.newest(configMap('a'))?.revision).toBe(2);
    expect(storage.newest(configMap('b'))).toBeUndefined();
  });

  it('describes itself and counts', async () => {
    const metrics = new MetricsRegistry();
    const storage = await openOver(memoryLog(), { metrics });
    await put(storage, configMap('a'));
    await put(storage, configMap('a'), { v: '2' });
    const sink = { write: () => true, onDrain: () => undefined, end: () => undefined };
    const { signal } = new AbortController();
    const start = { kind: 'from', revision: storage.revision } as const;
    storage.watch(
      { resource: { group: '', resource: 'configmaps' }, namespace: 'default', start, bookmarks: false, signal },
      sink,
    );
    const description = storage.describe();
    expect(description.revision).toBe(3);
    expect(description.recent).toMatchObject({ floor: 1, changes: 2 });
    expect(description.resources.map((r) => [r.prefix, r.objects])).toContainEqual(['/core/configmaps/', 1]);
    expect(description.watchers).toEqual([
      { resource: '/core/configmaps/', namespace: 'default', name: '', state: 'live', position: 3 },
    ]);
    expect(metrics.render()).toMatch(/reckon_storage_entries_total 2\n/);
    expect(metrics.render()).toMatch(/reckon_storage_revision 3\n/);
  });

  it('takes nothing more and still stops when the log fails with an unknown outcome', async () => {
    let isFailing = false;
    const log = memoryLog({
      beforeCommit: () => {
        if (isFailing) throw unknownOutcome;
      },
    });
    const storage = await openOver(log);
    const kept = await put(storage, configMap('a'));
    isFailing = true;
    let isAnswered = false;
    const never = (): boolean => (isAnswered = true);
    put(storage, configMap('b')).then(never, never);
    await turns();
    expect(() => storage.commit([], someone)).toThrow('closed');
    expect(storage.revision).toBe(kept.revision);
    await storage.stop();
    expect(isAnswered).toBe(false);
  });

  it('refuses commits after stop, ends watches, and lets waiters go', async () => {
    const storage = await openOver(memoryLog());
    let isEnded = false;
    const sink = { write: () => true, onDrain: () => undefined, end: () => (isEnded = true) };
    const { signal } = new AbortController();
    const start = { kind: 'now-with-state' } as const;
    storage.watch(
      { resource: { group: '', resource: 'configmaps' }, namespace: '', start, bookmarks: true, signal },
      sink,
    );
    await storage.stop();
    await storage.stop();
    expect(isEnded).toBe(true);
    expect(() => storage.commit([], someone)).toThrow('closed');
  });
});

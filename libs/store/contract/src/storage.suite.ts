import { expect, it } from 'vitest';
import { keyText } from './object-key';
import { revision } from './revision';
import type { Revision } from './revision';
import { StorageError } from './storage-error';
import type { StorageErrorCode } from './storage-error';
import type { ListPage, ListRequest, Storage } from './storage';
import {
  configMap,
  configMaps,
  nodes,
  configMapObject,
  put,
  remove,
  someone,
  turns,
  withStorage,
} from './storage-fixture';
import type { OpenFixture } from './storage-fixture';

const none = 0 as Revision;

/** The code of the StorageError that the work ends in, thrown or rejected. */
async function codeOf(work: () => unknown): Promise<StorageErrorCode | 'no error'> {
  try {
    await work();
    return 'no error';
  } catch (error) {
    if (error instanceof StorageError) return error.code;
    throw error;
  }
}

const everything = { resource: configMaps, namespace: '', limit: 0, consistency: { kind: 'current' } } as const;

async function list(storage: Storage, request: Partial<ListRequest> = {}): Promise<ListPage> {
  return storage.list({ ...everything, ...request });
}

const names = (page: ListPage): string[] => page.items.map((item) => item.key.name);

export function testNothingUncommittedSeen(open: OpenFixture): void {
  it('shows a change to readers only when it is durable, and to deciders at once', () =>
    withStorage(open, async ({ storage, log }) => {
      const before = storage.revision;
      const release = log.hold();
      const done = put(storage, configMap('a'));
      await turns();
      expect(storage.newest(configMap('a'))?.revision).toBe(before + 1);
      expect([...storage.newestOf(configMaps)].map((o) => o.key.name)).toEqual(['a']);
      expect(await storage.get(configMap('a'))).toBeUndefined();
      expect(names(await list(storage))).toEqual([]);
      expect(storage.count(configMaps)).toBe(0);
      expect(storage.revision).toBe(before);
      release();
      await done;
      expect(names(await list(storage))).toEqual(['a']);
      expect(storage.revision).toBe(before + 1);
    }));

  it('shows deciders the newest change of a key while an older one of it becomes durable', () =>
    withStorage(open, async ({ storage, log }) => {
      const first = put(storage, configMap('a'), { v: '1' });
      const release = log.hold();
      const second = put(storage, configMap('a'), { v: '2' });
      const { revision: durable } = await first;
      expect(storage.revision).toBe(durable);
      expect(storage.newest(configMap('a'))?.revision).toBe(durable + 1);
      expect((await storage.get(configMap('a')))?.revision).toBe(durable);
      const third = put(storage, configMap('a'), { v: '3' });
      release();
      expect((await second).revision).toBe(durable + 1);
      expect((await third).revision).toBe(durable + 2);
    }));
}

export function testReadYourWrites(open: OpenFixture): void {
  it('shows a write to every read that starts after its answer', () =>
    withStorage(open, async ({ storage }) => {
      for (let i = 0; i < 20; i++) {
        const stored = await put(storage, configMap('a'), { i: String(i) });
        expect(storage.revision).toBe(stored.revision);
        expect((await storage.get(configMap('a')))?.bytes).toEqual(stored.bytes);
        expect((await list(storage)).items[0]?.revision).toBe(stored.revision);
        expect(stored.parse().metadata.resourceVersion).toBe(String(stored.revision));
      }
      await remove(storage, configMap('a'));
      expect(await storage.get(configMap('a'))).toBeUndefined();
    }));
}

export function testOptimisticWrites(open: OpenFixture): void {
  it('refuses a decision that was not made on the newest state, in flight or not', () =>
    withStorage(open, async ({ storage, log }) => {
      const key = configMap('a');
      const first = await put(storage, key);
      const update = (previous: Revision): unknown =>
        storage.commit([{ key, verb: 'update', previous, object: configMapObject(key) }], someone);
      const create = (): unknown =>
        storage.commit([{ key, verb: 'create', previous: none, object: configMapObject(key) }], someone);
      const release = log.hold();
      const second = put(storage, key);
      expect(await codeOf(() => update(first.revision))).toBe('Conflict');
      expect(await codeOf(create)).toBe('Exists');
      const third = remove(storage, key);
      expect(await codeOf(() => update(first.revision))).toBe('NotFound');
      release();
      await Promise.all([second, third]);
      expect(await codeOf(() => update(first.revision))).toBe('NotFound');
      expect(await codeOf(create)).toBe('no error');
    }));

  it('loses no update of many concurrent writers', () =>
    withStorage(open, async ({ storage }) => {
      const key = configMap('counter');
      await put(storage, key, { n: '0' });
      const increment = async (): Promise<void> => {
        for (;;) {
          const seen = await storage.get(key);
          if (seen === undefined) throw new Error('the counter is gone');
          const data = seen.parse()['data'] as Record<string, string>;
          const object = configMapObject(key, { n: String(Number(data['n']) + 1) });
          const code = await codeOf(() =>
            storage.commit([{ key, verb: 'update', previous: seen.revision, object }], someone),
          );
          if (code === 'no error') return;
          expect(code).toBe('Conflict');
          await storage.settled();
        }
      };
      await Promise.all(Array.from({ length: 40 }, increment));
      expect((await storage.get(key))?.parse()['data']).toEqual({ n: '40' });
    }));
}

export function testAtomicBatches(open: OpenFixture): void {
  it('commits a batch with consecutive revisions, or nothing of it', () =>
    withStorage(open, async ({ storage }) => {
      const [a, b] = [configMap('a'), configMap('b')];
      await put(storage, b);
      const before = storage.revision;
      const create = (key: typeof a) => ({
        key,
        verb: 'create' as const,
        previous: none,
        object: configMapObject(key),
      });
      expect(await codeOf(() => storage.commit([create(a), create(b)], someone))).toBe('Exists');
      expect(storage.newest(a)).toBeUndefined();
      expect(await codeOf(() => storage.commit([create(a), create(a)], someone))).toBe('Conflict');
      const stored = await storage.commit([create(a), create(configMap('c'))], someone);
      expect(stored.map((o) => o.revision)).toEqual([before + 1, before + 2]);
      expect(await storage.commit([], someone)).toEqual([]);
    }));
}

export function testAnswersWait(open: OpenFixture): void {
  it('settles only when everything in flight is durable', () =>
    withStorage(open, async ({ storage, log }) => {
      await storage.settled();
      const release = log.hold();
      const done = put(storage, configMap('a'));
      let isSettled = false;
      const settled = storage.settled().then(() => (isSettled = true));
      await turns();
      expect(isSettled).toBe(false);
      release();
      await settled;
      expect(storage.newest(configMap('a'))).toBe(await storage.get(configMap('a')));
      await done;
    }));
}

export function testRollback(open: OpenFixture): void {
  it('discards everything in flight when the log could not write, and reuses the revisions', () =>
    withStorage(open, async ({ storage, log }) => {
      const kept = await put(storage, configMap('kept'));
      const release = log.hold();
      const durable = put(storage, configMap('durable'));
      log.failNext();
      const lost = codeOf(() => put(storage, configMap('lost')));
      const upon = codeOf(() => put(storage, configMap('lost'), { on: 'top' }));
      const other = codeOf(() => remove(storage, configMap('kept')));
      const refusal = codeOf(() => storage.settled());
      release();
      expect(await Promise.all([lost, upon, other, refusal])).toEqual([
        'LogWriteFailed',
        'LogWriteFailed',
        'LogWriteFailed',
        'LogWriteFailed',
      ]);
      const { revision: newest } = await durable;
      expect(newest).toBe(kept.revision + 1);
      expect(storage.revision).toBe(newest);
      expect(storage.newest(configMap('lost'))).toBeUndefined();
      expect(storage.newest(configMap('kept'))?.revision).toBe(kept.revision);
      expect((await put(storage, configMap('after'))).revision).toBe(newest + 1);
      expect(names(await list(storage))).toEqual(['after', 'durable', 'kept']);
    }));
}

export function testViewEqualsFold(open: OpenFixture): void {
  it('shows after a reopen what it showed before', () =>
    withStorage(open, async (fixture) => {
      const { storage } = fixture;
      for (const name of ['b', 'a', 'c']) await put(storage, configMap(name));
      await put(storage, configMap('b'), { again: 'yes' });
      await remove(storage, configMap('c'));
      const before = await list(storage);
      const { storage: again } = await fixture.reopen();
      const after = await list(again);
      expect(after.revision).toBe(before.revision);
      expect(after.items.map((o) => [keyText(o.key), o.revision, o.bytes.toString()])).toEqual(
        before.items.map((o) => [keyText(o.key), o.revision, o.bytes.toString()]),
      );
      expect((await put(again, configMap('d'))).revision).toBe(before.revision + 1);
    }));
}

export function testLists(open: OpenFixture): void {
  it('answers a revision of at least 1 on an empty log', () =>
    withStorage(open, async ({ storage }) => {
      const page = await list(storage);
      expect(page.revision).toBeGreaterThanOrEqual(1);
      expect(page.items).toEqual([]);
    }));

  it('lists in byte order of the keys, by namespace, name and selector', () =>
    withStorage(open, async ({ storage }) => {
      const places = ['b/x', 'a-b/x', 'a/é', 'a/z', 'a/a', 'a/\u{1F600}', 'a/\uFF01'];
      for (const place of places) {
        const [namespace = '', name = ''] = place.split('/');
        await put(storage, configMap(name, namespace), {}, { name: name.length === 1 ? 'short' : 'long' });
      }
      const all = await list(storage);
      const texts = all.items.map((o) => keyText(o.key));
      expect(texts).toEqual([...texts].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y))));
      expect(texts).toHaveLength(places.length);
      expect(names(await list(storage, { namespace: 'a' }))).toHaveLength(5);
      expect(names(await list(storage, { namespace: 'a', name: 'z' }))).toEqual(['z']);
      expect((await list(storage, { name: 'x' })).items.map((o) => o.key.namespace)).toEqual(['a-b', 'b']);
      expect(names(await list(storage, { match: (labels) => labels['name'] === 'long' }))).toEqual(['\u{1F600}']);
      expect(names(await list(storage, { namespace: 'no' }))).toEqual([]);
    }));

  it('keeps every page of a list at the revision of the first, and counts what remains', async () => {
    for (const recentBytes of [1 << 20, 0])
      await withStorage(
        open,
        async ({ storage }) => {
          for (let i = 0; i < 10; i++) await put(storage, configMap(`c${String(i)}`));
          const first = await list(storage, { limit: 4 });
          expect(first.next).toEqual({ lastKey: keyText(configMap('c3')), remaining: 6 });
          await remove(storage, configMap('c5'));
          await put(storage, configMap('c44'));
          await put(storage, configMap('c9'), { new: 'yes' });
          const consistency = { kind: 'exact', revision: first.revision } as const;
          const second = await list(storage, { limit: 4, consistency, startAfter: first.next?.lastKey ?? '' });
          expect(names(second)).toEqual(['c4', 'c5', 'c6', 'c7']);
          expect(second.revision).toBe(first.revision);
          expect(second.next?.lastKey).toBe(keyText(configMap('c7')));
          if (second.next?.remaining !== undefined) expect(second.next.remaining).toBe(2);
          const third = await list(storage, { limit: 4, consistency, startAfter: second.next?.lastKey ?? '' });
          expect(names(third)).toEqual(['c8', 'c9']);
          expect(third.items[1]?.parse()['data']).toEqual({});
          expect(third.next).toBeUndefined();
          const match = (labels: Readonly<Record<string, string>>): boolean => labels['x'] === 'y';
          expect(await list(storage, { limit: 2, consistency, match })).toEqual({
            revision: first.revision,
            items: [],
          });
        },
        { recentBytes },
      );
  });

  it('waits three seconds for a revision to come, then says TooLarge', () =>
    withStorage(open, async ({ storage, clock }) => {
      const next = revision(storage.revision + 1);
      const waits = [
        list(storage, { consistency: { kind: 'at-least', revision: next } }).then(names),
        list(storage, { consistency: { kind: 'exact', revision: next } }).then(names),
        Promise.resolve(storage.get(configMap('a'), { atLeast: next })).then((o) => [o?.key.name]),
      ];
      await turns();
      await put(storage, configMap('a'));
      expect(await Promise.all(waits)).toEqual([['a'], ['a'], ['a']]);

      const far = revision(storage.revision + 100);
      const late = [
        codeOf(() => list(storage, { consistency: { kind: 'at-least', revision: far } })),
        codeOf(() => storage.get(configMap('a'), { atLeast: far })),
        codeOf(() => storage.getAt(configMap('a'), far)),
      ];
      await clock.advance(2900);
      await clock.advance(200);
      expect(await Promise.all(late)).toEqual(['TooLarge', 'TooLarge', 'TooLarge']);
    }));
}

export function testHistory(open: OpenFixture): void {
  it('shows any retained revision, from memory and from the log, and says Compacted below the floor', async () => {
    for (const recentBytes of [1 << 20, 0])
      await withStorage(
        open,
        async ({ storage, log }) => {
          const first = await put(storage, configMap('a'), { v: '1' });
          const second = await put(storage, configMap('a'), { v: '2' });
          const other = await put(storage, configMap('ab'));
          const gone = await remove(storage, configMap('a'));
          expect((await storage.getAt(configMap('a'), first.revision))?.parse()['data']).toEqual({ v: '1' });
          expect((await storage.getAt(configMap('a'), other.revision))?.revision).toBe(second.revision);
          expect(await storage.getAt(configMap('a'), gone.revision)).toBeUndefined();
          expect(await storage.getAt(configMap('a'), revision(1))).toBeUndefined();
          const at = (r: Revision) => list(storage, { consistency: { kind: 'exact', revision: r } });
          expect(names(await at(second.revision))).toEqual(['a']);
          expect(names(await at(other.revision))).toEqual(['a', 'ab']);
          expect(names(await at(gone.revision))).toEqual(['ab']);
          if (recentBytes > 0) return;
          await log.compact([{ prefix: '/core/configmaps/', floor: other.revision }]);
          expect(await codeOf(() => at(second.revision))).toBe('Compacted');
          expect(names(await at(other.revision))).toEqual(['a', 'ab']);
        },
        { recentBytes },
      );
  });

  it('finds the revision of a time, and holds time when the clock jumps back', () =>
    withStorage(open, async ({ storage, clock }) => {
      const first = await put(storage, configMap('a'));
      const then = storage.now();
      clock.jump(60_000);
      const second = await put(storage, configMap('b'));
      clock.jump(-3_600_000);
      const third = await put(storage, configMap('c'));
      expect(storage.now()).toBe(then + 60_000);
      expect(await storage.revisionAt(then)).toBe(first.revision);
      expect(await storage.revisionAt(then + 59_999)).toBe(first.revision);
      expect(await storage.revisionAt(then + 60_000)).toBe(third.revision);
      expect(third.revision).toBe(second.revision + 1);
    }));

  it('holds time when the clock was set back while the storage was closed', async () => {
    const before = await open();
    const first = await put(before.storage, configMap('a'));
    const then = before.storage.now();
    before.clock.jump(-3_600_000);
    const after = await before.reopen();
    try {
      expect(after.storage.now()).toBe(then);
      const second = await put(after.storage, configMap('b'));
      expect(await after.storage.revisionAt(then - 1)).toBeLessThan(first.revision);
      expect(await after.storage.revisionAt(then)).toBe(second.revision);
      after.clock.jump(3_600_000 + 5);
      expect(after.storage.now()).toBe(then + 5);
    } finally {
      await after.close();
    }
  });
}

export function testFields(open: OpenFixture): void {
  it('extracts labels and selectable fields, anew when the extractor is replaced', () =>
    withStorage(open, async ({ storage }) => {
      const stored = await put(storage, configMap('a'), { color: 'red' }, { app: 'x' });
      expect(stored.labels).toEqual({ app: 'x' });
      expect(stored.fields).toEqual({ 'metadata.name': 'a', 'metadata.namespace': 'default' });
      storage.setFields(configMaps, (object) => ({ color: String((object['data'] as { color?: string }).color) }));
      expect(storage.newest(configMap('a'))?.fields).toEqual({ color: 'red' });
      expect(names(await list(storage, { match: (_, fields) => fields['color'] === 'red' }))).toEqual(['a']);
    }));

  it('leaves hostile member names inert', () =>
    withStorage(open, async ({ storage }) => {
      const labels = JSON.parse('{"__proto__":"evil","constructor":"x"}') as Record<string, string>;
      await put(storage, configMap('a'), {}, labels);
      const stored = await storage.get(configMap('a'));
      expect(Object.hasOwn(stored?.labels ?? {}, '__proto__')).toBe(true);
      expect(({} as Record<string, unknown>)['evil']).toBeUndefined();
      expect(stored?.bytes.toString()).toContain('"__proto__":"evil"');
    }));
}

export function testObserve(open: OpenFixture): void {
  it('tells observers everything alive, then each change before the answer', () =>
    withStorage(open, async ({ storage }) => {
      await put(storage, configMap('a'));
      const seen: string[] = [];
      const end = storage.observe(configMaps, (event) => seen.push(`${event.type} ${event.object.key.name}`));
      await put(storage, { ...nodes, namespace: '', name: 'n' });
      await put(storage, configMap('b')).then(() => seen.push('answered'));
      await put(storage, configMap('b'), { v: '2' });
      await remove(storage, configMap('a'));
      end();
      await put(storage, configMap('c'));
      expect(seen).toEqual(['ADDED a', 'ADDED b', 'answered', 'MODIFIED b', 'DELETED a']);
    }));
}

/** Every guarantee of a storage. */
export function testStorage(open: OpenFixture): void {
  testNothingUncommittedSeen(open);
  testReadYourWrites(open);
  testOptimisticWrites(open);
  testAtomicBatches(open);
  testAnswersWait(open);
  testRollback(open);
  testViewEqualsFold(open);
  testLists(open);
  testHistory(open);
  testFields(open);
  testObserve(open);
}

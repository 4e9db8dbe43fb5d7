import { expect, it } from 'vitest';
import { RecordingSink } from './recording-sink';
import { revision } from './revision';
import type { Revision } from './revision';
import type { Storage, WatchEncoding, WatchRequest } from './storage';
import { StorageError } from './storage-error';
import { configMap, configMaps, eventually, nodes, put, remove, turns, withStorage } from './storage-fixture';
import type { OpenFixture } from './storage-fixture';

interface Opened {
  readonly sink: RecordingSink;
  readonly close: () => void;
}

function watch(storage: Storage, request: Partial<WatchRequest> = {}, sink = new RecordingSink()): Opened {
  const abort = new AbortController();
  storage.watch(
    {
      resource: configMaps,
      namespace: '',
      start: { kind: 'from', revision: storage.revision },
      bookmarks: false,
      signal: abort.signal,
      ...request,
    },
    sink,
  );
  return { sink, close: () => abort.abort() };
}

const from = (r: number) => ({ kind: 'from', revision: revision(r) }) as const;

const isRed = (labels: Readonly<Record<string, string>>): boolean => labels['color'] === 'red';

export function testReliable(open: OpenFixture): void {
  it('carries every change in order, with the state that the change made', () =>
    withStorage(open, async ({ storage }) => {
      const start = storage.revision;
      const { sink } = watch(storage);
      await put(storage, configMap('a'), { v: '1' });
      await put(storage, { ...nodes, namespace: '', name: 'elsewhere' });
      await put(storage, configMap('a'), { v: '2' });
      await remove(storage, configMap('a'));
      expect(sink.lines()).toEqual([
        `ADDED a ${String(start + 1)}`,
        `MODIFIED a ${String(start + 3)}`,
        `DELETED a ${String(start + 4)}`,
      ]);
      expect(sink.events().map((e) => e.object.data)).toEqual([{ v: '1' }, { v: '2' }, { v: '2' }]);
    }));

  it('sends nothing that is not durable, and nothing that was rolled back', () =>
    withStorage(open, async ({ storage, log }) => {
      const start = storage.revision;
      const { sink } = watch(storage);
      const release = log.hold();
      const written = put(storage, configMap('a'));
      log.failNext();
      const lost = put(storage, configMap('lost')).catch((error: unknown) => error);
      await turns();
      expect(sink.frames).toEqual([]);
      release();
      await written;
      expect(await lost).toBeInstanceOf(StorageError);
      await put(storage, configMap('b'));
      expect(sink.lines()).toEqual([`ADDED a ${String(start + 1)}`, `ADDED b ${String(start + 2)}`]);
    }));

  it('joins what became durable together into one write, and gives every watcher the same buffer', () =>
    withStorage(open, async ({ storage, log }) => {
      const watchers = [watch(storage), watch(storage), watch(storage, { namespace: 'default' })];
      const release = log.hold();
      const done = Promise.all(['a', 'b', 'c'].map((name) => put(storage, configMap(name))));
      await turns();
      release();
      await done;
      for (const { sink } of watchers) expect(sink.lines()).toHaveLength(3);
      const [first, second, third] = watchers.map(({ sink }) => sink.frames);
      expect(first).toHaveLength(1);
      expect(second?.[0]).toBe(first?.[0]);
      expect(third).toHaveLength(1);
    }));

  it('ends one watch whose encoding throws, not the others', () =>
    withStorage(open, async ({ storage }) => {
      const encoding: WatchEncoding = {
        id: 'broken',
        encode: () => {
          throw new Error('cannot convert');
        },
        encodeBookmark: () => Buffer.alloc(0),
      };
      const broken = watch(storage, { encoding });
      const sound = watch(storage);
      await put(storage, configMap('a'));
      expect(broken.sink.error?.message).toBe('cannot convert');
      expect(sound.sink.lines()).toHaveLength(1);
    }));
}

export function testSelectors(open: OpenFixture): void {
  const run = async (storage: Storage): Promise<Revision> => {
    const start = storage.revision;
    await put(storage, configMap('a'), { v: '1' }, { color: 'blue' });
    await put(storage, configMap('a'), { v: '2' }, { color: 'red' });
    await put(storage, configMap('a'), { v: '3' }, { color: 'red' });
    await put(storage, configMap('a'), { v: '4', resourceVersion: '1' }, { color: 'blue' });
    await put(storage, configMap('a'), { v: '5' }, { color: 'red', resourceVersion: '9' });
    await remove(storage, configMap('a'));
    await put(storage, configMap('b', 'other'), {}, { color: 'red' });
    return start;
  };
  const expected = (start: number) => [
    `ADDED a ${String(start + 2)}`,
    `MODIFIED a ${String(start + 3)}`,
    `DELETED a ${String(start + 4)}`,
    `ADDED a ${String(start + 5)}`,
    `DELETED a ${String(start + 6)}`,
  ];

  it('turns changes into what they are to a selector, live, from memory and from the log', async () => {
    for (const recentBytes of [1 << 20, 0])
      await withStorage(
        open,
        async ({ storage }) => {
          const live = watch(storage, { match: isRed, namespace: 'default' });
          const start = await run(storage);
          const replayed = watch(storage, { match: isRed, namespace: 'default', start: from(start) });
          await eventually(() => replayed.sink.lines().length === 5);
          for (const { sink } of [live, replayed]) {
            expect(sink.lines()).toEqual(expected(start));
            // The one that left carries its last matching state under the revision of the change.
            expect(sink.events()[2]?.object.data).toEqual({ v: '3' });
          }
          const midway = watch(storage, { match: isRed, start: from(start + 3) });
          await eventually(() => midway.sink.lines().length === 4);
          expect(midway.sink.lines()).toEqual([...expected(start).slice(2), `ADDED b ${String(start + 7)}`]);
          expect(midway.sink.events()[0]?.object.data).toEqual({ v: '3' });
        },
        { recentBytes },
      );
  });

  it('finds watchers by name, namespace and required field', () =>
    withStorage(open, async ({ storage }) => {
      storage.setFields(configMaps, (object) => ({ node: (object['data'] as { node?: string }).node ?? '' }));
      const onNode = (node: string): Opened =>
        watch(storage, { match: (_, fields) => fields['node'] === node, requires: { field: 'node', value: node } });
      const [n1, n2] = [onNode('n1'), onNode('n2')];
      const named = watch(storage, { name: 'a' });
      const here = watch(storage, { name: 'a', namespace: 'default' });
      const there = watch(storage, { namespace: 'other' });
      const start = storage.revision;
      const at = (type: string, name: string, after: number): string => `${type} ${name} ${String(start + after)}`;
      await put(storage, configMap('a'), { node: 'n1' });
      await put(storage, configMap('a'), { node: 'n2' });
      await put(storage, configMap('a', 'other'), {});
      await remove(storage, configMap('a'));
      expect(n1.sink.lines()).toEqual([at('ADDED', 'a', 1), at('DELETED', 'a', 2)]);
      expect(n2.sink.lines()).toEqual([at('ADDED', 'a', 2), at('DELETED', 'a', 4)]);
      expect(named.sink.lines()).toHaveLength(4);
      expect(here.sink.lines()).toHaveLength(3);
      expect(there.sink.lines()).toEqual([at('ADDED', 'a', 3)]);
    }));
}

export function testResumable(open: OpenFixture): void {
  it('goes on from any retained revision, after a reopen too', () =>
    withStorage(open, async (fixture) => {
      const first = fixture.storage.revision;
      for (const name of ['a', 'b', 'c']) await put(fixture.storage, configMap(name));
      const { storage } = await fixture.reopen();
      for (let start = first; start <= first + 3; start++) {
        const { sink, close } = watch(storage, { start: from(start) });
        await eventually(() => sink.lines().length === 3 - (start - first));
        close();
        expect(sink.isEnded).toBe(true);
      }
    }));

  it('is silent until a future revision has passed', () =>
    withStorage(open, async ({ storage }) => {
      const start = storage.revision;
      const { sink } = watch(storage, { start: from(start + 2), bookmarks: true });
      for (const name of ['a', 'b', 'c', 'd']) await put(storage, configMap(name));
      expect(sink.lines()).toEqual([`ADDED c ${String(start + 3)}`, `ADDED d ${String(start + 4)}`]);
    }));

  it('ends with Compacted when the start is below the floor', () =>
    withStorage(
      open,
      async ({ storage, log }) => {
        const start = storage.revision;
        await put(storage, configMap('a'));
        await put(storage, configMap('b'));
        await log.compact([{ prefix: '/core/configmaps/', floor: storage.revision }]);
        const { sink } = watch(storage, { start: from(start) });
        await eventually(() => sink.isEnded);
        expect((sink.error as StorageError).code).toBe('Compacted');
        expect(sink.frames).toEqual([]);
        expect(watch(storage, { start: from(storage.revision) }).sink.isEnded).toBe(false);
      },
      { recentBytes: 0 },
    ));

  it('sends the current state first when asked', () =>
    withStorage(open, async ({ storage }) => {
      await put(storage, configMap('b'), {}, { color: 'red' });
      await put(storage, configMap('a'), {}, { color: 'red' });
      await put(storage, configMap('c'), {}, { color: 'blue' });
      const { sink } = watch(storage, { start: { kind: 'now-with-state' }, match: isRed });
      const named = watch(storage, { start: { kind: 'now-with-state' }, name: 'c' });
      await put(storage, configMap('d'), {}, { color: 'red' });
      expect(sink.events().map((e) => `${e.type} ${e.object.metadata.name}`)).toEqual([
        'ADDED a',
        'ADDED b',
        'ADDED d',
      ]);
      expect(named.sink.events().map((e) => e.object.metadata.name)).toEqual(['c']);
    }));
}

export function testLagging(open: OpenFixture): void {
  it('catches a slow watcher up from memory and from the log, without a gap', async () => {
    for (const recentBytes of [1 << 20, 2000, 0])
      await withStorage(
        open,
        async ({ storage }) => {
          const slow = watch(storage, {}, new RecordingSink(1));
          const red = watch(storage, { match: isRed }, new RecordingSink(1));
          const fast = watch(storage);
          for (let i = 0; i < 60; i++) {
            await put(
              storage,
              configMap(`c${String(i % 7)}`),
              { i: String(i) },
              { color: i % 3 === 0 ? 'red' : 'blue' },
            );
            if (i % 25 === 0) slow.sink.drain();
          }
          expect(slow.sink.lines().length).toBeLessThan(fast.sink.lines().length);
          const fastRed = watch(storage, { match: isRed, start: from(Number(firstRevision(fast)) - 1) });
          await eventually(() => {
            slow.sink.drain();
            red.sink.drain();
            // 20 turn red, 18 of them blue again.
            const areRedDone = [red, fastRed].every(({ sink }) => sink.lines().length >= 38);
            return areRedDone && slow.sink.lines().length >= fast.sink.lines().length;
          });
          slow.sink.drain();
          expect(slow.sink.lines()).toEqual(fast.sink.lines());
          expect(red.sink.lines()).toEqual(fastRed.sink.lines());
          await put(storage, configMap('last'));
          expect(slow.sink.lines()).toEqual(fast.sink.lines());
        },
        { recentBytes },
      );
  });

  it('replays the log once to a sink that drains while it is read', () =>
    withStorage(
      open,
      async ({ storage }) => {
        const start = storage.revision;
        // More than one chunk of the log, so that there is something to read twice.
        for (let round = 0; round < 11; round++)
          await Promise.all(Array.from({ length: 100 }, (_, i) => put(storage, configMap(`c${String(i)}`))));
        const sink = new RecordingSink(1);
        const hasty = Object.assign(Object.create(sink) as RecordingSink, {
          write: (frame: Buffer) => {
            queueMicrotask(() => sink.drain());
            return sink.write(frame);
          },
        });
        watch(storage, { start: from(start), match: () => true }, hasty);
        await eventually(() => sink.lines().length >= 1100);
        await turns();
        const seen = sink.events().map((e) => Number(e.object.metadata.resourceVersion));
        expect(seen).toEqual(Array.from({ length: 1100 }, (_, i) => start + 1 + i));
      },
      { recentBytes: 0 },
    ));

  it('ends at once when its signal is aborted, replaying, live or lagging', () =>
    withStorage(open, async ({ storage }) => {
      const abort = new AbortController();
      abort.abort();
      expect(watch(storage, { signal: abort.signal }).sink.isEnded).toBe(true);
      const live = watch(storage);
      const lagging = watch(storage, {}, new RecordingSink(1));
      await put(storage, configMap('a'));
      await put(storage, configMap('b'));
      live.close();
      lagging.close();
      lagging.sink.drain();
      await put(storage, configMap('c'));
      expect(live.sink.lines()).toHaveLength(2);
      expect(lagging.sink.lines()).toHaveLength(1);
      expect([live.sink.error, lagging.sink.error]).toEqual([undefined, undefined]);
    }));
}

const firstRevision = ({ sink }: Opened): string => sink.events()[0]?.object.metadata.resourceVersion ?? '';

export function testBookmarkable(open: OpenFixture): void {
  it('tells where a watcher stands about once a minute, and two seconds before a planned end', () =>
    withStorage(open, async ({ storage, clock }) => {
      const asked = watch(storage, { bookmarks: true });
      const ending = watch(storage, { bookmarks: true, endsInMs: 10_000 });
      const short = watch(storage, { bookmarks: true, endsInMs: 1000 });
      const plain = watch(storage);
      await put(storage, { ...nodes, namespace: '', name: 'n' });
      const line = `BOOKMARK ${String(storage.revision)}`;
      await clock.advance(9000);
      expect(ending.sink.lines()).toEqual([line]);
      await clock.advance(50_000);
      expect(asked.sink.lines()).toEqual([]);
      await clock.advance(2000);
      expect(asked.sink.lines()).toEqual([line]);
      await clock.advance(60_000);
      expect(asked.sink.lines()).toEqual([line, line]);
      expect(short.sink.lines().length).toBeGreaterThan(0);
      expect(plain.sink.lines()).toEqual([]);
    }));

  it('gives no bookmark to one that has not seen everything', () =>
    withStorage(open, async ({ storage, clock }) => {
      const lagging = watch(storage, { bookmarks: true }, new RecordingSink(1));
      await put(storage, configMap('a'));
      await put(storage, configMap('b'));
      await clock.advance(61_000);
      expect(lagging.sink.lines()).toHaveLength(1);
      lagging.sink.open();
      await clock.advance(1000);
      expect(lagging.sink.lines().map((l) => l.split(' ')[0])).toEqual(['ADDED', 'ADDED', 'BOOKMARK']);
    }));

  it('ends the initial events with the annotated bookmark, at least as new as asked', () =>
    withStorage(open, async ({ storage, clock }) => {
      await put(storage, configMap('a'));
      const now = storage.revision;
      const { sink } = watch(storage, { start: { kind: 'initial-events', atLeast: now }, bookmarks: true });
      expect(sink.lines()).toEqual([`ADDED a ${String(now)}`, `BOOKMARK ${String(now)}`]);
      expect(sink.events()[1]?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });

      const waiting = watch(storage, {
        start: { kind: 'initial-events', atLeast: revision(now + 1) },
        bookmarks: true,
      });
      const never = watch(storage, { start: { kind: 'initial-events', atLeast: revision(now + 50) }, bookmarks: true });
      expect(waiting.sink.frames).toEqual([]);
      await put(storage, configMap('b'));
      await turns();
      expect(waiting.sink.lines()).toHaveLength(3);
      await clock.advance(3100);
      expect((never.sink.error as StorageError).code).toBe('TooLarge');
    }));

  it('survives resuming from any bookmark', () =>
    withStorage(open, async ({ storage, clock }) => {
      const asked = watch(storage, { bookmarks: true });
      await put(storage, { ...nodes, namespace: '', name: 'n' });
      await clock.advance(61_000);
      asked.close();
      const at = Number(asked.sink.events()[0]?.object.metadata.resourceVersion);
      await put(storage, configMap('a'));
      expect(watch(storage, { start: from(at) }).sink.lines()).toEqual([`ADDED a ${String(at + 1)}`]);
    }));
}

/** Every guarantee of watches. */
export function testWatch(open: OpenFixture): void {
  testReliable(open);
  testSelectors(open);
  testResumable(open);
  testLagging(open);
  testBookmarkable(open);
}

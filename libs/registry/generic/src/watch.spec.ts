import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseFieldSelector, parseLabelSelector } from '@reckon/api/machinery';
import { type Revision, type Storage, StorageError, type WatchRequest, type WatchSink } from '@reckon/store/contract';
import { RecordingSink } from '@reckon/store/contract/suites';
import { createResourceStore } from './create-resource-store';
import type { ResourceStore, WatchQuery } from './resource-store';
import {
  type RegistryFixture,
  change,
  configMap,
  openRegistry,
  statusOf,
  writeOptions,
} from './testing/registry-fixture.suite';

describe('watch', () => {
  let registry: RegistryFixture;
  let maps: ResourceStore;
  let stop: AbortController;

  beforeEach(async () => {
    registry = await openRegistry();
    maps = registry.store('', 'v1', 'configmaps');
    stop = new AbortController();
    await create('a', { app: 'x' });
    await create('b');
  });
  afterEach(async () => {
    stop.abort();
    await registry.close();
  });

  const create = (name: string, labels: Record<string, string> = {}): Promise<unknown> =>
    maps.create(registry.ctx(), 'ns', configMap(name, { metadata: { name, labels } }), writeOptions());
  const query = (overrides: Partial<WatchQuery> = {}): WatchQuery => ({
    namespace: 'ns',
    resourceVersion: '',
    resourceVersionMatch: '',
    allowWatchBookmarks: false,
    sendInitialEvents: undefined,
    ...overrides,
  });
  const open = async (overrides: Partial<WatchQuery> = {}): Promise<RecordingSink> => {
    const sink = new RecordingSink();
    await maps.watch(query(overrides), sink, stop.signal);
    return sink;
  };
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  const seen = async (sink: RecordingSink): Promise<string[]> => {
    await settle();
    return sink.lines().map((line) => line.replace(/ \d+$/, ''));
  };

  it('sends the state first without a resourceVersion, or with 0', async () => {
    for (const resourceVersion of ['', '0']) {
      const sink = await open({ resourceVersion });
      expect(await seen(sink)).toEqual(['ADDED a', 'ADDED b']);
    }
  });

  it('sends what came after a resourceVersion, and nothing before a future one', async () => {
    const start = String(registry.storage.revision - 1);
    const far = await open({ resourceVersion: '99999999' });
    const sink = await open({ resourceVersion: start });
    await create('c');
    expect(await seen(sink)).toEqual(['ADDED b', 'ADDED c']);
    expect(await seen(far)).toEqual([]);
  });

  it('sends the state, its end and events when initial events are asked for', async () => {
    const sink = await open({
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
    });
    await settle();
    await create('c');
    await settle();
    expect(sink.events().map(({ type }) => type)).toEqual(['ADDED', 'ADDED', 'BOOKMARK', 'ADDED']);
    const bookmark = sink.events()[2];
    expect(bookmark?.object).toEqual({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { resourceVersion: expect.any(String), annotations: { 'k8s.io/initial-events-end': 'true' } },
    });
  });

  it('sends only new events when initial ones are declined', async () => {
    const sink = await open({ sendInitialEvents: false, resourceVersionMatch: 'NotOlderThan' });
    await create('c');
    expect(await seen(sink)).toEqual(['ADDED c']);
  });

  it('ends with an ERROR when initial events from the future do not come', async () => {
    const opened = open({
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
      resourceVersion: '99999',
    });
    await registry.clock.advance(3000);
    const sink = await opened;
    expect(sink.events()).toMatchObject([
      { type: 'ERROR', object: { code: 504, reason: 'Timeout', details: { retryAfterSeconds: 1 } } },
    ]);
  });

  it('selects by label and by key', async () => {
    const byLabel = await open({ labels: parseLabelSelector('app=x') });
    const byName = await open({ fields: parseFieldSelector('metadata.name=b') });
    await maps.update(
      registry.ctx(),
      'ns',
      'a',
      '',
      change((object) => delete object.metadata.labels),
      writeOptions(),
    );
    expect(await seen(byLabel)).toEqual(['ADDED a', 'DELETED a']);
    expect(await seen(byName)).toEqual(['ADDED b']);
  });

  it.each([
    [
      { resourceVersion: 'x' },
      500,
      'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
    ],
    [
      { fields: parseFieldSelector('spec.x=1') },
      400,
      '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    ],
  ])('refuses %o before anything is sent', async (overrides, code, message) => {
    expect(await statusOf(() => open(overrides))).toMatchObject({ code, message });
  });

  it('says in the stream that history is gone, and ends it', async () => {
    const storage: Pick<Storage, 'setFields' | 'watch' | 'revision'> = {
      setFields: () => undefined,
      revision: 50 as Revision,
      watch: (_request: WatchRequest, sink: WatchSink) => {
        sink.end(new StorageError('Compacted', 'below the floor', { data: { floor: 40 } }));
      },
    };
    const store = createResourceStore({
      row: maps.row,
      kinds: registry.kinds,
      storage: storage as Storage,
      strategy: {},
      random: { uuid: () => '', int: () => 0, float: () => 0 },
    });
    const sink = new RecordingSink();
    await store.watch(query({ resourceVersion: '5' }), sink, stop.signal);
    expect(sink.error).toBeUndefined();
    expect(sink.isEnded).toBe(true);
    expect(sink.events()).toEqual([
      {
        type: 'ERROR',
        object: {
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message: 'too old resource version: 5 (40)',
          reason: 'Expired',
          code: 410,
        },
      },
    ]);
  });

  it('ends the world at the revision of /at/', async () => {
    const at = registry.storage.revision;
    const replay = await open({ at, resourceVersion: String(at - 1) });
    await create('c');
    const live = await open({ at });
    await create('d');
    await maps.delete(registry.ctx(), 'ns', 'a', {}, writeOptions());
    const state = await open({
      at,
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
    });
    expect(await seen(replay)).toEqual(['ADDED b']);
    expect(await seen(live)).toEqual(['ADDED a', 'ADDED b']);
    expect(state.events().map(({ type }) => type)).toEqual(['ADDED', 'ADDED', 'BOOKMARK']);
    expect(state.events()[2]?.object.metadata.resourceVersion).toBe(String(at));
    expect(await statusOf(() => open({ at, resourceVersion: String(at + 1) }))).toMatchObject({ code: 504 });
  });

  it('is over at the revision of /at/ for who takes no bookmarks, and silent for who keeps a cache', async () => {
    const at = registry.storage.revision;
    const isOver = async (overrides: Partial<WatchQuery>): Promise<boolean> =>
      (await open({ at, ...overrides })).isEnded;
    expect(await isOver({})).toBe(true);
    expect(await isOver({ resourceVersion: String(at) })).toBe(true);
    expect(await isOver({ resourceVersion: String(at - 1) })).toBe(false);
    expect(await isOver({ resourceVersion: String(at), allowWatchBookmarks: true })).toBe(false);
  });
});

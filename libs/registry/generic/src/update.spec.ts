import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '@reckon/api/machinery';
import { seededRandom } from '@reckon/kernel';
import { createResourceStore } from './create-resource-store';
import type { ResourceStore, UpdateIntent } from './resource-store';
import {
  type RegistryFixture,
  change,
  configMap,
  objectOf,
  openRegistry,
  put,
  statusOf,
  writeOptions,
} from './testing/registry-fixture.suite';

describe('update', () => {
  let registry: RegistryFixture;
  let maps: ResourceStore;

  beforeEach(async () => {
    registry = await openRegistry();
    maps = registry.store('', 'v1', 'configmaps', {}, { status: {} });
  });
  afterEach(() => registry.close());

  const create = (name: string, rest: Partial<KubeObject> = {}): Promise<KubeObject> =>
    maps.create(registry.ctx(), 'ns', configMap(name, rest), writeOptions()).then(objectOf);
  const update = (name: string, intent: UpdateIntent, options = writeOptions()): Promise<KubeObject> =>
    maps.update(registry.ctx(), 'ns', name, '', intent, options).then(objectOf);

  it('replaces the object, keeping what a client cannot change', async () => {
    const created = await create('a', { data: { k: '1' } });
    const updated = await update(
      'a',
      put(
        configMap('a', {
          data: { k: '2' },
          metadata: { name: 'a', creationTimestamp: '2001-01-01T00:00:00Z', generation: 9, selfLink: '/x' },
        }),
      ),
    );
    expect(updated['data']).toEqual({ k: '2' });
    expect(updated.metadata).toMatchObject({
      uid: created.metadata.uid,
      creationTimestamp: created.metadata.creationTimestamp,
    });
    expect(updated.metadata.generation).toBeUndefined();
    expect(Object.keys(updated.metadata)).not.toContain('selfLink');
    expect(Number(updated.metadata.resourceVersion)).toBeGreaterThan(Number(created.metadata.resourceVersion));
  });

  it.each<{ what: string; body: (created: KubeObject) => KubeObject; status: object }>([
    {
      what: 'a stale resourceVersion',
      body: () => configMap('a', { metadata: { name: 'a', resourceVersion: '1' } }),
      status: {
        code: 409,
        reason: 'Conflict',
        message:
          'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
        details: { name: 'a', kind: 'configmaps' },
      },
    },
    {
      what: 'another uid',
      body: () => configMap('a', { metadata: { name: 'a', uid: 'u-2' } }),
      status: {
        code: 409,
        reason: 'Conflict',
        message: expect.stringMatching(
          /^Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, Key: \/registry\/configmaps\/ns\/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: u-2, UID in object meta: [0-9a-f-]{36}$/,
        ),
      },
    },
    {
      what: 'another name',
      body: () => configMap('b'),
      status: {
        code: 400,
        reason: 'BadRequest',
        message: 'the name of the object (b) does not match the name on the URL (a)',
      },
    },
    {
      what: 'no name',
      body: () => configMap(''),
      status: {
        code: 400,
        message: 'the name of the object (a based on URL) was undeterminable: name must be provided',
      },
    },
    {
      what: 'another namespace',
      body: () => configMap('a', { metadata: { name: 'a', namespace: 'other' } }),
      status: {
        code: 400,
        message: 'the namespace of the provided object does not match the namespace sent on the request',
      },
    },
    {
      what: 'a resourceVersion that is no number',
      body: () => configMap('a', { metadata: { name: 'a', resourceVersion: 'x' } }),
      status: { code: 500, message: 'strconv.ParseUint: parsing "x": invalid syntax' },
    },
    {
      what: 'bad labels',
      body: () => configMap('a', { metadata: { name: 'a', labels: { 'a b': '' } } }),
      status: {
        code: 422,
        reason: 'Invalid',
        message: expect.stringMatching(/^ConfigMap "a" is invalid: metadata\.labels: /),
      },
    },
  ])('refuses $what and writes nothing', async ({ body, status }) => {
    const created = await create('a');
    const before = registry.storage.revision;
    expect(await statusOf(() => update('a', put(body(created))))).toMatchObject(status);
    expect(registry.storage.revision).toBe(before);
  });

  it('refuses a missing object, unless the kind creates on update', async () => {
    expect(await statusOf(() => update('a', put(configMap('a'))))).toMatchObject({
      code: 404,
      message: 'configmaps "a" not found',
      details: { name: 'a', kind: 'configmaps' },
    });
    const creating = registry.store('', 'v1', 'configmaps', { allowCreateOnUpdate: true });
    const intent = put(configMap('a'));
    expect(
      await statusOf(() =>
        creating.update(registry.ctx(), 'ns', 'a', '', { ...intent, mayCreate: false }, writeOptions()),
      ),
    ).toMatchObject({ code: 404 });
    const result = await creating.update(registry.ctx(), 'ns', 'a', '', intent, writeOptions());
    expect(result.created).toBe(true);
    expect(objectOf(result).metadata).toMatchObject({ name: 'a', namespace: 'ns', uid: expect.any(String) });
  });

  it('demands a resourceVersion where unconditional updates are not allowed', async () => {
    await create('a');
    const careful = registry.store('', 'v1', 'configmaps', { allowUnconditionalUpdate: false });
    expect(
      await statusOf(() => careful.update(registry.ctx(), 'ns', 'a', '', put(configMap('a')), writeOptions())),
    ).toMatchObject({
      code: 422,
      reason: 'Invalid',
      message: 'configmaps "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    });
  });

  it('writes nothing for an update that changes nothing, even by another manager and later', async () => {
    const created = await create('a', { data: { k: '1' } });
    await registry.clock.advance(5000);
    const same = await update('a', put(configMap('a', { data: { k: '1' } })));
    expect(same).toEqual(created);
    expect(registry.storage.revision).toBe(Number(created.metadata.resourceVersion));
  });

  it('writes an update that changes nothing where what is stored is stale', async () => {
    const created = await create('a', { data: { k: '1' } });
    const { kinds, storage } = registry;
    const row = kinds.resource('', 'v1', 'configmaps');
    if (row === undefined) throw new Error('no configmaps');
    const first = Number(created.metadata.resourceVersion);
    const store = createResourceStore({
      ...{ row, kinds, storage, strategy: {}, random: seededRandom(1) },
      isStale: ({ name }, revision) => Promise.resolve(name === 'a' && revision === first),
    });
    const write = () =>
      store.update(registry.ctx(), 'ns', 'a', '', put(configMap('a', { data: { k: '1' } })), writeOptions());
    expect(objectOf(await write())).toEqual({
      ...created,
      metadata: { ...created.metadata, resourceVersion: String(first + 1) },
    });
    expect(objectOf(await write()).metadata.resourceVersion).toBe(String(first + 1));
    expect(registry.storage.revision).toBe(first + 1);
  });

  it('tries again on the newest state when another change came between', async () => {
    await create('a', { data: { n: '0' } });
    const increment = change((object) => {
      const data = object['data'] as Record<string, string>;
      data['n'] = String(Number(data['n']) + 1);
    });
    const slow: UpdateIntent = {
      ...increment,
      next: async (current, apply) => {
        await new Promise((resolve) => setImmediate(resolve));
        return increment.next(current, apply);
      },
    };
    await Promise.all(Array.from({ length: 20 }, () => update('a', slow)));
    expect(objectOf(await maps.get('ns', 'a', { resourceVersion: '' }))['data']).toEqual({ n: '20' });
  });

  it('answers a conflict only when what it lost against is durable', async () => {
    const created = await create('a', { data: { k: '0' } });
    const release = registry.log.hold();
    const winner = update('a', put(configMap('a', { data: { k: '1' } })));
    let isAnswered = false;
    const loser = statusOf(() =>
      update(
        'a',
        put(
          configMap('a', {
            data: { k: '2' },
            metadata: { name: 'a', resourceVersion: created.metadata.resourceVersion ?? '' },
          }),
        ),
      ),
    ).finally(() => (isAnswered = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isAnswered).toBe(false);
    release();
    await winner;
    expect(await loser).toMatchObject({ code: 409 });
  });

  it('gives a 500 when the write fails, and to those who waited for it', async () => {
    await create('a', { data: { k: '0' } });
    registry.log.failNext();
    const release = registry.log.hold();
    const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const failing = statusOf(() => update('a', put(configMap('a', { data: { k: '1' } }))));
    await tick();
    const noOp = statusOf(() => update('a', put(configMap('a', { data: { k: '1' } }))));
    await tick();
    release();
    expect(await failing).toMatchObject({ code: 500, reason: 'InternalError' });
    expect(await noOp).toMatchObject({ code: 500, reason: 'InternalError' });
    expect((await update('a', put(configMap('a', { data: { k: '2' } }))))['data']).toEqual({ k: '2' });
  });

  it('does everything but the append in a dry run', async () => {
    const created = await create('a', { data: { k: '1' } });
    const dry = await update('a', put(configMap('a', { data: { k: '2' } })), writeOptions({ dryRun: true }));
    expect(dry).toMatchObject({ data: { k: '2' }, metadata: { resourceVersion: created.metadata.resourceVersion } });
    expect(objectOf(await maps.get('ns', 'a', { resourceVersion: '' }))['data']).toEqual({ k: '1' });
  });

  it('uses the strategy of the subresource, and records it', async () => {
    const withStatus = registry.store(
      '',
      'v1',
      'configmaps',
      {},
      {
        status: {
          prepareForUpdate: (_ctx, object, old) => {
            object['data'] = old['data'];
          },
        },
      },
    );
    await create('a', { data: { k: '1' } });
    const result = await withStatus.update(
      registry.ctx({ fieldManager: 'ctl' }),
      'ns',
      'a',
      'status',
      change((object) => {
        object['data'] = { k: '9' };
        object.metadata.annotations = { x: 'y' };
      }),
      writeOptions(),
    );
    expect(objectOf(result)['data']).toEqual({ k: '1' });
    expect(objectOf(result).metadata.managedFields).toContainEqual(
      expect.objectContaining({ manager: 'ctl', subresource: 'status' }),
    );
  });

  it('sets the defaults that the subresource has, or else those of the object', async () => {
    const set = (k: string) => (object: KubeObject) => {
      object['data'] = { ...(object['data'] as object), k };
    };
    const maps = registry.store(
      '',
      'v1',
      'configmaps',
      { defaults: set('main') },
      { status: { defaults: set('status') }, scale: {} },
    );
    const ctx = registry.ctx();
    const made = await maps.create(ctx, 'ns', configMap('a', {}), writeOptions());
    expect(objectOf(made)['data']).toEqual({ k: 'main' });
    for (const [subresource, k] of [
      ['status', 'status'],
      ['scale', 'main'],
      ['', 'main'],
    ] as const) {
      const label = change((object) => (object.metadata.labels = { of: `x${subresource}` }));
      const result = await maps.update(ctx, 'ns', 'a', subresource, label, writeOptions());
      expect([subresource, objectOf(result)['data']]).toEqual([subresource, { k }]);
    }
  });

  it('lets nobody add finalizers to an object in deletion, and deletes it with its last one', async () => {
    const finalizers = ['example.com/hold'];
    await create('a', { metadata: { name: 'a', finalizers } });
    const marked = await maps.delete(registry.ctx(), 'ns', 'a', {}, writeOptions());
    expect(marked.gone).toBe(false);
    const status = await statusOf(() =>
      update(
        'a',
        change((object) => {
          object.metadata.finalizers = [...finalizers, 'example.com/more'];
        }),
      ),
    );
    const text =
      'no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/more"}';
    expect(status.message).toBe(`ConfigMap "a" is invalid: metadata.finalizers: Forbidden: ${text}`);
    expect((status.details as { causes: unknown[] }).causes).toHaveLength(2);

    const restored = await update(
      'a',
      change((object) => {
        delete object.metadata.deletionTimestamp;
        object.metadata.labels = { a: 'b' };
      }),
    );
    expect(restored.metadata.deletionTimestamp).toBe(objectOf(marked).metadata.deletionTimestamp);

    const last = await update(
      'a',
      change((object) => {
        delete object.metadata.finalizers;
      }),
    );
    expect(last.metadata).toMatchObject({ name: 'a', resourceVersion: restored.metadata.resourceVersion });
    expect(last.metadata.finalizers).toBeUndefined();
    expect(await statusOf(() => maps.get('ns', 'a', { resourceVersion: '' }))).toMatchObject({ code: 404 });
  });

  it('asks the kind whether an emptied object may go', async () => {
    const held = registry.store('', 'v1', 'configmaps', {
      mayDeleteDuringUpdate: (object) => object['data'] === undefined,
    });
    await create('a', { data: { k: '1' }, metadata: { name: 'a', finalizers: ['example.com/hold'] } });
    await held.delete(registry.ctx(), 'ns', 'a', {}, writeOptions());
    const edit = (run: (object: KubeObject) => void): Promise<unknown> =>
      held.update(registry.ctx(), 'ns', 'a', '', change(run), writeOptions());
    await edit((object) => delete object.metadata.finalizers);
    expect(objectOf(await held.get('ns', 'a', { resourceVersion: '' })).metadata.finalizers).toBeUndefined();
    await edit((object) => delete object['data']);
    expect(await statusOf(() => held.get('ns', 'a', { resourceVersion: '' }))).toMatchObject({ code: 404 });
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KubeObject, statusErrors, timeText } from '@reckon/api/machinery';
import type { DeleteResult, ResourceStore } from './resource-store';
import type { DeleteOptions, Strategy } from './strategy';
import {
  type RegistryFixture,
  change,
  configMap,
  objectOf,
  openRegistry,
  statusOf,
  writeOptions,
} from './testing/registry-fixture.suite';

const patient: Strategy = {
  returnsDeletedObject: true,
  checkGracefulDelete: (_ctx, _object, options) => {
    options.gracePeriodSeconds ??= 30;
    return true;
  },
};

describe('delete', () => {
  let registry: RegistryFixture;
  let maps: ResourceStore;

  beforeEach(async () => {
    registry = await openRegistry();
    maps = registry.store('', 'v1', 'configmaps');
  });
  afterEach(() => registry.close());

  const create = (name: string, metadata: Partial<KubeObject['metadata']> = {}): Promise<KubeObject> =>
    maps
      .create(registry.ctx(), 'ns', configMap(name, { metadata: { ...metadata, name } }), writeOptions())
      .then(objectOf);
  const remove = (name: string, options: DeleteOptions = {}, store = maps, dryRun = false): Promise<DeleteResult> =>
    store.delete(registry.ctx(), 'ns', name, options, writeOptions({ dryRun }));
  const isThere = (name: string): boolean =>
    registry.storage.newest({ group: '', resource: 'configmaps', namespace: 'ns', name }) !== undefined;

  it('removes an object that nothing holds and answers a Status', async () => {
    const created = await create('a');
    const result = await remove('a');
    expect(result).toMatchObject({ gone: true, answer: 'status', uid: created.metadata.uid });
    expect(Number(objectOf(result).metadata.resourceVersion)).toBe(registry.storage.revision);
    expect(isThere('a')).toBe(false);
    expect(await statusOf(() => remove('a'))).toMatchObject({ code: 404, message: 'configmaps "a" not found' });
  });

  it.each<{ preconditions: NonNullable<DeleteOptions['preconditions']>; message: RegExp }>([
    {
      preconditions: { uid: 'x' },
      message:
        /^Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition \(x\) does not match the UID in record \([0-9a-f-]{36}\)\. The object might have been deleted and then recreated$/,
    },
    {
      preconditions: { resourceVersion: '1' },
      message:
        /^Operation cannot be fulfilled on ConfigMap "a": the ResourceVersion in the precondition \(1\) does not match the ResourceVersion in record \(\d+\)\. The object might have been modified$/,
    },
  ])('refuses $preconditions', async ({ preconditions, message }) => {
    await create('a');
    const status = await statusOf(() => remove('a', { preconditions }));
    expect(status).toMatchObject({ code: 409, reason: 'Conflict', details: { name: 'a', kind: 'ConfigMap' } });
    expect(status.message).toMatch(message);
    expect(isThere('a')).toBe(true);
  });

  it('takes preconditions that hold', async () => {
    const { metadata } = await create('a');
    const preconditions = { uid: metadata.uid ?? '', resourceVersion: metadata.resourceVersion ?? '' };
    expect((await remove('a', { preconditions })).gone).toBe(true);
  });

  it('marks an object with finalizers, bumping its generation once, and keeps it', async () => {
    await create('a', { finalizers: ['example.com/hold'], generation: 1 });
    const marked = await remove('a');
    expect(marked).toMatchObject({ gone: false, answer: 'object' });
    expect(objectOf(marked).metadata).toMatchObject({
      deletionTimestamp: timeText(registry.clock.nowMs()),
      deletionGracePeriodSeconds: 0,
      generation: 2,
      finalizers: ['example.com/hold'],
    });
    const before = registry.storage.revision;
    await registry.clock.advance(2000);
    expect(objectOf(await remove('a'))).toEqual(objectOf(marked));
    expect(registry.storage.revision).toBe(before);
  });

  it.each<{
    options: DeleteOptions;
    own?: string[];
    byDefault?: Strategy['defaultPropagation'];
    finalizers: string[] | undefined;
  }>([
    { options: { propagationPolicy: 'Foreground' }, finalizers: ['foregroundDeletion'] },
    { options: { propagationPolicy: 'Orphan' }, finalizers: ['orphan'] },
    { options: { orphanDependents: true }, finalizers: ['orphan'] },
    { options: { propagationPolicy: 'Background' }, finalizers: undefined },
    { options: {}, finalizers: undefined },
    { options: {}, byDefault: 'Orphan', finalizers: ['orphan'] },
    { options: { orphanDependents: false }, byDefault: 'Orphan', finalizers: undefined },
    { options: { propagationPolicy: 'Foreground' }, byDefault: 'Unsupported', finalizers: undefined },
    {
      options: { propagationPolicy: 'Foreground' },
      own: ['orphan', 'x.y/z'],
      finalizers: ['x.y/z', 'foregroundDeletion'],
    },
    { options: { propagationPolicy: 'Background' }, own: ['foregroundDeletion'], finalizers: undefined },
    { options: {}, own: ['foregroundDeletion'], finalizers: ['foregroundDeletion'] },
  ])(
    'with $options on $own by default $byDefault leaves $finalizers',
    async ({ options, own, byDefault, finalizers }) => {
      const store = registry.store(
        '',
        'v1',
        'configmaps',
        byDefault === undefined ? {} : { defaultPropagation: byDefault },
      );
      await create('a', own === undefined ? {} : { finalizers: own });
      const result = await remove('a', options, store);
      expect(result.gone).toBe(finalizers === undefined);
      expect(objectOf(result).metadata.finalizers).toEqual(finalizers);
    },
  );

  it('waits out the grace period, which may only be shortened', async () => {
    const store = registry.store('', 'v1', 'configmaps', patient);
    await create('a', { generation: 1 });
    const now = registry.clock.nowMs();
    const first = await remove('a', {}, store);
    expect(first).toMatchObject({ gone: false, answer: 'object' });
    expect(objectOf(first).metadata).toMatchObject({
      deletionTimestamp: timeText(now + 30_000),
      deletionGracePeriodSeconds: 30,
      generation: 2,
    });
    for (const gracePeriodSeconds of [30, 40]) {
      expect(objectOf(await remove('a', { gracePeriodSeconds }, store))).toEqual(objectOf(first));
    }
    expect(objectOf(await remove('a', {}, store))).toEqual(objectOf(first));
    const shorter = await remove('a', { gracePeriodSeconds: 5 }, store);
    expect(objectOf(shorter).metadata).toMatchObject({
      deletionTimestamp: timeText(now + 5_000),
      deletionGracePeriodSeconds: 5,
      generation: 2,
    });
    const forced = await remove('a', { gracePeriodSeconds: 0 }, store);
    expect(forced).toMatchObject({ gone: true, answer: 'object' });
    expect(objectOf(forced).metadata).toMatchObject({
      deletionTimestamp: timeText(now),
      deletionGracePeriodSeconds: 0,
    });
    expect(isThere('a')).toBe(false);
  });

  it('never moves the end of a shortened period into the past', async () => {
    const store = registry.store('', 'v1', 'configmaps', patient);
    await create('a');
    const first = objectOf(await remove('a', {}, store));
    await registry.clock.advance(20_000);
    const shorter = objectOf(await remove('a', { gracePeriodSeconds: 5 }, store));
    expect(shorter.metadata).toMatchObject({
      deletionTimestamp: timeText(Date.parse(first.metadata.deletionTimestamp ?? '') - 10_000),
      deletionGracePeriodSeconds: 1,
    });
  });

  it('refuses a name that can be no key', async () => {
    const message = 'Name parameter invalid: "a%b": may not contain \'%\'';
    expect(await statusOf(() => remove('a%b'))).toMatchObject({ code: 400, message });
    expect(await statusOf(async () => maps.get('ns', 'a%b', { resourceVersion: '' }))).toMatchObject({
      code: 400,
      message,
    });
    expect(await statusOf(() => remove('..'))).toMatchObject({
      code: 400,
      message: 'Name parameter invalid: "..": may not be \'..\'',
    });
  });

  it('takes a negative period for one second', async () => {
    const store = registry.store('', 'v1', 'configmaps', patient);
    await create('a');
    expect(objectOf(await remove('a', { gracePeriodSeconds: -5 }, store)).metadata.deletionGracePeriodSeconds).toBe(1);
  });

  it('keeps a forced object that finalizers hold, until they are gone', async () => {
    const store = registry.store('', 'v1', 'configmaps', patient);
    await create('a', { finalizers: ['example.com/hold'] });
    expect((await remove('a', { gracePeriodSeconds: 0 }, store)).gone).toBe(false);
    await store.update(
      registry.ctx(),
      'ns',
      'a',
      '',
      change((object) => delete object.metadata.finalizers),
      writeOptions(),
    );
    expect(isThere('a')).toBe(false);
  });

  it('writes nothing in a dry run but answers as if', async () => {
    await create('a', { finalizers: ['example.com/hold'] });
    await create('b');
    const before = registry.storage.revision;
    expect(objectOf(await remove('a', {}, maps, true)).metadata.deletionTimestamp).toBeDefined();
    expect(await remove('b', {}, maps, true)).toMatchObject({ gone: true, answer: 'status' });
    expect(registry.storage.revision).toBe(before);
    expect(isThere('b')).toBe(true);
  });

  it('lets admission refuse, showing it the object as it was', async () => {
    await create('a');
    const validate = (object: unknown, old: KubeObject | undefined): void => {
      expect(object).toBeUndefined();
      throw statusErrors.forbidden({ group: '', resource: 'configmaps' }, old?.metadata.name ?? '', 'not now');
    };
    const admission = { mutate: () => undefined, validate };
    expect(await statusOf(() => maps.delete(registry.ctx(), 'ns', 'a', {}, writeOptions({ admission })))).toMatchObject(
      { code: 403, message: 'configmaps "a" is forbidden: not now' },
    );
    expect(isThere('a')).toBe(true);
  });

  it('lets the kind take deletion over', async () => {
    const phased = registry.store('', 'v1', 'configmaps', {
      interceptDelete: (ctx, object) => {
        if (object.metadata.deletionTimestamp === undefined) {
          object.metadata.deletionTimestamp = timeText(ctx.nowMs);
          object['data'] = { phase: 'Terminating' };
          return 'update';
        }
        return registry.storage.count({ group: '', resource: 'secrets' }) === 0 ? 'delete' : 'keep';
      },
    });
    const secrets = registry.store('', 'v1', 'secrets');
    await secrets.create(registry.ctx(), 'ns', { metadata: { name: 's' } }, writeOptions());
    await create('a');
    const first = await remove('a', {}, phased);
    expect(objectOf(first)).toMatchObject({ data: { phase: 'Terminating' } });
    expect(first).toMatchObject({ gone: false, answer: 'object' });
    expect(await remove('a', {}, phased)).toMatchObject({ gone: false, answer: 'object' });
    await remove('s', {}, secrets);
    expect(await remove('a', {}, phased)).toMatchObject({ gone: true, answer: 'status' });
  });

  it('deletes a collection by selector and answers what it listed', async () => {
    for (const [name, app] of [
      ['a', 'x'],
      ['b', 'y'],
      ['c', 'x'],
    ] as const)
      await create(name, { labels: { app } });
    const { parseLabelSelector } = await import('@reckon/api/machinery');
    const result = await maps.deleteCollection(
      registry.ctx(),
      {
        namespace: 'ns',
        labels: parseLabelSelector('app=x'),
        limit: 0,
        continueToken: '',
        resourceVersion: '',
        resourceVersionMatch: '',
      },
      {},
      writeOptions(),
    );
    expect(result.page.items.map((item) => item.key.name)).toEqual(['a', 'c']);
    expect(['a', 'b', 'c'].filter(isThere)).toEqual(['b']);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FieldError, type KubeObject, fieldErrors, fieldPath, statusErrors } from '@reckon/api/machinery';
import type { ResourceStore } from './resource-store';
import {
  type RegistryFixture,
  configMap,
  objectOf,
  openRegistry,
  statusOf,
  writeOptions,
} from './testing/registry-fixture.suite';

describe('create', () => {
  let registry: RegistryFixture;
  let maps: ResourceStore;

  beforeEach(async () => {
    registry = await openRegistry();
    maps = registry.store('', 'v1', 'configmaps');
  });
  afterEach(() => registry.close());

  const create = (object: KubeObject, namespace = 'ns'): Promise<KubeObject> =>
    maps.create(registry.ctx(), namespace, object, writeOptions()).then(objectOf);

  it('fills system fields and the namespace, and records who set what', async () => {
    const created = await create(configMap('a', { data: { k: 'v' } }));
    expect(created).toEqual({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: {
        name: 'a',
        namespace: 'ns',
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        resourceVersion: String(registry.storage.revision),
        creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        managedFields: [
          {
            manager: 'test',
            operation: 'Update',
            apiVersion: 'v1',
            time: created.metadata.creationTimestamp,
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:data': { '.': {}, 'f:k': {} } },
          },
        ],
      },
      data: { k: 'v' },
    });
  });

  it('shows admission nothing that only the system sets', async () => {
    const seen: unknown[] = [];
    const metadata = {
      name: 'a',
      uid: 'mine',
      creationTimestamp: '2020-01-01T00:00:00Z',
      deletionTimestamp: '2020-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 3,
      selfLink: '/x',
    };
    const options = writeOptions();
    await maps.create(registry.ctx(), 'ns', configMap('a', { metadata }), {
      ...options,
      admission: { ...options.admission, mutate: (object) => void seen.push(Object.keys(object?.metadata ?? {})) },
    });
    expect(seen).toEqual([['name', 'namespace']]);
  });

  it('stores bytes that begin with kind, apiVersion and metadata, whatever the order sent', async () => {
    const { bytes } = await maps.create(
      registry.ctx(),
      'ns',
      { data: { k: 'v' }, metadata: { labels: { a: 'b' }, name: 'a' } },
      writeOptions(),
    );
    expect(bytes.toString()).toMatch(
      /^\{"kind":"ConfigMap","apiVersion":"v1","metadata":\{"name":"a","namespace":"ns","uid":"[^"]+","resourceVersion":"\d+","creationTimestamp":"[^"]+","labels":/,
    );
  });

  it('ignores uid, times and deletion marks of the body, keeps generation', async () => {
    const created = await create(
      configMap('a', {
        metadata: {
          uid: 'mine',
          creationTimestamp: '2001-01-01T00:00:00Z',
          deletionTimestamp: '2001-01-01T00:00:00Z',
          deletionGracePeriodSeconds: 3,
          selfLink: '/x',
          generation: 7,
          name: 'a',
        },
      }),
    );
    expect(created.metadata).toMatchObject({ name: 'a', generation: 7 });
    expect(created.metadata.uid).not.toBe('mine');
    expect(created.metadata.creationTimestamp).not.toMatch(/^2001/);
    expect(Object.keys(created.metadata)).not.toContain('deletionTimestamp');
    expect(Object.keys(created.metadata)).not.toContain('selfLink');
  });

  it.each([
    {
      what: 'another namespace',
      object: configMap('a', { metadata: { name: 'a', namespace: 'other' } }),
      status: {
        code: 400,
        reason: 'BadRequest',
        message: 'the namespace of the provided object does not match the namespace sent on the request',
      },
    },
    {
      what: 'a resourceVersion',
      object: configMap('a', { metadata: { name: 'a', resourceVersion: '5' } }),
      status: { code: 500, reason: undefined, message: 'resourceVersion should not be set on objects to be created' },
    },
    {
      what: 'no name',
      object: configMap(''),
      status: {
        code: 422,
        reason: 'Invalid',
        message: 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
      },
    },
  ])('refuses $what', async ({ object, status }) => {
    expect(await statusOf(() => create(object))).toMatchObject(status);
    expect(registry.storage.count({ group: '', resource: 'configmaps' })).toBe(0);
  });

  it('refuses a name that is taken, saying so when the holder is being deleted', async () => {
    await create(configMap('a', { metadata: { name: 'a', finalizers: ['example.com/hold'] } }));
    expect(await statusOf(() => create(configMap('a')))).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'configmaps "a" already exists',
      details: { name: 'a', kind: 'configmaps' },
    });
    await maps.delete(registry.ctx(), 'ns', 'a', {}, writeOptions());
    expect(await statusOf(() => create(configMap('a')))).toMatchObject({
      code: 409,
      message: 'object is being deleted: configmaps "a" already exists',
    });
  });

  it('generates names, and tries eight before it gives up', async () => {
    const created = await create(configMap('', { metadata: { generateName: 'gen-' } }));
    expect(created.metadata.name).toMatch(/^gen-[a-z0-9]{5}$/);

    const taken = { ...registry, calls: 0 };
    const random = { uuid: () => 'u', float: () => 0, int: () => ((taken.calls += 1), 0) };
    const { createResourceStore } = await import('./create-resource-store');
    const stuck = createResourceStore({
      row: maps.row,
      kinds: registry.kinds,
      storage: registry.storage,
      strategy: {},
      random,
    });
    await stuck.create(registry.ctx(), 'ns', configMap('', { metadata: { generateName: 'x-' } }), writeOptions());
    taken.calls = 0;
    const status = await statusOf(() =>
      stuck.create(registry.ctx(), 'ns', configMap('', { metadata: { generateName: 'x-' } }), writeOptions()),
    );
    expect(taken.calls).toBe(8 * 5);
    expect(status).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'configmaps "x-bbbbb" already exists, the server was not able to generate a unique name for the object',
      details: { name: 'x-bbbbb', kind: 'configmaps', retryAfterSeconds: 1 },
    });
  });

  it('puts all errors of metadata and kind into one answer, and warns only when it accepts', async () => {
    const errors: FieldError[] = [fieldErrors.required(fieldPath('spec', 'x'))];
    const strict = registry.store('', 'v1', 'configmaps', {
      validate: () => errors,
      warningsOnCreate: () => ['careful'],
    });
    const status = await statusOf(() => strict.create(registry.ctx(), 'ns', configMap('A'), writeOptions()));
    expect(status.message).toMatch(
      /^ConfigMap "A" is invalid: \[metadata\.name: Invalid value: "A": .*, spec\.x: Required value\]$/,
    );
    expect(registry.warnings).toEqual([]);
    errors.length = 0;
    await strict.create(registry.ctx(), 'ns', configMap('a'), writeOptions());
    expect(registry.warnings).toEqual(['careful']);
  });

  it('runs the steps in order and gives admission the complete object', async () => {
    const steps: string[] = [];
    const traced = registry.store('', 'v1', 'configmaps', {
      defaults: () => steps.push('defaults'),
      prepareForCreate: (_ctx, object) => {
        steps.push('prepare');
        object['prepared'] = 'yes';
      },
      validate: () => (steps.push('validate'), []),
      warningsOnCreate: () => (steps.push('warnings'), []),
      decide: () => (steps.push('decide'), []),
    });
    await traced.create(
      registry.ctx(),
      'ns',
      configMap('a'),
      writeOptions({
        admission: {
          mutate: async (object) => {
            steps.push(`mutate ${String(object?.metadata.uid)}`);
          },
          validate: (object) => {
            steps.push(`admit ${String(object?.['prepared'])}`);
          },
        },
      }),
    );
    expect(steps).toEqual(['defaults', 'mutate undefined', 'prepare', 'validate', 'warnings', 'admit yes', 'decide']);
  });

  it('does everything but the append in a dry run', async () => {
    const before = registry.storage.revision;
    const dry = await maps.create(registry.ctx(), 'ns', configMap('a'), writeOptions({ dryRun: true }));
    expect(objectOf(dry).metadata).toMatchObject({ name: 'a', uid: expect.any(String) });
    expect(Object.keys(objectOf(dry).metadata)).not.toContain('resourceVersion');
    expect(registry.storage.revision).toBe(before);
    await create(configMap('a'));
    expect(
      await statusOf(() => maps.create(registry.ctx(), 'ns', configMap('a'), writeOptions({ dryRun: true }))),
    ).toMatchObject({
      code: 409,
    });
  });

  it('appends what decide adds in the same step, and nothing when it refuses', async () => {
    const other = { group: '', resource: 'configmaps', namespace: 'ns', name: 'usage' };
    let isFull = false;
    const limited = registry.store('', 'v1', 'configmaps', {
      decide: (_ctx, _storage, object) => {
        if (isFull)
          throw statusErrors.forbidden(
            { group: '', resource: 'configmaps' },
            object?.metadata.name ?? '',
            'exceeded quota',
          );
        return [{ key: other, verb: 'create', previous: 0 as never, object: configMap('usage') }];
      },
    });
    await limited.create(registry.ctx(), 'ns', configMap('a'), writeOptions());
    expect(registry.storage.count({ group: '', resource: 'configmaps' })).toBe(2);
    isFull = true;
    expect(await statusOf(() => limited.create(registry.ctx(), 'ns', configMap('b'), writeOptions()))).toMatchObject({
      code: 403,
      message: 'configmaps "b" is forbidden: exceeded quota',
    });
    expect(registry.storage.count({ group: '', resource: 'configmaps' })).toBe(2);
  });

  it('removes equal owner references with a warning', async () => {
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u1' };
    const created = await create(configMap('a', { metadata: { name: 'a', ownerReferences: [owner, { ...owner }] } }));
    expect(created.metadata.ownerReferences).toEqual([owner]);
    expect(registry.warnings).toEqual([
      '.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: u1',
    ]);
  });
});

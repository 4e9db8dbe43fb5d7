import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '@reckon/api/machinery';
import { type PatchType, createPatcher } from './patch/create-patcher';
import type { ResourceStore, UpdateIntent } from './resource-store';
import {
  type RegistryFixture,
  configMap,
  objectOf,
  openRegistry,
  put,
  statusOf,
  writeOptions,
} from './testing/registry-fixture.suite';

describe('patches through the store', () => {
  let registry: RegistryFixture;
  let maps: ResourceStore;

  beforeEach(async () => {
    registry = await openRegistry();
    maps = registry.store('', 'v1', 'configmaps');
    await maps.create(registry.ctx(), 'ns', configMap('a', { data: { n: '0' } }), writeOptions());
  });
  afterEach(() => registry.close());

  const intent = (type: PatchType, body: string): UpdateIntent => {
    const { kinds, decoder } = registry;
    const expected = { group: '', version: 'v1', kind: 'ConfigMap' };
    const patcher = createPatcher({ type, body: Buffer.from(body), fieldValidation: '', kinds, decoder, expected });
    return {
      next: (current) => {
        if (current === undefined) throw new Error('nothing to patch');
        return patcher(current).object;
      },
      operation: 'Update',
      mayCreate: false,
    };
  };
  const patch = (type: PatchType, body: string, name = 'a', manager = 'patcher'): Promise<KubeObject> =>
    maps
      .update(registry.ctx({ fieldManager: manager }), 'ns', name, '', intent(type, body), writeOptions())
      .then(objectOf);

  it.each<{ what: string; type: PatchType; body: string; name?: string; status: object }>([
    {
      what: 'a missing object, before it reads the patch',
      type: 'merge',
      body: '{',
      name: 'b',
      status: { code: 404, message: 'configmaps "b" not found' },
    },
    {
      what: 'another name',
      type: 'json',
      body: '[{"op":"replace","path":"/metadata/name","value":"q"}]',
      status: { code: 400, message: 'the name of the object (q) does not match the name on the URL (a)' },
    },
    {
      what: 'a stale resourceVersion',
      type: 'merge',
      body: '{"metadata":{"resourceVersion":"1"}}',
      status: {
        code: 409,
        message:
          'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
      },
    },
    {
      what: 'another uid',
      type: 'merge',
      body: '{"metadata":{"uid":"x"}}',
      status: {
        code: 422,
        message: expect.stringMatching(
          /^ConfigMap "a" is invalid: metadata\.uid: Invalid value: "x": field is immutable$/,
        ),
      },
    },
    { what: 'what is no patch', type: 'strategic', body: '[]', status: { code: 400 } },
  ])('refuses $what', async ({ type, body, name, status }) => {
    expect(await statusOf(() => patch(type, body, name))).toMatchObject(status);
  });

  it('changes nothing and writes nothing with an empty patch', async () => {
    const before = registry.storage.revision;
    for (const [type, body] of [
      ['merge', '{}'],
      ['strategic', '{}'],
      ['json', '[]'],
    ] as const)
      await patch(type, body);
    expect(registry.storage.revision).toBe(before);
  });

  it('applies each of many patches that come at once', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => patch('merge', `{"data":{"k${String(i)}":"1"}}`)));
    const object = objectOf(await maps.get('ns', 'a', { resourceVersion: '' }));
    expect(Object.keys(object['data'] as object)).toHaveLength(21);
    expect(object.metadata.managedFields?.map((entry) => entry.manager)).toEqual(['patcher', 'test']);
  });

  it('clears managedFields', async () => {
    const cleared = await patch('json', '[{"op":"replace","path":"/metadata/managedFields","value":[{}]}]');
    expect(cleared.metadata.managedFields).toBeUndefined();
    expect((await patch('merge', '{"data":{"n":"1"}}')).metadata.managedFields).toBeUndefined();
  });

  it('creates or updates, whoever comes first', async () => {
    const creating = registry.store('', 'v1', 'configmaps', { allowCreateOnUpdate: true });
    const slowly = (name: string, value: string): UpdateIntent => ({
      ...put(configMap(name, { data: { value } })),
      next: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return configMap(name, { data: { value } });
      },
    });
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        creating.update(registry.ctx(), 'ns', 'new', '', slowly('new', String(i)), writeOptions()),
      ),
    );
    expect(results.filter((result) => result.created)).toHaveLength(1);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseFieldSelector, parseLabelSelector } from '@reckon/api/machinery';
import { type Revision, StorageError } from '@reckon/store/contract';
import type { ListQuery, ListResult, ResourceStore } from './resource-store';
import {
  type RegistryFixture,
  change,
  configMap,
  openRegistry,
  statusOf,
  writeOptions,
} from './testing/registry-fixture.suite';

describe('list and get', () => {
  let registry: RegistryFixture;
  let maps: ResourceStore;

  beforeEach(async () => {
    registry = await openRegistry();
    maps = registry.store('', 'v1', 'configmaps');
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await maps.create(
        registry.ctx(),
        'ns',
        configMap(name, { metadata: { name, labels: { odd: 'ace'.includes(name) ? 'y' : 'n' } } }),
        writeOptions(),
      );
    await maps.create(registry.ctx(), 'other', configMap('z'), writeOptions());
  });
  afterEach(() => registry.close());

  const query = (overrides: Partial<ListQuery> = {}): ListQuery => ({
    namespace: 'ns',
    limit: 0,
    continueToken: '',
    resourceVersion: '',
    resourceVersionMatch: '',
    ...overrides,
  });
  const names = (result: ListResult): string[] => result.page.items.map((item) => item.key.name);
  const rename = (): Promise<unknown> =>
    maps.update(
      registry.ctx(),
      'ns',
      'a',
      '',
      change((object) => (object['data'] = { at: String(registry.storage.revision) })),
      writeOptions(),
    );

  it('lists a namespace in order, or all', async () => {
    expect(names(await maps.list(query()))).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(names(await maps.list(query({ namespace: '' })))).toEqual(['a', 'b', 'c', 'd', 'e', 'z']);
    expect(await maps.list(query({ namespace: 'nowhere' }))).toMatchObject({ page: { items: [] }, continueToken: '' });
  });

  it('pages one state, however it changes meanwhile, and counts what remains', async () => {
    const first = await maps.list(query({ limit: 2 }));
    expect(names(first)).toEqual(['a', 'b']);
    expect(first.remainingItemCount).toBe(3);
    await maps.create(registry.ctx(), 'ns', configMap('bb'), writeOptions());
    await maps.delete(registry.ctx(), 'ns', 'c', {}, writeOptions());
    const second = await maps.list(query({ limit: 2, continueToken: first.continueToken }));
    expect(names(second)).toEqual(['c', 'd']);
    expect(second.page.revision).toBe(first.page.revision);
    const third = await maps.list(query({ limit: 2, continueToken: second.continueToken }));
    expect(names(third)).toEqual(['e']);
    expect(third).toMatchObject({ continueToken: '' });
    expect(third.remainingItemCount).toBeUndefined();
  });

  it('pages over all namespaces, and takes another selector on the way', async () => {
    const first = await maps.list(query({ namespace: '', limit: 5 }));
    expect(names(await maps.list(query({ namespace: '', limit: 5, continueToken: first.continueToken })))).toEqual([
      'z',
    ]);
    const page = await maps.list(query({ limit: 2 }));
    const rest = await maps.list(query({ continueToken: page.continueToken, labels: parseLabelSelector('odd=n') }));
    expect(names(rest)).toEqual(['d']);
  });

  it('says nothing of what remains when there is a selector', async () => {
    const page = await maps.list(query({ limit: 1, labels: parseLabelSelector('odd=y') }));
    expect(names(page)).toEqual(['a']);
    expect(page.continueToken).not.toBe('');
    expect(page.remainingItemCount).toBeUndefined();
  });

  it('selects by labels and fields, by key where it can', async () => {
    expect(names(await maps.list(query({ labels: parseLabelSelector('odd in (n)') })))).toEqual(['b', 'd']);
    expect(names(await maps.list(query({ fields: parseFieldSelector('metadata.name=c') })))).toEqual(['c']);
    expect(names(await maps.list(query({ fields: parseFieldSelector('metadata.name!=c') })))).toEqual([
      'a',
      'b',
      'd',
      'e',
    ]);
    expect(
      names(await maps.list(query({ fields: parseFieldSelector('metadata.name=c,metadata.namespace=other') }))),
    ).toEqual([]);
    expect(
      names(await maps.list(query({ namespace: '', fields: parseFieldSelector('metadata.namespace=other') }))),
    ).toEqual(['z']);
    expect(names(await maps.list(query({ namespace: '', fields: parseFieldSelector('metadata.name=z') })))).toEqual([
      'z',
    ]);
  });

  it('shows the state that resourceVersion and match ask for', async () => {
    const old = (await maps.list(query())).page.revision;
    await rename();
    const now = registry.storage.revision;
    const shown = async (overrides: Partial<ListQuery>): Promise<number> =>
      (await maps.list(query(overrides))).page.revision;
    expect(await shown({})).toBe(now);
    expect(await shown({ resourceVersion: '0' })).toBe(now);
    expect(await shown({ resourceVersion: String(old) })).toBe(now);
    expect(await shown({ resourceVersion: String(old), resourceVersionMatch: 'NotOlderThan', limit: 2 })).toBe(now);
    expect(await shown({ resourceVersion: String(old), resourceVersionMatch: 'Exact' })).toBe(old);
    expect(await shown({ resourceVersion: String(old), limit: 2 })).toBe(old);
    expect(names(await maps.list(query({ resourceVersion: '0', limit: 2 })))).toHaveLength(5);
    expect(await shown({ at: old })).toBe(old);
    expect(await shown({ at: now, resourceVersion: String(old), resourceVersionMatch: 'Exact' })).toBe(old);
  });

  it.each<{ what: string; overrides: Partial<ListQuery>; status: object }>([
    {
      what: 'a resourceVersion that is no number',
      overrides: { resourceVersion: 'x1' },
      status: {
        code: 400,
        reason: 'BadRequest',
        message:
          'invalid resource version: resourceVersion: Invalid value: "x1": strconv.ParseUint: parsing "x1": invalid syntax',
      },
    },
    {
      what: 'a token with a resourceVersion',
      overrides: { continueToken: 'abcd', resourceVersion: '3' },
      status: { code: 400, message: 'specifying resource version is not allowed when using continue' },
    },
    {
      what: 'a token that is no JSON',
      overrides: { continueToken: 'abcd' },
      status: {
        code: 400,
        message:
          "invalid continue token: continue key is not valid: invalid character 'i' looking for beginning of value",
      },
    },
    {
      what: 'a token that is no base64',
      overrides: { continueToken: 'ab$d' },
      status: {
        code: 400,
        message: 'invalid continue token: continue key is not valid: illegal base64 data at input byte 2',
      },
    },
    {
      what: 'an unknown field',
      overrides: { fields: parseFieldSelector('data.x=1') },
      status: {
        code: 400,
        message: '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
      },
    },
    {
      what: 'a future under /at/',
      overrides: { at: 2 as Revision, resourceVersion: '3' },
      status: { code: 504, reason: 'Timeout', message: 'Timeout: Too large resource version: 3, current: 2' },
    },
  ])('refuses $what', async ({ overrides, status }) => {
    expect(await statusOf(() => maps.list(query(overrides)))).toMatchObject(status);
  });

  it.each([
    ['{"v":"v2","rv":1,"start":"/a"}', 'server does not recognize this encoded version v2'],
    ['{"v":"meta.k8s.io/v1","rv":0,"start":"/a"}', 'incorrect encoded start resourceVersion (version meta.k8s.io/v1)'],
    ['{"v":"meta.k8s.io/v1","rv":1}', 'encoded start key empty (version meta.k8s.io/v1)'],
    ['{"v":"meta.k8s.io/v1","rv":1,"start":"/../secrets/x"}', '/../secrets/x'],
  ])('refuses the token %s', async (text, why) => {
    const continueToken = Buffer.from(text).toString('base64url');
    expect(await statusOf(() => maps.list(query({ continueToken })))).toMatchObject({
      code: 400,
      message: expect.stringMatching(/^invalid continue token: continue key is not valid: /),
    });
    expect((await statusOf(() => maps.list(query({ continueToken })))).message).toContain(why);
  });

  it('offers a token for the rest when one is too old', async () => {
    const first = await maps.list(query({ limit: 2 }));
    await registry.clock.advance(5 * 60 * 1000 + 1);
    await maps.create(registry.ctx(), 'ns', configMap('cc'), writeOptions());
    const status = await statusOf(() => maps.list(query({ limit: 2, continueToken: first.continueToken })));
    expect(status).toMatchObject({
      code: 410,
      reason: 'Expired',
      message: expect.stringMatching(
        /^The provided continue parameter is too old to display a consistent list result\. /,
      ),
      metadata: { continue: expect.any(String) },
    });
    const continueToken = (status.metadata as { continue: string }).continue;
    expect(names(await maps.list(query({ continueToken })))).toEqual(['c', 'cc', 'd', 'e']);
  });

  it('has no pages when it is of one object', async () => {
    const fields = parseFieldSelector('metadata.name=a');
    expect(names(await maps.list(query({ fields, continueToken: 'garbage' })))).toEqual(['a']);
    const now = String(registry.storage.revision);
    const { page } = await maps.list(query({ fields, limit: 1, resourceVersion: '1' }));
    expect(String(page.revision)).toBe(now);
  });

  it('waits three seconds for the future, then refuses', async () => {
    const far = String(registry.storage.revision + 10);
    for (const run of [
      () => maps.list(query({ resourceVersion: far })),
      () => maps.list(query({ resourceVersion: far, resourceVersionMatch: 'Exact' as const })),
      () => maps.get('ns', 'a', { resourceVersion: far }),
    ]) {
      const status = statusOf(run);
      await registry.clock.advance(3000);
      expect(await status).toMatchObject({
        code: 504,
        reason: 'Timeout',
        message: `Timeout: Too large resource version: ${far}, current: ${String(registry.storage.revision)}`,
        details: {
          causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
          retryAfterSeconds: 1,
        },
      });
    }
    expect((await maps.get('ns', 'a', { resourceVersion: '1' })).key.name).toBe('a');
  });

  it('says that history is gone', async () => {
    const gone = {
      ...registry.storage,
      setFields: () => undefined,
      list: () => {
        throw new StorageError('Compacted', 'below the floor');
      },
    };
    const { createResourceStore } = await import('./create-resource-store');
    const store = createResourceStore({
      row: maps.row,
      kinds: registry.kinds,
      storage: gone,
      strategy: {},
      random: { uuid: () => '', int: () => 0, float: () => 0 },
    });
    expect(
      await statusOf(() => store.list(query({ resourceVersion: '2', resourceVersionMatch: 'Exact' }))),
    ).toMatchObject({ code: 410, reason: 'Expired', message: 'The resourceVersion for the provided list is too old.' });
  });

  it('gets an object as it was', async () => {
    const at = registry.storage.revision;
    await rename();
    expect((await maps.get('ns', 'a', { resourceVersion: '', at })).bytes.toString()).not.toContain('"data"');
    expect(await statusOf(() => maps.get('ns', 'a', { resourceVersion: '', at: 1 as Revision }))).toMatchObject({
      code: 404,
    });
    expect(await statusOf(() => maps.get('ns', 'nope', { resourceVersion: '' }))).toMatchObject({
      code: 404,
      message: 'configmaps "nope" not found',
    });
  });

  it('shows objects through a decorator, leaving the stored ones', async () => {
    const shown = registry.store('', 'v1', 'configmaps', {
      decorate: (object) => {
        object['data'] = { seen: 'yes' };
      },
    });
    expect((await shown.get('ns', 'a', { resourceVersion: '' })).bytes.toString()).toContain('"seen"');
    expect((await shown.list(query())).page.items.every((item) => item.bytes.includes('"seen"'))).toBe(true);
    expect((await maps.get('ns', 'a', { resourceVersion: '' })).bytes.toString()).not.toContain('"seen"');
  });
});

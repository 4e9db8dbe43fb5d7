import { createKindRegistry, parseObject } from '@reckon/api/kinds';
import {
  type KubeObject,
  StatusError,
  parseFieldSelector,
  parseLabelSelector,
  statusErrors,
} from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { createComputedStore } from './computed-store';
import type { ListQuery } from './resource-store';

const row = createKindRegistry().resource('', 'v1', 'componentstatuses');
if (row === undefined) throw new Error('no row');

const objects: readonly KubeObject[] = [
  { metadata: { name: 'b', labels: { a: '1' } }, conditions: [] },
  { metadata: { name: 'a' } },
];
const store = createComputedStore(row, {
  list: () => Promise.resolve(objects),
  get: (name) => {
    const found = objects.find(({ metadata }) => metadata.name === name);
    return found === undefined
      ? Promise.reject(statusErrors.notFound({ group: '', resource: 'componentstatuses' }, name))
      : Promise.resolve(found);
  },
});
const all: ListQuery = { namespace: '', limit: 0, continueToken: '', resourceVersion: '', resourceVersionMatch: '' };
const names = async (query: Partial<ListQuery>): Promise<string[]> =>
  (await store.list({ ...all, ...query })).page.items.map(({ key }) => key.name);

describe('a store of what is made when it is asked for', () => {
  it('gives an object as it would be stored, but of no revision', async () => {
    const found = await store.get('', 'b', { resourceVersion: '' });
    expect(found.bytes.toString()).toBe(
      '{"kind":"ComponentStatus","apiVersion":"v1","metadata":{"name":"b","labels":{"a":"1"}},"conditions":[]}',
    );
    expect(found.parse()).toEqual(parseObject(found.bytes));
    expect([found.revision, found.labels, found.fields['metadata.name']]).toEqual([0, { a: '1' }, 'b']);
    await expect(store.get('', 'c', { resourceVersion: '' })).rejects.toThrow('componentstatuses "c" not found');
  });

  it('lists what is selected, in the order given', async () => {
    expect(await names({})).toEqual(['b', 'a']);
    expect((await store.list(all)).page.revision).toBe(0);
    expect(await names({ labels: parseLabelSelector('a=1') })).toEqual(['b']);
    expect(await names({ fields: parseFieldSelector('metadata.name=a') })).toEqual(['a']);
    expect(await names({ fields: parseFieldSelector('metadata.name!=a') })).toEqual(['b']);
    await expect(names({ fields: parseFieldSelector('x=y') })).rejects.toThrow('"x" is not a known field selector');
  });

  it('can do nothing else', () => {
    const ctx = undefined as never;
    const calls = [
      () => store.create(ctx, '', { metadata: {} }, ctx),
      () => store.update(ctx, '', 'a', '', ctx, ctx),
      () => store.delete(ctx, '', 'a', {}, ctx),
      () => store.deleteCollection(ctx, all, {}, ctx),
      () => store.watch(ctx, ctx, ctx),
    ];
    for (const call of calls) expect(call).toThrow(StatusError);
  });
});

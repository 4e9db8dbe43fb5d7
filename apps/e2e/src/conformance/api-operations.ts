import { expect } from 'vitest';
import { eventually } from '@reckon/testkit';
import { type ConformanceCluster, namesOf } from './conformance-cluster';

/** What the lines "should support ... API operations" are told about a resource. */
export interface ApiOperations {
  /** '' for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly kind: string;
  /** Where its objects are; undefined for those of the cluster. */
  readonly namespace?: string;
  /** All of an object but its metadata; asked three times where objects may not be equal. */
  readonly fields: object | ((nth: number) => object);
  /** Where names say something; otherwise the server makes them. */
  readonly names?: readonly [string, string, string];
  /** A status to write, where the resource has the subresource. */
  readonly status?: object;
  /** What a write of the object changes besides its metadata. */
  readonly changed?: object;
}

export function collectionPath({ group, resource, namespace }: ApiOperations): string {
  const version = group === '' ? '/api/v1' : `/apis/${group}/v1`;
  return `${version}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${resource}`;
}

interface Named {
  readonly name: string;
}

/** The group, its version and the resource stand in the three discovery documents. */
export async function expectDiscovered(
  { raw }: ConformanceCluster,
  { group, resource, kind, namespace, status }: Omit<ApiOperations, 'fields'>,
): Promise<void> {
  if (group !== '') {
    const { groups } = (await raw.send('GET', '/apis')).body as { groups: Named[] };
    expect(groups.map(({ name }) => name)).toContain(group);
    const own = (await raw.send('GET', `/apis/${group}`)).body as { versions: { version: string }[] };
    expect(own.versions.map(({ version }) => version)).toContain('v1');
  }
  const { resources } = (await raw.send('GET', group === '' ? '/api/v1' : `/apis/${group}/v1`)).body as {
    resources: Named[];
  };
  expect(resources).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ name: resource, kind, namespaced: namespace !== undefined }),
      ...(status === undefined ? [] : [expect.objectContaining({ name: `${resource}/status`, kind })]),
    ]),
  );
}

/** Discovery, create, get, list, watch, patch, update, status where there is one, delete and deletecollection. */
export async function exerciseApi(cluster: ConformanceCluster, api: ApiOperations): Promise<void> {
  await expectDiscovered(cluster, api);
  const collection = collectionPath(api);
  const label = 'special-label';
  const labels = { [label]: api.resource };
  const selected = `labelSelector=${label}%3D${api.resource}`;

  const made = [];
  for (const nth of [0, 1, 2]) {
    const named = api.names === undefined ? { generateName: 'e2e-example-' } : { name: api.names[nth] };
    const fields = typeof api.fields === 'function' ? (api.fields as (nth: number) => object)(nth) : api.fields;
    made.push(await cluster.create(collection, { metadata: { ...named, labels }, ...fields }));
  }
  const first = made[0];
  if (first === undefined) throw new Error('nothing was created');
  const path = `${collection}/${first.metadata.name}`;
  const read = await cluster.get(path);
  expect([read.metadata.uid, read.spec]).toEqual([first.metadata.uid, first.spec]);

  const list = await cluster.list(`${collection}?${selected}`);
  expect(namesOf(list).sort()).toEqual(made.map(({ metadata }) => metadata.name).sort());
  if (api.namespace !== undefined) {
    const everywhere = collectionPath({ group: api.group, resource: api.resource, kind: api.kind, fields: {} });
    expect((await cluster.list(`${everywhere}?${selected}`)).items).toHaveLength(3);
  }
  const watch = await cluster.watch(
    `${collection}?watch=1&${selected}&resourceVersion=${list.metadata.resourceVersion}`,
  );

  const patched = await cluster.patch(path, { metadata: { annotations: { patched: 'true' } } });
  expect(patched.metadata.annotations).toMatchObject({ patched: 'true' });
  const updated = await cluster.change(path, (current) => ({
    ...current,
    ...api.changed,
    metadata: { ...current.metadata, annotations: { ...current.metadata.annotations, updated: 'true' } },
  }));
  expect(updated.metadata.annotations).toMatchObject({ patched: 'true', updated: 'true' });
  expect(updated).toMatchObject({ ...api.changed });
  await eventually(() => {
    const seen = watch.events.filter(({ type }) => type === 'MODIFIED').map(({ object }) => object);
    expect(seen).toContainEqual(expect.objectContaining({ metadata: patched.metadata }));
    expect(seen).toContainEqual(expect.objectContaining({ metadata: updated.metadata }));
  });

  if (api.status !== undefined) {
    const withStatus = await cluster.patch(`${path}/status`, { status: api.status });
    expect(withStatus.status).toMatchObject(api.status);
    const again = await cluster.change(path, (current) => ({ ...current, status: api.status }), `${path}/status`);
    expect(again.status).toMatchObject(api.status);
    expect((await cluster.get(`${path}/status`)).metadata.uid).toBe(first.metadata.uid);
  }

  await cluster.delete(path);
  await cluster.gone(path);
  expect((await cluster.list(`${collection}?${selected}`)).items).toHaveLength(2);
  await cluster.delete(`${collection}?${selected}`);
  await eventually(async () => {
    expect((await cluster.list(`${collection}?${selected}`)).items).toEqual([]);
  });
  await eventually(() => {
    expect(watch.events.filter(({ type }) => type === 'DELETED')).toHaveLength(3);
  });
}

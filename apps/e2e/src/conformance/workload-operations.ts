import { expect } from 'vitest';
import { eventually } from '@reckon/testkit';
import { type ApiObject, type ConformanceCluster, podSpec } from './conformance-cluster';

const condition = (type: string): object => ({ type, status: 'True', reason: 'E2E', message: 'Set by an e2e test' });

/** The spec of every kind that makes pods of a template. */
export const workload = (app: string, replicas?: number, image?: string): object => ({
  ...(replicas === undefined ? {} : { replicas }),
  selector: { matchLabels: { app } },
  template: { metadata: { labels: { app } }, spec: podSpec(image) },
});

/** Reads, replaces and patches the scale of a workload; the workload follows. */
export async function expectScale(cluster: ConformanceCluster, path: string): Promise<void> {
  const scale = await cluster.get(`${path}/scale`);
  expect(scale).toMatchObject({ apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 1 } });
  const metadata = { ...scale.metadata, resourceVersion: '' };
  const replaced = await cluster.update(`${path}/scale`, { ...scale, metadata, spec: { replicas: 2 } });
  expect(replaced.spec).toEqual({ replicas: 2 });
  expect((await cluster.get(path)).spec).toMatchObject({ replicas: 2 });
  const patched = await cluster.patch(`${path}/scale`, { spec: { replicas: 4 } }, 'strategic-merge-patch');
  expect(patched.spec).toEqual({ replicas: 4 });
  expect((await cluster.get(path)).spec).toMatchObject({ replicas: 4 });
}

/** The status is read, replaced and patched through its subresource, and watchers see each. */
export async function expectStatusEndpoints(
  cluster: ConformanceCluster,
  collection: string,
  name: string,
): Promise<void> {
  const path = `${collection}/${name}`;
  const watch = await cluster.watch(`${collection}?watch=1&fieldSelector=metadata.name%3D${name}`);
  const told = async (type: string): Promise<void> => {
    await eventually(() => {
      expect(watch.events.map(({ object }) => object['status'])).toContainEqual(
        expect.objectContaining({
          conditions: expect.arrayContaining([expect.objectContaining({ type, status: 'True' })]) as unknown,
        }),
      );
    });
  };
  const { metadata, spec } = await cluster.get(`${path}/status`);
  const conditionsOf = ({ status }: ApiObject): readonly object[] => (status?.['conditions'] ?? []) as object[];
  const updated = await cluster.change(
    path,
    (current) => ({
      ...current,
      status: { ...current.status, conditions: [...conditionsOf(current), condition('StatusUpdate')] },
    }),
    `${path}/status`,
  );
  expect(conditionsOf(updated)).toContainEqual(expect.objectContaining(condition('StatusUpdate')));
  await told('StatusUpdate');
  const patched = await cluster.patch(`${path}/status`, { status: { conditions: [condition('StatusPatched')] } });
  expect(conditionsOf(patched)).toEqual([expect.objectContaining(condition('StatusPatched'))]);
  await told('StatusPatched');
  expect((await cluster.get(path)).spec).toEqual(spec);
  expect((await cluster.get(path)).metadata.uid).toBe(metadata.uid);
}

/** Three with a label are listed and deleted together, in one namespace and over all. */
export async function expectCollectionDeleted(
  cluster: ConformanceCluster,
  resource: string,
  spec: object,
): Promise<void> {
  const collection = `/apis/apps/v1/namespaces/${await cluster.namespace('collection')}/${resource}`;
  const labels = { e2e: `${resource}-collection` };
  const selector = `labelSelector=e2e%3D${labels.e2e}`;
  for (const name of ['one', 'two', 'three']) await cluster.create(collection, { metadata: { name, labels }, spec });
  expect((await cluster.list(`/apis/apps/v1/${resource}?${selector}`)).items).toHaveLength(3);
  await cluster.delete(`${collection}?${selector}`);
  await eventually(async () => {
    expect((await cluster.list(`/apis/apps/v1/${resource}?${selector}`)).items).toEqual([]);
  });
}

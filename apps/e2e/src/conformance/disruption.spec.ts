import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@reckon/testkit';
import { type ConformanceCluster, namesOf, podSpec, startConformanceCluster } from './conformance-cluster';

let cluster: ConformanceCluster;

beforeAll(async () => {
  cluster = await startConformanceCluster();
});
afterAll(async () => {
  await cluster.dispose();
});

describe('[sig-apps] DisruptionController', () => {
  const policy = (namespace: string): string => `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
  const spec = { minAvailable: '1%', selector: { matchLabels: { foo: 'bar' } } };

  it('should create a PodDisruptionBudget', async () => {
    const collection = policy(await cluster.namespace('disruption'));
    await cluster.create(collection, { metadata: { name: 'defaults' }, spec });
    const path = `${collection}/defaults`;
    expect((await cluster.get(path)).spec).toEqual(spec);
    const two = await cluster.change(path, (current) => ({ ...current, spec: { ...spec, minAvailable: 2 } }));
    expect(two.spec).toEqual({ ...spec, minAvailable: 2 });
    const three = await cluster.patch(path, { spec: { minAvailable: '3%' } }, 'strategic-merge-patch');
    expect(three.spec).toEqual({ ...spec, minAvailable: '3%' });
    await cluster.delete(path);
    await cluster.gone(path);
  });

  it('Listing PodDisruptionBudgets for all namespaces should list and delete a collection of PodDisruptionBudgets', async () => {
    const [first, second] = [
      policy(await cluster.namespace('disruption')),
      policy(await cluster.namespace('disruption')),
    ];
    const labels = { e2e: 'pdb-collection' };
    const everywhere = '/apis/policy/v1/poddisruptionbudgets?labelSelector=e2e%3Dpdb-collection';
    for (const name of ['foo', 'foo2']) await cluster.create(first, { metadata: { name, labels }, spec });
    await cluster.create(second, { metadata: { name: 'foo3', labels }, spec });
    expect(namesOf(await cluster.list(everywhere))).toEqual(['foo', 'foo2', 'foo3']);
    expect(namesOf(await cluster.list(`${first}?labelSelector=e2e%3Dpdb-collection`))).toEqual(['foo', 'foo2']);
    await cluster.delete(first);
    await eventually(async () => {
      expect(namesOf(await cluster.list(everywhere))).toEqual(['foo3']);
    });
  });

  it('should update/patch PodDisruptionBudget status', async () => {
    const collection = policy(await cluster.namespace('disruption'));
    await cluster.create(collection, { metadata: { name: 'status' }, spec });
    const path = `${collection}/status`;
    const at = '2026-02-03T04:05:06Z';
    const written = { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 };
    const updated = await cluster.change(
      path,
      (current) => ({ ...current, status: { ...written, disruptedPods: { 'pod-1': at } } }),
      `${path}/status`,
    );
    expect(updated.status).toMatchObject({ disruptedPods: { 'pod-1': at } });
    const patched = await cluster.patch(`${path}/status`, { status: { disruptedPods: { 'pod-2': at } } });
    expect(patched.status).toMatchObject({ disruptedPods: { 'pod-2': at } });
    expect((await cluster.get(`${path}/status`)).spec).toEqual(spec);
  });

  /** So many running pods of `foo=bar`. */
  const runningPods = async (namespace: string, count: number): Promise<readonly string[]> => {
    const collection = `/api/v1/namespaces/${namespace}/pods`;
    for (let nth = 0; nth < count; nth++)
      await cluster.create(collection, {
        metadata: { name: `pod-${String(nth)}`, labels: { foo: 'bar' } },
        spec: podSpec(),
      });
    return await eventually(async () => {
      const { items } = await cluster.list(collection);
      for (const { status } of items) expect(status).toMatchObject({ phase: 'Running' });
      return namesOf({ metadata: { resourceVersion: '' }, items });
    });
  };

  it('should observe PodDisruptionBudget status updated', async () => {
    const namespace = await cluster.namespace('disruption');
    const path = `${policy(namespace)}/foo`;
    await cluster.create(policy(namespace), { metadata: { name: 'foo' }, spec: { ...spec, minAvailable: 1 } });
    await runningPods(namespace, 3);
    await eventually(async () => {
      const { metadata, status } = await cluster.get(path);
      expect(status).toMatchObject({ currentHealthy: 3, expectedPods: 3, desiredHealthy: 1, disruptionsAllowed: 2 });
      expect(status?.['observedGeneration']).toBe(metadata.generation);
    });
  });

  it('should block an eviction until the PDB is updated to allow it', async () => {
    const namespace = await cluster.namespace('disruption');
    const path = `${policy(namespace)}/foo`;
    const healthy = (currentHealthy: number, disruptionsAllowed: number): Promise<void> =>
      eventually(async () => {
        const { metadata, status } = await cluster.get(path);
        expect(status).toMatchObject({ currentHealthy, disruptionsAllowed, observedGeneration: metadata.generation });
      });
    await cluster.create(policy(namespace), { metadata: { name: 'foo' }, spec: { ...spec, minAvailable: 3 } });
    const [victim = ''] = await runningPods(namespace, 3);
    await healthy(3, 0);
    const evict = (): ReturnType<ConformanceCluster['raw']['send']> =>
      cluster.raw.send('POST', `/api/v1/namespaces/${namespace}/pods/${victim}/eviction`, {
        body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: victim, namespace } },
      });
    const refused = await evict();
    expect([refused.status, refused.body]).toMatchObject([
      429,
      { reason: 'TooManyRequests', details: { causes: [{ reason: 'DisruptionBudget' }] } },
    ]);
    await cluster.patch(path, { spec: { minAvailable: 2 } });
    await healthy(3, 1);
    const allowed = await evict();
    expect(allowed.status, allowed.text).toBe(201);
    await cluster.gone(`/api/v1/namespaces/${namespace}/pods/${victim}`);
    // And one that may never go down refuses again.
    await cluster.patch(path, { spec: { minAvailable: 3 } });
    await healthy(2, 0);
  });
});

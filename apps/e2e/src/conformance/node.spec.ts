import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@reckon/testkit';
import { exerciseApi } from './api-operations';
import {
  type ApiObject,
  type ConformanceCluster,
  namesOf,
  podSpec,
  startConformanceCluster,
} from './conformance-cluster';

let cluster: ConformanceCluster;

beforeAll(async () => {
  cluster = await startConformanceCluster();
});
afterAll(async () => {
  await cluster.dispose();
});

const core = (namespace: string, resource: string): string => `/api/v1/namespaces/${namespace}/${resource}`;
const encode = (text: string): string => Buffer.from(text).toString('base64');

describe('[sig-node] ConfigMap', () => {
  it('should fail to create ConfigMap with empty key', async () => {
    const collection = core(await cluster.namespace('configmaps'), 'configmaps');
    const reply = await cluster.raw.send('POST', collection, {
      body: { metadata: { name: 'empty-key' }, data: { '': 'value-1' } },
    });
    expect([reply.status, reply.body]).toMatchObject([422, { reason: 'Invalid' }]);
  });

  it('should run through a ConfigMap lifecycle', async () => {
    const collection = core(await cluster.namespace('configmaps'), 'configmaps');
    const path = `${collection}/test-configmap`;
    const labels = { 'test-configmap-static': 'true' };
    const watch = await cluster.watch(`${collection}?watch=1&labelSelector=test-configmap-static%3Dtrue`);
    await cluster.create(collection, { metadata: { name: 'test-configmap', labels }, data: { valueName: 'value' } });
    await cluster.patch(
      path,
      { metadata: { labels: { 'test-configmap': 'patched' } }, data: { valueName: 'value1' } },
      'strategic-merge-patch',
    );
    expect(await cluster.get(path)).toMatchObject({
      metadata: { labels: { ...labels, 'test-configmap': 'patched' } },
      data: { valueName: 'value1' },
    });
    const everywhere = await cluster.list('/api/v1/configmaps?labelSelector=test-configmap-static%3Dtrue');
    expect(everywhere.items).toMatchObject([{ metadata: { name: 'test-configmap' }, data: { valueName: 'value1' } }]);
    await cluster.delete(`${collection}?labelSelector=test-configmap-static%3Dtrue`);
    await eventually(() => {
      expect(watch.events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    });
  });

  it('should update ConfigMap successfully [NodeConformance]', async () => {
    const collection = core(await cluster.namespace('configmaps'), 'configmaps');
    await cluster.create(collection, { metadata: { name: 'updated' }, data: { 'data-1': 'value-1' } });
    await cluster.change(`${collection}/updated`, (current) => ({ ...current, data: { 'data-1': 'value-2' } }));
    expect((await cluster.get(`${collection}/updated`))['data']).toEqual({ 'data-1': 'value-2' });
  });
});

describe('[sig-node] Secrets', () => {
  it('should fail to create secret due to empty secret key', async () => {
    const collection = core(await cluster.namespace('secrets'), 'secrets');
    const reply = await cluster.raw.send('POST', collection, {
      body: { metadata: { name: 'empty-key' }, data: { '': encode('value-1') } },
    });
    expect([reply.status, reply.body]).toMatchObject([422, { reason: 'Invalid' }]);
  });

  it('should patch a secret', async () => {
    const collection = core(await cluster.namespace('secrets'), 'secrets');
    const labels = { testsecret: 'true', 'testsecret-constant': 'true' };
    await cluster.create(collection, {
      metadata: { name: 'patched', labels },
      data: { key: encode('value') },
      type: 'Opaque',
    });
    const everywhere = '/api/v1/secrets?labelSelector=testsecret-constant%3Dtrue';
    expect(namesOf(await cluster.list(everywhere))).toEqual(['patched']);
    await cluster.patch(
      `${collection}/patched`,
      { metadata: { labels: { testsecret: 'false' } }, data: { key: encode('value1') } },
      'strategic-merge-patch',
    );
    expect(await cluster.get(`${collection}/patched`)).toMatchObject({
      metadata: { labels: { ...labels, testsecret: 'false' } },
      data: { key: encode('value1') },
    });
    await cluster.delete(`${collection}?labelSelector=testsecret%3Dfalse`);
    expect((await cluster.list(everywhere)).items).toEqual([]);
  });
});

describe('[sig-node] Lease', () => {
  it('lease API should be available', async () => {
    const namespace = await cluster.namespace('leases');
    const spec = (holderIdentity: string): object => ({
      holderIdentity,
      leaseDurationSeconds: 30,
      acquireTime: '2026-02-03T04:05:06.123456Z',
      renewTime: '2026-02-03T04:05:11.654321Z',
      leaseTransitions: 0,
    });
    const collection = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
    const made = await cluster.create(collection, { metadata: { name: 'lease' }, spec: spec('holder') });
    expect(made.spec).toEqual(spec('holder'));
    expect((await cluster.get(`${collection}/lease`)).spec).toEqual(spec('holder'));
    await cluster.update(`${collection}/lease`, { ...made, spec: spec('holder2') });
    expect((await cluster.get(`${collection}/lease`)).spec).toEqual(spec('holder2'));
    await cluster.patch(`${collection}/lease`, { spec: spec('holder3') }, 'strategic-merge-patch');
    expect((await cluster.get(`${collection}/lease`)).spec).toEqual(spec('holder3'));
    await cluster.create(collection, {
      metadata: { name: 'lease2', labels: { deletecollection: 'true' } },
      spec: spec('two'),
    });
    expect(namesOf(await cluster.list(collection))).toEqual(['lease', 'lease2']);
    await cluster.delete(`${collection}?labelSelector=deletecollection%3Dtrue`);
    expect(namesOf(await cluster.list(collection))).toEqual(['lease']);
    await cluster.delete(`${collection}/lease`);
    await cluster.gone(`${collection}/lease`);
  });
});

describe('[sig-node] Node Lifecycle', () => {
  it('should run through the lifecycle of a node', async () => {
    const path = '/api/v1/nodes/e2e-fake-node';
    await cluster.create('/api/v1/nodes', {
      metadata: { name: 'e2e-fake-node' },
      status: {
        phase: 'Running',
        conditions: [{ status: 'True', message: 'Set from e2e test', reason: 'E2E', type: 'Ready' }],
      },
    });
    expect((await cluster.get(path)).metadata.name).toBe('e2e-fake-node');
    const patched = await cluster.patch(path, { metadata: { labels: { e2e: 'patched' } } }, 'strategic-merge-patch');
    expect(patched.metadata.labels).toMatchObject({ e2e: 'patched' });
    expect(namesOf(await cluster.list('/api/v1/nodes?labelSelector=e2e%3Dpatched'))).toEqual(['e2e-fake-node']);
    const updated = await cluster.change(path, (current) => ({
      ...current,
      metadata: { ...current.metadata, labels: { ...current.metadata.labels, e2e: 'updated' } },
    }));
    expect(updated.metadata.labels).toMatchObject({ e2e: 'updated' });
    await cluster.delete('/api/v1/nodes?labelSelector=e2e%3Dupdated');
    await cluster.gone(path);
  });
});

describe('[sig-node] PodTemplates', () => {
  const template = { metadata: { labels: { app: 'nginx' } }, spec: podSpec() };

  it('should run the lifecycle of PodTemplates', async () => {
    const collection = core(await cluster.namespace('podtemplates'), 'podtemplates');
    const path = `${collection}/nginx-pod-template`;
    const labels = { 'podtemplate-static': 'true' };
    const everywhere = '/api/v1/podtemplates?labelSelector=podtemplate-static%3Dtrue';
    await cluster.create(collection, { metadata: { name: 'nginx-pod-template', labels }, template });
    expect(namesOf(await cluster.list(everywhere))).toEqual(['nginx-pod-template']);
    await cluster.patch(path, { metadata: { labels: { podtemplate: 'patched' } } }, 'strategic-merge-patch');
    expect((await cluster.get(path)).metadata.labels).toEqual({ ...labels, podtemplate: 'patched' });
    await cluster.delete(path);
    expect((await cluster.list(everywhere)).items).toEqual([]);
  });

  it('should delete a collection of pod templates', async () => {
    const collection = core(await cluster.namespace('podtemplates'), 'podtemplates');
    const names = ['test-podtemplate-1', 'test-podtemplate-2', 'test-podtemplate-3'];
    for (const name of names)
      await cluster.create(collection, { metadata: { name, labels: { 'podtemplate-set': 'true' } }, template });
    const selected = `${collection}?labelSelector=podtemplate-set%3Dtrue`;
    expect(namesOf(await cluster.list(selected))).toEqual(names);
    await cluster.delete(selected);
    expect((await cluster.list(selected)).items).toEqual([]);
  });

  it('should replace a pod template', async () => {
    const collection = core(await cluster.namespace('podtemplates'), 'podtemplates');
    await cluster.create(collection, { metadata: { name: 'replaced' }, template });
    const replaced = await cluster.change(`${collection}/replaced`, (current) => ({
      ...current,
      metadata: { ...current.metadata, annotations: { updated: 'true' } },
    }));
    expect(replaced.metadata.annotations).toEqual({ updated: 'true' });
  });
});

describe('[sig-node] RuntimeClass', () => {
  const collection = '/apis/node.k8s.io/v1/runtimeclasses';
  const make = (name: string, fields: object = {}): Promise<ApiObject> =>
    cluster.create(collection, { metadata: { name }, handler: 'test-handler', ...fields });
  const pod = (runtimeClassName: string): object => ({
    metadata: { generateName: 'test-runtimeclass-' },
    spec: { ...podSpec(), runtimeClassName },
  });
  const expectRefused = async (namespace: string, name: string): Promise<void> => {
    const reply = await cluster.raw.send('POST', core(namespace, 'pods'), { body: pod(name) });
    expect([reply.status, reply.body]).toMatchObject([
      403,
      { reason: 'Forbidden', message: expect.stringContaining(`RuntimeClass "${name}" not found`) as unknown },
    ]);
  };
  const expectScheduled = async (namespace: string, name: string): Promise<ApiObject> => {
    const { metadata } = await cluster.create(core(namespace, 'pods'), pod(name));
    return await eventually(async () => {
      const read = await cluster.get(`${core(namespace, 'pods')}/${metadata.name}`);
      expect(read.spec?.['nodeName']).toMatch(/^reckon-node-/);
      return read;
    });
  };

  it('should reject a Pod requesting a non-existent RuntimeClass [NodeConformance]', async () => {
    await expectRefused(await cluster.namespace('runtimeclass'), 'runtimeclass-nonexistent');
  });

  it('should schedule a Pod requesting a RuntimeClass without PodOverhead [NodeConformance]', async () => {
    await make('e2e-plain');
    const { spec } = await expectScheduled(await cluster.namespace('runtimeclass'), 'e2e-plain');
    expect(spec).not.toHaveProperty('overhead');
  });

  it('should schedule a Pod requesting a RuntimeClass and initialize its Overhead [NodeConformance]', async () => {
    const podFixed = { cpu: '10m', memory: '1Mi' };
    await make('e2e-overhead', { overhead: { podFixed } });
    const { spec } = await expectScheduled(await cluster.namespace('runtimeclass'), 'e2e-overhead');
    expect(spec?.['overhead']).toEqual(podFixed);
  });

  it('should reject a Pod requesting a deleted RuntimeClass [NodeConformance]', async () => {
    await make('e2e-deleted');
    await cluster.delete(`${collection}/e2e-deleted`);
    await cluster.gone(`${collection}/e2e-deleted`);
    const namespace = await cluster.namespace('runtimeclass');
    await eventually(() => expectRefused(namespace, 'e2e-deleted'));
  });

  it('should support RuntimeClasses API operations', async () => {
    await exerciseApi(cluster, {
      group: 'node.k8s.io',
      resource: 'runtimeclasses',
      kind: 'RuntimeClass',
      fields: { handler: 'e2e-handler' },
    });
  });
});

describe('[sig-node] [DRA] CRUD Tests', () => {
  const group = 'resource.k8s.io';
  const devices = { requests: [{ name: 'one', exactly: { deviceClassName: 'e2e-device' } }] };

  it('resource.k8s.io/v1 DeviceClass', async () => {
    await exerciseApi(cluster, {
      group,
      resource: 'deviceclasses',
      kind: 'DeviceClass',
      fields: { spec: {} },
      changed: { spec: { selectors: [{ cel: { expression: 'device.driver == "e2e.example.com"' } }] } },
    });
  });

  it('resource.k8s.io/v1 ResourceClaim', async () => {
    const result = { request: 'one', driver: 'e2e.example.com', pool: 'pool', device: 'device-0' };
    await exerciseApi(cluster, {
      group,
      resource: 'resourceclaims',
      kind: 'ResourceClaim',
      namespace: await cluster.namespace('dra'),
      fields: { spec: { devices } },
      status: { allocation: { devices: { results: [result] } } },
    });
  });

  it('resource.k8s.io/v1 ResourceClaimTemplate', async () => {
    await exerciseApi(cluster, {
      group,
      resource: 'resourceclaimtemplates',
      kind: 'ResourceClaimTemplate',
      namespace: await cluster.namespace('dra'),
      fields: { spec: { spec: { devices } } },
    });
  });

  it('resource.k8s.io/v1 ResourceSlice', async () => {
    const spec = {
      driver: 'e2e.example.com',
      allNodes: true,
      pool: { name: 'pool', generation: 1, resourceSliceCount: 1 },
      devices: [{ name: 'device-0' }],
    };
    await exerciseApi(cluster, {
      group,
      resource: 'resourceslices',
      kind: 'ResourceSlice',
      fields: { spec },
      changed: { spec: { ...spec, devices: [{ name: 'device-0' }, { name: 'device-1' }] } },
    });
  });
});

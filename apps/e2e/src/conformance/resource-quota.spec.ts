import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@reckon/testkit';
import { type ApiObject, type ConformanceCluster, namesOf, startConformanceCluster } from './conformance-cluster';

let cluster: ConformanceCluster;

beforeAll(async () => {
  cluster = await startConformanceCluster();
});
afterAll(async () => {
  await cluster.dispose();
});

describe('[sig-api-machinery] ResourceQuota', () => {
  /** The quotas of a new namespace that has all it gets by itself: a certificate, and a token of its account. */
  const quotas = async (): Promise<string> => {
    const path = `/api/v1/namespaces/${await cluster.namespace('quota')}`;
    await eventually(async () => {
      await cluster.get(`${path}/configmaps/kube-root-ca.crt`);
      expect((await cluster.list(`${path}/secrets`)).items).toHaveLength(1);
    });
    return `${path}/resourcequotas`;
  };
  const hard = { cpu: '1', memory: '500Mi' };

  /** What is in `used` is what the controller counts; other resources of the quota may be there, too. */
  const expectUsed = async (path: string, used: Readonly<Record<string, string>>): Promise<void> => {
    await eventually(async () => {
      const { spec, status } = await cluster.get(path);
      expect(status?.['hard']).toEqual(spec?.['hard']);
      expect(status?.['used']).toMatchObject(used);
    });
  };
  const manyHard = {
    pods: '5',
    services: '10',
    'services.nodeports': '1',
    'services.loadbalancers': '1',
    replicationcontrollers: '10',
    resourcequotas: '1',
    secrets: '10',
    configmaps: '10',
    'count/replicasets.apps': '5',
    cpu: '1',
    memory: '500Mi',
    'ephemeral-storage': '50Gi',
    'requests.example.com/dongle': '3',
  };
  const make = async (collection: string, name: string, spec: object): Promise<string> => {
    await cluster.create(collection, { metadata: { name }, spec });
    return `${collection}/${name}`;
  };

  /** One object more is counted, and not when it has gone. */
  async function expectCounted(
    resource: string,
    { counted, body }: { readonly counted: string; readonly body: object },
  ): Promise<void> {
    const quota = await quotas();
    const collection = quota.replace(/^\/api\/v1(.*)resourcequotas$/, (_, scope: string) =>
      resource === 'replicasets' ? `/apis/apps/v1${scope}${resource}` : `/api/v1${scope}${resource}`,
    );
    const { items } = await cluster.list(collection);
    const path = await make(quota, 'test-quota', { hard: manyHard });
    await expectUsed(path, { resourcequotas: '1', [counted]: String(items.length) });
    const { metadata } = await cluster.create(collection, body);
    await expectUsed(path, { [counted]: String(items.length + 1) });
    await cluster.delete(`${collection}/${metadata.name}`);
    await expectUsed(path, { [counted]: String(items.length) });
  }
  const podTemplate = (app: string): object => ({ metadata: { labels: { app } }, spec: pod() });
  const pod = (fields: object = {}, resources: object = {}): object => ({
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'pause', image: 'registry.example/pause:1', resources }],
    ...fields,
  });

  it('should create a ResourceQuota and ensure its status is promptly calculated.', async () => {
    const path = await make(await quotas(), 'test-quota', { hard: manyHard });
    await expectUsed(path, {
      ...Object.fromEntries(Object.keys(manyHard).map((name) => [name, '0'])),
      resourcequotas: '1',
      configmaps: '1',
      secrets: '1',
    });
  });

  it('should create a ResourceQuota and capture the life of a configMap.', () =>
    expectCounted('configmaps', {
      counted: 'configmaps',
      body: { metadata: { name: 'test-configmap' }, data: { a: 'b' } },
    }));

  it('should create a ResourceQuota and capture the life of a secret.', () =>
    expectCounted('secrets', {
      counted: 'secrets',
      body: { metadata: { name: 'test-secret' }, stringData: { a: 'b' } },
    }));

  it('should create a ResourceQuota and capture the life of a pod.', async () => {
    const collection = await quotas();
    const pods = collection.replace('resourcequotas', 'pods');
    const path = await make(collection, 'test-quota', { hard: manyHard });
    await expectUsed(path, { resourcequotas: '1', pods: '0' });
    const dongles = { 'example.com/dongle': '2' };
    const requests = { cpu: '500m', memory: '252Mi', 'ephemeral-storage': '30Gi', ...dongles };
    const makePod = (name: string, asked: object, limits: object): Promise<ApiObject> =>
      cluster.create(pods, { metadata: { name }, spec: pod({}, { requests: asked, limits }) });
    const { metadata } = await makePod('test-pod', requests, dongles);
    const used = {
      pods: '1',
      cpu: '500m',
      memory: '252Mi',
      'ephemeral-storage': '30Gi',
      'requests.example.com/dongle': '2',
    };
    await expectUsed(path, used);
    await expect(makePod('fail-pod', { cpu: '600m', memory: '100Mi' }, {})).rejects.toThrow(
      /exceeded quota: test-quota, requested: cpu=600m, used: cpu=500m, limited: cpu=1/,
    );
    const more = { cpu: '500m', memory: '100Mi', 'ephemeral-storage': '10Gi', ...dongles };
    await expect(makePod('fail-pod-for-extended-resource', more, dongles)).rejects.toThrow(
      /exceeded quota: test-quota, requested: requests.example.com\/dongle=2, used: requests.example.com\/dongle=2/,
    );
    const podPath = `${pods}/${metadata.name}`;
    const grown = [{ op: 'replace', path: '/spec/containers/0/resources/requests/cpu', value: '100m' }];
    await expect(cluster.patch(podPath, grown, 'json-patch')).rejects.toThrow(/pod updates may not change fields/);
    await expectUsed(path, used);
    await cluster.delete(podPath, { gracePeriodSeconds: 0 });
    await expectUsed(path, Object.fromEntries(Object.keys(used).map((name) => [name, '0'])));
  });

  it('should create a ResourceQuota and capture the life of a service.', async () => {
    const collection = await quotas();
    const services = collection.replace('resourcequotas', 'services');
    const path = await make(collection, 'test-quota', { hard: manyHard });
    await expectUsed(path, { services: '0' });
    const ports = [{ port: 80, targetPort: 80 }];
    const service = (name: string, type: string): Promise<ApiObject> =>
      cluster.create(services, { metadata: { name }, spec: { type, ports, selector: { a: 'b' } } });
    await service('test-service', 'ClusterIP');
    await service('test-service-np', 'NodePort');
    await expect(service('test-service-lb', 'LoadBalancer')).rejects.toThrow(
      /exceeded quota: test-quota, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1/,
    );
    await expectUsed(path, { services: '2', 'services.nodeports': '1', 'services.loadbalancers': '0' });
    for (const name of ['test-service', 'test-service-np']) await cluster.delete(`${services}/${name}`);
    await expectUsed(path, { services: '0', 'services.nodeports': '0', 'services.loadbalancers': '0' });
  });

  it('should create a ResourceQuota and capture the life of a replication controller.', () =>
    expectCounted('replicationcontrollers', {
      counted: 'replicationcontrollers',
      body: {
        metadata: { name: 'test-rc' },
        spec: { replicas: 0, selector: { app: 'a' }, template: podTemplate('a') },
      },
    }));

  it('should create a ResourceQuota and capture the life of a replica set.', () =>
    expectCounted('replicasets', {
      counted: 'count/replicasets.apps',
      body: {
        metadata: { name: 'test-rs' },
        spec: { replicas: 0, selector: { matchLabels: { app: 'a' } }, template: podTemplate('a') },
      },
    }));

  /** The first of a pair of scopes counts a pod for as long as it is there, the second does not. */
  async function expectScoped(
    collection: string,
    counting: string,
    other: string,
    spec: object,
    used: Readonly<Record<string, string>>,
  ): Promise<void> {
    const zero = Object.fromEntries(Object.keys(used).map((name) => [name, '0']));
    await expectUsed(counting, zero);
    const pods = collection.replace('resourcequotas', 'pods');
    const { metadata }: ApiObject = await cluster.create(pods, { metadata: { generateName: 'test-pod-' }, spec });
    await expectUsed(counting, used);
    await expectUsed(other, zero);
    await cluster.delete(`${pods}/${metadata.name}`, { gracePeriodSeconds: 0 });
    await expectUsed(counting, zero);
    await expectUsed(other, zero);
  }

  it('should verify ResourceQuota with terminating scopes.', async () => {
    const collection = await quotas();
    const limited = {
      pods: '1',
      'requests.cpu': '1',
      'requests.memory': '500Mi',
      'limits.cpu': '2',
      'limits.memory': '1Gi',
    };
    const terminating = await make(collection, 'quota-terminating', { hard: limited, scopes: ['Terminating'] });
    const notTerminating = await make(collection, 'quota-not-terminating', {
      hard: limited,
      scopes: ['NotTerminating'],
    });
    const resources = { requests: { cpu: '500m', memory: '200Mi' }, limits: { cpu: '1', memory: '400Mi' } };
    const used = {
      pods: '1',
      'requests.cpu': '500m',
      'requests.memory': '200Mi',
      'limits.cpu': '1',
      'limits.memory': '400Mi',
    };
    await expectScoped(collection, notTerminating, terminating, pod({}, resources), used);
    await expectScoped(collection, terminating, notTerminating, pod({ activeDeadlineSeconds: 3600 }, resources), used);
  });

  it('should verify ResourceQuota with best effort scope.', async () => {
    const collection = await quotas();
    const limited = { pods: '5' };
    const bestEffort = await make(collection, 'quota-besteffort', { hard: limited, scopes: ['BestEffort'] });
    const notBestEffort = await make(collection, 'quota-not-besteffort', { hard: limited, scopes: ['NotBestEffort'] });
    const resources = { requests: { cpu: '500m', memory: '200Mi' }, limits: { cpu: '1', memory: '400Mi' } };
    await expectScoped(collection, bestEffort, notBestEffort, pod(), { pods: '1' });
    await expectScoped(collection, notBestEffort, bestEffort, pod({}, resources), { pods: '1' });
  });

  it('should be able to update and delete ResourceQuota.', async () => {
    const collection = await quotas();
    const path = `${collection}/test-quota`;
    const made = await cluster.create(collection, { metadata: { name: 'test-quota' }, spec: { hard } });
    expect(made.spec).toEqual({ hard });
    expect((await cluster.get(path)).spec).toEqual({ hard });
    const more = { cpu: '2', memory: '1Gi' };
    await cluster.change(path, (current) => ({ ...current, spec: { hard: more } }));
    expect((await cluster.get(path)).spec).toEqual({ hard: more });
    await cluster.delete(path);
    await cluster.gone(path);
  });

  it('should manage the lifecycle of a ResourceQuota', async () => {
    const collection = await quotas();
    const labels = { 'e2e-rq': 'lifecycle' };
    const path = `${collection}/e2e-quota`;
    await cluster.create(collection, { metadata: { name: 'e2e-quota', labels }, spec: { hard } });
    expect((await cluster.get(path)).spec).toEqual({ hard });
    const everywhere = '/api/v1/resourcequotas?labelSelector=e2e-rq%3Dlifecycle';
    expect(namesOf(await cluster.list(everywhere))).toEqual(['e2e-quota']);
    const patched = await cluster.patch(path, {
      metadata: { labels: { 'e2e-rq': 'patched' } },
      spec: { hard: { memory: '750Mi' } },
    });
    expect(patched).toMatchObject({
      metadata: { labels: { 'e2e-rq': 'patched' } },
      spec: { hard: { memory: '750Mi' } },
    });
    expect((await cluster.list(everywhere)).items).toEqual([]);
    const selected = `${collection}?labelSelector=e2e-rq%3Dpatched`;
    expect(namesOf(await cluster.list(selected))).toEqual(['e2e-quota']);
    await cluster.delete(selected);
    expect((await cluster.list(selected)).items).toEqual([]);
  });

  it('should apply changes to a resourcequota status', async () => {
    const collection = await quotas();
    const path = `${collection}/e2e-rq-status`;
    const limits = { cpu: '500m', memory: '500Mi' };
    await cluster.create(collection, { metadata: { name: 'e2e-rq-status' }, spec: { hard: limits } });
    const watch = await cluster.watch(`${collection}?watch=1`);
    const told = async (status: object): Promise<void> => {
      // The quota's controller may write its own view later: the watch has seen what was written here.
      await eventually(() => {
        expect(watch.events.map(({ object }) => object['status'])).toContainEqual(expect.objectContaining(status));
      });
    };
    const updated = { hard: { cpu: '1', memory: '1Gi' } };
    const answered = await cluster.change(path, (current) => ({ ...current, status: updated }), `${path}/status`);
    expect(answered).toMatchObject({ spec: { hard: limits }, status: updated });
    await told(updated);
    const patched = { hard: { cpu: '2', memory: '2Gi' } };
    const again = await cluster.patch(`${path}/status`, { status: patched });
    expect(again).toMatchObject({ spec: { hard: limits }, status: patched });
    await told(patched);
    expect((await cluster.get(`${path}/status`)).spec).toEqual({ hard: limits });
    await cluster.delete(path);
  });
});

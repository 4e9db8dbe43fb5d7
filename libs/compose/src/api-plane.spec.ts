import { type ResourceRow, openStructType } from '@reckon/api/kinds';
import { RestClient } from '@reckon/client/rest';
import { systemClock } from '@reckon/kernel';
import { ensurePki } from '@reckon/pki';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiPlane } from './api-plane';
import { modesAuthorization } from './authorizers';
import { bootstrapCluster } from './bootstrap/bootstrap-cluster';
import { ownServiceAccountKeys } from './service-account-keys';
import { systemContext } from './system-context';
import { type MemoryCluster, memoryCluster } from './testing/memory-cluster.suite';

let folder: string;
let cluster: MemoryCluster;
let api: ReturnType<typeof createApiPlane>;
let rest: RestClient;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reckon-plane-'));
  cluster = await memoryCluster();
  const { basics } = cluster;
  const pki = await ensurePki(join(folder, 'pki'), {
    clock: systemClock,
    serviceIp: '10.96.0.1',
    hosts: [],
  });
  api = createApiPlane({
    ...cluster,
    ...basics,
    options: { anonymousAuth: true, authorization: modesAuthorization('Node', 'RBAC') },
    tls: { cert: pki.serving.certPem, key: pki.serving.keyPem, clientCa: pki.caPem },
    serviceAccounts: ownServiceAccountKeys(pki),
    advertise: () => 'reckon.example:6443',
    agentTokens: [{ user: { name: 'admin', groups: ['system:masters'] }, token: 'admin-token' }],
    kubelet: () => ({ host: '127.0.0.1', port: 1, token: '' }),
    furtherMetrics: () =>
      Promise.resolve('# HELP workqueue_depth d\n# TYPE workqueue_depth gauge\nworkqueue_depth 3\n'),
  });
  const unixSocket = join(folder, 'api.sock');
  await api.listen({ host: '127.0.0.1', port: 0, unixSocket });
  await bootstrapCluster({ ...cluster, ctx: systemContext({ ...basics, agent: 'test/1' }), further: [] });
  rest = new RestClient(
    { server: 'http://localhost', socketPath: unixSocket, token: 'admin-token', userAgent: 'test/1' },
    basics,
  );
});
afterAll(async () => {
  await rest.close();
  await api.stop();
  await cluster.close();
  rmSync(folder, { recursive: true });
});

const widgets = { group: 'example.com', version: 'v1', resource: 'widgets', kind: 'Widget', namespaced: true };

/** What a CustomResourceDefinition would make. */
const widgetRow = (changes: Partial<ResourceRow> = {}): ResourceRow => ({
  group: 'example.com',
  version: 'v1',
  resource: 'widgets',
  singular: 'widget',
  kind: 'Widget',
  listKind: 'WidgetList',
  namespaced: true,
  shortNames: ['wd'],
  categories: [],
  verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: [],
  storage: { group: 'example.com', resource: 'widgets', version: 'v1' },
  type: openStructType(cluster.kinds.types, 'Widget'),
  ...changes,
});

const status = async (ask: Promise<unknown>): Promise<unknown> => {
  try {
    await ask;
    return 200;
  } catch (error) {
    return (error as { status?: { code?: number } }).status?.code;
  }
};

describe('the server plane', () => {
  it('follows a kind that appears, changes and vanishes while it runs', async () => {
    const client = rest.resource(widgets);
    const discovered = async (): Promise<string[]> => {
      const { resources } = await rest.request<{ resources: { name: string }[] }>('GET', '/apis/example.com/v1');
      return resources.map((r) => r.name);
    };
    expect(await status(client.list(''))).toBe(404);
    expect(await status(discovered())).toBe(404);

    cluster.kinds.add(widgetRow());
    expect(await discovered()).toEqual(['widgets']);
    const { groups } = await rest.request<{ groups: { name: string }[] }>('GET', '/apis');
    expect(groups.map((g) => g.name)).toContain('example.com');

    const listed = await client.list('default');
    const abort = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      const events = client.watch('default', {
        resourceVersion: listed.metadata.resourceVersion ?? '',
        signal: abort.signal,
      });
      for await (const { type } of events) {
        seen.push(type);
        if (type === 'DELETED') break;
      }
    })();
    const made = await client.create({
      metadata: { namespace: 'default', name: 'one' },
      spec: { size: 1, free: { form: [1] } },
    });
    expect(made).toMatchObject({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { generation: 1 },
      spec: { free: { form: [1] } },
    });
    const patched = await client.patch('default', 'one', { type: 'merge', body: { spec: { size: 2 } } });
    expect(patched).toMatchObject({ metadata: { generation: 2 }, spec: { size: 2, free: { form: [1] } } });
    const labelled = await client.patch('default', 'one', {
      type: 'merge',
      body: { metadata: { labels: { a: 'b' } } },
    });
    expect(labelled.metadata.generation).toBe(2);
    expect((await client.list('default')).items.map((w) => w.metadata.name)).toEqual(['one']);

    const old = cluster.kinds.resource('example.com', 'v1', 'widgets');
    const subresources = [
      { name: 'status', group: 'example.com', version: 'v1', kind: 'Widget', verbs: ['get', 'patch', 'update'] },
    ];
    cluster.kinds.remove('example.com', 'v1', 'widgets');
    cluster.kinds.add(widgetRow({ subresources }));
    const changed = cluster.kinds.resource('example.com', 'v1', 'widgets');
    if (old === undefined || changed === undefined) throw new Error('widgets are not served');
    expect(cluster.storeOf(changed)).not.toBe(cluster.storeOf(old));
    expect((await discovered()).sort()).toEqual(['widgets', 'widgets/status']);
    const told = await client.patch('default', 'one', {
      type: 'merge',
      subresource: 'status',
      body: { status: { ok: true }, spec: { size: 9 } },
    });
    expect(told).toMatchObject({ metadata: { generation: 2 }, spec: { size: 2 }, status: { ok: true } });
    const untold = await client.patch('default', 'one', {
      type: 'merge',
      body: { status: { ok: false }, spec: { size: 3 } },
    });
    expect(untold).toMatchObject({ metadata: { generation: 3 }, spec: { size: 3 }, status: { ok: true } });

    await client.delete('default', 'one');
    await watching;
    expect(seen).toEqual(['ADDED', 'MODIFIED', 'MODIFIED', 'MODIFIED', 'MODIFIED', 'DELETED']);

    cluster.kinds.remove('example.com', 'v1', 'widgets');
    expect(await status(client.list(''))).toBe(404);
    expect(await status(discovered())).toBe(404);
  });

  it('stores nothing of what is only created', () => {
    const reviews = cluster.kinds.resource('authentication.k8s.io', 'v1', 'tokenreviews');
    if (reviews === undefined) throw new Error('tokenreviews are not served');
    expect(cluster.storeOf(reviews)).toBeUndefined();
  });

  it.each(['/api/v1/componentstatuses', '/api/v1/componentstatuses?watch=1'])(
    'makes what is computed for each answer, and of no revision: %s',
    async (path) => {
      expect(await rest.request('GET', path)).toEqual({
        kind: 'ComponentStatusList',
        apiVersion: 'v1',
        metadata: {},
        items: ['scheduler', 'controller-manager', 'etcd-0'].map((name) => ({
          metadata: { name },
          conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }],
        })),
      });
    },
  );

  it('shows the metrics of the agents behind its own', async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of rest.stream('/metrics')) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    expect(text).toContain('apiserver_request_total');
    expect(text.endsWith('workqueue_depth 3\n')).toBe(true);
    expect(text).toContain('\n# HELP workqueue_depth d\n');
  });

  it('writes the objects of subresources that it handles as nobody’s', async () => {
    const pods = rest.resource({ group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true });
    await rest
      .resource({ group: '', version: 'v1', resource: 'serviceaccounts', kind: 'ServiceAccount', namespaced: true })
      .create({
        metadata: { namespace: 'default', name: 'default' },
      });
    await pods.create({
      metadata: { namespace: 'default', name: 'web' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    });
    await pods.post('default', 'web', 'binding', {
      kind: 'Binding',
      apiVersion: 'v1',
      metadata: { name: 'web' },
      target: { kind: 'Node', name: 'n' },
    });
    await pods.post('default', 'web', 'eviction', {
      kind: 'Eviction',
      apiVersion: 'policy/v1',
      metadata: { name: 'web' },
    });
    const evicted = await pods.get('default', 'web');
    expect(evicted).toMatchObject({
      spec: { nodeName: 'n' },
      status: { conditions: [{ type: 'PodScheduled' }, { type: 'DisruptionTarget' }] },
    });
    expect(evicted.metadata.managedFields).toHaveLength(1);
  });
});

describe('the documents by which tokens are verified', () => {
  it('lead to the server under the name that it gives itself', async () => {
    const configuration = await rest.request<object>('GET', '/.well-known/openid-configuration');
    expect(configuration).toMatchObject({
      issuer: 'https://kubernetes.default.svc',
      jwks_uri: 'https://reckon.example:6443/openid/v1/jwks',
      id_token_signing_alg_values_supported: ['ES256'],
    });
  });
});

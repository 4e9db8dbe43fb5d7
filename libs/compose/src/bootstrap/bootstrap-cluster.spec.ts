import { systemContext } from '../system-context';
import { agentRights } from './agent-rights';
import { bootstrapCluster } from './bootstrap-cluster';
import { kubernetesService } from './kubernetes-service';
import { systemObjects } from './system-objects';
import { type MemoryCluster, memoryCluster } from '../testing/memory-cluster.suite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let cluster: MemoryCluster;
beforeEach(async () => {
  cluster = await memoryCluster();
});
afterEach(() => cluster.close());

const bootstrap = (port = 6443): Promise<void> =>
  bootstrapCluster({
    ...cluster,
    ctx: systemContext({ ...cluster.basics, agent: 'test/1' }),
    further: [...agentRights, ...kubernetesService({ clusterIp: '10.96.0.1', address: '192.168.0.7', port })],
  });

const newest = (group: string, resource: string, namespace: string, name: string) =>
  cluster.storage.newest({ group, resource, namespace, name })?.parse() as Record<string, unknown> | undefined;

describe('a new cluster', () => {
  it('has its system objects, RBAC policy, rights of agents and kubernetes Service', async () => {
    await bootstrap();
    for (const { group, resource, object } of [...systemObjects, ...agentRights])
      expect(newest(group, resource, object.metadata.namespace ?? '', object.metadata.name ?? '')).toBeDefined();
    expect(
      [...cluster.storage.newestOf({ group: 'rbac.authorization.k8s.io', resource: 'clusterroles' })].length,
    ).toBeGreaterThan(60);
    expect(newest('', 'services', 'default', 'kubernetes')).toMatchObject({
      spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443 }] },
    });
    expect(newest('', 'endpoints', 'default', 'kubernetes')).toMatchObject({
      subsets: [{ addresses: [{ ip: '192.168.0.7' }], ports: [{ port: 6443 }] }],
    });
    expect(newest('discovery.k8s.io', 'endpointslices', 'default', 'kubernetes')).toMatchObject({
      addressType: 'IPv4',
      endpoints: [{ addresses: ['192.168.0.7'], conditions: { ready: true } }],
    });
  });

  it('writes nothing when it starts again', async () => {
    await bootstrap();
    const { revision } = cluster.storage;
    await bootstrap();
    expect(cluster.storage.revision).toBe(revision);
  });

  it('tells of its new address when it starts again elsewhere', async () => {
    await bootstrap(6443);
    await bootstrap(7443);
    expect(newest('', 'services', 'default', 'kubernetes')).toMatchObject({ spec: { ports: [{ targetPort: 7443 }] } });
    expect(newest('', 'endpoints', 'default', 'kubernetes')).toMatchObject({ subsets: [{ ports: [{ port: 7443 }] }] });
    expect(newest('discovery.k8s.io', 'endpointslices', 'default', 'kubernetes')).toMatchObject({
      ports: [{ port: 7443 }],
    });
  });

  it('leaves alone what others made of its objects', async () => {
    await bootstrap();
    const key = { group: '', resource: 'namespaces', namespace: '', name: 'default' };
    const before = cluster.storage.newest(key);
    if (before === undefined) throw new Error('no namespace default');
    const object = before.parse();
    object.metadata.labels = { mine: 'yes' };
    const author = { actor: 'jane', agent: 'test', manager: 'test', request: '' };
    await cluster.storage.commit([{ key, verb: 'update', previous: before.revision, object }], author);
    await bootstrap();
    expect(newest('', 'namespaces', '', 'default')).toMatchObject({ metadata: { labels: { mine: 'yes' } } });
  });

  it('has no endpoints on a machine that nobody can reach', () => {
    expect(kubernetesService({ clusterIp: '10.96.0.1', port: 1 }).map((o) => o.resource)).toEqual(['services']);
  });
});

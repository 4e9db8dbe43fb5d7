import type { flowcontrolv1 } from '@reckon/api/types';
import { noRevision } from '@reckon/store/contract';
import { systemContext } from '../system-context';
import { bootstrapCluster } from './bootstrap-cluster';
import { kubernetesService } from './kubernetes-service';
import { systemObjects } from './system-objects';
import { type MemoryCluster, memoryCluster } from '../testing/memory-cluster.suite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const flow = 'flowcontrol.apiserver.k8s.io';
type Level = flowcontrolv1.PriorityLevelConfiguration;

let cluster: MemoryCluster;
beforeEach(async () => {
  cluster = await memoryCluster();
});
afterEach(() => cluster.close());

const bootstrap = (port = 6443): Promise<void> =>
  bootstrapCluster({
    ...cluster,
    ctx: systemContext({ ...cluster.basics, agent: 'test/1' }),
    whole: { random: cluster.basics.random, serviceCidrs: ['10.96.0.1/12'] },
    further: kubernetesService({ clusterIp: '10.96.0.1', address: '192.168.0.7', port }),
  });

const newest = (group: string, resource: string, namespace: string, name: string) =>
  cluster.storage.newest({ group, resource, namespace, name })?.parse() as Record<string, unknown> | undefined;

describe('a new cluster', () => {
  it('has its system objects, RBAC policy, rights of agents and kubernetes Service', async () => {
    await bootstrap();
    for (const { group, resource, object } of systemObjects)
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

  it("has roles that gather others, whose rules are the controller's from the beginning", async () => {
    await bootstrap();
    const view = newest('rbac.authorization.k8s.io', 'clusterroles', '', 'view') as unknown as {
      readonly rules: readonly object[];
      readonly metadata: {
        readonly managedFields: readonly { manager: string; operation: string; fieldsV1: object }[];
      };
    };
    expect(view.rules.length).toBeGreaterThan(5);
    expect(Object.keys(view)).toEqual(['kind', 'apiVersion', 'metadata', 'rules', 'aggregationRule']);
    expect(
      view.metadata.managedFields.map(({ manager, operation, fieldsV1 }) => [
        manager,
        operation,
        Object.keys(fieldsV1),
      ]),
    ).toEqual([
      ['clusterrole-aggregation-controller', 'Apply', ['f:rules']],
      ['kube-apiserver', 'Update', ['f:aggregationRule', 'f:metadata']],
    ]);
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

  it('has the objects of its service network and of priority and fairness, whole', async () => {
    await bootstrap();
    expect(newest('networking.k8s.io', 'ipaddresses', '', '10.96.0.1')).toMatchObject({
      spec: { parentRef: { resource: 'services', namespace: 'default', name: 'kubernetes' } },
    });
    expect(newest('networking.k8s.io', 'servicecidrs', '', 'kubernetes')).toMatchObject({
      metadata: { finalizers: ['networking.k8s.io/service-cidr-finalizer'] },
      spec: { cidrs: ['10.96.0.0/12'] },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    });
    const names = (resource: string): string[] =>
      [...cluster.storage.newestOf({ group: flow, resource })].map((o) => o.key.name);
    expect(names('prioritylevelconfigurations')).toHaveLength(8);
    expect(names('flowschemas')).toHaveLength(11);
    expect(newest(flow, 'flowschemas', '', 'probes')).toMatchObject({
      metadata: {
        generation: 1,
        annotations: { 'apf.kubernetes.io/autoupdate-spec': 'true' },
        managedFields: [
          { manager: 'api-priority-and-fairness-config-consumer-v1', operation: 'Apply', subresource: 'status' },
          { manager: 'api-priority-and-fairness-config-producer-v1', operation: 'Update' },
        ],
      },
      status: { conditions: [{ type: 'Dangling', status: 'False', reason: 'Found' }] },
    });
  });

  it('brings priority and fairness up to date, but for what an administrator took over', async () => {
    await bootstrap();
    const author = { actor: 'jane', agent: 'test', manager: 'test', request: '' };
    const level = 'prioritylevelconfigurations';
    const annotation = 'apf.kubernetes.io/autoupdate-spec';
    async function write(resource: string, name: string, change: (object: Level) => void): Promise<void> {
      const key = { group: flow, resource, namespace: '', name };
      const before = cluster.storage.newest(key);
      const object = before?.parse() ?? { metadata: { name, annotations: { [annotation]: 'true' } } };
      change(object);
      const previous = before?.revision ?? noRevision;
      await cluster.storage.commit(
        [{ key, verb: before === undefined ? 'create' : 'update', previous, object }],
        author,
      );
    }
    const setShares = (object: Level): void => {
      if (object.spec?.limited !== undefined) object.spec.limited.nominalConcurrencyShares = 1;
    };
    await write(level, 'system', setShares);
    await write(level, 'node-high', (object) => {
      setShares(object);
      object.metadata.annotations = { [annotation]: 'false' };
    });
    await write(level, 'workload-low', (object) => delete object.metadata.annotations);
    await write(level, 'exempt', (object) => {
      object.spec = { type: 'Exempt', exempt: { nominalConcurrencyShares: 3, lendablePercent: 4 } };
    });
    await write('flowschemas', 'of-another-version', () => undefined);
    await bootstrap();
    const shares = (name: string): unknown =>
      (newest(flow, level, '', name) as unknown as Level).spec?.limited?.nominalConcurrencyShares;
    expect(shares('system')).toBe(30);
    expect(newest(flow, level, '', 'system')).toMatchObject({ metadata: { generation: 2 } });
    expect(shares('node-high')).toBe(1);
    expect(newest(flow, level, '', 'workload-low')).toMatchObject({
      metadata: { annotations: { [annotation]: 'true' } },
    });
    expect(newest(flow, level, '', 'exempt')).toMatchObject({ spec: { exempt: { nominalConcurrencyShares: 3 } } });
    expect(newest(flow, 'flowschemas', '', 'of-another-version')).toBeUndefined();
  });

  it('has no endpoints on a machine that nobody can reach', () => {
    expect(kubernetesService({ clusterIp: '10.96.0.1', port: 1 }).map((o) => o.resource)).toEqual(['services']);
  });
});

import type { apiregistrationv1 } from '@reckon/api/types';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemContext } from '../system-context';
import { memoryCluster, type MemoryCluster } from '../testing/memory-cluster.suite';
import { apiServices } from './api-services';
import { bootstrapCluster } from './bootstrap-cluster';

let cluster: MemoryCluster;
beforeEach(async () => {
  cluster = await memoryCluster();
});
afterEach(() => cluster.close());

const bootstrap = (): Promise<void> =>
  bootstrapCluster({
    ...cluster,
    ctx: systemContext({ ...cluster.basics, agent: 'test/1' }),
    further: apiServices(cluster.kinds),
  });

const keyOf = (name: string) => ({ group: 'apiregistration.k8s.io', resource: 'apiservices', namespace: '', name });
const newest = (name: string): apiregistrationv1.APIService | undefined => cluster.storage.newest(keyOf(name))?.parse();

describe('the APIServices of a new cluster', () => {
  it('are there and available', async () => {
    await bootstrap();
    expect(newest('v1.')).toMatchObject({
      metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } },
      spec: { version: 'v1', groupPriorityMinimum: 18_000, versionPriority: 1 },
      status: {
        conditions: [
          {
            type: 'Available',
            status: 'True',
            reason: 'Local',
            message: 'Local APIServices are always available',
          },
        ],
      },
    });
    expect(newest('v1.apps')?.spec).toEqual({
      group: 'apps',
      version: 'v1',
      groupPriorityMinimum: 17_800,
      versionPriority: 15,
    });
    expect(newest('v1.apiregistration.k8s.io')).toBeUndefined();
  });

  it('stand for every group version that is served, and no other', async () => {
    await bootstrap();
    const { resource, group } = keyOf('');
    const names = [...cluster.storage.newestOf({ group, resource })].map((stored) => stored.key.name);
    const served = cluster.kinds
      .groupVersions()
      .filter((gv) => gv.group !== group)
      .map((gv) => `${gv.version}.${gv.group}`);
    expect(names.sort()).toEqual(served.sort());
  });

  it('are written once, and again when something changed their spec', async () => {
    await bootstrap();
    const { revision } = cluster.storage;
    await bootstrap();
    expect(cluster.storage.revision).toBe(revision);
    const before = cluster.storage.newest(keyOf('v1.apps'));
    if (before === undefined) throw new Error('no v1.apps');
    const object = before.parse() as unknown as apiregistrationv1.APIService;
    if (object.spec) object.spec.versionPriority = 3;
    const author = { actor: 'jane', agent: 'test', manager: 'test', request: '' };
    await cluster.storage.commit(
      [{ key: keyOf('v1.apps'), verb: 'update', previous: before.revision, object: object }],
      author,
    );
    await bootstrap();
    expect(newest('v1.apps')?.spec?.versionPriority).toBe(15);
  });
});

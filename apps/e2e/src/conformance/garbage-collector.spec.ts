import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@reckon/testkit';
import { type ApiObject, type ConformanceCluster, podSpec, startConformanceCluster } from './conformance-cluster';

let cluster: ConformanceCluster;

beforeAll(async () => {
  cluster = await startConformanceCluster();
});
afterAll(async () => {
  await cluster.dispose();
});

const core = (namespace: string, resource: string): string => `/api/v1/namespaces/${namespace}/${resource}`;
const apps = (namespace: string, resource: string): string => `/apis/apps/v1/namespaces/${namespace}/${resource}`;
const deleteOptions = (propagationPolicy: 'Background' | 'Foreground' | 'Orphan', { metadata }: ApiObject): object => ({
  kind: 'DeleteOptions',
  apiVersion: 'v1',
  propagationPolicy,
  preconditions: { uid: metadata.uid },
});
const items = async (path: string): Promise<readonly ApiObject[]> => (await cluster.list(path)).items;

async function replicationController(namespace: string, name: string, replicas: number): Promise<ApiObject> {
  return await cluster.create(core(namespace, 'replicationcontrollers'), {
    metadata: { name },
    spec: { replicas, selector: { name }, template: { metadata: { labels: { name } }, spec: podSpec() } },
  });
}

/** Resolves when so many pods of the controller are there, and the controller says so. */
async function createdPods(namespace: string, name: string, replicas: number): Promise<readonly ApiObject[]> {
  return await eventually(async () => {
    const { status } = await cluster.get(`${core(namespace, 'replicationcontrollers')}/${name}`);
    expect(status?.['replicas']).toBe(replicas);
    const pods = await items(`${core(namespace, 'pods')}?labelSelector=name%3D${name}`);
    expect(pods).toHaveLength(replicas);
    return pods;
  });
}

async function deployment(namespace: string): Promise<{ readonly path: string; readonly made: ApiObject }> {
  const made = await cluster.create(apps(namespace, 'deployments'), {
    metadata: { name: 'simple' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'gctest' } },
      template: { metadata: { labels: { app: 'gctest' } }, spec: podSpec() },
    },
  });
  await eventually(async () => {
    expect(await items(apps(namespace, 'replicasets'))).toHaveLength(1);
    expect(await items(core(namespace, 'pods'))).toHaveLength(2);
  });
  return { path: `${apps(namespace, 'deployments')}/simple`, made };
}

/** Resolves when the garbage collector has removed an object, made now, whose owner never was: it has seen all that came before. */
async function collected(namespace: string): Promise<void> {
  const ownerReferences = [
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'never', uid: '11111111-2222-3333-4444-555555555555' },
  ];
  const { metadata } = await cluster.create(core(namespace, 'configmaps'), {
    metadata: { generateName: 'ownerless-', ownerReferences },
  });
  await cluster.gone(`${core(namespace, 'configmaps')}/${metadata.name}`);
}

describe('[sig-api-machinery] Garbage collector', () => {
  it('should delete pods created by rc when not orphaning', async () => {
    const namespace = await cluster.namespace('gc');
    const rc = await replicationController(namespace, 'simpletest.rc', 2);
    await createdPods(namespace, 'simpletest.rc', 2);
    const path = `${core(namespace, 'replicationcontrollers')}/simpletest.rc`;
    await cluster.delete(path, deleteOptions('Background', rc));
    await cluster.gone(path);
    await eventually(async () => {
      expect(await items(core(namespace, 'pods'))).toEqual([]);
    });
  });

  it('should orphan pods created by rc if delete options say so [Serial]', async () => {
    const namespace = await cluster.namespace('gc');
    const rc = await replicationController(namespace, 'simpletest.rc', 20);
    await createdPods(namespace, 'simpletest.rc', 20);
    const path = `${core(namespace, 'replicationcontrollers')}/simpletest.rc`;
    await cluster.delete(path, deleteOptions('Orphan', rc));
    await cluster.gone(path);
    await collected(namespace);
    const pods = await items(core(namespace, 'pods'));
    expect(pods).toHaveLength(20);
    for (const { metadata } of pods)
      expect([metadata.ownerReferences, metadata.deletionTimestamp]).toEqual([undefined, undefined]);
  });

  it('should delete RS created by deployment when not orphaning', async () => {
    const namespace = await cluster.namespace('gc');
    const { path, made } = await deployment(namespace);
    await cluster.delete(path, deleteOptions('Background', made));
    await cluster.gone(path);
    await eventually(async () => {
      expect(await items(apps(namespace, 'replicasets'))).toEqual([]);
      expect(await items(core(namespace, 'pods'))).toEqual([]);
    });
  });

  it('should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan', async () => {
    const namespace = await cluster.namespace('gc');
    const { path, made } = await deployment(namespace);
    await cluster.delete(path, deleteOptions('Orphan', made));
    await cluster.gone(path);
    await collected(namespace);
    const sets = await items(apps(namespace, 'replicasets'));
    expect(sets.map(({ metadata }) => metadata.ownerReferences)).toEqual([undefined]);
    const [set] = sets;
    const pods = await items(core(namespace, 'pods'));
    expect(pods.map(({ metadata }) => metadata.ownerReferences?.map(({ uid }) => uid))).toEqual([
      [set?.metadata.uid],
      [set?.metadata.uid],
    ]);
  });

  it('should keep the rc around until all its pods are deleted if the deleteOptions says so [Serial]', async () => {
    const namespace = await cluster.namespace('gc');
    const rc = await replicationController(namespace, 'simpletest.rc', 20);
    const pods = await createdPods(namespace, 'simpletest.rc', 20);
    // One pod that stays until it is let go: the controller has to wait for it.
    const kept = `${core(namespace, 'pods')}/${pods[0]?.metadata.name ?? ''}`;
    await cluster.patch(kept, { metadata: { finalizers: ['e2e.example.com/hold'] } });
    const path = `${core(namespace, 'replicationcontrollers')}/simpletest.rc`;
    await cluster.delete(path, deleteOptions('Foreground', rc));
    await eventually(async () => {
      const left = await items(core(namespace, 'pods'));
      expect(left.map(({ metadata }) => metadata.name)).toEqual([pods[0]?.metadata.name]);
      expect(left[0]?.metadata.deletionTimestamp).toBeDefined();
    });
    const { metadata } = await cluster.get(path);
    expect([metadata.finalizers, metadata.deletionTimestamp !== undefined]).toEqual([['foregroundDeletion'], true]);
    await cluster.patch(kept, { metadata: { finalizers: null } });
    await cluster.gone(path);
    expect(await items(core(namespace, 'pods'))).toEqual([]);
  });

  it("should not delete dependents that have both valid owner and owner that's waiting for dependents to be deleted [Serial]", async () => {
    const namespace = await cluster.namespace('gc');
    const leaving = await replicationController(namespace, 'simpletest-rc-to-be-deleted', 20);
    const staying = await replicationController(namespace, 'simpletest-rc-to-stay', 0);
    const pods = await createdPods(namespace, 'simpletest-rc-to-be-deleted', 20);
    const shared = pods.slice(0, 10).map(({ metadata }) => metadata.name);
    const { name, uid } = staying.metadata;
    for (const pod of shared) {
      await cluster.patch(
        `${core(namespace, 'pods')}/${pod}`,
        { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ReplicationController', name, uid }] } },
        'strategic-merge-patch',
      );
    }
    const path = `${core(namespace, 'replicationcontrollers')}/simpletest-rc-to-be-deleted`;
    await cluster.delete(path, deleteOptions('Foreground', leaving));
    await cluster.gone(path);
    await collected(namespace);
    const left = await items(core(namespace, 'pods'));
    expect(left.map(({ metadata }) => metadata.name).sort()).toEqual(shared.sort());
    for (const { metadata } of left) {
      expect(metadata.deletionTimestamp).toBeUndefined();
      expect(metadata.ownerReferences?.map((owner) => owner.uid)).toEqual([uid]);
    }
  });

  it('should not be blocked by dependency circle', async () => {
    const namespace = await cluster.namespace('gc');
    const collection = core(namespace, 'pods');
    const made = await Promise.all(
      ['pod1', 'pod2', 'pod3'].map((name) => cluster.create(collection, { metadata: { name }, spec: podSpec() })),
    );
    const own = async (dependent: string, owner: ApiObject | undefined): Promise<void> => {
      const { name = '', uid = '' } = owner?.metadata ?? {};
      const ownerReferences = [
        { apiVersion: 'v1', kind: 'Pod', name, uid, controller: true, blockOwnerDeletion: true },
      ];
      await cluster.patch(`${collection}/${dependent}`, { metadata: { ownerReferences } });
    };
    await own('pod1', made[2]);
    await own('pod2', made[0]);
    await own('pod3', made[1]);
    const [first] = made;
    if (first === undefined) throw new Error('no pod was made');
    await cluster.delete(`${collection}/pod1`, deleteOptions('Foreground', first));
    await eventually(async () => {
      expect(await items(collection)).toEqual([]);
    });
  });
});

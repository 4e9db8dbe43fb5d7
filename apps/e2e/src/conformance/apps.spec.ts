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
import { expectCollectionDeleted, expectScale, expectStatusEndpoints, workload } from './workload-operations';

let cluster: ConformanceCluster;

beforeAll(async () => {
  cluster = await startConformanceCluster();
});
afterAll(async () => {
  await cluster.dispose();
});

const apps = (namespace: string, resource: string): string => `/apis/apps/v1/namespaces/${namespace}/${resource}`;
const core = (namespace: string, resource: string): string => `/api/v1/namespaces/${namespace}/${resource}`;
const items = async (path: string): Promise<readonly ApiObject[]> => (await cluster.list(path)).items;
const otherImage = 'registry.example/httpd:2.4';

async function available(path: string, replicas: number): Promise<ApiObject> {
  return await eventually(async () => {
    const read = await cluster.get(path);
    expect(read.status).toMatchObject({ replicas, readyReplicas: replicas, availableReplicas: replicas });
    expect(read.status?.['observedGeneration']).toBe(read.metadata.generation);
    return read;
  });
}

const ownersOf = (pod: ApiObject): string[] => (pod.metadata.ownerReferences ?? []).map(({ uid }) => uid);

describe('[sig-apps] Deployment', () => {
  const make = async (
    name: string,
    replicas: number,
    fields: object = {},
  ): Promise<{ namespace: string; path: string }> => {
    const namespace = await cluster.namespace('deployment');
    await cluster.create(apps(namespace, 'deployments'), {
      metadata: { name, labels: { e2e: name } },
      spec: { ...workload(name, replicas), ...fields },
    });
    return { namespace, path: `${apps(namespace, 'deployments')}/${name}` };
  };
  const template = (app: string, image: string): object => ({
    metadata: { labels: { app } },
    spec: podSpec(image),
  });
  const setImage = (path: string, app: string, image: string): Promise<ApiObject> =>
    cluster.patch(path, { spec: { template: template(app, image) } }, 'merge-patch');

  it('Deployment should have a working scale subresource', async () => {
    const { path } = await make('scaled', 1);
    await available(path, 1);
    await expectScale(cluster, path);
    await available(path, 4);
  });

  it('RollingUpdateDeployment should delete old pods and create new ones', async () => {
    const namespace = await cluster.namespace('deployment');
    // A ReplicaSet that is there already is adopted by the Deployment and counts as its first revision.
    await cluster.create(apps(namespace, 'replicasets'), {
      metadata: {
        name: 'test-rolling-update-controller',
        labels: { app: 'sample' },
        annotations: { 'deployment.kubernetes.io/revision': '3546343826724305832' },
      },
      spec: { ...workload('sample', 1), minReadySeconds: 0 },
    });
    const set = `${apps(namespace, 'replicasets')}/test-rolling-update-controller`;
    await available(set, 1);
    const [before] = await items(`${core(namespace, 'pods')}?labelSelector=app%3Dsample`);
    await cluster.create(apps(namespace, 'deployments'), {
      metadata: { name: 'rolling' },
      spec: workload('sample', 1, otherImage),
    });
    const path = `${apps(namespace, 'deployments')}/rolling`;
    const { metadata } = await available(path, 1);
    expect(metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '3546343826724305833' });
    await eventually(async () => {
      expect((await cluster.get(set)).spec).toMatchObject({ replicas: 0 });
      const pods = await items(core(namespace, 'pods'));
      expect(pods.map((pod) => pod.metadata.uid)).not.toContain(before?.metadata.uid);
      expect(pods).toHaveLength(1);
    });
    expect(ownersOf(await cluster.get(set))).toEqual([metadata.uid]);
  });

  it('RecreateDeployment should delete old pods and create new ones', async () => {
    const { namespace, path } = await make('recreated', 1, { strategy: { type: 'Recreate' } });
    await available(path, 1);
    const watch = await cluster.watch(`${core(namespace, 'pods')}?watch=1`);
    await setImage(path, 'recreated', otherImage);
    await available(path, 1);
    await eventually(async () => {
      const pods = await items(core(namespace, 'pods'));
      expect(pods.map(({ spec }) => spec)).toMatchObject([{ containers: [{ image: otherImage }] }]);
    });
    // The old pod had gone before the new one came.
    const steps = watch.events.map(({ type, object }) => {
      const { containers } = object['spec'] as { containers: { image: string }[] };
      return `${type} ${containers[0]?.image === otherImage ? 'new' : 'old'}`;
    });
    expect(steps.indexOf('DELETED old')).toBeGreaterThan(-1);
    expect(steps.indexOf('DELETED old')).toBeLessThan(steps.indexOf('ADDED new'));
  });

  it('deployment should delete old replica sets', async () => {
    const { namespace, path } = await make('cleanup', 1, { revisionHistoryLimit: 0 });
    await available(path, 1);
    await setImage(path, 'cleanup', otherImage);
    await available(path, 1);
    await eventually(async () => {
      const sets = await items(apps(namespace, 'replicasets'));
      expect(sets.map(({ spec }) => spec)).toMatchObject([
        { template: { spec: { containers: [{ image: otherImage }] } } },
      ]);
    });
  });

  it('deployment should support proportional scaling', async () => {
    const { namespace, path } = await make('proportional', 10, {
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } },
    });
    await available(path, 10);
    // Its pods never start, so that the rollout stops half-way.
    const missing = 'webserver:404';
    await cluster.patch(path, { spec: { template: { spec: podSpec(missing) } } });
    const replicas = (old: number, fresh: number): Promise<void> =>
      eventually(async () => {
        const sets = await items(apps(namespace, 'replicasets'));
        const counts = sets.map(({ spec }) => {
          const { spec: of } = spec?.['template'] as { spec: { containers: { image: string }[] } };
          return [of.containers[0]?.image === missing ? 'fresh' : 'old', spec?.['replicas']];
        });
        expect(Object.fromEntries(counts)).toEqual({ old, fresh });
      });
    await replicas(8, 5);
    await cluster.patch(path, { spec: { replicas: 30 } });
    await replicas(20, 13);
  });

  it('deployment should support rollover', async () => {
    const { namespace, path } = await make('rollover', 1, {
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    });
    await available(path, 1);
    // The second change comes before the first is through.
    await setImage(path, 'rollover', 'registry.example/redis-slave:nonexistent');
    await setImage(path, 'rollover', otherImage);
    await available(path, 1);
    await eventually(async () => {
      const sets = await items(apps(namespace, 'replicasets'));
      const left = sets.filter(({ spec }) => spec?.['replicas'] !== 0);
      expect(left.map(({ spec }) => spec)).toMatchObject([
        { replicas: 1, template: { spec: { containers: [{ image: otherImage }] } } },
      ]);
      const pods = await items(core(namespace, 'pods'));
      expect(pods.map(({ spec }) => spec)).toMatchObject([{ containers: [{ image: otherImage }] }]);
    });
  });

  it('should run the lifecycle of a Deployment', async () => {
    const { namespace, path } = await make('lifecycle', 1);
    await available(path, 1);
    const watch = await cluster.watch(`${apps(namespace, 'deployments')}?watch=1&labelSelector=e2e%3Dlifecycle`);
    await cluster.patch(
      path,
      {
        metadata: { labels: { patched: 'yes' } },
        spec: { replicas: 2, template: { spec: { terminationGracePeriodSeconds: 0 } } },
      },
      'strategic-merge-patch',
    );
    await available(path, 2);
    expect(namesOf(await cluster.list('/apis/apps/v1/deployments?labelSelector=patched%3Dyes'))).toEqual(['lifecycle']);
    const condition = { type: 'Progressing', status: 'True', reason: 'E2E', message: 'by a test' };
    const status = await cluster.patch(
      `${path}/status`,
      { status: { conditions: [condition] } },
      'strategic-merge-patch',
    );
    expect(status.status).toMatchObject({
      conditions: expect.arrayContaining([expect.objectContaining(condition)]) as unknown,
    });
    expect((await cluster.get(`${path}/status`)).metadata.name).toBe('lifecycle');
    await cluster.change(path, (current) => ({
      ...current,
      metadata: { ...current.metadata, labels: { ...current.metadata.labels, updated: 'yes' } },
      spec: { ...current.spec, template: template('lifecycle', otherImage) },
    }));
    const updated = await available(path, 2);
    expect(updated).toMatchObject({
      metadata: { labels: { patched: 'yes', updated: 'yes' } },
      spec: { template: { spec: { containers: [{ image: otherImage }] } } },
    });
    await cluster.delete(`${apps(namespace, 'deployments')}?labelSelector=e2e%3Dlifecycle`);
    await cluster.gone(path);
    await eventually(() => {
      expect(watch.events.at(-1)?.type).toBe('DELETED');
    });
  });

  it('should validate Deployment Status endpoints', async () => {
    const { namespace, path } = await make('status', 1);
    await available(path, 1);
    await expectStatusEndpoints(cluster, apps(namespace, 'deployments'), 'status');
  });
});

describe('[sig-apps] ReplicaSet', () => {
  const make = async (name: string, replicas: number): Promise<{ namespace: string; path: string }> => {
    const namespace = await cluster.namespace('replicaset');
    await cluster.create(apps(namespace, 'replicasets'), { metadata: { name }, spec: workload(name, replicas) });
    return { namespace, path: `${apps(namespace, 'replicasets')}/${name}` };
  };

  it('Replicaset should have a working scale subresource', async () => {
    const { path } = await make('scaled', 1);
    await available(path, 1);
    await expectScale(cluster, path);
    await available(path, 4);
  });

  it('Replace and Patch tests', async () => {
    const { path } = await make('replaced', 1);
    await available(path, 1);
    await cluster.change(path, (current) => ({ ...current, spec: { ...current.spec, replicas: 2 } }));
    await available(path, 2);
    await cluster.patch(
      path,
      {
        metadata: { labels: { 'test-rs': 'patched' } },
        spec: { replicas: 3, template: { spec: { containers: [{ name: 'main', image: otherImage }] } } },
      },
      'strategic-merge-patch',
    );
    const read = await available(path, 3);
    expect(read).toMatchObject({
      metadata: { labels: { 'test-rs': 'patched' } },
      spec: { template: { spec: { containers: [{ image: otherImage }] } } },
    });
  });

  it('should adopt matching pods on creation and release no longer matching pods', async () => {
    const namespace = await cluster.namespace('replicaset');
    await cluster.create(core(namespace, 'pods'), {
      metadata: { name: 'pod-adoption-release', labels: { app: 'adopting' } },
      spec: podSpec(),
    });
    const { metadata } = await cluster.create(apps(namespace, 'replicasets'), {
      metadata: { name: 'adopting' },
      spec: workload('adopting', 1),
    });
    const pod = `${core(namespace, 'pods')}/pod-adoption-release`;
    await eventually(async () => {
      expect(ownersOf(await cluster.get(pod))).toEqual([metadata.uid]);
    });
    await cluster.patch(pod, { metadata: { labels: { app: 'released' } } });
    await eventually(async () => {
      expect(ownersOf(await cluster.get(pod))).toEqual([]);
    });
  });

  it('should list and delete a collection of ReplicaSets', () =>
    expectCollectionDeleted(cluster, 'replicasets', workload('collection', 1)));

  it('should serve a basic image on each replica with a public image', async () => {
    const { namespace, path } = await make('basic', 3);
    await available(path, 3);
    const pods = await items(`${core(namespace, 'pods')}?labelSelector=app%3Dbasic`);
    expect(pods).toHaveLength(3);
    for (const { status } of pods)
      expect(status).toMatchObject({ phase: 'Running', podIP: expect.any(String) as unknown });
  });

  it('should validate Replicaset Status endpoints', async () => {
    const { namespace, path } = await make('status', 1);
    await available(path, 1);
    await expectStatusEndpoints(cluster, apps(namespace, 'replicasets'), 'status');
  });
});

describe('[sig-apps] ReplicationController', () => {
  const make = (namespace: string, name: string, replicas: number, labels: object = {}): Promise<ApiObject> =>
    cluster.create(core(namespace, 'replicationcontrollers'), {
      metadata: { name, labels },
      spec: { replicas, selector: { app: name }, template: { metadata: { labels: { app: name } }, spec: podSpec() } },
    });

  it('should adopt matching pods on creation', async () => {
    const namespace = await cluster.namespace('rc');
    await cluster.create(core(namespace, 'pods'), {
      metadata: { name: 'pod-adoption', labels: { app: 'adopting' } },
      spec: podSpec(),
    });
    const { metadata } = await make(namespace, 'adopting', 1);
    await eventually(async () => {
      expect(ownersOf(await cluster.get(`${core(namespace, 'pods')}/pod-adoption`))).toEqual([metadata.uid]);
    });
  });

  it('should release no longer matching pods', async () => {
    const namespace = await cluster.namespace('rc');
    await make(namespace, 'releasing', 1);
    const pod = await eventually(async () => {
      const [found] = await items(`${core(namespace, 'pods')}?labelSelector=app%3Dreleasing`);
      if (found === undefined) throw new Error('no pod yet');
      return `${core(namespace, 'pods')}/${found.metadata.name}`;
    });
    await cluster.patch(pod, { metadata: { labels: { app: 'released' } } });
    await eventually(async () => {
      expect(ownersOf(await cluster.get(pod))).toEqual([]);
    });
  });

  it('should surface a failure condition on a common issue like exceeded quota', async () => {
    const namespace = await cluster.namespace('rc');
    await cluster.create(core(namespace, 'resourcequotas'), {
      metadata: { name: 'condition-test' },
      spec: { hard: { pods: '2' } },
    });
    await eventually(async () => {
      const { status } = await cluster.get(`${core(namespace, 'resourcequotas')}/condition-test`);
      expect(status).toMatchObject({ hard: { pods: '2' } });
    });
    await make(namespace, 'condition-test', 3);
    const path = `${core(namespace, 'replicationcontrollers')}/condition-test`;
    const conditions = async (): Promise<unknown> => (await cluster.get(path)).status?.['conditions'] ?? [];
    await eventually(async () => {
      expect(await conditions()).toContainEqual(
        expect.objectContaining({
          type: 'ReplicaFailure',
          status: 'True',
          reason: 'FailedCreate',
          message: expect.stringContaining('exceeded quota') as unknown,
        }),
      );
    });
    await cluster.patch(path, { spec: { replicas: 2 } });
    await eventually(async () => {
      expect(await conditions()).toEqual([]);
    });
  });

  it('should get and update a ReplicationController scale', async () => {
    const namespace = await cluster.namespace('rc');
    await make(namespace, 'scaled', 1);
    const path = `${core(namespace, 'replicationcontrollers')}/scaled`;
    await available(path, 1);
    const scale = await cluster.get(`${path}/scale`);
    expect(scale).toMatchObject({ kind: 'Scale', spec: { replicas: 1 }, status: { selector: 'app=scaled' } });
    const replaced = await cluster.update(`${path}/scale`, {
      ...scale,
      metadata: { ...scale.metadata, resourceVersion: '' },
      spec: { replicas: 2 },
    });
    expect(replaced.spec).toEqual({ replicas: 2 });
    await available(path, 2);
  });

  it('should serve a basic image on each replica with a public image', async () => {
    const namespace = await cluster.namespace('rc');
    await make(namespace, 'basic', 3);
    await available(`${core(namespace, 'replicationcontrollers')}/basic`, 3);
    const pods = await items(`${core(namespace, 'pods')}?labelSelector=app%3Dbasic`);
    expect(pods).toHaveLength(3);
    for (const { status } of pods)
      expect(status).toMatchObject({ phase: 'Running', podIP: expect.any(String) as unknown });
  });

  it('should test the lifecycle of a ReplicationController', async () => {
    const namespace = await cluster.namespace('rc');
    const collection = core(namespace, 'replicationcontrollers');
    const path = `${collection}/lifecycle`;
    const watch = await cluster.watch(`${collection}?watch=1&labelSelector=test-rc-static%3Dtrue`);
    await make(namespace, 'lifecycle', 1, { 'test-rc-static': 'true' });
    await available(path, 1);
    await cluster.patch(path, { metadata: { labels: { 'test-rc': 'patched' } } }, 'strategic-merge-patch');
    // What a client writes here, the controller counts anew.
    const patched = await cluster.patch(
      `${path}/status`,
      { status: { readyReplicas: 0, availableReplicas: 0 } },
      'merge-patch',
    );
    expect(patched.status).toMatchObject({ replicas: 1 });
    await available(path, 1);
    expect((await cluster.get(`${path}/status`)).metadata.labels).toMatchObject({ 'test-rc': 'patched' });
    await cluster.patch(`${path}/scale`, { spec: { replicas: 2 } });
    await available(path, 2);
    expect(namesOf(await cluster.list('/api/v1/replicationcontrollers?labelSelector=test-rc-static%3Dtrue'))).toEqual([
      'lifecycle',
    ]);
    await cluster.change(path, (current) => ({ ...current, spec: { ...current.spec, replicas: 3 } }));
    await available(path, 3);
    await cluster.delete(`${collection}?labelSelector=test-rc-static%3Dtrue`);
    await cluster.gone(path);
    await eventually(() => {
      expect([watch.events[0]?.type, watch.events.at(-1)?.type]).toEqual(['ADDED', 'DELETED']);
    });
  });
});

describe('[sig-apps] CronJob', () => {
  it('should support CronJob API operations', async () => {
    const namespace = await cluster.namespace('cronjob');
    const spec = {
      schedule: '*/1 * * * ?',
      concurrencyPolicy: 'Allow',
      suspend: true,
      jobTemplate: {
        spec: { template: { spec: { ...podSpec(), restartPolicy: 'OnFailure' } } },
      },
    };
    await exerciseApi(cluster, {
      group: 'batch',
      resource: 'cronjobs',
      kind: 'CronJob',
      namespace,
      fields: { spec },
      status: { lastScheduleTime: '2026-02-03T04:05:06Z' },
    });
  });
});

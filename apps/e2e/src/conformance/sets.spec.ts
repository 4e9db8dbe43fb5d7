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
const podsIn = (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`;
const otherImage = 'registry.example/httpd:2.4';
const imageOf = ({ spec }: ApiObject): unknown => (spec?.['containers'] as { image: string }[])[0]?.image;
const revisionOf = ({ metadata }: ApiObject): string => metadata.labels?.['controller-revision-hash'] ?? '';
const annotate = (path: string, annotations: object): Promise<ApiObject> =>
  cluster.patch(path, { metadata: { annotations } });

describe('[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic]', () => {
  const make = async (name: string): Promise<{ namespace: string; path: string }> => {
    const namespace = await cluster.namespace('statefulset');
    await cluster.create(apps(namespace, 'statefulsets'), {
      metadata: { name, labels: { e2e: name } },
      spec: { serviceName: 'test', ...workload(name, 1) },
    });
    return { namespace, path: `${apps(namespace, 'statefulsets')}/${name}` };
  };

  it('should have a working scale subresource', async () => {
    const { path } = await make('scaled');
    await expectScale(cluster, path);
  });

  it('should list, patch and delete a collection of StatefulSets', async () => {
    const { namespace, path } = await make('listed');
    expect(namesOf(await cluster.list('/apis/apps/v1/statefulsets?labelSelector=e2e%3Dlisted'))).toEqual(['listed']);
    const patched = await cluster.patch(
      path,
      {
        metadata: { labels: { 'test-ss': 'patched' } },
        spec: {
          replicas: 2,
          template: { spec: { containers: [{ name: 'main', image: otherImage, command: ['test-command'] }] } },
        },
      },
      'strategic-merge-patch',
    );
    expect(patched).toMatchObject({
      metadata: { labels: { 'test-ss': 'patched' } },
      spec: { replicas: 2, template: { spec: { containers: [{ image: otherImage }] } } },
    });
    await cluster.delete(`${apps(namespace, 'statefulsets')}?labelSelector=e2e%3Dlisted`);
    await cluster.gone(path);
  });

  it('should validate Statefulset Status endpoints', async () => {
    const { namespace } = await make('status');
    await expectStatusEndpoints(cluster, apps(namespace, 'statefulsets'), 'status');
  });

  const name = 'ss';
  /** A StatefulSet in a namespace of its own. */
  const stateful = async (fields: object): Promise<{ readonly path: string; readonly pods: string }> => {
    const namespace = await cluster.namespace('statefulset');
    await cluster.create(`/api/v1/namespaces/${namespace}/services`, {
      metadata: { name: 'test' },
      spec: { clusterIP: 'None', selector: { app: name }, ports: [{ port: 80 }] },
    });
    await cluster.create(apps(namespace, 'statefulsets'), {
      metadata: { name },
      spec: { serviceName: 'test', ...workload(name), ...fields },
    });
    return { path: `${apps(namespace, 'statefulsets')}/${name}`, pods: podsIn(namespace) };
  };
  /** So many ready pods, and the controller has seen the newest spec. */
  const ready = (path: string, replicas: number): Promise<ApiObject> =>
    eventually(async () => {
      const read = await cluster.get(path);
      expect(read.status).toMatchObject({ replicas, observedGeneration: read.metadata.generation });
      expect(read.status?.['readyReplicas'] ?? 0).toBe(replicas);
      return read;
    });
  const scale = (path: string, replicas: number): Promise<ApiObject> => cluster.patch(path, { spec: { replicas } });
  const setImage = (path: string, image: string): Promise<ApiObject> =>
    cluster.patch(path, { spec: { template: { spec: podSpec(image) } } });
  const unhealthy = async (pods: string, ordinal: number): Promise<void> => {
    const path = `${pods}/${name}-${String(ordinal)}`;
    await annotate(path, { 'reckon.dev/ready': 'false' });
    await eventually(async () => {
      expect((await cluster.get(path)).status?.['conditions']).toContainEqual(
        expect.objectContaining({ type: 'Ready', status: 'False' }),
      );
    });
  };
  const healthy = (pods: string, ordinal: number): Promise<ApiObject> =>
    annotate(`${pods}/${name}-${String(ordinal)}`, { 'reckon.dev/ready': null });
  const updated = (path: string, pods: string, images: readonly string[]): Promise<readonly ApiObject[]> =>
    eventually(async () => {
      const { items } = await cluster.list(pods);
      expect(items.map(imageOf)).toEqual(images);
      await ready(path, images.length);
      return items;
    });
  const image = 'registry.example/pause:1';

  it('should perform rolling updates and roll backs of template modifications', async () => {
    const { path, pods } = await stateful({ replicas: 3 });
    const first = await ready(path, 3);
    const revision = first.status?.['currentRevision'];
    expect(first.status?.['updateRevision']).toBe(revision);
    const watch = await cluster.watch(`${pods}?watch=1`);
    await setImage(path, otherImage);
    await updated(path, pods, [otherImage, otherImage, otherImage]);
    const second = await eventually(async () => {
      const { status } = await cluster.get(path);
      expect(status?.['currentRevision']).toBe(status?.['updateRevision']);
      return status?.['updateRevision'];
    });
    expect(second).not.toBe(revision);
    const gone = watch.events
      .filter(({ type }) => type === 'DELETED')
      .map(({ object }) => (object['metadata'] as { name: string }).name);
    expect(gone).toEqual(['ss-2', 'ss-1', 'ss-0']);
    await setImage(path, image);
    const items = await updated(path, pods, [image, image, image]);
    // Not a third revision, but the first again.
    expect(items.map(revisionOf)).toEqual([revision, revision, revision]);
    expect((await cluster.get(path)).status?.['updateRevision']).toBe(revision);
  });

  it('should perform canary updates and phased rolling updates of template modifications', async () => {
    const partition = (of: number): object => ({
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: of } },
    });
    const { path, pods } = await stateful({ replicas: 3, ...partition(3) });
    const { status } = await ready(path, 3);
    const old = status?.['currentRevision'];
    await setImage(path, otherImage);
    const fresh = await eventually(async () => {
      const { status: now } = await cluster.get(path);
      expect(now?.['updateRevision']).not.toBe(old);
      return now?.['updateRevision'];
    });
    await updated(path, pods, [image, image, image]);
    await cluster.patch(path, { spec: partition(2) });
    expect((await updated(path, pods, [image, image, otherImage])).map(revisionOf)).toEqual([old, old, fresh]);
    // Those that go come back as what they were.
    for (const ordinal of ['0', '2']) {
      const pod = `${pods}/ss-${ordinal}`;
      const { metadata } = await cluster.get(pod);
      await cluster.delete(pod);
      await eventually(async () => {
        expect((await cluster.get(pod)).metadata.uid).not.toBe(metadata.uid);
      });
    }
    expect((await updated(path, pods, [image, image, otherImage])).map(revisionOf)).toEqual([old, old, fresh]);
    await cluster.patch(path, { spec: partition(1) });
    await updated(path, pods, [image, otherImage, otherImage]);
    await cluster.patch(path, { spec: partition(0) });
    await updated(path, pods, [otherImage, otherImage, otherImage]);
  });

  it('Scaling should happen in predictable order and halt if any stateful pod is unhealthy [Slow]', async () => {
    const { path, pods } = await stateful({ replicas: 1 });
    await ready(path, 1);
    const watch = await cluster.watch(`${pods}?watch=1`);
    const told = (type: string): string[] =>
      watch.events
        .filter((event) => event.type === type)
        .map(({ object }) => (object['metadata'] as { name: string }).name);
    /** The controller has seen the spec and the pods' health, and keeps so many. */
    const halted = async (replicas: number, readyReplicas: number): Promise<void> => {
      await eventually(async () => {
        const { metadata, status } = await cluster.get(path);
        expect(status).toMatchObject({ replicas, observedGeneration: metadata.generation });
        expect(status?.['readyReplicas'] ?? 0).toBe(readyReplicas);
      });
      expect((await cluster.list(pods)).items).toHaveLength(replicas);
    };
    await unhealthy(pods, 0);
    await scale(path, 3);
    await halted(1, 0);
    await healthy(pods, 0);
    await ready(path, 3);
    expect(told('ADDED')).toEqual(['ss-0', 'ss-1', 'ss-2']);
    for (const ordinal of [0, 1]) await unhealthy(pods, ordinal);
    await eventually(async () => {
      expect((await cluster.get(path)).status).toMatchObject({ readyReplicas: 1 });
    });
    await scale(path, 0);
    // The last one is well and goes; the next is not, nor is it the first of those that are not.
    await halted(2, 0);
    expect(told('DELETED')).toEqual(['ss-2']);
    for (const ordinal of [0, 1]) await healthy(pods, ordinal);
    await eventually(() => {
      expect(told('DELETED')).toEqual(['ss-2', 'ss-1', 'ss-0']);
    });
    await ready(path, 0);
  });

  it('Burst scaling should run to completion even with unhealthy pods [Slow]', async () => {
    const { path, pods } = await stateful({ replicas: 1, podManagementPolicy: 'Parallel' });
    await ready(path, 1);
    await unhealthy(pods, 0);
    await scale(path, 3);
    await eventually(async () => {
      expect((await cluster.get(path)).status).toMatchObject({ replicas: 3, readyReplicas: 2 });
    });
    for (const ordinal of [1, 2]) await unhealthy(pods, ordinal);
    await scale(path, 0);
    await ready(path, 0);
    expect((await cluster.list(pods)).items).toEqual([]);
  });

  it('Should recreate evicted statefulset', async () => {
    // Another pod holds the host port that its pod wants on the same node: the node rejects that one, again and again.
    const [nodeName = ''] = namesOf(await cluster.list('/api/v1/nodes'));
    const containers = [
      { name: 'main', image, ports: [{ containerPort: 21_017, hostPort: 21_017, name: 'conflict' }] },
    ];
    const spec = { terminationGracePeriodSeconds: 0, nodeName, containers };
    const elsewhere = podsIn(await cluster.namespace('statefulset'));
    await cluster.create(elsewhere, { metadata: { name: 'test-pod' }, spec });
    await eventually(async () => {
      expect((await cluster.get(`${elsewhere}/test-pod`)).status).toMatchObject({ phase: 'Running' });
    });
    const { path, pods } = await stateful({
      replicas: 1,
      template: { metadata: { labels: { app: name } }, spec },
    });
    const watch = await cluster.watch(`${pods}?watch=1`);
    await eventually(() => {
      const gone = watch.events.filter(({ type }) => type === 'DELETED').map(({ object }) => object['status']);
      expect(gone[0]).toMatchObject({ phase: 'Failed', reason: 'NodePorts' });
    });
    await cluster.delete(`${elsewhere}/test-pod`);
    await eventually(async () => {
      expect((await cluster.get(`${pods}/ss-0`)).status).toMatchObject({ phase: 'Running' });
    });
    await ready(path, 1);
  });
});

describe('[sig-apps] Daemon set [Serial]', () => {
  it('should list and delete a collection of DaemonSets', () =>
    expectCollectionDeleted(cluster, 'daemonsets', workload('collection')));

  it('should verify changes to a daemon set status', async () => {
    const namespace = await cluster.namespace('daemonset');
    await cluster.create(apps(namespace, 'daemonsets'), { metadata: { name: 'status' }, spec: workload('status') });
    await expectStatusEndpoints(cluster, apps(namespace, 'daemonsets'), 'status');
  });

  const daemon = async (
    fields: object = {},
  ): Promise<{ readonly path: string; readonly pods: string; readonly namespace: string }> => {
    const namespace = await cluster.namespace('daemonset');
    await cluster.create(apps(namespace, 'daemonsets'), {
      metadata: { name: 'daemon' },
      spec: { ...workload('daemon'), ...fields },
    });
    return { path: `${apps(namespace, 'daemonsets')}/daemon`, pods: podsIn(namespace), namespace };
  };
  const nodeNames = async (): Promise<string[]> => namesOf(await cluster.list('/api/v1/nodes'));
  /** One available pod on each of the nodes, and on no other. */
  const runningOn = (pods: string, path: string, nodes: readonly string[]): Promise<readonly ApiObject[]> =>
    eventually(async () => {
      const { items } = await cluster.list(pods);
      expect(items.map(({ spec }) => spec?.['nodeName']).sort()).toEqual([...nodes].sort());
      const { metadata, status } = await cluster.get(path);
      expect(status).toMatchObject({
        desiredNumberScheduled: nodes.length,
        currentNumberScheduled: nodes.length,
        observedGeneration: metadata.generation,
      });
      expect(status?.['numberAvailable'] ?? 0).toBe(nodes.length);
      return items;
    });
  const setImage = (path: string, image: string): Promise<ApiObject> =>
    cluster.patch(path, { spec: { template: { spec: podSpec(image) } } });

  it('should run and stop simple daemon', async () => {
    const { path, pods } = await daemon();
    const nodes = await nodeNames();
    const [pod] = await runningOn(pods, path, nodes);
    await cluster.delete(`${pods}/${pod?.metadata.name ?? ''}`);
    await eventually(async () => {
      const revived = await runningOn(pods, path, nodes);
      expect(revived.map(({ metadata }) => metadata.uid)).not.toContain(pod?.metadata.uid);
    });
  });

  it('should run and stop complex daemon', async () => {
    const color = (value: string | null): object => ({ metadata: { labels: { 'daemonset-color': value } } });
    const selecting = (value: string): object => ({ nodeSelector: { 'daemonset-color': value } });
    const { path, pods } = await daemon({
      template: { metadata: { labels: { app: 'daemon' } }, spec: { ...podSpec(), ...selecting('blue') } },
    });
    await runningOn(pods, path, []);
    const [node = ''] = await nodeNames();
    await cluster.patch(`/api/v1/nodes/${node}`, color('blue'));
    await runningOn(pods, path, [node]);
    await cluster.patch(`/api/v1/nodes/${node}`, color('green'));
    await runningOn(pods, path, []);
    await cluster.patch(path, {
      spec: { updateStrategy: { type: 'RollingUpdate' }, template: { spec: selecting('green') } },
    });
    await runningOn(pods, path, [node]);
    await cluster.patch(`/api/v1/nodes/${node}`, color(null));
  });

  it('should retry creating failed daemon pods', async () => {
    const { path, pods } = await daemon();
    const nodes = await nodeNames();
    const [pod] = await runningOn(pods, path, nodes);
    await cluster.patch(`${pods}/${pod?.metadata.name ?? ''}/status`, { status: { phase: 'Failed' } });
    await eventually(async () => {
      const revived = await runningOn(pods, path, nodes);
      expect(revived.map(({ metadata }) => metadata.uid)).not.toContain(pod?.metadata.uid);
    });
  });

  it('should update pod when spec was updated and update strategy is RollingUpdate', async () => {
    const { path, pods, namespace } = await daemon({ updateStrategy: { type: 'RollingUpdate' } });
    const nodes = await nodeNames();
    const before = await runningOn(pods, path, nodes);
    const old = before.map(revisionOf)[0];
    await setImage(path, otherImage);
    await eventually(async () => {
      const items = await runningOn(pods, path, nodes);
      expect(items.map(imageOf)).toEqual(nodes.map(() => otherImage));
      for (const item of items) expect(revisionOf(item)).not.toBe(old);
    });
    const { items: revisions } = await cluster.list(apps(namespace, 'controllerrevisions'));
    expect(revisions.map((revision) => revision['revision']).sort()).toEqual([1, 2]);
  });

  it('should rollback without unnecessary restarts', async () => {
    const missing = 'foo:non-existent';
    const { path, pods } = await daemon({
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
    });
    const nodes = await nodeNames();
    const before = await runningOn(pods, path, nodes);
    await setImage(path, missing);
    // Half-way: one pod is new and never starts, so the others stay as they are.
    const kept = await eventually(async () => {
      const { items } = await cluster.list(pods);
      expect(items.filter((pod) => imageOf(pod) === missing)).toHaveLength(1);
      return items.filter((pod) => imageOf(pod) !== missing).map(({ metadata }) => metadata.uid);
    });
    expect(kept).toHaveLength(nodes.length - 1);
    await setImage(path, 'registry.example/pause:1');
    const after = await runningOn(pods, path, nodes);
    expect(after.map(({ metadata }) => metadata.uid)).toEqual(expect.arrayContaining(kept));
    expect(before.map(({ metadata }) => metadata.uid)).toEqual(expect.arrayContaining(kept));
    for (const { status } of after) expect(status?.['containerStatuses']).toMatchObject([{ restartCount: 0 }]);
  });
});

describe('[sig-apps] ControllerRevision [Serial]', () => {
  it('should manage the lifecycle of a ControllerRevision', async () => {
    const namespace = await cluster.namespace('revisions');
    const data = { spec: { template: { spec: { containers: [{ name: 'main', image: otherImage }] } } } };
    await exerciseApi(cluster, {
      group: 'apps',
      resource: 'controllerrevisions',
      kind: 'ControllerRevision',
      namespace,
      fields: { data, revision: 1 },
      changed: { revision: 3 },
    });
    const collection = apps(namespace, 'controllerrevisions');
    const made = await cluster.create(collection, { metadata: { name: 'kept' }, data, revision: 1 });
    expect(made['data']).toEqual(data);
    const reply = await cluster.raw.send('PUT', `${collection}/kept`, { body: { ...made, data: { spec: {} } } });
    expect([reply.status, reply.body]).toMatchObject([422, { reason: 'Invalid' }]);
  });
});

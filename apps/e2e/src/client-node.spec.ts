/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment, @typescript-eslint/no-misused-spread -- the library takes plain objects for its classes, and its documentation passes them */
import {
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  type V1ConfigMap,
  type V1Deployment,
  makeInformer,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '@reckon/kernel';
import { type ReckonProcess, eventually, startCuttingProxy, startReckon } from '@reckon/testkit';

const namespace = 'default';

function config(reckon: ReckonProcess): KubeConfig {
  const kc = new KubeConfig();
  kc.loadFromFile(reckon.kubeconfig);
  return kc;
}

describe('@kubernetes/client-node', () => {
  let reckon: ReckonProcess;
  let core: CoreV1Api;
  let apps: AppsV1Api;

  beforeAll(async () => {
    reckon = await startReckon();
    core = config(reckon).makeApiClient(CoreV1Api);
    apps = config(reckon).makeApiClient(AppsV1Api);
  });
  afterAll(async () => {
    await reckon.dispose();
  });

  it('creates, reads, replaces, lists and deletes a ConfigMap', async () => {
    const created = await core.createNamespacedConfigMap({
      namespace,
      body: { metadata: { name: 'crud' }, data: { a: '1' } },
    });
    expect(created.metadata?.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(created.metadata?.creationTimestamp).toBeInstanceOf(Date);

    const read = await core.readNamespacedConfigMap({ namespace, name: 'crud' });
    const replaced = await core.replaceNamespacedConfigMap({
      namespace,
      name: 'crud',
      body: { ...read, data: { a: '2' } },
    });
    expect(replaced.data).toEqual({ a: '2' });
    await expect(
      core.replaceNamespacedConfigMap({ namespace, name: 'crud', body: { ...read, data: {} } }),
    ).rejects.toMatchObject({
      code: 409,
    });

    const listed = await core.listNamespacedConfigMap({ namespace, fieldSelector: 'metadata.name=crud' });
    expect(listed.items.map((item) => item.data)).toEqual([{ a: '2' }]);
    const status = await core.deleteNamespacedConfigMap({ namespace, name: 'crud' });
    expect(status.status).toBe('Success');
    await expect(core.readNamespacedConfigMap({ namespace, name: 'crud' })).rejects.toMatchObject({ code: 404 });
  });

  it('patches with a JSON patch', async () => {
    await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'patched' }, data: { a: '1' } } });
    const patched = await core.patchNamespacedConfigMap({
      namespace,
      name: 'patched',
      body: [{ op: 'replace', path: '/data/a', value: '2' }],
    });
    expect(patched.data).toEqual({ a: '2' });
    await core.deleteNamespacedConfigMap({ namespace, name: 'patched' });
  });

  it('runs a pod to Running and deletes it', async () => {
    await core.createNamespacedPod({
      namespace,
      body: { metadata: { name: 'one' }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
    });
    await eventually(async () => {
      const pod = await core.readNamespacedPodStatus({ namespace, name: 'one' });
      expect(pod.status?.phase).toBe('Running');
    });
    const pod = await core.readNamespacedPod({ namespace, name: 'one' });
    expect(pod.spec?.nodeName).toMatch(/^reckon-node-\d$/);
    expect(pod.status?.containerStatuses?.[0]?.state?.running?.startedAt).toBeInstanceOf(Date);
    await core.deleteNamespacedPod({ namespace, name: 'one' });
    await eventually(() =>
      expect(core.readNamespacedPod({ namespace, name: 'one' })).rejects.toMatchObject({ code: 404 }),
    );
  });

  it('creates, scales and deletes a Deployment with its pods', async () => {
    const labels = { app: 'web' };
    const body: V1Deployment = {
      metadata: { name: 'web' },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
      },
    };
    const ready = async (replicas: number): Promise<void> => {
      await eventually(async () => {
        const deployment = await apps.readNamespacedDeployment({ namespace, name: 'web' });
        expect(deployment.status?.readyReplicas).toBe(replicas);
      });
    };
    await apps.createNamespacedDeployment({ namespace, body });
    await ready(2);
    const scale = await apps.readNamespacedDeploymentScale({ namespace, name: 'web' });
    expect(scale.spec?.replicas).toBe(2);
    await apps.replaceNamespacedDeploymentScale({ namespace, name: 'web', body: { ...scale, spec: { replicas: 4 } } });
    await ready(4);
    await apps.deleteNamespacedDeployment({ namespace, name: 'web' });
    await eventually(async () => {
      expect((await core.listNamespacedPod({ namespace, labelSelector: 'app=web' })).items).toEqual([]);
    });
  });

  it('keeps an informer in step through 1,000 changes while its connection is cut again and again', async () => {
    const seed = Number(process.env['RECKON_SEED'] ?? process.pid);
    const random = seededRandom(seed);
    const watched = 'storm';
    await core.createNamespace({ body: { metadata: { name: watched } } });

    const proxy = await startCuttingProxy(Number(new URL(config(reckon).getCurrentCluster()?.server ?? '').port));
    const cut = config(reckon);
    cut.clusters = cut.clusters.map((cluster) => ({ ...cluster, server: `https://127.0.0.1:${String(proxy.port)}` }));
    const throughProxy = cut.makeApiClient(CoreV1Api);
    const informer = makeInformer<V1ConfigMap>(cut, `/api/v1/namespaces/${watched}/configmaps`, () =>
      throughProxy.listNamespacedConfigMap({ namespace: watched }),
    );
    let isStopped = false;
    const start = (): void => {
      // As the library asks of its users: after an error the informer is started again.
      if (!isStopped) informer.start().catch(() => setTimeout(start, 20));
    };
    informer.on('error', () => setTimeout(start, 20));
    const cache = new Map<string, string>();
    const keep = (object: V1ConfigMap): void => {
      cache.set(object.metadata?.name ?? '', object.metadata?.resourceVersion ?? '');
    };
    informer.on('add', keep);
    informer.on('update', keep);
    informer.on('delete', (object) => cache.delete(object.metadata?.name ?? ''));
    start();

    const live = new Set<string>();
    for (let change = 0; change < 1_000; change++) {
      const name = `c${String(Math.floor(random.float() * 60))}`;
      const body = { metadata: { name }, data: { change: String(change) } };
      if (!live.has(name)) {
        await core.createNamespacedConfigMap({ namespace: watched, body });
        live.add(name);
      } else if (random.float() < 0.3) {
        await core.deleteNamespacedConfigMap({ namespace: watched, name });
        live.delete(name);
      } else await core.replaceNamespacedConfigMap({ namespace: watched, name, body });
      if (random.float() < 0.02) proxy.cutAll();
    }

    const fresh = versions((await core.listNamespacedConfigMap({ namespace: watched })).items);
    expect([...fresh.keys()].filter((name) => name !== 'kube-root-ca.crt').sort()).toEqual([...live].sort());
    await eventually(() => {
      expect(versions(informer.list()), `RECKON_SEED=${String(seed)}`).toEqual(fresh);
      expect(cache, `RECKON_SEED=${String(seed)}`).toEqual(fresh);
    });
    expect(proxy.cuts, `RECKON_SEED=${String(seed)}`).toBeGreaterThan(0);
    isStopped = true;
    await informer.stop();
    await proxy.close();
  });
});

function versions(objects: readonly V1ConfigMap[]): Map<string, string> {
  return new Map(objects.map(({ metadata }) => [metadata?.name ?? '', metadata?.resourceVersion ?? '']));
}

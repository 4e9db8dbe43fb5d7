import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@reckon/testkit';
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

const image = 'registry.example/agnhost:2.53';

/** A pod in a namespace of its own, when it runs. */
async function running(
  name: string,
  { spec = podSpec(), labels = {} }: { readonly spec?: object; readonly labels?: object } = {},
): Promise<{ readonly collection: string; readonly path: string; readonly pod: ApiObject }> {
  const collection = `/api/v1/namespaces/${await cluster.namespace('pods')}/pods`;
  await cluster.create(collection, { metadata: { name, labels }, spec });
  const path = `${collection}/${name}`;
  const pod = await eventually(async () => {
    const read = await cluster.get(path);
    expect(read.status).toMatchObject({ phase: 'Running' });
    return read;
  });
  return { collection, path, pod };
}

const relabel = (path: string, labels: object): Promise<ApiObject> =>
  cluster.change(path, (current) => ({ ...current, metadata: { ...current.metadata, labels } }));

describe('[sig-node] Pods', () => {
  it('should get a host IP [NodeConformance]', async () => {
    const { pod } = await running('pod-hostip');
    expect(pod.status).toMatchObject({
      hostIP: expect.stringMatching(/^[\d.]+$|:/) as unknown,
      hostIPs: [expect.anything()],
    });
  });

  it('should be submitted and removed [NodeConformance]', async () => {
    const labels = { name: 'foo', time: 'submitted' };
    const namespace = await cluster.namespace('pods');
    const collection = `/api/v1/namespaces/${namespace}/pods`;
    const selected = 'labelSelector=time%3Dsubmitted';
    expect((await cluster.list(`${collection}?${selected}`)).items).toEqual([]);
    const watch = await cluster.watch(`${collection}?watch=1&${selected}`);
    await cluster.create(collection, { metadata: { name: 'submitted', labels }, spec: podSpec() });
    await eventually(async () => {
      const { items } = await cluster.list(`${collection}?${selected}`);
      expect(items).toMatchObject([{ metadata: { name: 'submitted' }, status: { phase: 'Running' } }]);
    });
    expect(watch.events[0]?.type).toBe('ADDED');
    await cluster.delete(`${collection}/submitted`, { gracePeriodSeconds: 0 });
    await eventually(() => {
      const last = watch.events.at(-1);
      expect(last?.type).toBe('DELETED');
      expect(last?.object['metadata']).toMatchObject({ name: 'submitted', deletionTimestamp: expect.anything() });
    });
    expect((await cluster.list(`${collection}?${selected}`)).items).toEqual([]);
  });

  it('should be updated [NodeConformance]', async () => {
    const { collection, path } = await running('updated', { labels: { name: 'foo', time: 'one' } });
    expect(namesOf(await cluster.list(`${collection}?labelSelector=time%3Done`))).toEqual(['updated']);
    await relabel(path, { name: 'foo', time: 'two' });
    expect(namesOf(await cluster.list(`${collection}?labelSelector=time%3Dtwo`))).toEqual(['updated']);
  });

  it('should allow activeDeadlineSeconds to be updated [NodeConformance]', async () => {
    const { path } = await running('deadline', { spec: { ...podSpec(), activeDeadlineSeconds: 30 } });
    await cluster.change(path, (current) => ({ ...current, spec: { ...current.spec, activeDeadlineSeconds: 1 } }));
    await eventually(async () => {
      expect((await cluster.get(path)).status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' });
    });
  });

  it('should delete a collection of pods', async () => {
    const collection = `/api/v1/namespaces/${await cluster.namespace('pods')}/pods`;
    const names = ['test-pod-1', 'test-pod-2', 'test-pod-3'];
    for (const name of names)
      await cluster.create(collection, { metadata: { name, labels: { type: 'Testing' } }, spec: podSpec() });
    const selected = `${collection}?labelSelector=type%3DTesting`;
    expect(namesOf(await cluster.list(selected))).toEqual(names);
    await cluster.delete(selected);
    await eventually(async () => {
      expect((await cluster.list(selected)).items).toEqual([]);
    });
  });

  it('should patch a pod status', async () => {
    const { path, pod } = await running('status');
    const patched = await cluster.patch(
      `${path}/status`,
      { status: { message: 'Patched by e2e test', reason: 'E2E' } },
      'strategic-merge-patch',
    );
    expect(patched.status).toMatchObject({ message: 'Patched by e2e test', reason: 'E2E' });
    expect(patched.spec).toEqual(pod.spec);
  });

  it('should run through the lifecycle of Pods and PodStatus', async () => {
    const labels = { 'test-pod-static': 'true' };
    const { collection, path } = await running('lifecycle', { labels });
    const watch = await cluster.watch(`${collection}?watch=1&labelSelector=test-pod-static%3Dtrue`);
    const patched = await cluster.patch(
      path,
      { metadata: { labels: { 'test-pod': 'patched' } }, spec: { containers: [{ name: 'main', image }] } },
      'strategic-merge-patch',
    );
    expect(patched).toMatchObject({
      metadata: { labels: { 'test-pod': 'patched' } },
      spec: { containers: [{ image }] },
    });
    const { status } = await cluster.get(`${path}/status`);
    const conditions = (status?.['conditions'] ?? []) as { type: string; status: string }[];
    expect(conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
    const updated = await cluster.change(
      path,
      (current) => ({
        ...current,
        status: {
          ...current.status,
          conditions: ((current.status?.['conditions'] ?? []) as { type: string }[]).map((one) =>
            one.type === 'Ready' ? { ...one, status: 'False' } : one,
          ),
        },
      }),
      `${path}/status`,
    );
    expect(updated.status?.['conditions']).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'False' }));
    await cluster.delete(`${collection}?labelSelector=test-pod-static%3Dtrue`);
    await cluster.gone(path);
    await eventually(() => {
      expect(watch.events.at(-1)?.type).toBe('DELETED');
    });
  });
});

describe('[sig-node] Pods Extended Pods Set QOS Class', () => {
  it('should be set on Pods with matching resource requests and limits for memory and cpu', async () => {
    const limits = { cpu: '100m', memory: '100Mi' };
    const resources = { requests: limits, limits };
    const { pod } = await running('qos', {
      spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'agnhost', image, resources }] },
    });
    expect(pod.status).toMatchObject({ qosClass: 'Guaranteed' });
  });
});

describe('[sig-node] Pods Extended (pod generation) Pod Generation', () => {
  const observed = (path: string, generation: number): Promise<void> =>
    eventually(async () => {
      const { metadata, status } = await cluster.get(path);
      expect([metadata.generation, status?.['observedGeneration']]).toEqual([generation, generation]);
    });

  it('pod generation should start at 1 and increment per update [MinimumKubeletVersion:1.34]', async () => {
    const { path, pod } = await running('generation', { spec: { ...podSpec(), activeDeadlineSeconds: 5000 } });
    expect(pod.metadata.generation).toBe(1);
    await observed(path, 1);
    const spec = (change: object): Promise<ApiObject> =>
      cluster.change(path, (current) => ({ ...current, spec: { ...current.spec, ...change } }));
    const toleration = { key: 'foo-1', operator: 'Exists', effect: 'NoSchedule' };
    const tolerations = [...((pod.spec?.['tolerations'] ?? []) as object[]), toleration];
    const containers = (pod.spec?.['containers'] as object[]).map((one) => ({ ...one, image }));
    expect((await spec({ tolerations })).metadata.generation).toBe(2);
    expect((await spec({ activeDeadlineSeconds: 4000 })).metadata.generation).toBe(3);
    expect((await spec({ containers })).metadata.generation).toBe(4);
    // Not of the spec.
    expect((await relabel(path, { some: 'label' })).metadata.generation).toBe(4);
    await observed(path, 4);
  });

  it('custom-set generation on new pods and graceful delete', async () => {
    const collection = `/api/v1/namespaces/${await cluster.namespace('pods')}/pods`;
    const made = await cluster.create(collection, {
      metadata: { name: 'graceful', generation: 100, finalizers: ['e2e.example.com/hold'] },
      spec: podSpec(),
    });
    expect(made.metadata.generation).toBe(1);
    const path = `${collection}/graceful`;
    await eventually(async () => {
      expect((await cluster.get(path)).status).toMatchObject({ phase: 'Running' });
    });
    await cluster.delete(path, { gracePeriodSeconds: 30 });
    expect((await cluster.get(path)).metadata.generation).toBe(2);
    await cluster.patch(path, { metadata: { finalizers: null } });
    await cluster.gone(path);
  });

  it('issue 500 podspec updates and verify generation and observedGeneration eventually converge [MinimumKubeletVersion:1.34]', async () => {
    const { path } = await running('converging');
    for (let nth = 1; nth < 500; nth++)
      await cluster.patch(
        path,
        { spec: { containers: [{ name: 'main', image: `registry.example/image:${String(nth % 2)}` }] } },
        'strategic-merge-patch',
      );
    await observed(path, 500);
  });
});

describe('[sig-node] Ephemeral Containers [NodeConformance]', () => {
  const add = async (path: string, name: string): Promise<void> => {
    const patched = await cluster.patch(
      `${path}/ephemeralcontainers`,
      { spec: { ephemeralContainers: [{ name, image, command: ['sleep', '1d'], stdin: true, tty: true }] } },
      'strategic-merge-patch',
    );
    expect(patched.spec?.['ephemeralContainers']).toContainEqual(expect.objectContaining({ name }));
    await eventually(async () => {
      expect((await cluster.get(path)).status?.['ephemeralContainerStatuses']).toContainEqual(
        expect.objectContaining({ name, state: { running: expect.anything() as unknown } }),
      );
    });
  };

  it('will start an ephemeral container in an existing pod', async () => {
    const { path } = await running('ephemeral');
    await add(path, 'debugger');
  });

  it('should update the ephemeral containers in an existing pod', async () => {
    const { path } = await running('ephemeral');
    const names = async (): Promise<string[]> =>
      ((await cluster.get(path)).spec?.['ephemeralContainers'] as { name: string }[]).map(({ name }) => name);
    await add(path, 'debugger-1');
    expect(await names()).toEqual(['debugger-1']);
    await cluster.change(
      path,
      (current) => ({
        ...current,
        spec: {
          ...current.spec,
          ephemeralContainers: [
            ...(current.spec?.['ephemeralContainers'] as object[]),
            { name: 'debugger-2', image, command: ['sleep', '1d'] },
          ],
        },
      }),
      `${path}/ephemeralcontainers`,
    );
    expect(await names()).toEqual(['debugger-1', 'debugger-2']);
  });
});

describe('[sig-node] Sysctls [LinuxOnly] [NodeConformance]', () => {
  it('should reject invalid sysctls', async () => {
    const collection = `/api/v1/namespaces/${await cluster.namespace('sysctls')}/pods`;
    const names = ['foo-', 'kernel.shmmax', 'safe-and-unsafe', 'bar..'];
    const sysctls = names.map((name, nth) => ({ name, value: nth === 1 ? '100000000' : 'bar' }));
    const body = { metadata: { name: 'sysctl' }, spec: { ...podSpec(), securityContext: { sysctls } } };
    const reply = await cluster.raw.send('POST', collection, { body });
    expect(reply.status).toBe(422);
    const { message } = reply.body as { message: string };
    for (const bad of ['foo-', 'bar..']) expect(message).toContain(`Invalid value: "${bad}"`);
    for (const good of ['safe-and-unsafe', 'kernel.shmmax']) expect(message).not.toContain(good);
  });
});

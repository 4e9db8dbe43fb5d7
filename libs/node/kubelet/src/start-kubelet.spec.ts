import type { StatusError } from '@reckon/api/machinery';
import { statusErrors } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { annotations } from './stages/annotations';
import { type KubeletRig, placedPod, startKubeletRig } from './testing/kubelet-rig.suite';

let rig: KubeletRig | undefined;
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});
const start = async (options?: Parameters<typeof startKubeletRig>[0]): Promise<KubeletRig> =>
  (rig = await startKubeletRig(options));

const phase = (r: KubeletRig, name: string): string | undefined => r.pod(name)?.status?.phase;

describe('the kubelet', () => {
  it('registers its nodes, Ready and with where its server listens', async () => {
    const r = await start();
    await eventually(() => {
      const nodes = r.api.store.list(refs.nodes) as { metadata: { name: string }; status?: Record<string, unknown> }[];
      expect(nodes.map((n) => n.metadata.name)).toEqual(['node-0', 'node-1']);
      for (const { status } of nodes) {
        expect(status).toMatchObject({ daemonEndpoints: { kubeletEndpoint: { Port: r.kubelet.port } } });
        expect(status?.['conditions']).toContainEqual(
          expect.objectContaining({
            type: 'Ready',
            status: 'True',
            reason: 'KubeletReady',
            message: 'kubelet is posting ready status',
          }),
        );
      }
      expect(r.api.store.list(refs.leases, 'kube-node-lease')).toHaveLength(2);
    });
  });

  it('takes a pod to Running with one write, and tells of it', async () => {
    const r = await start();
    r.place('web');
    await eventually(() => {
      expect(phase(r, 'web')).toBe('Running');
      expect(r.events('Pod').map((e) => [e.reason, e.source])).toEqual(
        ['Pulled', 'Created', 'Started'].map((reason) => [reason, { component: 'node-0' }]),
      );
    });
    for (const { involvedObject } of r.events('Pod')) expect(involvedObject.fieldPath).toBe('spec.containers{main}');
    const writes = r.api.requests.filter((q) => q.path.endsWith('/pods/web/status'));
    expect(writes.map((q) => q.method)).toEqual(['PUT']);
    expect(r.pod('web')?.status?.podIP).toBe('10.244.0.2');
  });

  it('takes pods through their lives on a server that does not know every field of their status', async () => {
    const r = await start({
      before: ({ growOld }) => {
        growOld(['observedGeneration', 'hostIPs', 'resources', 'user']);
      },
    });
    const spec = { containers: [{ name: 'main', image: 'alpine', command: ['sleep', '0.2'] }], restartPolicy: 'Never' };
    r.place('web', { spec });
    await eventually(() => {
      expect(phase(r, 'web')).toBe('Succeeded');
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    // Running, what the server knows nothing of, the end and again what it knows nothing of.
    expect(r.api.requests.filter((q) => q.path.endsWith('/pods/web/status')).length).toBeLessThan(6);
  });

  it('shows that a pod is taken up which it starts later', async () => {
    const r = await start();
    const spec = { containers: [{ name: 'main', image: 'nginx', imagePullPolicy: 'Always' }] };
    r.place('web', { spec, metadata: { annotations: { [annotations.startAfter]: '50ms' } } });
    await eventually(() => {
      expect(phase(r, 'web')).toBe('Running');
      expect(r.events('Pod').map((e) => e.reason)).toEqual(['Pulling', 'Pulled', 'Created', 'Started']);
    });
    const [, taken, running] = r.api.store.history.filter((e) => e.object.metadata.name === 'web');
    expect(taken?.object['status']).toMatchObject({
      phase: 'Pending',
      hostIP: '10.64.0.2',
      containerStatuses: [
        { name: 'main', image: 'nginx', ready: false, state: { waiting: { reason: 'ContainerCreating' } } },
      ],
    });
    expect(taken?.object['status']).not.toHaveProperty('podIP');
    const conditions = (status: unknown): string[] =>
      (status as { conditions: { type: string; status: string }[] }).conditions.map((c) => `${c.type}=${c.status}`);
    expect(conditions(taken?.object['status'])).toEqual([
      'PodReadyToStartContainers=False',
      'Initialized=True',
      'Ready=False',
      'ContainersReady=False',
      'PodScheduled=True',
    ]);
    expect(conditions(running?.object['status'])[0]).toBe('PodReadyToStartContainers=True');
    expect(r.api.requests.filter((q) => q.path.endsWith('/pods/web/status'))).toHaveLength(2);
  });

  it('shows that a pod with init containers is taken up, and runs them when it starts it', async () => {
    const r = await start();
    r.place('web', {
      spec: { initContainers: [{ name: 'first', image: 'busybox' }] },
      metadata: { annotations: { [annotations.startAfter]: '1h' } },
    });
    await eventually(() => {
      expect(r.pod('web')?.status).toMatchObject({
        phase: 'Pending',
        initContainerStatuses: [{ name: 'first', state: { waiting: { reason: 'PodInitializing' } } }],
        containerStatuses: [{ name: 'main', state: { waiting: { reason: 'PodInitializing' } } }],
      });
    });
    const waiting = r.pod('web');
    r.api.store.put(refs.pods, { ...waiting, metadata: { ...waiting?.metadata, annotations: {} } });
    await eventually(() => {
      expect(r.pod('web')?.status).toMatchObject({
        phase: 'Running',
        initContainerStatuses: [{ name: 'first', state: { terminated: { exitCode: 0 } } }],
      });
      expect(r.events('Pod').map((e) => e.involvedObject.fieldPath)).toContain('spec.initContainers{first}');
    });
  });

  it('shows that a pod is taken up whose node has no address left', async () => {
    const r = await start({ nodes: 1, registration: { maxPods: 300 } });
    for (let i = 0; i < 253; i++)
      r.place(`old-${String(i)}`, {
        metadata: { uid: String(i) },
        status: { phase: 'Running', podIP: `10.244.0.${String(i + 2)}`, containerStatuses: [] },
      });
    r.place('web');
    await eventually(() => {
      expect(r.pod('web')?.status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe('ContainerCreating');
    });
    r.api.store.delete(refs.pods, 'default', 'old-0', { gracePeriodSeconds: 0 });
    await eventually(() => {
      expect(r.pod('web')?.status?.podIP).toBe('10.244.0.2');
    });
  });

  it('leaves pods of other nodes alone', async () => {
    const r = await start();
    r.place('theirs', { node: 'elsewhere' });
    r.place('ours');
    await eventually(() => {
      expect(phase(r, 'ours')).toBe('Running');
    });
    expect(phase(r, 'theirs')).toBe('Pending');
  });

  it('gives no pod the address of one that was there before it started', async () => {
    const r = await start({
      before: ({ store }) => {
        const status = { phase: 'Running', podIP: '10.244.0.2', containerStatuses: [] };
        store.put(refs.pods, placedPod('old', { metadata: { uid: 'old' }, status }));
        store.put(refs.pods, placedPod('new', { metadata: { uid: 'new' } }));
      },
    });
    await eventually(() => {
      expect(r.pod('new')?.status?.podIP).toBe('10.244.0.3');
    });
    expect(r.pod('old')?.status?.podIP).toBe('10.244.0.2');
  });

  it('frees the address of a pod that has ended, which goes on telling it', async () => {
    const r = await start({ nodes: 1, registration: { maxPods: 300 } });
    for (let i = 0; i < 252; i++)
      r.place(`old-${String(i)}`, {
        metadata: { uid: String(i) },
        status: { phase: 'Running', podIP: `10.244.0.${String(i + 3)}`, containerStatuses: [] },
      });
    r.place('work', {
      spec: { restartPolicy: 'Never' },
      metadata: { annotations: { [annotations.completeAfter]: '0ms' } },
    });
    await eventually(() => {
      expect(phase(r, 'work')).toBe('Succeeded');
    });
    r.place('next');
    await eventually(() => {
      expect(r.pod('next')?.status?.podIP).toBe('10.244.0.2');
    });
    expect(r.pod('work')?.status?.podIP).toBe('10.244.0.2');
  });

  it('ends a deleted pod: containers first, then the pod, if it is still that one', async () => {
    const r = await start();
    r.place('web');
    await eventually(() => {
      expect(phase(r, 'web')).toBe('Running');
    });
    const { uid } = r.pod('web')?.metadata ?? {};
    r.api.store.delete(refs.pods, 'default', 'web');
    await eventually(() => {
      expect(r.pod('web')).toBeUndefined();
    });
    expect(r.api.requests.find((q) => q.method === 'DELETE')?.body).toMatchObject({
      gracePeriodSeconds: 0,
      preconditions: { uid },
    });
    const last = r.api.store.history.filter((e) => e.type === 'MODIFIED' && e.ref.resource === 'pods').at(-1);
    expect(last?.object['status']).toMatchObject({
      phase: 'Succeeded',
      containerStatuses: [{ state: { terminated: { exitCode: 0, reason: 'Completed' } } }],
    });
  });

  it('deletes once a pod that a finalizer holds', async () => {
    const r = await start();
    r.place('web', { metadata: { finalizers: ['example.com/hold'] } });
    await eventually(() => {
      expect(phase(r, 'web')).toBe('Running');
    });
    r.api.store.delete(refs.pods, 'default', 'web');
    await eventually(() => {
      expect(r.pod('web')?.metadata.deletionGracePeriodSeconds).toBe(0);
    });
    r.place('other');
    await eventually(() => {
      expect(phase(r, 'other')).toBe('Running');
    });
    expect(r.api.requests.filter((q) => q.method === 'DELETE').length).toBeLessThan(4);
  });

  it('restarts what fails: at once, then after its back-off', async () => {
    const r = await start();
    r.place('web', { metadata: { annotations: { [annotations.completeAfter]: '0ms', [annotations.exitCode]: '1' } } });
    await eventually(() => {
      expect(r.pod('web')?.status?.containerStatuses?.[0]).toMatchObject({
        restartCount: 1,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { exitCode: 1 } },
      });
      expect(r.events().map((e) => e.reason)).toContain('BackOff');
    });
    expect(phase(r, 'web')).toBe('Running');
  });

  it('follows what others change: gates, generation, images, resources, ephemeral containers', async () => {
    const r = await start();
    r.place('web', { spec: { readinessGates: [{ conditionType: 'example.com/open' }] } });
    const condition = (type: string) => r.pod('web')?.status?.conditions?.find((c) => c.type === type);
    await eventually(() => {
      expect(condition('Ready')?.reason).toBe('ReadinessGatesNotReady');
    });
    const now = r.pod('web');
    if (now === undefined) throw new Error('the pod is gone');
    const conditions = [...(now.status?.conditions ?? []), { type: 'example.com/open', status: 'True' }];
    r.api.store.put(refs.pods, {
      ...now,
      metadata: { ...now.metadata, generation: 2 },
      spec: {
        ...now.spec,
        containers: [{ name: 'main', image: 'nginx:2', resources: { requests: { cpu: '2' } } }],
        ephemeralContainers: [{ name: 'debug', image: 'busybox' }],
      },
      status: { ...now.status, conditions },
    });
    await eventually(() => {
      expect(condition('Ready')).toMatchObject({ status: 'True', observedGeneration: 2 });
      expect(r.pod('web')?.status).toMatchObject({
        observedGeneration: 2,
        containerStatuses: [
          {
            image: 'docker.io/library/nginx:2',
            restartCount: 1,
            allocatedResources: { cpu: '2' },
            lastState: { terminated: {} },
          },
        ],
        ephemeralContainerStatuses: [{ name: 'debug', state: { running: {} } }],
      });
      expect(r.events().map((e) => e.message)).toContain('Container main definition changed, will be restarted');
    });
    const written = r.pod('web')?.metadata.resourceVersion;
    r.place('other');
    await eventually(() => {
      expect(phase(r, 'other')).toBe('Running');
    });
    expect(r.pod('web')?.metadata.resourceVersion).toBe(written);
  });

  it('tries again what the server refused', async () => {
    const r = await start();
    let refusals = 0;
    r.api.refuse((q): StatusError | undefined =>
      q.path.endsWith('/status') && refusals++ < 2 ? statusErrors.internal('not now') : undefined,
    );
    r.place('web');
    await eventually(() => {
      expect(phase(r, 'web')).toBe('Running');
    });
    expect(refusals).toBeGreaterThan(2);
  });

  it('takes up a pod of the same name as a new one', async () => {
    const r = await start();
    r.place('web', { metadata: { uid: 'first' } });
    await eventually(() => {
      expect(phase(r, 'web')).toBe('Running');
    });
    const first = r.pod('web')?.status?.containerStatuses?.[0]?.containerID;
    r.api.store.delete(refs.pods, 'default', 'web', { gracePeriodSeconds: 0 });
    r.place('web', { metadata: { uid: 'second' } });
    await eventually(() => {
      expect(phase(r, 'web')).toBe('Running');
    });
    expect(r.pod('web')?.status?.containerStatuses?.[0]?.containerID).not.toBe(first);
  });

  it('stops while its server is away', async () => {
    const r = await start({ before: (api) => api.refuse(() => statusErrors.internal('away')) });
    await eventually(() => {
      expect(r.api.requests.some((q) => q.path === '/api/v1/nodes')).toBe(true);
    });
    await r.kubelet.stop();
  });
});

import { refs } from '@reckon/client/rest';
import { eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { annotations } from '../stages/annotations';
import { type KubeletRig, startKubeletRig } from '../testing/kubelet-rig.suite';

let rig: KubeletRig | undefined;
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});
const start = async (options: Parameters<typeof startKubeletRig>[0] = {}): Promise<KubeletRig> =>
  (rig = await startKubeletRig({ nodes: 1, ...options }));

const containers = (more: object): object => ({ containers: [{ name: 'main', image: 'nginx', ...more }] });
const asking = (requests: object): object => containers({ resources: { requests } });
const onPort = (hostPort: number, more: object = {}): object =>
  containers({ ports: [{ containerPort: 80, hostPort, ...more }] });

const runs = (r: KubeletRig, name: string): Promise<void> =>
  eventually(() => {
    expect(r.pod(name)?.status?.phase).toBe('Running');
  });
const isRejected = (r: KubeletRig, name: string, reason: string, message: string): Promise<void> =>
  eventually(() => {
    expect(r.pod(name)?.status).toMatchObject({ phase: 'Failed', reason, message: `Pod was rejected: ${message}` });
    expect(r.pod(name)?.status).not.toHaveProperty('podIP');
    const told = r.events('Pod').filter((e) => e.involvedObject.name === name);
    expect(told).toMatchObject([{ type: 'Warning', reason, message }]);
  });
const portsTaken = "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports";

describe('a node', () => {
  it('rejects a pod that wants a host port of another, until that one has ended', async () => {
    const r = await start();
    r.place('first', { spec: onPort(21_017) });
    await runs(r, 'first');
    r.place('second', { spec: onPort(21_017, { hostIP: '10.64.0.2' }), metadata: { uid: 'second' } });
    await isRejected(r, 'second', 'NodePorts', portsTaken);
    r.place('udp', { spec: onPort(21_017, { protocol: 'UDP' }), metadata: { uid: 'udp' } });
    await runs(r, 'udp');
    const first = r.pod('first');
    r.api.store.put(refs.pods, { ...first, status: { ...first?.status, phase: 'Failed' } } as typeof first & object);
    r.place('third', { spec: onPort(21_017), metadata: { uid: 'third' } });
    await runs(r, 'third');
  });

  it('takes one of two pods that come at once for one place', async () => {
    const r = await start({
      before: ({ store }) => {
        for (const uid of ['a', 'b'])
          store.put(refs.pods, {
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name: uid, namespace: 'default', uid },
            spec: { nodeName: 'node-0', ...onPort(80) },
            status: { phase: 'Pending' },
          });
      },
    });
    await eventually(() => {
      expect(['a', 'b'].map((name) => r.pod(name)?.status?.phase).sort()).toEqual(['Failed', 'Running']);
    });
  });

  it('rejects a pod that needs more than it has left', async () => {
    const r = await start({ registration: { maxPods: 3 } });
    r.place('half', { spec: asking({ cpu: '20', memory: '1Gi' }), metadata: { uid: 'half' } });
    await runs(r, 'half');
    r.place('more', { spec: asking({ cpu: '12500m' }), metadata: { uid: 'more' } });
    const used = 'requested: 12500, used: 20000, capacity: 32000';
    await isRejected(r, 'more', 'OutOfcpu', `Node didn't have enough resource: cpu, ${used}`);
    r.place('gpu', { spec: asking({ cpu: '12', 'example.com/gpu': '1' }), metadata: { uid: 'gpu' } });
    r.place('small', { metadata: { uid: 'small' } });
    await runs(r, 'gpu');
    await runs(r, 'small');
    r.place('many', { metadata: { uid: 'many' } });
    const pods = 'requested: 1, used: 3, capacity: 3';
    await isRejected(r, 'many', 'OutOfpods', `Node didn't have enough resource: pods, ${pods}`);
    r.api.store.delete(refs.pods, 'default', 'small', { gracePeriodSeconds: 0 });
    r.place('late', { metadata: { uid: 'late' } });
    await runs(r, 'late');
  });

  it('counts those that were there before it started, and a resized one as it is now', async () => {
    const r = await start({
      before: ({ store }) =>
        store.put(refs.pods, {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'old', namespace: 'default', uid: 'old', generation: 1 },
          spec: { nodeName: 'node-0', ...asking({ cpu: '31' }) },
          status: { phase: 'Pending', startTime: '2026-01-01T00:00:00Z' },
        }),
    });
    await runs(r, 'old');
    r.place('two', { spec: asking({ cpu: '2' }), metadata: { uid: 'two' } });
    await eventually(() => {
      expect(r.pod('two')?.status?.reason).toBe('OutOfcpu');
    });
    const old = r.pod('old');
    const metadata = { ...old?.metadata, generation: 2 };
    r.api.store.put(refs.pods, { ...old, metadata, spec: { ...old?.spec, ...asking({ cpu: '1' }) } });
    await eventually(() => {
      expect(r.pod('old')?.status?.observedGeneration).toBe(2);
    });
    r.place('again', { spec: asking({ cpu: '2' }), metadata: { uid: 'again' } });
    await runs(r, 'again');
  });

  it('asks for its labels as they are now before it rejects a pod for them', async () => {
    const r = await start();
    await eventually(() => {
      expect(r.api.store.find(refs.nodes, '', 'node-0')).toBeDefined();
    });
    const spec = { nodeSelector: { disk: 'fast' } };
    r.place('slow', { spec, metadata: { uid: 'slow' } });
    const why = "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector";
    await isRejected(r, 'slow', 'NodeAffinity', why);
    const node = r.api.store.get(refs.nodes, '', 'node-0');
    const labels = { ...node.metadata.labels, disk: 'fast' };
    r.api.store.put(refs.nodes, { ...node, metadata: { ...node.metadata, labels } });
    r.place('fast', { spec, metadata: { uid: 'fast' } });
    await runs(r, 'fast');
  });

  it('rejects a pod for another operating system', async () => {
    const r = await start();
    r.place('windows', { spec: { os: { name: 'windows' } }, metadata: { uid: 'windows' } });
    const why = "Failed to admit pod as the OS field doesn't match node OS";
    await isRejected(r, 'windows', 'PodOSNotSupported', why);
    r.place('labelled', { metadata: { uid: 'labelled', labels: { 'kubernetes.io/os': 'windows' } } });
    await eventually(() => {
      expect(r.pod('labelled')?.status?.reason).toBe('PodOSSelectorNodeLabelDoesNotMatch');
    });
  });

  it('rejects a pod that needs a feature which it does not declare, and goes on as if it had not come', async () => {
    const r = await start({ registration: { maxPods: 1 } });
    const spec = { hostNetwork: true, hostUsers: false };
    r.place('namespaced', { spec, metadata: { uid: 'namespaced' } });
    const why = 'Pod requires node features that are not available: UserNamespacesHostNetworkSupport';
    await isRejected(r, 'namespaced', 'PodFeatureUnsupported', why);
    const rules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }];
    r.place('restarting', { spec: containers({ restartPolicyRules: rules }), metadata: { uid: 'restarting' } });
    await runs(r, 'restarting');
  });

  it('asks once: a pod that it has taken up and that has not begun stays', async () => {
    const r = await start();
    const later = { [annotations.startAfter]: '1h' };
    r.place('later', { spec: onPort(80), metadata: { uid: 'later', annotations: later } });
    await eventually(() => {
      expect(r.pod('later')?.status?.startTime).toBeDefined();
    });
    r.place('taken', { spec: onPort(80), metadata: { uid: 'taken' } });
    await eventually(() => {
      expect(r.pod('taken')?.status?.reason).toBe('NodePorts');
    });
    expect(r.pod('later')?.status?.phase).toBe('Pending');
  });
});

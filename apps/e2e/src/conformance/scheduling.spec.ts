import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@reckon/testkit';
import { type ApiObject, type ConformanceCluster, startConformanceCluster } from './conformance-cluster';

let cluster: ConformanceCluster;
let nodes: readonly string[];

/** A resource of the tests' own, of which every node has so much. */
const fake = 'example.com/fakecpu';
const perNode = 5;
const priorities = { 'sched-low': 1, 'sched-medium': 100, 'sched-high': 1000 } as const;

beforeAll(async () => {
  cluster = await startConformanceCluster();
  nodes = (await cluster.list('/api/v1/nodes')).items.map(({ metadata }) => metadata.name);
  for (const node of nodes) await cluster.patch(`/api/v1/nodes/${node}/status`, { status: capacity(String(perNode)) });
  for (const node of nodes)
    await eventually(async () => {
      const { status } = await cluster.get(`/api/v1/nodes/${node}`);
      expect(status).toMatchObject({ allocatable: { [fake]: String(perNode) } });
    });
  for (const [name, value] of Object.entries(priorities))
    await cluster.create('/apis/scheduling.k8s.io/v1/priorityclasses', { metadata: { name }, value });
});
afterAll(async () => {
  await cluster.dispose();
});

/** Of which the node's kubelet makes what it offers. */
const capacity = (amount: string): object => ({ capacity: { [fake]: amount } });

const podsIn = (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`;
interface PodOptions {
  readonly spec?: object;
  readonly amount?: number;
  readonly ports?: readonly object[];
  readonly finalizers?: readonly string[];
}
async function make(
  namespace: string,
  name: string,
  { spec = {}, amount, ports = [], finalizers = [] }: PodOptions = {},
): Promise<string> {
  const amounts = { [fake]: String(amount) };
  const resources = amount === undefined ? {} : { requests: amounts, limits: amounts };
  await cluster.create(podsIn(namespace), {
    metadata: { name, finalizers },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: 'registry.example/pause:1', ports, resources }],
      ...spec,
    },
  });
  return `${podsIn(namespace)}/${name}`;
}
/** The pod when it runs on a node. */
const placed = (path: string): Promise<ApiObject> =>
  eventually(async () => {
    const pod = await cluster.get(path);
    expect(pod.spec?.['nodeName'], path).toMatch(/./);
    expect(pod.status).toMatchObject({ phase: 'Running' });
    return pod;
  });
/** Resolves when the scheduler has found no place for it. */
const unplaced = (path: string, message: RegExp): Promise<void> =>
  eventually(async () => {
    const pod = await cluster.get(path);
    expect(pod.spec).not.toHaveProperty('nodeName');
    expect(pod.status?.['conditions']).toContainEqual(
      expect.objectContaining({
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: expect.stringMatching(message) as unknown,
      }),
    );
  });

describe('[sig-scheduling] SchedulerPredicates [Serial]', () => {
  it('validates that NodeSelector is respected if not matching', async () => {
    const path = await make(await cluster.namespace('predicates'), 'restricted-pod', {
      spec: { nodeSelector: { label: 'nonempty' } },
    });
    await unplaced(path, /didn't match Pod's node affinity\/selector/);
  });

  it('validates that NodeSelector is respected if matching', async () => {
    const [node = ''] = nodes;
    await cluster.patch(`/api/v1/nodes/${node}`, { metadata: { labels: { 'kubernetes.io/e2e-selector': '42' } } });
    const path = await make(await cluster.namespace('predicates'), 'with-labels', {
      spec: { nodeSelector: { 'kubernetes.io/e2e-selector': '42' } },
    });
    expect((await placed(path)).spec?.['nodeName']).toBe(node);
    await cluster.patch(`/api/v1/nodes/${node}`, { metadata: { labels: { 'kubernetes.io/e2e-selector': null } } });
  });

  it('validates resource limits of pods that are allowed to run', async () => {
    const namespace = await cluster.namespace('predicates');
    const fillers = [];
    for (const [nth] of nodes.entries())
      fillers.push(await make(namespace, `filler-pod-${String(nth)}`, { amount: perNode - 1 }));
    for (const filler of fillers) await placed(filler);
    const path = await make(namespace, 'additional-pod', { amount: 2 });
    await unplaced(path, /Insufficient example\.com\/fakecpu/);
    for (const filler of [...fillers, path]) await cluster.delete(filler);
    for (const filler of [...fillers, path]) await cluster.gone(filler);
  });

  it('validates that there exists conflict between pods with same hostPort and protocol but one using 0.0.0.0 hostIP', async () => {
    const namespace = await cluster.namespace('predicates');
    const [node = ''] = nodes;
    const spec = { nodeSelector: { 'kubernetes.io/hostname': node } };
    const port = { containerPort: 8080, hostPort: 54322, protocol: 'TCP' };
    await placed(await make(namespace, 'pod4', { spec, ports: [{ ...port, hostIP: '0.0.0.0' }] }));
    const path = await make(namespace, 'pod5', { spec, ports: [{ ...port, hostIP: '127.0.0.1' }] });
    await unplaced(path, /didn't have free ports for the requested pod ports/);
  });
});

describe('[sig-scheduling] SchedulerPreemption [Serial]', () => {
  /** A pod on every node that leaves no room for another of its size: a low one first, then those of medium priority. */
  async function fill(namespace: string, low: PodOptions = {}): Promise<readonly string[]> {
    const paths = [];
    for (const [nth] of nodes.entries()) {
      const priorityClassName = nth === 0 ? 'sched-low' : 'sched-medium';
      paths.push(
        await make(namespace, `pod${String(nth)}-${priorityClassName}`, {
          ...(nth === 0 ? low : {}),
          amount: 3,
          spec: { priorityClassName },
        }),
      );
    }
    for (const path of paths) await placed(path);
    return paths;
  }
  const expectPreempted = async (paths: readonly string[], preemptor: string): Promise<void> => {
    await placed(preemptor);
    const [low = '', ...others] = paths;
    await cluster.gone(low);
    for (const other of others) expect((await cluster.get(other)).metadata.deletionTimestamp).toBeUndefined();
  };
  const clear = async (paths: readonly string[]): Promise<void> => {
    for (const path of paths) await cluster.delete(path);
    for (const path of paths) await cluster.gone(path);
  };

  it('validates basic preemption works', async () => {
    const namespace = await cluster.namespace('preemption');
    const paths = await fill(namespace);
    const preemptor = await make(namespace, 'preemptor-pod', { amount: 3, spec: { priorityClassName: 'sched-high' } });
    await expectPreempted(paths, preemptor);
    await clear([...paths.slice(1), preemptor]);
  });

  it('validates lower priority pod preemption by critical pod', async () => {
    const namespace = await cluster.namespace('preemption');
    const paths = await fill(namespace);
    const critical = await make('kube-system', 'critical-pod', {
      amount: 3,
      spec: { priorityClassName: 'system-cluster-critical' },
    });
    await expectPreempted(paths, critical);
    await clear([...paths.slice(1), critical]);
  });

  it('PreemptionExecutionPath runs ReplicaSets to verify preemption running path', async () => {
    const namespace = await cluster.namespace('preemption');
    const [node = ''] = nodes;
    const set = async (nth: number, priorityClassName: string, replicas: number): Promise<string> => {
      const name = `rs-pod${String(nth)}`;
      const amounts = { [fake]: '1' };
      const container = { name, image: 'registry.example/pause:1', resources: { requests: amounts, limits: amounts } };
      const spec = {
        terminationGracePeriodSeconds: 0,
        priorityClassName,
        nodeSelector: { 'kubernetes.io/hostname': node },
        containers: [container],
      };
      const collection = `/apis/apps/v1/namespaces/${namespace}/replicasets`;
      await cluster.create(collection, {
        metadata: { name },
        spec: { replicas, selector: { matchLabels: { name } }, template: { metadata: { labels: { name } }, spec } },
      });
      return `${collection}/${name}`;
    };
    const running = (path: string, readyReplicas: number): Promise<void> =>
      eventually(async () => {
        expect((await cluster.get(path)).status?.['readyReplicas'] ?? 0).toBe(readyReplicas);
      });
    // One after another they want more than there is, and take it from those of less priority only.
    const low = await set(1, 'sched-low', 4);
    await running(low, 4);
    const medium = await set(2, 'sched-medium', 3);
    await running(medium, 3);
    await running(low, 2);
    const high = await set(3, 'sched-high', 2);
    await running(high, 2);
    await running(medium, 3);
    await running(low, 0);
    for (const path of [low, medium, high]) await cluster.delete(path, { propagationPolicy: 'Foreground' });
    for (const path of [low, medium, high]) await cluster.gone(path);
  });

  it('validates pod disruption condition is added to the preempted pod', async () => {
    const namespace = await cluster.namespace('preemption');
    const paths = await fill(namespace, { finalizers: ['example.com/test-finalizer'] });
    const preemptor = await make(namespace, 'preemptor-pod', { amount: 3, spec: { priorityClassName: 'sched-high' } });
    const [low = ''] = paths;
    await eventually(async () => {
      const { metadata, status } = await cluster.get(low);
      expect(metadata.deletionTimestamp).toBeDefined();
      expect(status?.['conditions']).toContainEqual(
        expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }),
      );
    });
    await cluster.patch(low, { metadata: { finalizers: null } });
    await cluster.gone(low);
    await clear([...paths.slice(1), preemptor]);
  });
});

describe('[sig-node] NoExecuteTaintManager Multiple Pods [Serial]', () => {
  it('evicts pods with minTolerationSeconds [Disruptive]', async () => {
    const namespace = await cluster.namespace('taints');
    const [node = ''] = nodes;
    const taint = { key: 'kubernetes.io/e2e-evict-taint-key', value: 'evictTaintVal', effect: 'NoExecute' };
    const tolerating = (tolerationSeconds: number): object => ({
      nodeSelector: { 'kubernetes.io/hostname': node },
      tolerations: [{ key: taint.key, operator: 'Equal', value: taint.value, effect: taint.effect, tolerationSeconds }],
    });
    const stays = await make(namespace, 'taint-eviction-stays', { spec: tolerating(3600) });
    const second = await make(namespace, 'taint-eviction-b2', { spec: tolerating(3) });
    const first = await make(namespace, 'taint-eviction-b1', { spec: tolerating(1) });
    for (const path of [stays, second, first]) await placed(path);
    const watch = await cluster.watch(`${podsIn(namespace)}?watch=1`);
    await cluster.patch(`/api/v1/nodes/${node}`, { spec: { taints: [taint] } });
    await eventually(() => {
      const deleted = watch.events.filter(({ type }) => type === 'DELETED').map(({ object }) => object['metadata']);
      expect(deleted).toMatchObject([{ name: 'taint-eviction-b1' }, { name: 'taint-eviction-b2' }]);
    });
    expect((await cluster.get(stays)).metadata.deletionTimestamp).toBeUndefined();
    await cluster.patch(`/api/v1/nodes/${node}`, { spec: { taints: null } });
  });
});

describe('[sig-node] NoExecuteTaintManager Single Pod [Serial]', () => {
  it('removing taint cancels eviction [Disruptive]', async () => {
    const namespace = await cluster.namespace('taints');
    const [node = ''] = nodes;
    const taint = { key: 'kubernetes.io/e2e-evict-taint-key', value: 'evictTaintVal', effect: 'NoExecute' };
    const path = await make(namespace, 'taint-eviction-4', {
      spec: {
        nodeSelector: { 'kubernetes.io/hostname': node },
        tolerations: [{ ...taint, operator: 'Equal', tolerationSeconds: 3 }],
      },
    });
    await placed(path);
    const watch = await cluster.watch(`${podsIn(namespace)}?watch=1`);
    await cluster.patch(`/api/v1/nodes/${node}`, { spec: { taints: [taint] } });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect((await cluster.get(path)).metadata.deletionTimestamp).toBeUndefined();
    await cluster.patch(`/api/v1/nodes/${node}`, { spec: { taints: null } });
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    expect((await cluster.get(path)).metadata.deletionTimestamp).toBeUndefined();
    expect(watch.events.filter(({ type }) => type === 'DELETED')).toEqual([]);
  });
});

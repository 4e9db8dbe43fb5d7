import { type KubeObject, StatusError, newControllerReference, statusErrors } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { ActionBroadcaster } from '@reckon/control/runtime';
import { MetricsRegistry } from '@reckon/kernel';
import { type ClientHarness, type FakeApi, eventually, startClientHarness, startFakeApi } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { type Pod, podDisruptionBudgets } from './framework/kinds';
import {
  type SchedulerConfiguration,
  defaultArgs,
  defaultSchedulerConfiguration,
} from './config/scheduler-configuration';
import { startScheduler } from './start-scheduler';
import { type PodParts, node, pod } from './testing/make';

interface Rig extends ClientHarness {
  readonly registry: MetricsRegistry;
  eventsOf(name: string): string[];
  podNamed(name: string): Pod | undefined;
}

/** `missing`: paths of collections that the server does not serve. */
async function start(missing?: RegExp, configuration?: SchedulerConfiguration): Promise<Rig> {
  const harness = await startClientHarness({ api: await startFakeApi({ kinds: [podDisruptionBudgets] }) });
  if (missing !== undefined)
    harness.api.refuse(({ path }) =>
      missing.test(path) ? new StatusError(statusErrors.notFound({ group: '', resource: 'x' }, '').status) : undefined,
    );
  const registry = new MetricsRegistry();
  const recorderOf = (schedulerName: string): ActionBroadcaster =>
    harness.add(
      new ActionBroadcaster({
        ...harness,
        reportingController: schedulerName,
        reportingInstance: `${schedulerName}-here`,
      }),
    );
  harness.add(
    startScheduler({
      ...harness,
      metrics: registry,
      recorderOf,
      ...(configuration === undefined ? {} : { configuration }),
    }),
  );
  harness.informers.start();
  const { store } = harness.api;
  return {
    ...harness,
    registry,
    eventsOf: (name) =>
      (
        store.list(refs.eventsV1, 'default') as (KubeObject & {
          regarding: { name: string };
          type: string;
          reason: string;
          note: string;
        })[]
      )
        .filter((e) => e.regarding.name === name)
        .map((e) => `${e.type} ${e.reason}: ${e.note}`),
    podNamed: (name) => store.find(refs.pods, 'default', name),
  };
}

const of = (name: string, priority: number, cpu: string, more: PodParts = {}): Pod =>
  pod({ name, requests: { cpu }, ...more, spec: { priority, ...more.spec } });
const bindings = (api: FakeApi): number => api.requests.filter((r) => r.path.endsWith('/binding')).length;
const statusWrites = (api: FakeApi): unknown[] =>
  api.requests.filter((r) => r.method === 'PATCH' && r.path.includes('/status')).map((r) => r.body);

/** A ReplicaSet `web`, then its pods `web-0`, `web-1`, … */
function putSet(api: FakeApi, pods: number): void {
  const set = api.store.put(refs.replicaSets, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web', namespace: 'default', uid: 'uid-set' },
    spec: { selector: { matchLabels: { app: 'web' } } },
  });
  const owners = [newControllerReference(set, { apiVersion: 'apps/v1', kind: 'ReplicaSet' })];
  for (let i = 0; i < pods; i++)
    api.store.put(refs.pods, pod({ name: `web-${String(i)}`, labels: { app: 'web' }, owners }));
}

describe('the scheduler', () => {
  let rig: Rig;
  afterEach(() => rig.stop());

  it('binds a pod and tells of it', async () => {
    rig = await start();
    rig.api.store.put(refs.nodes, node({ name: 'node-1' }));
    rig.api.store.put(refs.pods, pod({ name: 'web-1' }));
    await eventually(() =>
      expect(rig.eventsOf('web-1')).toEqual(['Normal Scheduled: Successfully assigned default/web-1 to node-1']),
    );
    expect(rig.podNamed('web-1')?.spec?.nodeName).toBe('node-1');
    expect(rig.api.requests.find((r) => r.path.endsWith('/binding'))?.body).toEqual({
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: 'web-1', namespace: 'default', uid: 'uid-web-1' },
      target: { kind: 'Node', name: 'node-1' },
    });
    const text = rig.registry.render();
    expect(text).toContain('scheduler_schedule_attempts_total{result="scheduled",profile="default-scheduler"} 1\n');
    expect(text).toContain('scheduler_queue_incoming_pods_total{queue="active",event="UnscheduledPodAdd"} 1\n');
    expect(text).toContain('scheduler_pending_pods{queue="active"} 0\n');
  });

  it('leaves pods of other schedulers, and pods that have a node, alone', async () => {
    rig = await start();
    rig.api.store.put(refs.nodes, node({ name: 'node-1' }));
    rig.api.store.put(refs.pods, pod({ name: 'other', spec: { schedulerName: 'mine' } }));
    rig.api.store.put(refs.pods, pod({ name: 'placed', spec: { nodeName: 'node-9' } }));
    rig.api.store.put(refs.pods, pod({ name: 'last' }));
    await eventually(() => expect(rig.podNamed('last')?.spec?.nodeName).toBe('node-1'));
    expect(bindings(rig.api)).toBe(1);
  });

  it('serves several profiles, each in its own way and under its own name', async () => {
    const packing: SchedulerConfiguration = {
      ...defaultSchedulerConfiguration,
      profiles: [
        { schedulerName: 'default-scheduler' },
        {
          schedulerName: 'packing',
          plugins: {
            score: { disabled: ['*'], enabled: [{ name: 'NodeResourcesFit' }] },
            preEnqueue: { disabled: ['*'] },
          },
          args: {
            NodeResourcesFit: {
              ...defaultArgs.NodeResourcesFit,
              scoring: { type: 'MostAllocated', resources: [{ name: 'cpu', weight: 1 }] },
            },
          },
        },
      ],
    };
    rig = await start(undefined, packing);
    for (const name of ['free', 'busy']) rig.api.store.put(refs.nodes, node({ name }));
    rig.api.store.put(refs.pods, of('there', 0, '2', { spec: { nodeName: 'busy' } }));
    await rig.informers.waitForSync();
    const gates = { schedulingGates: [{ name: 'g' }] };
    rig.api.store.put(refs.pods, of('spread', 0, '500m'));
    rig.api.store.put(refs.pods, of('packed', 0, '500m', { spec: { schedulerName: 'packing' } }));
    // Its profile knows no gates.
    rig.api.store.put(refs.pods, of('gated', 0, '1', { spec: { schedulerName: 'packing', ...gates } }));
    rig.api.store.put(refs.pods, of('shut', 0, '1', { spec: gates }));
    await eventually(() => {
      expect(['spread', 'packed', 'gated'].map((name) => rig.podNamed(name)?.spec?.nodeName)).toEqual([
        'free',
        'busy',
        'busy',
      ]);
      expect(rig.eventsOf('packed')).toEqual(['Normal Scheduled: Successfully assigned default/packed to busy']);
    });
    expect(rig.podNamed('shut')?.spec?.nodeName).toBeUndefined();
    const told = rig.api.store.list(refs.eventsV1, 'default') as (KubeObject & {
      regarding: { name: string };
      reportingController: string;
    })[];
    expect(told.find((e) => e.regarding.name === 'packed')?.reportingController).toBe('packing');
    await eventually(() => {
      expect(rig.registry.render()).toContain(
        'scheduler_schedule_attempts_total{result="scheduled",profile="packing"} 2\n',
      );
    });
  });

  it('says why no node fits in an Event and a condition, writes each once, and goes on when that changes', async () => {
    rig = await start();
    rig.api.store.put(refs.nodes, node({ name: 'full' }));
    rig.api.store.put(refs.nodes, node({ name: 'tainted', spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } }));
    rig.api.store.put(refs.pods, of('there', 0, '3', { spec: { nodeName: 'full' } }));
    rig.api.store.put(refs.pods, of('big', 0, '2'));
    const message =
      '0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s). no new claims to deallocate, ' +
      'preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.';
    await eventually(() => {
      expect(rig.eventsOf('big')).toEqual([`Warning FailedScheduling: ${message}`]);
      expect(rig.podNamed('big')?.status?.conditions).toMatchObject([
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, observedGeneration: 1 },
      ]);
    });
    // A pod that goes but frees too little: another attempt, told by an Event, since the pod has its condition now; the next one makes
    // a series of that. The condition stays as it is.
    const freeTooLittle = (): void => {
      rig.api.store.put(refs.pods, of('idle', 0, '100m', { spec: { nodeName: 'full' } }));
      rig.api.store.delete(refs.pods, 'default', 'idle', { gracePeriodSeconds: 0 });
    };
    freeTooLittle();
    await eventually(() => {
      expect(rig.eventsOf('big')).toHaveLength(2);
    });
    freeTooLittle();
    await eventually(() => {
      expect(rig.api.store.list(refs.eventsV1, 'default')[1]).toMatchObject({ series: { count: 2 } });
      expect(rig.eventsOf('big')).toHaveLength(2);
    });
    expect(statusWrites(rig.api)).toHaveLength(1);
    rig.api.store.delete(refs.pods, 'default', 'there', { gracePeriodSeconds: 0 });
    await eventually(() => expect(rig.podNamed('big')?.spec?.nodeName).toBe('full'));
  });

  it('waits for the first node', async () => {
    rig = await start();
    rig.api.store.put(refs.pods, pod({ name: 'early' }));
    await eventually(() =>
      expect(rig.eventsOf('early')).toEqual(['Warning FailedScheduling: no nodes available to schedule pods']),
    );
    rig.api.store.put(refs.nodes, node({ name: 'node-1' }));
    await eventually(() => expect(rig.podNamed('early')?.spec?.nodeName).toBe('node-1'));
  });

  it('waits until a gated pod has lost its gates, and names the DaemonSet nodes that are not looked at', async () => {
    rig = await start();
    rig.api.store.put(refs.nodes, node({ name: 'node-1', spec: { unschedulable: true } }));
    rig.api.store.put(refs.nodes, node({ name: 'node-2' }));
    rig.api.store.put(refs.pods, pod({ name: 'gated', spec: { schedulingGates: [{ name: 'g' }] } }));
    const terms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }] }];
    rig.api.store.put(
      refs.pods,
      pod({
        name: 'daemon',
        spec: {
          affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } },
        },
      }),
    );
    await eventually(() =>
      expect(rig.eventsOf('daemon')[0]).toContain(
        "0/2 nodes are available: 1 node(s) didn't satisfy plugin(s) [NodeAffinity], 1 node(s) were unschedulable.",
      ),
    );
    expect(rig.eventsOf('gated')).toEqual([]);
    rig.api.store.put(refs.pods, { ...rig.podNamed('gated')!, spec: { ...pod().spec!, schedulingGates: [] } });
    await eventually(() => expect(rig.podNamed('gated')?.spec?.nodeName).toBe('node-2'));
  });

  it('takes a pod whose binding failed off its node and tries again', async () => {
    rig = await start();
    let failures = 1;
    rig.api.refuse((request) =>
      request.path.endsWith('/binding') && failures-- > 0
        ? new StatusError(statusErrors.internal('no luck').status)
        : undefined,
    );
    rig.api.store.put(refs.nodes, node({ name: 'node-1' }));
    rig.api.store.put(refs.pods, of('web', 0, '3'));
    await eventually(() => expect(rig.podNamed('web')?.spec?.nodeName).toBe('node-1'));
    expect(bindings(rig.api)).toBe(2);
    expect(rig.eventsOf('web')[0]).toMatch(/^Warning FailedScheduling: .*no luck/);
    expect(statusWrites(rig.api)).toMatchObject([{ status: { conditions: [{ reason: 'SchedulerError' }] } }]);
  });

  it('counts the pods that it has bound before a watch shows them', async () => {
    rig = await start();
    rig.api.store.put(refs.nodes, node({ name: 'node-1' }));
    await rig.informers.waitForSync();
    rig.api.store.put(refs.pods, of('first', 0, '1'));
    rig.api.store.put(refs.pods, of('second', 0, '1'));
    await eventually(() => expect(bindings(rig.api)).toBe(2));
    rig.api.holdWatches(true, 'pods');
    for (const name of ['third', 'fourth', 'fifth']) rig.api.store.put(refs.pods, of(name, 0, '1'));
    rig.api.holdWatches(false, 'pods');
    await eventually(() => expect(bindings(rig.api)).toBe(4));
    await eventually(() => expect(rig.eventsOf('fifth')[0]).toContain('1 Insufficient cpu'));
  });

  it('spreads the pods of a ReplicaSet over nodes that are as good as each other', async () => {
    rig = await start();
    // So large that ten pods do not show in how full they are.
    for (const name of ['node-1', 'node-2'])
      rig.api.store.put(refs.nodes, node({ name, allocatable: { cpu: '640', memory: '2Ti' } }));
    putSet(rig.api, 10);
    const nodeOf = (i: number): string => rig.podNamed(`web-${String(i)}`)?.spec?.nodeName ?? '';
    await eventually(() => {
      const perNode = [0, 0];
      for (let i = 0; i < 10; i++)
        for (const [n, name] of ['node-1', 'node-2'].entries()) if (nodeOf(i) === name) perNode[n]!++;
      expect(perNode).toEqual([5, 5]);
    });
  });

  it('starts where services, replica sets and disruption budgets are not served', async () => {
    const missing = /\/(services|replicasets|poddisruptionbudgets)$/;
    rig = await start(missing);
    rig.api.store.put(refs.nodes, node({ name: 'node-1' }));
    rig.api.store.put(refs.nodes, node({ name: 'node-2' }));
    putSet(rig.api, 1);
    await eventually(() => expect(rig.podNamed('web-0')?.spec?.nodeName).toMatch(/^node-/));
    // Each is asked for, and asked again only after a while: at most at 0 and 0.8 s before the pod is placed, and once more.
    const asked = rig.api.requests.filter(({ path }) => missing.test(path)).length;
    expect(asked).toBeGreaterThanOrEqual(3);
    expect(asked).toBeLessThanOrEqual(9);
  });

  it('makes room for a pod of higher priority', async () => {
    rig = await start();
    rig.api.store.put(refs.nodes, node({ name: 'node-1' }));
    rig.api.store.put(refs.nodes, node({ name: 'node-2' }));
    rig.api.store.put(refs.pods, of('mid', 5, '3', { spec: { nodeName: 'node-1' } }));
    rig.api.store.put(refs.pods, of('low', 0, '3', { spec: { nodeName: 'node-2' } }));
    await rig.informers.waitForSync();
    rig.api.store.put(refs.pods, of('high', 10, '2'));
    // The victim is told to go, and the pod waits for the place.
    await eventually(() => {
      expect(rig.podNamed('low')?.metadata.deletionTimestamp).toBeDefined();
      expect(rig.podNamed('high')?.status?.nominatedNodeName).toBe('node-2');
    });
    expect(rig.podNamed('low')?.status?.conditions).toMatchObject([
      {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'PreemptionByScheduler',
        message: 'default-scheduler: preempting to accommodate a higher priority pod',
      },
    ]);
    expect(rig.podNamed('mid')?.metadata.deletionTimestamp).toBeUndefined();
    await eventually(() =>
      expect(rig.eventsOf('low')).toEqual(['Normal Preempted: Preempted by pod uid-high on node node-2']),
    );
    expect(rig.eventsOf('high')).toEqual(['Warning FailedScheduling: 0/2 nodes are available: 2 Insufficient cpu.']);
    // A pod of lower priority does not slip into the place.
    rig.api.store.put(refs.pods, of('late', 1, '3'));
    await eventually(() => expect(rig.eventsOf('late')).toHaveLength(1));
    rig.api.store.delete(refs.pods, 'default', 'low', { gracePeriodSeconds: 0 });
    await eventually(() => expect(rig.podNamed('high')?.spec?.nodeName).toBe('node-2'));
    await eventually(() =>
      expect(rig.eventsOf('high').at(-1)).toBe('Normal Scheduled: Successfully assigned default/high to node-2'),
    );
    expect(rig.podNamed('late')?.spec?.nodeName).toBeUndefined();
    expect(rig.registry.render()).toContain('scheduler_preemption_victims_count 1\n');
  });

  it('does not preempt for a pod that must never', async () => {
    rig = await start();
    rig.api.store.put(refs.nodes, node({ name: 'node-1' }));
    rig.api.store.put(refs.pods, of('low', 0, '3', { spec: { nodeName: 'node-1' } }));
    await rig.informers.waitForSync();
    rig.api.store.put(refs.pods, of('high', 10, '2', { spec: { preemptionPolicy: 'Never' } }));
    await eventually(() =>
      expect(rig.eventsOf('high')).toEqual([
        'Warning FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
      ]),
    );
    expect(rig.podNamed('low')?.metadata.deletionTimestamp).toBeUndefined();
  });
});

describe('a thousand pods on a hundred nodes', () => {
  it('are spread evenly in little time', async () => {
    const api = await startFakeApi({ kinds: [podDisruptionBudgets] });
    const harness = await startClientHarness({ api });
    const bound: string[] = [];
    const events = { acted: () => undefined };
    const rest = Object.create(harness.rest, {
      // Bindings end here, so that what is measured is the scheduler and not the fake server.
      request: {
        value: (method: string, path: string, options: { body?: { target?: { name: string } } }) => {
          if (method !== 'POST') return harness.rest.request(method, path, options);
          bound.push(options.body?.target?.name ?? '');
          return Promise.resolve({});
        },
      },
    }) as typeof harness.rest;
    for (let i = 0; i < 100; i++)
      api.store.put(refs.nodes, node({ name: `n${String(i)}`, allocatable: { cpu: '32', memory: '64Gi' } }));
    for (let i = 0; i < 1_000; i++)
      api.store.put(
        refs.pods,
        pod({
          name: `p${String(i)}`,
          requests: { cpu: '100m', memory: '128Mi' },
          spec: { tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' }] },
        }),
      );
    const registry = new MetricsRegistry();
    harness.add(startScheduler({ ...harness, rest, metrics: registry, recorderOf: () => events }));
    harness.informers.start();
    try {
      await eventually(() => expect(bound).toHaveLength(1_000));
      const perNode = new Map<string, number>();
      for (const name of bound) perNode.set(name, (perNode.get(name) ?? 0) + 1);
      expect([...new Set(perNode.values())]).toEqual([10]);
      const [, seconds] = /scheduler_scheduling_algorithm_duration_seconds_sum (\S+)/.exec(registry.render()) ?? [];
      // 0.05 to 0.1 s on a machine that does nothing else.
      expect(Number(seconds)).toBeLessThan(1);
    } finally {
      await harness.stop();
    }
  });
});

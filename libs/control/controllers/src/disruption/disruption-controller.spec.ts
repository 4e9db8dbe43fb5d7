import { type OwnerReference, statusErrors, timeText } from '@reckon/api/machinery';
import { type ResourceRef, refs } from '@reckon/client/rest';
import { type FakeClock, fakeClock } from '@reckon/kernel';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import type { Budget } from './budget';
import { disruptionController } from './disruption-controller';

const namespace = 'team';
let harness: ClientHarness;
let time: FakeClock;
beforeEach(async () => {
  time = fakeClock();
  harness = await startControllersForTest([disruptionController], { time });
});
afterEach(() => harness.stop());

const store = (): ClientHarness['api']['store'] => harness.api.store;
const budget = (spec: object, name = 'pdb'): void => {
  store().create(refs.podDisruptionBudgets, namespace, {
    metadata: { name, generation: 1 },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  });
};
const status = (name = 'pdb'): Budget['status'] =>
  (store().find(refs.podDisruptionBudgets, namespace, name) as Budget | undefined)?.status;
const says = (expected: object, name = 'pdb'): Promise<void> =>
  eventually(() => {
    expect(status(name)).toMatchObject(expected);
  });
const condition = (name = 'pdb'): string | undefined => {
  const found = status(name)?.conditions?.[0];
  return found === undefined ? undefined : `${found.status} ${found.reason ?? ''} ${found.message ?? ''}`;
};
const owner = (ref: ResourceRef, name: string, uid = `${name}-uid`): OwnerReference => ({
  apiVersion: ref.group === '' ? ref.version : `${ref.group}/${ref.version}`,
  kind: ref.kind,
  name,
  uid,
  controller: true,
});
const pod = (name: string, owners: OwnerReference[] = [], more: object = {}): void => {
  store().put(refs.pods, {
    metadata: { namespace, name, labels: { app: 'web' }, ownerReferences: owners },
    spec: { containers: [] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    ...more,
  });
};
const unready = { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] } };
const workload = (ref: ResourceRef, name: string, replicas: number, owners: OwnerReference[] = []): void => {
  store().put(ref, {
    metadata: { namespace, name, uid: `${name}-uid`, ownerReferences: owners },
    spec: { replicas },
  });
};
const events = (reason: string): string[] =>
  store()
    .list(refs.events, namespace)
    .filter((event) => event['reason'] === reason)
    .map((event) => String(event['message']));
const jobs: ResourceRef = { group: 'batch', version: 'v1', resource: 'jobs', kind: 'Job', namespaced: true };
const fleets: ResourceRef = {
  group: 'example.com',
  version: 'v1',
  resource: 'fleets',
  kind: 'Fleet',
  namespaced: true,
};

describe('the disruption controller', () => {
  it('allows nothing while there is no pod, and says so in an event', async () => {
    budget({ minAvailable: 1 });
    await says({ observedGeneration: 1, desiredHealthy: 1, expectedPods: 0, currentHealthy: 0, disruptionsAllowed: 0 });
    expect(condition()).toBe('False InsufficientPods ');
    expect(status()?.conditions?.[0]).toMatchObject({
      observedGeneration: 1,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    });
    await eventually(() => {
      expect(events('NoPods')).toEqual(['No matching pods found']);
    });
  });

  it('counts pods that are ready and not on their way out', async () => {
    for (const name of ['a', 'b', 'c']) pod(name);
    pod('d', [], unready);
    pod('other', [], { metadata: { namespace, name: 'other', labels: { app: 'db' } } });
    budget({ minAvailable: 1 });
    await says({ expectedPods: 4, currentHealthy: 3, desiredHealthy: 1, disruptionsAllowed: 2 });
    expect(condition()).toBe('True SufficientPods ');
    store().delete(refs.pods, namespace, 'a', { gracePeriodSeconds: 30 });
    pod('b', [], unready);
    await says({ expectedPods: 3, currentHealthy: 1, disruptionsAllowed: 0 });
    expect(condition()).toBe('False InsufficientPods ');
  });

  it('notices that a pod left its selection', async () => {
    pod('a');
    budget({ minAvailable: 0 });
    await says({ expectedPods: 1 });
    pod('a', [], { metadata: { namespace, name: 'a', labels: { app: 'db' } } });
    await says({ expectedPods: 0 });
  });

  it.each([
    ['all pods with an empty selector', {}, 1],
    ['none without a selector', undefined, 0],
  ])('takes %s', async (_, selector, expectedPods) => {
    pod('a');
    budget({ minAvailable: 0, selector });
    await says({ expectedPods });
  });

  it.each([
    ['a Deployment', refs.deployments, { maxUnavailable: 1 }, { expectedPods: 4, desiredHealthy: 3 }],
    ['a Deployment, in percent', refs.deployments, { maxUnavailable: '30%' }, { expectedPods: 4, desiredHealthy: 2 }],
    ['a Deployment, at least', refs.deployments, { minAvailable: '60%' }, { expectedPods: 4, desiredHealthy: 3 }],
    ['a ReplicaSet', refs.replicaSets, { maxUnavailable: 9 }, { expectedPods: 4, desiredHealthy: 0 }],
    ['a StatefulSet', refs.statefulSets, { maxUnavailable: 1 }, { expectedPods: 4, desiredHealthy: 3 }],
    ['a ReplicationController', refs.replicationControllers, { maxUnavailable: 1 }, { expectedPods: 4 }],
  ])('goes by the scale of %s', async (_, ref, spec, expected) => {
    workload(ref, 'web', 4);
    if (ref === refs.deployments) workload(refs.replicaSets, 'web-1', 2, [owner(ref, 'web')]);
    const above = ref === refs.deployments ? owner(refs.replicaSets, 'web-1') : owner(ref, 'web');
    pod('a', [above]);
    pod('b', [above]);
    budget(spec);
    await says({ ...expected, currentHealthy: 2 });
  });

  it('asks any other kind for its scale', async () => {
    harness.api.serve(fleets);
    workload(fleets, 'web', 3);
    pod('a', [owner(fleets, 'web')]);
    budget({ maxUnavailable: 1 });
    await says({ expectedPods: 3, desiredHealthy: 2 });
    expect(harness.api.requests.map(({ path }) => path)).toContain(
      '/apis/example.com/v1/namespaces/team/fleets/web/scale',
    );
  });

  it.each([
    ['a kind that nobody serves', fleets, 'no matches for kind "Fleet" in version "example.com/v1"'],
    ['a kind without a scale', jobs, 'jobs.batch does not implement the scale subresource'],
    ['a namesake of the controller', refs.statefulSets, 'found no controllers for pod "a"'],
  ])('allows nothing when a pod belongs to %s, and says why', async (_, ref, message) => {
    harness.api.refuse(({ path }) =>
      path.includes('/jobs/') && path.endsWith('/scale') ? statusErrors.notFound(jobs, 'web') : undefined,
    );
    workload(refs.statefulSets, 'web', 3);
    pod('a', [owner(ref, 'web', 'another-uid')]);
    budget({ maxUnavailable: 1 });
    await eventually(() => {
      expect(condition()).toBe(`False SyncFailed ${message}`);
    });
    expect(status()).toMatchObject({ disruptionsAllowed: 0, expectedPods: 0, currentHealthy: 0, desiredHealthy: 0 });
    await eventually(() => {
      expect(events('CalculateExpectedPodCountFailed')).toEqual([
        `Failed to calculate the number of expected pods: ${message}`,
      ]);
    });
  });

  it('warns of pods that nobody controls where their number matters', async () => {
    pod('a');
    budget({ maxUnavailable: 1 });
    await says({ expectedPods: 0, disruptionsAllowed: 0, currentHealthy: 1 });
    await eventually(() => {
      expect(events('UnmanagedPods')[0]).toContain(
        '(selector: &LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{},}) were found to be unmanaged.',
      );
    });
  });

  it('warns of a pod that two budgets select', async () => {
    budget({ minAvailable: 0 }, 'one');
    budget({ minAvailable: 0 }, 'two');
    await says({ expectedPods: 0 }, 'two');
    pod('a');
    await says({ expectedPods: 1 }, 'one');
    await says({ expectedPods: 1 }, 'two');
    await eventually(() => {
      expect(events('MultiplePodDisruptionBudgets')).toEqual([
        'Pod "team"/"a" matches multiple PodDisruptionBudgets.  Chose "one" arbitrarily.',
      ]);
    });
  });

  it('takes a pod that was evicted for gone, for two minutes', async () => {
    for (const name of ['a', 'b', 'c']) pod(name);
    budget({ minAvailable: 1 });
    await says({ disruptionsAllowed: 2 });
    const current = store().get(refs.podDisruptionBudgets, namespace, 'pdb') as Budget;
    const disruptedPods = { a: timeText(time.nowMs()), gone: timeText(time.nowMs()) };
    store().put(refs.podDisruptionBudgets, { ...current, status: { ...current.status, disruptedPods } });
    await says({ currentHealthy: 2, disruptionsAllowed: 1 });
    expect(status()?.disruptedPods).toEqual({ a: disruptedPods.a });
    await time.advance(119_000);
    expect(status()?.disruptedPods).toEqual({ a: disruptedPods.a });
    await time.advance(2_000);
    await says({ currentHealthy: 3, disruptionsAllowed: 2 });
    expect(status()?.disruptedPods).toBeUndefined();
    await eventually(() => {
      expect(events('NotDeleted')).toEqual(["Pod was expected by PDB team/team to be deleted but it wasn't"]);
    });
  });

  it('writes only what is new', async () => {
    pod('a');
    budget({ minAvailable: 1 });
    await says({ currentHealthy: 1 });
    const writes = (): number => harness.api.requests.filter(({ method }) => method === 'PUT').length;
    const before = writes();
    pod('a', [], { spec: { containers: [], nodeName: 'n' } });
    await time.advance(1_000);
    expect(writes()).toBe(before);
  });
});

describe('an announced disruption', () => {
  const target = (more: object = {}): object => ({
    status: {
      phase: 'Running',
      conditions: [
        {
          type: 'DisruptionTarget',
          status: 'True',
          reason: 'PreemptionByScheduler',
          message: 'm',
          lastTransitionTime: timeText(time.nowMs()),
          ...more,
        },
      ],
    },
  });
  const now = (name: string): unknown =>
    (store().find(refs.pods, namespace, name)?.['status'] as { conditions?: unknown[] } | undefined)?.conditions?.[0];

  it('is taken back after two minutes if nothing came of it', async () => {
    pod('a', [], target());
    pod('kubelet', [], target({ reason: 'TerminationByKubelet' }));
    pod('ended', [], { status: { ...(target() as { status: object }).status, phase: 'Failed' } });
    await time.advance(119_000);
    expect(now('a')).toMatchObject({ status: 'True' });
    const overdue = timeText(time.nowMs() + 1_000);
    await eventually(async () => {
      await time.advance(1_000);
      expect(now('a')).toEqual({
        type: 'DisruptionTarget',
        status: 'False',
        lastTransitionTime: expect.any(String),
        observedGeneration: 1,
      });
    });
    const { lastTransitionTime } = now('a') as { lastTransitionTime: string };
    expect(lastTransitionTime >= overdue).toBe(true);
    expect(now('kubelet')).toMatchObject({ status: 'True' });
    expect(now('ended')).toMatchObject({ status: 'True' });
  });
});

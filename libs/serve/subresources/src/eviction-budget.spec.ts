import type { KubeObject } from '@reckon/api/machinery';
import type { corev1, policyv1 } from '@reckon/api/types';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { evictionHandler } from './eviction';
import { type SubresourceFixture, openSubresources, pod } from './testing/subresource-fixture.suite';

let f: SubresourceFixture;
beforeEach(async () => {
  f = await openSubresources();
});
afterEach(() => f.close());

const unasked = { mutate: () => undefined, validate: () => undefined };
const options = (dryRun = false) => ({ dryRun, admission: unasked, apiVersion: 'v1' });

/** A pod that runs, ready or not. */
async function running(name: string, ready: 'True' | 'False' = 'True', phase = 'Running'): Promise<void> {
  await f.create(f.pods, { ...pod(name, { nodeName: 'node-0' }), metadata: { name, labels: { app: 'web' } } });
  await setStatus(f.pods, name, { phase, conditions: [{ type: 'Ready', status: ready }] });
}

async function setStatus(store: typeof f.pods, name: string, status: object): Promise<void> {
  const next = (current: KubeObject | undefined): KubeObject => ({ ...current, status }) as KubeObject;
  await store.update(f.ctx, 'default', name, 'status', { next, operation: 'Update', mayCreate: false }, options());
}

/** A budget whose controller has counted: two pods wanted, three there, one to spare. */
async function budget(name: string, status: object = {}, spec: object = {}): Promise<void> {
  await f.create(f.budgets, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name },
    spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } }, ...spec },
  });
  await setStatus(f.budgets, name, {
    observedGeneration: 1,
    disruptionsAllowed: 1,
    currentHealthy: 3,
    desiredHealthy: 2,
    expectedPods: 3,
    ...status,
  });
}

const evict = (name: string, call: object = {}) =>
  f.call(evictionHandler(f.pods), f.pods, {
    subresource: 'eviction',
    name,
    object: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } },
    ...call,
  });

const budgetStatus = async (name = 'b'): Promise<policyv1.PodDisruptionBudgetStatus | undefined> =>
  ((await f.get(f.budgets, name)) as policyv1.PodDisruptionBudget).status;
const conditionsOf = async (name: string): Promise<string[]> =>
  ((await f.get(f.pods, name)) as corev1.Pod).status?.conditions?.map(({ type }) => type) ?? [];

const refused = (message: string, more: object = {}) => ({
  code: 429,
  object: {
    kind: 'Status',
    status: 'Failure',
    reason: 'TooManyRequests',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: { causes: [{ reason: 'DisruptionBudget', message }], ...more },
    code: 429,
  },
});

describe('a disruption budget', () => {
  it('pays for an eviction in the append that marks the pod', async () => {
    await running('web');
    await budget('b');
    expect(await evict('web')).toMatchObject({ code: 201 });
    const status = await budgetStatus();
    expect(status).toMatchObject({
      disruptionsAllowed: 0,
      currentHealthy: 3,
      disruptedPods: { web: '2026-01-01T00:00:00Z' },
      conditions: [
        {
          type: 'DisruptionAllowed',
          status: 'False',
          reason: 'InsufficientPods',
          message: '',
          observedGeneration: 1,
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
    });
    const evicted = await f.get(f.pods, 'web');
    expect(evicted.metadata.deletionTimestamp).toBeDefined();
    // Mark, budget, deletion.
    const [pods, budgets] = [evicted, await f.get(f.budgets, 'b')].map(({ metadata }) =>
      Number(metadata.resourceVersion),
    );
    expect((pods ?? 0) - (budgets ?? 0)).toBe(1);
  });

  it('says nothing of its condition while it has something left', async () => {
    await running('web');
    await budget('b', { disruptionsAllowed: 2, disruptedPods: { zed: '2026-01-01T00:00:00Z' } });
    await evict('web');
    const status = await budgetStatus();
    expect(status?.conditions).toBeUndefined();
    expect(Object.keys(status?.disruptedPods ?? {})).toEqual(['web', 'zed']);
  });

  it.each<[string, object, string, object?]>([
    [
      'nothing left',
      { disruptionsAllowed: 0, currentHealthy: 2 },
      'The disruption budget b needs 2 healthy pods and has 2 currently',
    ],
    [
      'been changed since it was counted',
      { observedGeneration: 0 },
      'The disruption budget b is still being processed by the server.',
      { retryAfterSeconds: 10 },
    ],
    [
      'not been counted because that failed',
      {
        disruptionsAllowed: 0,
        conditions: [
          {
            type: 'DisruptionAllowed',
            status: 'False',
            reason: 'SyncFailed',
            message: 'no scale',
            lastTransitionTime: '2026-01-01T00:00:00Z',
          },
        ],
      },
      'The disruption budget b does not allow evicting pods currently because it failed sync: no scale',
    ],
    [
      'nothing left, whatever the numbers say',
      {
        disruptionsAllowed: 0,
        conditions: [
          {
            type: 'DisruptionAllowed',
            status: 'False',
            reason: 'InsufficientPods',
            message: 'busy',
            lastTransitionTime: '2026-01-01T00:00:00Z',
          },
        ],
      },
      'The disruption budget b does not allow evicting pods currently (InsufficientPods): busy',
    ],
    ['nothing to say', { disruptionsAllowed: 0 }, 'The disruption budget b does not allow evicting pods currently'],
  ])('that has %s refuses, and nothing is written', async (_, status, message, more) => {
    await running('web');
    await budget('b', status);
    const [before, counted] = [await f.get(f.pods, 'web'), await budgetStatus()];
    expect(await evict('web')).toEqual(refusal(message, more));
    expect(await f.get(f.pods, 'web')).toEqual(before);
    expect(await budgetStatus()).toEqual(counted);
  });

  const refusal = (message: string, more?: object) => {
    const { code, object } = refused(message, more);
    return { code, object: { apiVersion: 'v1', metadata: {}, ...object } };
  };

  it('with too many pods waiting to go refuses', async () => {
    await running('web');
    const disruptedPods = Object.fromEntries(
      Array.from({ length: 2001 }, (_, i) => [`p${String(i)}`, '2026-01-01T00:00:00Z']),
    );
    await budget('b', { disruptedPods });
    expect(await evict('web')).toMatchObject({
      code: 403,
      object: {
        message:
          'poddisruptionbudget.policy "b" is forbidden: DisruptedPods map too big - too many evictions not confirmed by PDB controller',
      },
    });
  });

  it('is asked again for a pod that bears the mark already', async () => {
    await running('web');
    await budget('b', { disruptionsAllowed: 2 });
    await setStatus(f.pods, 'web', {
      phase: 'Running',
      conditions: [
        { type: 'Ready', status: 'True' },
        {
          type: 'DisruptionTarget',
          status: 'True',
          lastProbeTime: null,
          reason: 'EvictionByEvictionAPI',
          message: 'Eviction API: evicting',
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
    });
    await evict('web');
    expect((await budgetStatus())?.disruptionsAllowed).toBe(1);
  });

  it('is only one', async () => {
    await running('web');
    await budget('a');
    await budget('b', {}, { selector: {} });
    expect(await evict('web')).toEqual({
      code: 500,
      object: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
        code: 500,
      },
    });
    expect(await conditionsOf('web')).toEqual(['Ready']);
  });

  it.each([
    ['selects another', { matchLabels: { app: 'db' } }],
    ['selects none', undefined],
  ])('that %s has no say', async (_, selector) => {
    await running('web');
    await budget('b', { disruptionsAllowed: 0 }, { selector });
    expect(await evict('web')).toMatchObject({ code: 201 });
  });

  it.each<[string, 'True' | 'False', string, object, object, number]>([
    ['is not ready where enough are', 'False', 'Running', {}, {}, 201],
    ['is not ready where too few are', 'False', 'Running', { currentHealthy: 1 }, {}, 429],
    ['is not ready where none are wanted', 'False', 'Running', { currentHealthy: 0, desiredHealthy: 0 }, {}, 429],
    [
      'is not ready where that never matters',
      'False',
      'Running',
      { currentHealthy: 1 },
      { unhealthyPodEvictionPolicy: 'AlwaysAllow' },
      201,
    ],
    ['has not begun', 'False', 'Pending', {}, {}, 201],
    ['is done', 'False', 'Succeeded', {}, {}, 201],
  ])('of a pod that %s answers as it should, and pays nothing', async (_, ready, phase, status, spec, code) => {
    await running('web', ready, phase);
    await budget('b', { disruptionsAllowed: 0, ...status }, spec);
    expect((await evict('web')).code).toBe(code);
    expect((await budgetStatus())?.disruptedPods).toBeUndefined();
  });

  it('is asked in a dry run too, and pays nothing', async () => {
    await running('web');
    await budget('b');
    const before = await f.get(f.pods, 'web');
    expect((await evict('web', { options: options(true) })).code).toBe(201);
    expect((await budgetStatus())?.disruptionsAllowed).toBe(1);
    expect(await f.get(f.pods, 'web')).toEqual(before);
    await setStatus(f.budgets, 'b', { ...(await budgetStatus()), disruptionsAllowed: 0, currentHealthy: 2 });
    expect((await evict('web', { options: options(true) })).code).toBe(429);
  });

  it('is asked after all when a pod becomes ready between the mark and its deletion', async () => {
    await running('web', 'False');
    await budget('b');
    const [pods, evicted] = [f.pods, f.pods.delete.bind(f.pods)];
    let first = true;
    const racing = {
      ...pods,
      row: pods.row,
      update: pods.update.bind(pods),
      delete: async (...args: Parameters<typeof pods.delete>) => {
        if (first) {
          first = false;
          await setStatus(f.pods, 'web', { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] });
        }
        return evicted(...args);
      },
    };
    const object = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'web' } } as KubeObject;
    const call = { subresource: 'eviction', name: 'web', object };
    expect((await f.call(evictionHandler(racing), f.pods, call)).code).toBe(201);
    expect(await budgetStatus()).toMatchObject({
      disruptionsAllowed: 0,
      disruptedPods: { web: expect.any(String) as string },
    });
    expect(await conditionsOf('web')).toEqual(['Ready', 'DisruptionTarget']);
  });
});

import { statusErrors } from '@reckon/api/machinery';
import { type ResourceRef, refs } from '@reckon/client/rest';
import { fakeClock } from '@reckon/kernel';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import { type Autoscaler, autoscalers } from './autoscaler';
import { horizontalPodAutoscalerController } from './horizontal-pod-autoscaler-controller';

/** A kind that is its own scale, as the fake serves it. */
const widgets: ResourceRef = {
  group: 'example.com',
  version: 'v1',
  resource: 'widgets',
  kind: 'Widget',
  namespaced: true,
};
const podMetrics: ResourceRef = {
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  resource: 'pods',
  kind: 'PodMetrics',
  namespaced: true,
};

let harness: ClientHarness;
const time = { current: fakeClock(Date.UTC(2026, 0, 1)) };
afterEach(() => harness.stop());

const store = (): ClientHarness['api']['store'] => harness.api.store;
const start = async (spec: Partial<NonNullable<Autoscaler['spec']>> = {}): Promise<void> => {
  time.current = fakeClock(Date.UTC(2026, 0, 1));
  harness = await startControllersForTest([horizontalPodAutoscalerController], {
    time: time.current,
    prepare: ({ api }) => {
      api.serve(widgets);
      api.serve(podMetrics);
      api.store.create(autoscalers, 'default', autoscaler('hpa', spec));
    },
  });
};
const autoscaler = (name: string, spec: Partial<NonNullable<Autoscaler['spec']>> = {}): Autoscaler => ({
  metadata: { name },
  spec: {
    scaleTargetRef: { apiVersion: 'example.com/v1', kind: 'Widget', name: 'w' },
    minReplicas: 1,
    maxReplicas: 10,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
    ...spec,
  },
});
const makeWidget = (replicas: number, selector = 'app=w'): void => {
  store().create(widgets, 'default', { metadata: { name: 'w' }, spec: { replicas }, status: { replicas, selector } });
};
const makePod = (name: string, cpu: string | undefined): void => {
  store().put(refs.pods, {
    metadata: { namespace: 'default', name, labels: { app: 'w' } },
    spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '100m' } } }] },
    status: {
      phase: 'Running',
      startTime: '2025-01-01T00:00:00Z',
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2025-01-01T00:00:01Z' }],
    },
  });
  if (cpu === undefined) return;
  store().create(podMetrics, 'default', {
    metadata: { name, labels: { app: 'w' } },
    timestamp: '2026-01-01T00:00:00Z',
    window: '30s',
    containers: [{ name: 'c', usage: { cpu } }],
  });
};
/** One look: everything that a period brings. */
const look = async (): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 60));
  await time.current.advance(15_000);
};
const status = (name = 'hpa'): Autoscaler['status'] =>
  (store().get(autoscalers, 'default', name) as unknown as Autoscaler).status;
const conditions = (name = 'hpa'): unknown[] =>
  (status(name)?.conditions ?? []).map(({ type, status: is, reason, message }) => [type, is, reason, message]);
const events = (): unknown[] =>
  store()
    .list(refs.events)
    .map((e) => [e['reason'], e['message']]);
const replicas = (): unknown => (store().get(widgets, 'default', 'w')['spec'] as { replicas: number }).replicas;

const couldGet = [
  'AbleToScale',
  'True',
  'SucceededGetScale',
  "the HPA controller was able to get the target's current scale",
];

describe('the autoscaler', () => {
  it('scales up to what the metrics demand, and tells of it', async () => {
    await start();
    makeWidget(2);
    makePod('a', '90m');
    makePod('b', '90m');
    await look();
    await eventually(() => {
      expect(replicas()).toBe(4);
      expect(status()).toMatchObject({
        currentReplicas: 2,
        desiredReplicas: 4,
        lastScaleTime: '2026-01-01T00:00:15Z',
        currentMetrics: [
          { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 90, averageValue: '90m' } } },
        ],
      });
    });
    expect(conditions()).toEqual([
      ['AbleToScale', 'True', 'SucceededRescale', 'the HPA controller was able to update the target scale to 4'],
      [
        'ScalingActive',
        'True',
        'ValidMetricFound',
        'the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
      ],
      ['ScalingLimited', 'False', 'DesiredWithinRange', 'the desired count is within the acceptable range'],
    ]);
    await eventually(() => {
      expect(events()).toEqual([
        ['SuccessfulRescale', 'New size: 4; reason: cpu resource utilization (percentage of request) above target'],
      ]);
    });
  });

  it('looks again each period, and scales down when nothing else was wanted for five minutes', async () => {
    await start();
    makeWidget(2);
    makePod('a', '5m');
    makePod('b', '5m');
    await look();
    await eventually(() => {
      expect(conditions()[0]).toEqual([
        'AbleToScale',
        'True',
        'ScaleDownStabilized',
        'recent recommendations were higher than current one, applying the highest recent recommendation',
      ]);
    });
    for (let n = 0; n < 22 && replicas() !== 1; n++) await look();
    expect(replicas()).toBe(1);
    expect(time.current.elapsedMs()).toBeGreaterThan(300_000);
    expect(events()).toContainEqual(['SuccessfulRescale', 'New size: 1; reason: All metrics below target']);
  });

  it('says what is missing when nobody serves metrics', async () => {
    await start();
    harness.api.refuse(({ path }) => (path.includes('metrics.k8s.io') ? statusErrors.generic(404) : undefined));
    makeWidget(2);
    makePod('a', undefined);
    await look();
    const problem =
      'failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';
    await eventually(() => {
      expect(conditions()).toEqual([
        couldGet,
        [
          'ScalingActive',
          'False',
          'FailedGetResourceMetric',
          `the HPA was unable to compute the replica count: ${problem}`,
        ],
      ]);
      expect(status()).toMatchObject({ currentReplicas: 2, desiredReplicas: 0, currentMetrics: [{ type: '' }] });
    });
    await eventually(() => {
      expect(events()).toEqual([
        ['FailedGetResourceMetric', problem],
        [
          'FailedComputeMetricsReplicas',
          `invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${problem}`,
        ],
      ]);
    });
    expect(replicas()).toBe(2);
  });

  it('says what is missing when there is no such target', async () => {
    await start({ scaleTargetRef: { apiVersion: 'example.com/v1', kind: 'Gadget', name: 'g' } });
    await look();
    const problem = 'no matches for kind "Gadget" in group "example.com"';
    await eventually(() => {
      expect(conditions()).toEqual([
        [
          'AbleToScale',
          'False',
          'FailedGetScale',
          `the HPA controller was unable to get the target's current scale: ${problem}`,
        ],
      ]);
      expect(events()).toEqual([['FailedGetScale', problem]]);
    });
  });

  it('names those who scale the same pods', async () => {
    await start();
    store().create(autoscalers, 'default', autoscaler('other'));
    makeWidget(2);
    makePod('a', '5m');
    await look();
    await look();
    await eventually(() => {
      expect(conditions('other')).toContainEqual([
        'ScalingActive',
        'False',
        'AmbiguousSelector',
        'pods by selector app=w are controlled by multiple HPAs: [default/hpa default/other]',
      ]);
      expect(status('other')).toMatchObject({ currentMetrics: null });
    });
  });

  it.each<[string, number, Partial<NonNullable<Autoscaler['spec']>>, number, string | undefined]>([
    ['at least', 1, { minReplicas: 3 }, 3, 'New size: 3; reason: Current number of replicas below Spec.MinReplicas'],
    ['at most', 12, {}, 10, 'New size: 10; reason: Current number of replicas above Spec.MaxReplicas'],
    ['at zero, where it stays', 0, {}, 0, undefined],
  ])('keeps a target %s', async (_name, before, spec, after, event) => {
    await start(spec);
    makeWidget(before);
    await look();
    await eventually(() => {
      expect(status()?.conditions).toBeDefined();
      expect(replicas()).toBe(after);
      expect(events()).toEqual(event === undefined ? [] : [['SuccessfulRescale', event]]);
    });
    if (after === 0)
      expect(conditions()).toContainEqual([
        'ScalingActive',
        'False',
        'ScalingDisabled',
        'scaling is disabled since the replica count of the target is zero',
      ]);
  });

  it('does not scale down by what it sees alone, but up', async () => {
    const external = { type: 'External', external: { metric: { name: 'q' }, target: { type: 'Value', value: '1' } } };
    const cpu = autoscaler('x').spec?.metrics ?? [];
    await start({
      metrics: [...cpu, external],
      behavior: {
        scaleDown: {
          stabilizationWindowSeconds: 0,
          policies: [{ type: 'Pods', value: 9, periodSeconds: 15 }],
          selectPolicy: 'Max',
        },
      },
    });
    makeWidget(2);
    makePod('a', '5m');
    makePod('b', '5m');
    await look();
    await eventually(() => {
      expect(conditions()).toContainEqual(expect.arrayContaining(['ScalingActive', 'FailedGetExternalMetric']));
    });
    expect(replicas()).toBe(2);
    for (const name of ['a', 'b']) {
      const old = store().get(podMetrics, 'default', name);
      store().update(podMetrics, 'default', {
        ...old,
        containers: [{ name: 'c', usage: { cpu: '90m' } }],
      });
    }
    await look();
    await eventually(() => {
      expect(replicas()).toBe(4);
    });
  });

  it('tells when it may not scale', async () => {
    await start();
    makeWidget(12);
    harness.api.refuse(({ method, path }) =>
      method === 'PUT' && path.endsWith('/scale') ? statusErrors.forbidden(widgets, 'w', 'no') : undefined,
    );
    await look();
    const problem = 'widgets.example.com "w" is forbidden: no';
    await eventually(() => {
      expect(conditions()[0]).toEqual([
        'AbleToScale',
        'False',
        'FailedUpdateScale',
        `the HPA controller was unable to update the target scale: ${problem}`,
      ]);
      expect(events()).toEqual([
        ['FailedRescale', `New size: 10; reason: Current number of replicas above Spec.MaxReplicas; error: ${problem}`],
      ]);
    });
  });
});

import type { KubeObject } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { createKindRegistry } from './kind-registry';

const kinds = createKindRegistry();
const prefix = 'autoscaling.alpha.kubernetes.io/';
const scaleTargetRef = { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' };

interface Given {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: object;
  readonly status?: object;
}

const autoscaler = (version: string, { annotations, spec, status = {} }: Given): KubeObject => ({
  kind: 'HorizontalPodAutoscaler',
  apiVersion: `autoscaling/${version}`,
  metadata: { name: 'web', ...(annotations === undefined ? {} : { annotations }) },
  spec: { scaleTargetRef, maxReplicas: 5, ...spec },
  status,
});

/** The same object in the other version. */
function converted(object: KubeObject): KubeObject {
  const version = object.apiVersion === 'autoscaling/v1' ? 'v2' : 'v1';
  return kinds.converters.convert(object, { group: 'autoscaling', version });
}

const cpu = (averageUtilization: number): object => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
});
const cpuNow = (averageUtilization: number, averageValue: string): object => ({
  type: 'Resource',
  resource: { name: 'cpu', current: { averageUtilization, averageValue } },
});
const metric = { name: 'm', selector: { matchLabels: { a: 'b' } } };
const describedObject = { kind: 'Service', name: 's', apiVersion: 'v1' };
const condition = {
  type: 'AbleToScale',
  status: 'True',
  lastTransitionTime: '2026-01-01T00:00:00Z',
  reason: 'ReadyForNewScale',
  message: 'ready',
};

describe('an autoscaler in autoscaling/v1', () => {
  it('knows the use of cpu', () => {
    const shown = converted(
      autoscaler('v2', {
        spec: { minReplicas: 2, metrics: [cpu(60)] },
        status: { currentReplicas: 1, desiredReplicas: 2, currentMetrics: [cpuNow(40, '100m')] },
      }),
    );
    expect(shown).toEqual({
      kind: 'HorizontalPodAutoscaler',
      apiVersion: 'autoscaling/v1',
      metadata: {
        name: 'web',
        annotations: {
          [`${prefix}current-metrics`]:
            '[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":40,"currentAverageValue":"100m"}}]',
        },
      },
      spec: { scaleTargetRef, minReplicas: 2, maxReplicas: 5, targetCPUUtilizationPercentage: 60 },
      status: { currentReplicas: 1, desiredReplicas: 2, currentCPUUtilizationPercentage: 40 },
    });
  });

  it('has all else in its annotations', () => {
    const { metadata, spec, status } = converted(
      autoscaler('v2', {
        annotations: { mine: 'x' },
        spec: {
          metrics: [cpu(60), { type: 'Pods', pods: { metric, target: { type: 'AverageValue', averageValue: '5' } } }],
          behavior: {
            scaleDown: {
              stabilizationWindowSeconds: 5,
              policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }],
            },
          },
        },
        status: { currentReplicas: 0, desiredReplicas: 0, currentMetrics: null, conditions: [condition] },
      }),
    );
    expect(metadata.annotations).toEqual({
      mine: 'x',
      [`${prefix}metrics`]:
        '[{"type":"Pods","pods":{"metricName":"m","targetAverageValue":"5","selector":{"matchLabels":{"a":"b"}}}}]',
      [`${prefix}behavior`]:
        '{"ScaleUp":null,"ScaleDown":{"StabilizationWindowSeconds":5,"SelectPolicy":null,"Policies":[{"Type":"Pods","Value":4,"PeriodSeconds":15}],"Tolerance":null}}',
      [`${prefix}conditions`]: JSON.stringify([
        {
          type: 'AbleToScale',
          status: 'True',
          lastTransitionTime: '2026-01-01T00:00:00Z',
          reason: 'ReadyForNewScale',
          message: 'ready',
        },
      ]),
    });
    expect(spec).toEqual({ scaleTargetRef, maxReplicas: 5, targetCPUUtilizationPercentage: 60 });
    expect(status).toEqual({ currentReplicas: 0, desiredReplicas: 0 });
  });

  it('has no percentage where the first metric of cpu has none', () => {
    const raw = {
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '1' } },
    };
    const { metadata, spec } = converted(autoscaler('v2', { spec: { metrics: [raw] } }));
    expect(spec).toEqual({ scaleTargetRef, maxReplicas: 5 });
    expect(metadata.annotations).toEqual({
      [`${prefix}metrics`]: '[{"type":"Resource","resource":{"name":"cpu","targetAverageValue":"1"}}]',
    });
  });
});

describe('an autoscaler from autoscaling/v1', () => {
  it.each<[Given, readonly object[]]>([
    [{ spec: { targetCPUUtilizationPercentage: 60 } }, [cpu(60)]],
    // The default of autoscaling/v1, for one that has no metric at all.
    [{}, [cpu(80)]],
    [{ annotations: { [`${prefix}metrics`]: '[]' } }, [cpu(80)]],
    [
      {
        annotations: {
          [`${prefix}metrics`]: '[{"type":"Resource","resource":{"name":"memory","targetAverageUtilization":30}}]',
        },
      },
      [
        {
          type: 'Resource',
          resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 30 } },
        },
      ],
    ],
    // The names of members may differ in case.
    [
      {
        annotations: {
          [`${prefix}metrics`]: '[{"Type":"Pods","PODS":{"metricname":"m","targetAverageValue":"5"}}]',
        },
        spec: { targetCPUUtilizationPercentage: 60 },
      },
      [
        {
          type: 'Pods',
          pods: { metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '5' } },
        },
        cpu(60),
      ],
    ],
    // What cannot be read is passed over.
    [{ annotations: { [`${prefix}metrics`]: '[{' } }, [cpu(80)]],
    [{ annotations: { [`${prefix}metrics`]: '{}' } }, [cpu(80)]],
    [{ annotations: { [`${prefix}metrics`]: '[{"type":5}]' } }, [cpu(80)]],
  ])('%j', (given, metrics) => {
    const { metadata, spec } = converted(autoscaler('v1', given));
    expect(spec).toMatchObject({ metrics });
    expect((spec as { metrics: unknown[] }).metrics).toHaveLength(metrics.length);
    expect(metadata.annotations ?? {}).toEqual({});
  });

  it.each([
    ['{"ScaleUp":{"StabilizationWindowSeconds":5}}', { scaleUp: { stabilizationWindowSeconds: 5 } }],
    ['{"scaleup":{"selectpolicy":"Max"}}', { scaleUp: { selectPolicy: 'Max' } }],
    ['{"ScaleUp":{"StabilizationWindowSeconds":"long"}}', undefined],
    ['{"ScaleUp":null,"ScaleDown":null}', undefined],
    ['[]', undefined],
    ['null', undefined],
    ['{', undefined],
  ])('behaves as its annotation %s says', (text, behavior) => {
    const { spec } = converted(autoscaler('v1', { annotations: { [`${prefix}behavior`]: text } }));
    expect((spec as { behavior?: object }).behavior).toEqual(behavior);
  });

  it('sees what its status or its annotations show', () => {
    const status = { currentReplicas: 1, desiredReplicas: 1, currentCPUUtilizationPercentage: 40 };
    expect(converted(autoscaler('v1', { status }))['status']).toMatchObject({
      currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 40 } } }],
    });
    const annotations = {
      [`${prefix}current-metrics`]:
        '[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":40,"currentAverageValue":"100m"}}]',
      [`${prefix}conditions`]: JSON.stringify([condition]),
    };
    expect(converted(autoscaler('v1', { status, annotations }))['status']).toEqual({
      currentReplicas: 1,
      desiredReplicas: 1,
      currentMetrics: [cpuNow(40, '100m')],
      conditions: [condition],
    });
  });

  it('drops the annotations that only carry, also those for tolerances', () => {
    const annotations = { mine: 'x', [`${prefix}scale-up-tolerance`]: '1', [`${prefix}scale-down-tolerance`]: '1' };
    expect(converted(autoscaler('v1', { annotations })).metadata.annotations).toEqual({ mine: 'x' });
  });
});

describe('an autoscaler that goes through autoscaling/v1', () => {
  const source = (name: string, rest: object): object => ({
    type: name.charAt(0).toUpperCase() + name.slice(1),
    [name]: rest,
  });
  const value = { type: 'Value', value: '7' };
  const average = { type: 'AverageValue', averageValue: '7' };
  const usage = { type: 'Utilization', averageUtilization: 7 };

  it.each<[string, object, object]>([
    ['object', { describedObject, target: value, metric }, { describedObject, current: { value: '3' }, metric }],
    [
      'object',
      { describedObject, target: { ...average, value: '0' }, metric },
      { describedObject, current: { value: '3', averageValue: '1' }, metric },
    ],
    ['pods', { metric, target: average }, { metric, current: { averageValue: '3' } }],
    ['resource', { name: 'memory', target: usage }, { name: 'memory', current: { averageValue: '3' } }],
    [
      'resource',
      { name: 'memory', target: average },
      { name: 'memory', current: { averageValue: '3', averageUtilization: 4 } },
    ],
    [
      'containerResource',
      { name: 'cpu', container: 'c', target: usage },
      { name: 'cpu', container: 'c', current: { averageValue: '3', averageUtilization: 4 } },
    ],
    ['external', { metric, target: value }, { metric, current: { value: '3' } }],
    ['external', { metric, target: average }, { metric, current: { value: '0', averageValue: '3' } }],
  ])('keeps a metric of type %s: %j', (name, target, current) => {
    const object = autoscaler('v2', {
      annotations: { mine: 'x' },
      spec: {
        minReplicas: 1,
        metrics: [source(name, target), cpu(80)],
        behavior: {
          scaleUp: { selectPolicy: 'Disabled', policies: [{ type: 'Percent', value: 9, periodSeconds: 60 }] },
          scaleDown: { tolerance: '50m' },
        },
      },
      status: {
        observedGeneration: 3,
        lastScaleTime: '2026-01-01T00:00:00Z',
        currentReplicas: 1,
        desiredReplicas: 2,
        currentMetrics: [source(name, current)],
        conditions: [condition],
      },
    });
    expect(converted(converted(object))).toEqual(object);
  });

  it('loses the percentage behind another metric of cpu, as upstream', () => {
    const raw = source('resource', { name: 'cpu', target: average });
    const object = autoscaler('v2', { spec: { metrics: [raw, cpu(80)] } });
    expect(converted(converted(object))['spec']).toMatchObject({ metrics: [raw] });
  });
});

import type { KubeObject } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { createKindRegistry } from '../kind-registry';
import { tableFor } from './table-for';

const kinds = createKindRegistry();
const nowMs = Date.parse('2026-01-02T00:00:00Z');
const names = ['Name', 'Reference', 'Targets', 'MinPods', 'MaxPods', 'Replicas', 'Age'];
const scaleTargetRef = { kind: 'Deployment', name: 'web' };

function shown(version: string, of: { metadata?: object; spec?: object; status?: object }): unknown[] {
  const row = kinds.resource('autoscaling', version, 'horizontalpodautoscalers');
  if (row === undefined) throw new Error(`no autoscaling/${version}`);
  const object = {
    apiVersion: `autoscaling/${version}`,
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'x', creationTimestamp: '2026-01-01T23:00:00Z', ...of.metadata },
    spec: { scaleTargetRef, maxReplicas: 5, ...of.spec },
    status: of.status ?? {},
  } as unknown as KubeObject;
  const table = tableFor(row, [object], { nowMs, includeObject: 'None', apiVersion: 'meta.k8s.io/v1' });
  expect(table.columnDefinitions.map(({ name }) => name)).toEqual(names);
  return table.rows[0]?.cells as unknown[];
}

const targets = (metrics: object[], currentMetrics?: object[]): unknown =>
  shown('v2', { spec: { metrics }, status: { currentMetrics } })[2];

describe('the columns of autoscalers', () => {
  it('show how many pods there may be', () => {
    expect(shown('v2', {})).toEqual(['x', 'Deployment/web', '<none>', '<unset>', 5, 0, '60m']);
    expect(shown('v2', { spec: { minReplicas: 2 }, status: { currentReplicas: 3 } })).toEqual([
      'x',
      'Deployment/web',
      '<none>',
      '2',
      5,
      3,
      '60m',
    ]);
  });

  const metric = { name: 'm' };
  it.each<[string, object, object | undefined, string]>([
    ['external', { metric, target: { value: '7' } }, undefined, '<unknown>/7'],
    ['external', { metric, target: { value: '7' } }, { value: '3' }, '3/7'],
    ['external', { metric, target: { averageValue: '7' } }, undefined, '<unknown>/7 (avg)'],
    ['external', { metric, target: { averageValue: '7' } }, { averageValue: '3' }, '3/7 (avg)'],
    ['object', { metric, target: { value: '7' } }, { value: '3' }, '3/7'],
    ['object', { metric, target: { averageValue: '7' } }, { averageValue: '3' }, '3/7 (avg)'],
    ['pods', { metric, target: { averageValue: '7' } }, undefined, '<unknown>/7'],
    ['pods', { metric, target: { averageValue: '7' } }, { averageValue: '3' }, '3/7'],
    ['resource', { name: 'cpu', target: { averageUtilization: 7 } }, undefined, 'cpu: <unknown>/7%'],
    ['resource', { name: 'cpu', target: { averageUtilization: 7 } }, { averageUtilization: 3 }, 'cpu: 3%/7%'],
    ['resource', { name: 'cpu', target: {} }, undefined, 'cpu: <unknown>/<auto>'],
    ['resource', { name: 'cpu', target: { averageValue: '7' } }, { averageValue: '3' }, 'cpu: 3/7'],
    [
      'containerResource',
      { name: 'cpu', container: 'c', target: { averageUtilization: 7 } },
      { averageUtilization: 3 },
      'cpu: 3%/7%',
    ],
  ])('show the target of %s: %j, %j', (source, spec, current, text) => {
    const type = source.charAt(0).toUpperCase() + source.slice(1);
    const status = current === undefined ? undefined : [{ type, [source]: { ...spec, current } }];
    expect(targets([{ type, [source]: spec }], status)).toBe(text);
  });

  it('show two targets and count the others', () => {
    const cpu = { type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 7 } } };
    expect(targets([cpu, cpu])).toBe('cpu: <unknown>/7%, cpu: <unknown>/7%');
    expect(targets([cpu, cpu, cpu, { type: 'Other' }])).toBe('cpu: <unknown>/7%, cpu: <unknown>/7% + 2 more...');
    expect(targets([{ type: 'Other' }])).toBe('<unknown type>');
  });

  it('show the same in autoscaling/v1', () => {
    const annotations = {
      'autoscaling.alpha.kubernetes.io/metrics': '[{"type":"Pods","pods":{"metricName":"m","targetAverageValue":"7"}}]',
    };
    const spec = { minReplicas: 1, targetCPUUtilizationPercentage: 60 };
    expect(shown('v1', { metadata: { annotations }, spec })).toEqual([
      'x',
      'Deployment/web',
      '<unknown>/7, cpu: <unknown>/60%',
      '1',
      5,
      0,
      '60m',
    ]);
  });
});

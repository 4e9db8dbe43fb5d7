import { everyLabel } from '@reckon/api/machinery';
import type { autoscalingv2 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import type { Pod } from '../replica-set/pod-state';
import { MetricError, type ProposalBasis, proposeReplicas, selectorText } from './metric-proposal';
import type { MetricsClient, PodMetrics } from './metrics-client';

const ready = { type: 'Ready', status: 'True', lastTransitionTime: '2025-01-01T00:00:00Z' };
const pods = ['a', 'b'].map((name): Pod => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1', memory: '1Gi' } } }] },
  status: { phase: 'Running', startTime: '2025-01-01T00:00:00Z', conditions: [ready] },
}));
const measured = (value: number): PodMetrics =>
  new Map(['a', 'b'].map((name) => [name, { value, atMs: Date.UTC(2026, 0, 1), windowMs: 60_000 }]));

const client: MetricsClient = {
  resource: (_resource, _namespace, _selector, container) =>
    Promise.resolve(measured(container === undefined ? 900 : 300)),
  pods: (_metric, _namespace, _selector, selector) => Promise.resolve(measured(selector.empty ? 6_000 : 1_000)),
  object: () => Promise.resolve(30_000),
  external: () => Promise.resolve([10_000, 20_000]),
};
const failing: MetricsClient = {
  resource: () => Promise.reject(new Error('no')),
  pods: () => Promise.reject(new Error('no')),
  object: () => Promise.reject(new Error('no')),
  external: () => Promise.reject(new Error('no')),
};
const basis: ProposalBasis = {
  client,
  namespace: 'x',
  selector: everyLabel(),
  pods,
  currentReplicas: 2,
  statusReplicas: 2,
  tolerances: { up: 0.1, down: 0.1 },
  nowMs: Date.UTC(2026, 0, 1),
  options: { cpuInitializationMs: 300_000, initialReadinessDelayMs: 30_000 },
};

const target = (further: Partial<autoscalingv2.MetricTarget>): autoscalingv2.MetricTarget => ({
  type: 'X',
  ...further,
});
const metric = { name: 'queue' };
const describedObject = { kind: 'Ingress', name: 'main', apiVersion: 'networking.k8s.io/v1' };
const labelled = { name: 'queue', selector: { matchLabels: { a: 'b' } } };

describe('a metric proposes', () => {
  it.each<[autoscalingv2.MetricSpec, number, string, unknown]>([
    [
      { type: 'Resource', resource: { name: 'cpu', target: target({ averageUtilization: 50 }) } },
      4,
      'cpu resource utilization (percentage of request)',
      { averageUtilization: 90, averageValue: '900m' },
    ],
    [
      { type: 'Resource', resource: { name: 'cpu', target: target({ averageValue: '300m' }) } },
      6,
      'cpu resource',
      { averageValue: '900m' },
    ],
    [
      {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', container: 'c', target: target({ averageUtilization: 10 }) },
      },
      6,
      'cpu container resource utilization (percentage of request)',
      { averageUtilization: 30, averageValue: '300m' },
    ],
    [
      { type: 'Pods', pods: { metric, target: target({ averageValue: '2' }) } },
      6,
      'pods metric queue',
      { averageValue: '6' },
    ],
    [
      { type: 'Pods', pods: { metric: labelled, target: target({ averageValue: '1' }) } },
      2,
      'pods metric queue',
      { averageValue: '1' },
    ],
    [
      { type: 'Object', object: { describedObject, metric, target: target({ type: 'Value', value: '10' }) } },
      6,
      'Ingress metric queue',
      { value: '30' },
    ],
    [
      {
        type: 'Object',
        object: { describedObject, metric, target: target({ type: 'AverageValue', averageValue: '10' }) },
      },
      3,
      'external metric queue(nil)',
      { averageValue: '15' },
    ],
    [
      { type: 'External', external: { metric, target: target({ value: '10' }) } },
      6,
      'external metric queue(nil)',
      { value: '30' },
    ],
    [
      { type: 'External', external: { metric: labelled, target: target({ averageValue: '14' }) } },
      2,
      'external metric queue(&LabelSelector{MatchLabels:map[string]string{a: b,},MatchExpressions:[]LabelSelectorRequirement{},})',
      { averageValue: '15' },
    ],
  ])('%j', async (spec, replicas, name, current) => {
    const proposal = await proposeReplicas(spec, basis);
    expect([proposal.replicas, proposal.metric]).toEqual([replicas, name]);
    const [source] = Object.values({ ...proposal.status, type: undefined }).filter((v) => v !== undefined);
    expect(source).toMatchObject({ current });
    expect(proposal.status.type).toBe(spec.type);
  });
});

const problemOf = async (spec: autoscalingv2.MetricSpec): Promise<unknown> =>
  proposeReplicas(spec, { ...basis, client: failing }).then(
    () => 'none',
    (error: unknown) => (error instanceof MetricError ? [error.reason, error.message, error.summary] : error),
  );

describe('a metric that cannot be had says', () => {
  it.each<[autoscalingv2.MetricSpec, string, string, string]>([
    [
      { type: 'Resource', resource: { name: 'cpu', target: target({ averageUtilization: 50 }) } },
      'FailedGetResourceMetric',
      'failed to get cpu utilization: unable to get metrics for resource cpu: no',
      'failed to get cpu resource metric value: ',
    ],
    [
      { type: 'Resource', resource: { name: 'memory', target: target({ averageValue: '1' }) } },
      'FailedGetResourceMetric',
      'failed to get memory usage: unable to get metrics for resource memory: no',
      'failed to get memory resource metric value: ',
    ],
    [
      { type: 'Resource', resource: { name: 'cpu', target: target({}) } },
      'FailedGetResourceMetric',
      'invalid resource metric source: neither an average utilization target nor an average value (usage) target was set',
      'failed to get cpu resource metric value: ',
    ],
    [
      {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', container: 'c', target: target({ averageUtilization: 50 }) },
      },
      'FailedGetContainerResourceMetric',
      'failed to get cpu utilization: unable to get metrics for resource cpu: no',
      'failed to get c container metric value: ',
    ],
    [
      { type: 'Pods', pods: { metric, target: target({ averageValue: '1' }) } },
      'FailedGetPodsMetric',
      'unable to get metric queue: no',
      'failed to get pods metric value: ',
    ],
    [
      { type: 'Object', object: { describedObject, metric, target: target({ type: 'Value', value: '1' }) } },
      'FailedGetObjectMetric',
      'unable to get metric queue: Ingress on x main/no',
      'failed to get object metric value: ',
    ],
    [
      { type: 'External', external: { metric, target: target({ value: '1' }) } },
      'FailedGetExternalMetric',
      'failed to get external metric queue: unable to get external metric x/queue/nil: no',
      'failed to get queue external metric value: ',
    ],
    [
      { type: 'External', external: { metric, target: target({ averageValue: '1' }) } },
      'FailedGetExternalMetric',
      'failed to get queue external metric: unable to get external metric x/queue/nil: no',
      'failed to get queue external metric value: ',
    ],
    [{ type: 'Odd' }, 'InvalidMetricSourceType', 'unknown metric source type "Odd"', ''],
  ])('%j', async (spec, reason, message, prefix) => {
    expect(await problemOf(spec)).toEqual([reason, message, prefix + message]);
  });
});

it('selectors are told as Go prints them', () => {
  expect(selectorText({ matchExpressions: [{ key: 'k', operator: 'In', values: ['a', 'b'] }] })).toBe(
    '&LabelSelector{MatchLabels:map[string]string{},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:k,Operator:In,Values:[a b],},},}',
  );
});

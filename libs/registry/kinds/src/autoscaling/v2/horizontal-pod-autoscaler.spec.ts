import type { KubeObject } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../testing/run-strategy';

const key = 'autoscaling/horizontalpodautoscalers';
const given = {
  metadata: { name: 'web', namespace: 'team' },
  spec: { scaleTargetRef: { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' }, maxReplicas: 5 },
};
type Changes = Record<string, unknown>;
const make = (changes: Changes = {}): ReturnType<typeof runCreate> => runCreate(key, changed(given, changes));
const refusalsOf = (old: KubeObject, changes: Changes, subresource = ''): readonly string[] =>
  runUpdate(key, old, changed(old, changes), subresource).refusals;

const some = { type: 'Value', value: '1' };
const average = { type: 'AverageValue', averageValue: '1' };
const usage = { type: 'Utilization', averageUtilization: 50 };
const service = { kind: 'Service', name: 's', apiVersion: 'v1' };
const metric = { name: 'm' };
const noGroup = 'apiVersion must specify API group';
const noMetric =
  'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas';

describe('a new autoscaler', () => {
  it('gets the defaults of the API and has counted nothing', () => {
    const { object } = make({ 'status.currentReplicas': 3 });
    expect(object['spec']).toEqual({
      ...given.spec,
      minReplicas: 1,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
      ],
    });
    expect(object['status']).toEqual({ desiredReplicas: 0, currentMetrics: null });
    expect(object.metadata.generation).toBeUndefined();
  });

  it('gets what its behavior leaves open, for both directions', () => {
    expect(make({ 'spec.behavior': { scaleDown: { stabilizationWindowSeconds: 5 } } }).object['spec']).toMatchObject({
      behavior: {
        scaleUp: {
          stabilizationWindowSeconds: 0,
          selectPolicy: 'Max',
          policies: [
            { type: 'Pods', value: 4, periodSeconds: 15 },
            { type: 'Percent', value: 100, periodSeconds: 15 },
          ],
        },
        scaleDown: {
          stabilizationWindowSeconds: 5,
          selectPolicy: 'Max',
          policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
        },
      },
    });
    const { behavior } = make({ 'spec.behavior': { scaleUp: { selectPolicy: 'Min' } } }).object['spec'] as {
      behavior: { scaleUp: object; scaleDown: object };
    };
    expect(behavior.scaleUp).toMatchObject({ selectPolicy: 'Min', stabilizationWindowSeconds: 0 });
    expect(behavior.scaleDown).not.toHaveProperty('stabilizationWindowSeconds');
  });

  it.each<[Changes, ...string[]]>([
    [{}],
    [{ 'spec.minReplicas': 0 }, 'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1', noMetric],
    [{ 'spec.minReplicas': -1 }, 'spec.minReplicas: Invalid value: -1: must be greater than or equal to 1'],
    [{ 'spec.minReplicas': 5 }],
    [{ 'spec.minReplicas': 6 }, 'spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`'],
    [
      { 'spec.maxReplicas': 0 },
      'spec.maxReplicas: Required value: must be set and greater than 0',
      'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
    ],
    [
      { 'spec.maxReplicas': -1 },
      'spec.maxReplicas: Invalid value: -1: must be greater than 0',
      'spec.maxReplicas: Invalid value: -1: must be greater than or equal to `minReplicas`',
    ],
    [
      { 'spec.scaleTargetRef': { kind: '', name: '' } },
      'spec.scaleTargetRef.kind: Required value',
      'spec.scaleTargetRef.name: Required value',
      `spec.scaleTargetRef.apiVersion: Invalid value: "": ${noGroup}`,
    ],
    [{ 'spec.scaleTargetRef.kind': 'a/b' }, `spec.scaleTargetRef.kind: Invalid value: "a/b": may not contain '/'`],
    [{ 'spec.scaleTargetRef.name': '..' }, `spec.scaleTargetRef.name: Invalid value: "..": may not be '..'`],
    [{ 'spec.scaleTargetRef.apiVersion': 'v1' }, `spec.scaleTargetRef.apiVersion: Invalid value: "v1": ${noGroup}`],
    [
      { 'spec.scaleTargetRef.apiVersion': 'a/b/c' },
      'spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
    ],
    [{ 'spec.scaleTargetRef': { kind: 'ReplicationController', name: 'a', apiVersion: 'v1' } }],
    [{ 'spec.scaleTargetRef': { kind: 'ReplicationController', name: 'a' } }],
  ])('with %j', (changes, ...messages) => {
    expect(make(changes).refusals).toEqual(messages);
  });
});

describe('the metric of an autoscaler', () => {
  const types = '"ContainerResource", "External", "Object", "Pods", "Resource"';

  it.each<[object, ...string[]]>([
    [{ type: 'Object', object: { describedObject: service, metric, target: some } }],
    [
      {
        type: 'Object',
        object: { describedObject: { kind: '', name: '' }, metric: { name: '' }, target: { type: '' } },
      },
      '.object.describedObject.kind: Required value',
      '.object.describedObject.name: Required value',
      '.object.metric.name: Required value: must specify a metric name',
      '.object.target.type: Required value: must specify a metric target type',
      '.object.target.type: Invalid value: "": must be either Utilization, Value, or AverageValue',
      '.object.target.averageValue: Required value: must set either a target value or averageValue',
    ],
    [
      {
        type: 'Object',
        object: {
          describedObject: { ...service, apiVersion: 'a/b/c' },
          metric: { name: 'a/b' },
          target: { type: 'Other', value: '0', averageValue: '-1' },
        },
      },
      '.object.describedObject.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      `.object.metric.name: Invalid value: "a/b": may not contain '/'`,
      '.object.target.type: Invalid value: "Other": must be either Utilization, Value, or AverageValue',
      '.object.target.value: Invalid value: "0": must be positive',
      '.object.target.averageValue: Invalid value: "-1": must be positive',
    ],
    [{ type: 'External', external: { metric, target: average } }],
    [
      { type: 'External', external: { metric, target: { type: 'Value' } } },
      '.external.target.averageValue: Required value: must set either a target value for metric or a per-pod target',
    ],
    [
      { type: 'External', external: { metric, target: { ...some, averageValue: '1' } } },
      '.external.target.value: Forbidden: may not set both a target value for metric and a per-pod target',
    ],
    [{ type: 'Pods', pods: { metric, target: average } }],
    [
      { type: 'Pods', pods: { metric, target: some } },
      '.pods.target.averageValue: Required value: must specify a positive target averageValue',
    ],
    [{ type: 'Resource', resource: { name: 'cpu', target: usage } }],
    [{ type: 'Resource', resource: { name: 'memory', target: average } }],
    [
      { type: 'Resource', resource: { name: '', target: { type: 'Utilization' } } },
      '.resource.name: Required value: must specify a resource name',
      '.resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
    ],
    [
      { type: 'Resource', resource: { name: 'cpu', target: { ...usage, averageValue: '1' } } },
      '.resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization',
    ],
    [
      { type: 'Resource', resource: { name: 'cpu', target: { ...usage, averageUtilization: 0 } } },
      '.resource.target.averageUtilization: Invalid value: 0: must be greater than 0',
    ],
    [{ type: 'ContainerResource', containerResource: { name: 'cpu', container: 'c', target: usage } }],
    [
      { type: 'ContainerResource', containerResource: { name: '', container: '', target: usage } },
      '.containerResource.name: Required value: must specify a resource name',
      '.containerResource.container: Required value: must specify a container',
    ],
    [
      { type: 'ContainerResource', containerResource: { name: 'gpus', container: 'C', target: usage } },
      '.containerResource.name: Invalid value: "gpus": must be a standard resource type or fully qualified',
      '.containerResource.name: Invalid value: "gpus": must be a standard resource for containers',
      `.containerResource.container: Invalid value: "C": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
    ],
    [
      { type: '' },
      '.type: Required value: must specify a metric source type',
      `.type: Unsupported value: "": supported values: ${types}`,
      `.type: Unsupported value: "": supported values: ${types}`,
    ],
    [
      { type: 'Other' },
      `.type: Unsupported value: "Other": supported values: ${types}`,
      `.type: Unsupported value: "Other": supported values: ${types}`,
    ],
    [{ type: 'Pods' }, '.pods: Required value: must populate information for the given metric source'],
    [
      { type: 'Pods', resource: { name: 'cpu', target: usage } },
      '.pods: Required value: must populate information for the given metric source',
    ],
    [
      { type: 'Pods', pods: { metric, target: average }, resource: { name: 'cpu', target: usage } },
      '.resource: Forbidden: must populate the given metric source only',
    ],
  ])('%j', (spec, ...messages) => {
    expect(make({ 'spec.metrics': [spec] }).refusals).toEqual(messages.map((message) => `spec.metrics[0]${message}`));
  });
});

describe('the behavior of an autoscaler', () => {
  const policy = { type: 'Pods', value: 1, periodSeconds: 1800 };

  it.each<[object, ...string[]]>([
    [{ policies: [policy], selectPolicy: 'Disabled', stabilizationWindowSeconds: 3600, tolerance: '0' }],
    [{ policies: [] }, '.policies: Required value: must specify at least one Policy'],
    [
      { stabilizationWindowSeconds: -1 },
      '.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero',
    ],
    [
      { stabilizationWindowSeconds: 3601 },
      '.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600',
    ],
    [{ selectPolicy: 'Any' }, '.selectPolicy: Unsupported value: "Any": supported values: "Disabled", "Max", "Min"'],
    [{ tolerance: '-1' }, '.tolerance: Invalid value: "-1": must be greater than or equal to 0'],
    [
      { policies: [{ type: 'Other', value: 0, periodSeconds: 0 }] },
      '.policies[0].type: Unsupported value: "Other": supported values: "Percent", "Pods"',
      '.policies[0].value: Invalid value: 0: must be greater than zero',
      '.policies[0].periodSeconds: Invalid value: 0: must be greater than zero',
    ],
    [
      { policies: [{ ...policy, periodSeconds: 1801 }] },
      '.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
    ],
  ])('with %j', (rules, ...messages) => {
    for (const direction of ['scaleUp', 'scaleDown'])
      expect(make({ [`spec.behavior.${direction}`]: rules }).refusals).toEqual(
        messages.map((message) => `spec.behavior.${direction}${message}`),
      );
  });
});

describe('an autoscaler that changes', () => {
  const old = make().object;

  it('may keep what it points to', () => {
    const before = changed(old, { 'spec.scaleTargetRef.apiVersion': 'a/b/c' });
    expect(refusalsOf(before, { 'spec.maxReplicas': 6 })).toEqual([]);
    expect(refusalsOf(before, { 'spec.scaleTargetRef.apiVersion': '' })).toEqual([
      `spec.scaleTargetRef.apiVersion: Invalid value: "": ${noGroup}`,
    ]);
    const broken = { describedObject: { ...service, apiVersion: 'a/b/c' }, metric, target: some };
    expect(refusalsOf(changed(old, { 'spec.metrics': [{ type: 'Object', object: broken }] }), {})).toEqual([]);
  });

  it('may go on scaling to nothing', () => {
    const external = [{ type: 'External', external: { metric, target: average } }];
    expect(refusalsOf(changed(old, { 'spec.minReplicas': 0, 'spec.metrics': external }), {})).toEqual([]);
    expect(refusalsOf(changed(old, { 'spec.minReplicas': 0 }), {})).toEqual([noMetric]);
  });

  it('keeps spec and status apart', () => {
    const both = changed(old, { 'spec.maxReplicas': 9, 'status.currentReplicas': 3 });
    const { object } = runUpdate(key, old, both);
    expect(object).toMatchObject({ spec: { maxReplicas: 9 }, status: old['status'] });
    expect(object['status']).not.toHaveProperty('currentReplicas');
    expect(runUpdate(key, old, both, 'status').object).toMatchObject({
      spec: { maxReplicas: 5 },
      status: { currentReplicas: 3 },
    });
  });

  it('counts no fewer than none', () => {
    const negative = { 'status.currentReplicas': -1, 'status.desiredReplicas': -1 };
    expect(refusalsOf(old, negative, 'status')).toEqual([
      'status.currentReplicas: Invalid value: -1: must be greater than or equal to 0',
      'status.desiredReplicas: Invalid value: -1: must be greater than or equal to 0',
    ]);
    expect(refusalsOf(old, { 'status.currentReplicas': 0 }, 'status')).toEqual([]);
  });
});

import type { KubeObject } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { amountTexts, amountsOf, equalAmounts } from './amounts';
import { type Evaluator, counted, countName } from './evaluator';
import { evaluatorOf } from './evaluators';
import { podEvaluator } from './pod-evaluator';
import { usageOf } from './quota-usage';
import { resourceClaimEvaluator } from './resource-claim-evaluator';
import { serviceEvaluator } from './service-evaluator';
import { volumeClaimEvaluator } from './volume-claim-evaluator';

const nowMs = Date.UTC(2026, 0, 1);
const object = (rest: object): KubeObject => ({ metadata: { namespace: 'team', name: 'x' }, ...rest });
const used = (evaluator: Evaluator, rest: object): Record<string, string> =>
  amountTexts(evaluator.usage(object(rest), nowMs));
const container = (requests: object, limits: object = {}, more: object = {}): object => ({
  name: 'main',
  resources: { requests, limits },
  ...more,
});

describe('what a pod uses', () => {
  it('is its number, and what its containers ask for, under the old names and the new', () => {
    expect(
      used(podEvaluator, {
        spec: { containers: [container({ cpu: '100m', memory: '1Gi' }, { cpu: '1' }), container({ cpu: '0.2' })] },
      }),
    ).toEqual({
      'count/pods': '1',
      pods: '1',
      cpu: '300m',
      'requests.cpu': '300m',
      memory: '1Gi',
      'requests.memory': '1Gi',
      'limits.cpu': '1',
    });
  });

  it.each([
    ['the most of its init containers where that is more', { initContainers: [container({ cpu: '2' })] }, '2'],
    ['its sidecars too', { initContainers: [container({ cpu: '2' }, {}, { restartPolicy: 'Always' })] }, '2100m'],
    [
      'sidecars beside the init containers after them',
      { initContainers: [container({ cpu: '2' }, {}, { restartPolicy: 'Always' }), container({ cpu: '1' })] },
      '3',
    ],
    ['what is asked for the pod as a whole', { resources: { requests: { cpu: '5' } } }, '5'],
    ['the overhead of its runtime', { overhead: { cpu: '50m' } }, '150m'],
  ])('counts %s', (_, spec, cpu) => {
    expect(used(podEvaluator, { spec: { containers: [container({ cpu: '100m' })], ...spec } })['cpu']).toBe(cpu);
  });

  it('is the most of what is asked for, allocated and in force while it is resized', () => {
    const resized = (conditions: object[] = []): string | undefined =>
      used(podEvaluator, {
        spec: { containers: [container({ cpu: '4' })] },
        status: {
          conditions,
          containerStatuses: [
            { name: 'main', allocatedResources: { cpu: '2' }, resources: { requests: { cpu: '3' } } },
          ],
        },
      })['cpu'];
    expect(resized()).toBe('4');
    expect(resized([{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }])).toBe('3');
  });

  it('is limits with the overhead only where there is a limit', () => {
    const limits = used(podEvaluator, {
      spec: { containers: [container({}, { cpu: '1' })], overhead: { cpu: '100m', memory: '1Mi' } },
    });
    expect(limits['limits.cpu']).toBe('1100m');
    expect(limits).not.toHaveProperty('limits.memory');
  });

  it('names huge pages both ways and extended resources as requests only', () => {
    expect(
      used(podEvaluator, { spec: { containers: [container({ 'hugepages-2Mi': '4Mi', 'example.com/gpu': '2' })] } }),
    ).toEqual({
      'count/pods': '1',
      pods: '1',
      'hugepages-2Mi': '4Mi',
      'requests.hugepages-2Mi': '4Mi',
      'requests.example.com/gpu': '2',
    });
  });

  it.each([
    ['it succeeded', {}, { phase: 'Succeeded' }],
    ['it failed', {}, { phase: 'Failed' }],
    ['its deletion is overdue', { deletionTimestamp: '2025-12-31T23:59:00Z', deletionGracePeriodSeconds: 30 }, {}],
  ])('is its number alone when %s', (_, metadata, status) => {
    const pod = { metadata, spec: { containers: [container({ cpu: '1' })] }, status };
    expect(amountTexts(podEvaluator.usage(pod, nowMs))).toEqual({ 'count/pods': '1' });
  });

  it.each([
    ['pods', true],
    ['count/pods', true],
    ['limits.ephemeral-storage', true],
    ['requests.hugepages-1Gi', true],
    ['requests.example.com/gpu', true],
    ['example.com/gpu', false],
    ['requests.storage', false],
    ['services', false],
    ['count/services', false],
  ])('may be named %s: %s', (name, may) => {
    expect(podEvaluator.measures(name)).toBe(may);
  });
});

describe('scopes of pods', () => {
  const isIn = (scopeName: string, spec: object, operator = 'Exists', values: string[] = []): boolean =>
    podEvaluator.isInScope(object({ spec: { containers: [container({})], ...spec } }), { scopeName, operator, values });
  const other = { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'z', namespaces: ['other'] }] };
  const any = {
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { namespaceSelector: {} } }],
  };

  it.each([
    ['Terminating', { activeDeadlineSeconds: 0 }, true],
    ['Terminating', {}, false],
    ['NotTerminating', {}, true],
    ['NotTerminating', { activeDeadlineSeconds: 5 }, false],
    ['BestEffort', {}, true],
    ['BestEffort', { containers: [container({ cpu: '1' })] }, false],
    ['BestEffort', { containers: [container({ cpu: '0' })] }, true],
    ['BestEffort', { containers: [container({ 'example.com/gpu': '1' })] }, true],
    ['NotBestEffort', { containers: [container({}, { memory: '1Mi' })] }, true],
    ['NotBestEffort', { resources: { requests: { cpu: '1' } } }, true],
    ['PriorityClass', { priorityClassName: 'high' }, true],
    ['PriorityClass', {}, false],
    ['CrossNamespacePodAffinity', { affinity: { podAffinity: other } }, true],
    ['CrossNamespacePodAffinity', { affinity: { podAntiAffinity: any } }, true],
    ['CrossNamespacePodAffinity', { affinity: { podAffinity: {} } }, false],
    ['VolumeAttributesClass', {}, false],
  ])('%s of %j is %s', (scope, spec, expected) => {
    expect(isIn(scope, spec)).toBe(expected);
  });

  it.each([
    ['In', ['high'], 'high', true],
    ['In', ['low'], 'high', false],
    ['In', ['low'], '', false],
    ['NotIn', ['low'], 'high', true],
    ['NotIn', ['high'], 'high', false],
    ['NotIn', ['high'], '', true],
    ['DoesNotExist', [], '', true],
    ['DoesNotExist', [], 'high', false],
  ])('PriorityClass %s %j of "%s" is %s', (operator, values, priorityClassName, expected) => {
    expect(isIn('PriorityClass', { priorityClassName }, operator, values)).toBe(expected);
  });

  it('goes by the class that the server gave', () => {
    const pod = object({ spec: { containers: [container({ cpu: '1' })] }, status: { qosClass: 'BestEffort' } });
    expect(podEvaluator.isInScope(pod, { scopeName: 'BestEffort', operator: 'Exists' })).toBe(true);
  });
});

describe('what a service uses', () => {
  const ports = [{ port: 1, nodePort: 30_001 }, { port: 2 }];
  it.each([
    [{ type: 'ClusterIP', ports }, '0', '0'],
    [{ type: 'NodePort', ports }, '2', '0'],
    [{ type: 'LoadBalancer', ports }, '2', '1'],
    [{ type: 'LoadBalancer', ports, allocateLoadBalancerNodePorts: false }, '1', '1'],
    [{ type: 'ExternalName' }, '0', '0'],
  ])('of %j is %s node ports and %s load balancers', (spec, nodePorts, balancers) => {
    expect(used(serviceEvaluator, { spec })).toEqual({
      'count/services': '1',
      services: '1',
      'services.nodeports': nodePorts,
      'services.loadbalancers': balancers,
    });
  });
});

describe('what a claim of storage uses', () => {
  const claim = (storage: string, more: object = {}, status: object = {}): object => ({
    spec: { resources: { requests: { storage } }, ...more },
    status,
  });

  it('is its number and storage, in whole bytes, and the same by class', () => {
    expect(used(volumeClaimEvaluator, claim('1.5', { storageClassName: 'gold' }))).toEqual({
      'count/persistentvolumeclaims': '1',
      persistentvolumeclaims: '1',
      'requests.storage': '2',
      'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '1',
      'gold.storageclass.storage.k8s.io/requests.storage': '2',
    });
  });

  it('is what is being allocated where that is more', () => {
    const allocated = (storage: string): string | undefined =>
      used(volumeClaimEvaluator, claim('2Gi', {}, { allocatedResources: { storage } }))['requests.storage'];
    expect(allocated('3Gi')).toBe('3Gi');
    expect(allocated('1Gi')).toBe('2Gi');
  });

  it('is without storage where none is asked for', () => {
    expect(Object.keys(used(volumeClaimEvaluator, { spec: {} }))).toEqual([
      'count/persistentvolumeclaims',
      'persistentvolumeclaims',
    ]);
  });

  it.each([
    ['requests.storage', true],
    ['gold.storageclass.storage.k8s.io/requests.storage', true],
    ['gold.storageclass.storage.k8s.io/pods', false],
  ])('may be named %s: %s', (name, may) => {
    expect(volumeClaimEvaluator.measures(name)).toBe(may);
  });

  it('is in the scope of every class that it wants, has or is on its way to', () => {
    const isIn = (value: string): boolean =>
      volumeClaimEvaluator.isInScope(
        object(
          claim(
            '1',
            { volumeAttributesClassName: 'a' },
            {
              currentVolumeAttributesClassName: 'b',
              modifyVolumeStatus: { targetVolumeAttributesClassName: 'c' },
            },
          ),
        ),
        { scopeName: 'VolumeAttributesClass', operator: 'In', values: [value] },
      );
    expect(['a', 'b', 'c', 'd'].map(isIn)).toEqual([true, true, true, false]);
  });
});

describe('what a claim of devices uses', () => {
  it('is devices by class, of alternatives the most', () => {
    const requests = [
      { name: 'r', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 2 } },
      { name: 'all', exactly: { deviceClassName: 'nic', allocationMode: 'All' } },
      {
        name: 'either',
        firstAvailable: [
          { name: 'a', deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 3 },
          { name: 'b', deviceClassName: 'gpu', count: 1 },
          { name: 'c', deviceClassName: 'tpu', allocationMode: 'Later', count: 1 },
        ],
      },
    ];
    expect(used(resourceClaimEvaluator, { spec: { devices: { requests } } })).toEqual({
      'count/resourceclaims.resource.k8s.io': '1',
      'gpu.deviceclass.resource.k8s.io/devices': '5',
      'nic.deviceclass.resource.k8s.io/devices': '32',
      'tpu.deviceclass.resource.k8s.io/devices': '0',
    });
  });
});

describe('the number of objects of any kind', () => {
  it.each([
    [{ group: '', resource: 'configmaps' }, 'count/configmaps'],
    [{ group: 'apps', resource: 'deployments' }, 'count/deployments.apps'],
    [{ group: 'a.example.com', resource: 'widgets' }, 'count/widgets.a.example.com'],
  ])('of %j is called %s', (kind, name) => {
    expect(countName(kind)).toBe(name);
    expect(counted(name)).toEqual(kind);
    expect(evaluatorOf(kind)?.measures(name)).toBe(true);
  });

  it('has the old name too where there was one', () => {
    expect(evaluatorOf({ group: '', resource: 'secrets' })?.measures('secrets')).toBe(true);
    expect(evaluatorOf({ group: 'apps', resource: 'deployments' })?.measures('deployments')).toBe(false);
    expect(counted('secrets')).toBeUndefined();
  });

  it('is not counted of events', () => {
    expect(evaluatorOf({ group: '', resource: 'events' })).toBeUndefined();
    expect(evaluatorOf({ group: 'events.k8s.io', resource: 'events' })).toBeUndefined();
  });
});

describe('the usage of a quota', () => {
  const pods = ['1', '2'].map((cpu) => object({ spec: { containers: [container({ cpu })] } }));
  const terminating = object({ spec: { containers: [container({ cpu: '8' })], activeDeadlineSeconds: 1 } });

  it('is of what it names, zero where nothing uses it', () => {
    const hard = { pods: '5', 'requests.cpu': '10', 'limits.cpu': '1', services: '3' };
    expect(amountTexts(usageOf(podEvaluator, { hard }, pods, nowMs))).toEqual({
      pods: '2',
      'requests.cpu': '3',
      'limits.cpu': '0',
    });
  });

  it('is of what is in all its scopes', () => {
    const spec = {
      hard: { pods: '5' },
      scopes: ['NotBestEffort'],
      scopeSelector: { matchExpressions: [{ scopeName: 'NotTerminating', operator: 'Exists' }] },
    };
    expect(amountTexts(usageOf(podEvaluator, spec, [...pods, terminating], nowMs))).toEqual({ pods: '2' });
    expect(amountTexts(usageOf(serviceEvaluator, { ...spec, hard: { services: '1' } }, pods, nowMs))).toEqual({
      services: '0',
    });
  });

  it('is the same however it is written', () => {
    expect(equalAmounts(amountsOf({ a: '1', b: '1000m' }), amountsOf({ b: '1', a: '1000m' }))).toBe(true);
    expect(equalAmounts(amountsOf({ a: '1' }), amountsOf({ a: '2' }))).toBe(false);
    expect(equalAmounts(amountsOf({ a: '1' }), amountsOf({ b: '1' }))).toBe(false);
    expect(equalAmounts(amountsOf({ a: '1' }), amountsOf(undefined))).toBe(false);
  });
});

import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { defaultDeclaredFeatures, featuresToChange, featuresToRun, undeclaredFeatures } from './declared-features';

const [wholePod, initContainers] = [
  'InPlacePodLevelResourcesVerticalScaling',
  'InPlacePodVerticalScalingInitContainers',
];
const restartAll = 'RestartAllContainersOnContainerExits';

const container = (name: string, more: Partial<corev1.Container> = {}): corev1.Container => ({ name, ...more });
const cpu = (amount: string): corev1.ResourceRequirements => ({ requests: { cpu: amount } });
const spec = (more: Partial<corev1.PodSpec> = {}): corev1.PodSpec => ({ containers: [container('c')], ...more });
const rules = (action: string): Partial<corev1.Container> => ({
  restartPolicy: 'Never',
  restartPolicyRules: [
    { action: 'Restart', exitCodes: { operator: 'In', values: [1] } },
    { action, exitCodes: { operator: 'In', values: [42] } },
  ],
});

describe('a node of v1.36', () => {
  it('declares what is on from the start, in order', () => {
    expect(defaultDeclaredFeatures).toEqual(['ExtendWebSocketsToKubelet', wholePod, initContainers, restartAll]);
    expect(defaultDeclaredFeatures).toEqual([...defaultDeclaredFeatures].sort());
  });
});

describe('a pod', () => {
  it.each<readonly [string, corev1.PodSpec | undefined, readonly string[]]>([
    ['that says nothing', undefined, []],
    ['that asks for nothing new', spec({ resources: cpu('1') }), []],
    [
      'with a container that restarts all',
      spec({ containers: [container('c', rules('RestartAllContainers'))] }),
      [restartAll],
    ],
    [
      'with an init container that restarts all',
      spec({ initContainers: [container('i'), container('j', rules('RestartAllContainers'))] }),
      [restartAll],
    ],
    ['with a container that restarts itself', spec({ containers: [container('c', rules('Restart'))] }), []],
    [
      'in its own user namespace on the network of the host',
      spec({ hostNetwork: true, hostUsers: false }),
      ['UserNamespacesHostNetworkSupport'],
    ],
    ['in its own user namespace', spec({ hostUsers: false }), []],
    ['on the network of the host', spec({ hostNetwork: true, hostUsers: true }), []],
  ])('%s needs of its node %#', (_, of, needed) => {
    expect(featuresToRun(of)).toEqual(needed);
  });
});

describe('a change', () => {
  const inits = (...list: corev1.Container[]): corev1.PodSpec => spec({ initContainers: list });

  it.each<readonly [string, corev1.PodSpec, corev1.PodSpec, readonly string[]]>([
    ['of a container', spec(), spec({ containers: [container('c', { resources: cpu('2') })] }), []],
    ['of the resources of the pod', spec({ resources: cpu('1') }), spec({ resources: cpu('2') }), [wholePod]],
    ['that gives the pod resources', spec(), spec({ resources: cpu('2') }), [wholePod]],
    ['that takes them away', spec({ resources: cpu('1') }), spec(), [wholePod]],
    ['that leaves them as they are', spec({ resources: cpu('1') }), spec({ resources: cpu('1') }), []],
    [
      'of the resources of an init container',
      inits(container('i', { resources: cpu('1') })),
      inits(container('i', { resources: cpu('2') })),
      [initContainers],
    ],
    [
      'of a sidecar',
      inits(container('i', { restartPolicy: 'Always', resources: cpu('1') })),
      inits(container('i', { restartPolicy: 'Always', resources: cpu('2') })),
      [],
    ],
    ['of the image of an init container', inits(container('i')), inits(container('i', { image: 'new' })), []],
    [
      'of both',
      { ...inits(container('i')), resources: cpu('1') },
      { ...inits(container('i', { resources: cpu('1') })), resources: cpu('2') },
      [wholePod, initContainers],
    ],
    [
      'of what a pod needs wherever it is',
      spec(),
      spec({ containers: [container('c', rules('RestartAllContainers'))] }),
      [],
    ],
  ])('%s needs of the node %#', (_, before, after, needed) => {
    expect(featuresToChange(before, after)).toEqual(needed);
  });

  it('of a pod without a spec needs nothing', () => {
    expect(featuresToChange(undefined, spec({ resources: cpu('1') }))).toEqual([]);
    expect(featuresToChange(spec({ resources: cpu('1') }), undefined)).toEqual([]);
  });
});

describe('what a node does not declare', () => {
  it.each<readonly [readonly string[], readonly string[] | undefined, readonly string[]]>([
    [[], undefined, []],
    [[wholePod], [wholePod], []],
    [[wholePod, restartAll], [initContainers, restartAll], [wholePod]],
    [[wholePod, restartAll], [], [wholePod, restartAll]],
    [[restartAll], undefined, [restartAll]],
  ])('of %j where it declares %j', (needed, declared, missing) => {
    expect(undeclaredFeatures(needed, declared)).toEqual(missing);
  });
});

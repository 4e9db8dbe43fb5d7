import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import type { ClusterEvent } from '../framework/cluster-event';
import { CycleState } from '../framework/cycle-state';
import { filterReasons, isHelped, listerOf, node, nodeInfo, pod, podInfo } from '../testing/make';
import { nodeDeclaredFeatures } from './node-declared-features';

const restartAll = 'RestartAllContainersOnContainerExits';
const spec: Partial<corev1.PodSpec> = {
  containers: [{ name: 'c', restartPolicyRules: [{ action: 'RestartAllContainers' }] }],
};
const plugin = nodeDeclaredFeatures();

describe('NodeDeclaredFeatures', () => {
  it('keeps a pod from nodes that do not declare what it needs, and no room there would help', () => {
    const nodes = [
      nodeInfo({ name: 'has', declaredFeatures: ['InPlacePodLevelResourcesVerticalScaling', restartAll] }),
      nodeInfo({ name: 'has-another', declaredFeatures: ['InPlacePodLevelResourcesVerticalScaling'] }),
      nodeInfo({ name: 'has-none' }),
    ];
    const why = "node(s) didn't match Pod's required features";
    expect(filterReasons(plugin, podInfo({ spec }), nodes)).toEqual(['', why, why]);
    const state = new CycleState();
    plugin.preFilter?.(state, podInfo({ spec }), listerOf(nodes));
    expect(plugin.filter?.(state, podInfo({ spec }), nodeInfo())).toMatchObject({
      code: 'UnschedulableAndUnresolvable',
      plugin: 'NodeDeclaredFeatures',
    });
  });

  it('leaves pods alone that need nothing', () => {
    expect(plugin.preFilter?.(new CycleState(), podInfo(), listerOf([]))).toMatchObject({ status: { code: 'Skip' } });
    expect(filterReasons(plugin, podInfo(), [nodeInfo()])).toEqual(['']);
  });

  it.each<readonly [string, ClusterEvent, boolean]>([
    ['a new node', { resource: 'Node', action: 'Add', after: node() }, true],
    [
      'a node that declares more',
      {
        resource: 'Node',
        action: 'UpdateNodeDeclaredFeature',
        before: node(),
        after: node({ declaredFeatures: [restartAll] }),
      },
      true,
    ],
    [
      'a node that declares the same',
      {
        resource: 'Node',
        action: 'UpdateNodeDeclaredFeature',
        before: node({ declaredFeatures: [restartAll] }),
        after: node({ declaredFeatures: [restartAll] }),
      },
      false,
    ],
    ['a node with other labels', { resource: 'Node', action: 'UpdateNodeLabel', before: node(), after: node() }, false],
    [
      'the pod that needs other features',
      { resource: 'TargetPod', action: 'Update', before: pod({ spec }), after: pod() },
      true,
    ],
    [
      'the pod with another label',
      {
        resource: 'TargetPod',
        action: 'UpdatePodLabel',
        before: pod({ spec }),
        after: pod({ spec, labels: { a: 'b' } }),
      },
      false,
    ],
    ['another pod that is gone', { resource: 'AssignedPod', action: 'Delete', before: pod() }, false],
  ])('is helped by %s or not', (_, event, helps) => {
    expect(isHelped(plugin, podInfo({ spec }), event)).toBe(helps);
  });
});

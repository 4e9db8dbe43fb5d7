import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import type { DaemonSet, Node } from './daemon-set';
import { allowsSurge, maxSurge, maxUnavailable } from './daemon-set';
import { daemonTolerations, nodeOf, podOf } from './daemon-pod';
import { fitOf } from './node-fit';

const setOf = (spec: Partial<corev1.PodSpec>, rollingUpdate: object = {}): DaemonSet => ({
  metadata: { name: 'web', namespace: 'default', uid: 'u' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [], ...spec } },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate },
  },
});
const node = (name: string, labels: Record<string, string> = {}, taints: corev1.Taint[] = []): Node => ({
  metadata: { name, labels },
  spec: { taints },
});
const requires = (term: corev1.NodeSelectorTerm): Partial<corev1.PodSpec> => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } } },
});

describe('the pod of a daemon', () => {
  it('is pinned to its node by a field, with nothing else required of the node, and its preferences kept', () => {
    const preferred = [{ weight: 1, preference: { matchExpressions: [{ key: 'x', operator: 'Exists' }] } }];
    const set = setOf({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'Exists' }] }],
          },
          preferredDuringSchedulingIgnoredDuringExecution: preferred,
        },
      },
    });
    const pod = podOf(set, 'h', 'n1');
    expect(pod.spec?.affinity).toEqual({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }],
        },
        preferredDuringSchedulingIgnoredDuringExecution: preferred,
      },
    });
    expect(nodeOf(pod)).toBe('n1');
    expect(nodeOf({ ...pod, spec: { ...pod.spec!, nodeName: 'n2' } })).toBe('n2');
    expect(nodeOf({ metadata: {}, spec: { containers: [] } })).toBeUndefined();
  });

  it('tolerates without end what its template tolerates for a time, in the same place', () => {
    const key = 'node.kubernetes.io/not-ready';
    const own = [
      { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 },
      { key: 'mine', operator: 'Equal', value: 'x' },
    ];
    const all = daemonTolerations({ containers: [], tolerations: own, hostNetwork: true });
    expect(all[0]).toEqual({ key, operator: 'Exists', effect: 'NoExecute' });
    expect(all[1]).toEqual(own[1]);
    expect(all).toHaveLength(8);
    expect(all.at(-1)?.key).toBe('node.kubernetes.io/network-unavailable');
  });
});

describe('a node fits a daemon', () => {
  it.each([
    ['any', {}, node('a'), [true, true]],
    ['the one it names', { nodeName: 'a' }, node('b'), [false, false]],
    ['that it selects', { nodeSelector: { disk: 'ssd' } }, node('a', { disk: 'ssd' }), [true, true]],
    ['that it does not select', { nodeSelector: { disk: 'ssd' } }, node('a'), [false, false]],
    [
      'that its affinity requires',
      requires({ matchExpressions: [{ key: 'disk', operator: 'In', values: ['hdd'] }] }),
      node('a', { disk: 'ssd' }),
      [false, false],
    ],
    ['that takes no new pods', {}, node('a', {}, [{ key: 'x', effect: 'NoSchedule' }]), [false, true]],
    ['that drives pods out', {}, node('a', {}, [{ key: 'x', effect: 'NoExecute' }]), [false, false]],
    [
      'that is cordoned',
      {},
      node('a', {}, [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }]),
      [true, true],
    ],
    [
      'whose taint it tolerates',
      { tolerations: [{ key: 'x', operator: 'Exists' }] },
      node('a', {}, [{ key: 'x', effect: 'NoExecute' }]),
      [true, true],
    ],
  ] as const)('%s', (_, spec, candidate, [shouldRun, mayStay]) => {
    expect(fitOf(setOf(spec as Partial<corev1.PodSpec>))(candidate)).toEqual({ shouldRun, mayStay });
  });
});

describe('the limits of a rollout', () => {
  it.each([
    [{}, 10, 1, 0],
    [{ maxUnavailable: '25%' }, 10, 3, 0],
    [{ maxUnavailable: 0, maxSurge: '10%' }, 11, 0, 2],
    [{ maxUnavailable: 0, maxSurge: 0 }, 10, 1, 0],
    [{ maxUnavailable: 0, maxSurge: 0 }, 0, 0, 0],
  ])('%j of %i nodes', (limits, nodes, unavailable, surge) => {
    const set = setOf({}, limits);
    expect([maxUnavailable(set, nodes), maxSurge(set, nodes)]).toEqual([unavailable, surge]);
    expect(allowsSurge(set)).toBe(surge > 0);
  });
});

import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { CycleState } from '../framework/cycle-state';
import { filterReasons, isHelped, listerOf, node, nodeInfo, podInfo, scoresOf } from '../testing/make';
import { nodeAffinity } from './node-affinity';

const plugin = nodeAffinity();
const required = (...nodeSelectorTerms: corev1.NodeSelectorTerm[]) =>
  podInfo({
    spec: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } },
  });
const expression = (key: string, operator: string, ...values: string[]): corev1.NodeSelectorTerm => ({
  matchExpressions: [{ key, operator, ...(values.length === 0 ? {} : { values }) }],
});
const named = (...values: string[]): corev1.NodeSelectorTerm => ({
  matchFields: [{ key: 'metadata.name', operator: 'In', values }],
});
const nodes = [
  nodeInfo({ name: 'a', labels: { zone: 'x', cores: '8' } }),
  nodeInfo({ name: 'b', labels: { zone: 'y' } }),
];
const refused = "node(s) didn't match Pod's node affinity/selector";

describe('NodeAffinity', () => {
  it.each<[string, ReturnType<typeof podInfo>, readonly boolean[]]>([
    ['a node selector', podInfo({ spec: { nodeSelector: { zone: 'x' } } }), [true, false]],
    ['a node selector for an unknown label', podInfo({ spec: { nodeSelector: { constructor: 'x' } } }), [false, false]],
    ['In', required(expression('zone', 'In', 'y', 'z')), [false, true]],
    ['NotIn', required(expression('zone', 'NotIn', 'y')), [true, false]],
    ['NotIn of a label that is not there', required(expression('cores', 'NotIn', '8')), [false, true]],
    ['Exists', required(expression('cores', 'Exists')), [true, false]],
    ['DoesNotExist', required(expression('cores', 'DoesNotExist')), [false, true]],
    ['Gt', required(expression('cores', 'Gt', '7')), [true, false]],
    ['Lt', required(expression('cores', 'Lt', '9')), [true, false]],
    ['an unknown operator', required(expression('zone', 'Like', 'x')), [false, false]],
    ['a term of nothing', required({}), [false, false]],
    ['no terms', required(), [false, false]],
    ['terms are alternatives', required(expression('zone', 'In', 'q'), expression('cores', 'Exists')), [true, false]],
    [
      'expressions hold together',
      required({
        matchExpressions: [
          { key: 'zone', operator: 'In', values: ['x'] },
          { key: 'cores', operator: 'DoesNotExist' },
        ],
      }),
      [false, false],
    ],
    ['fields', required({ matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['a'] }] }), [false, true]],
    [
      'selector and affinity hold together',
      podInfo({
        spec: {
          nodeSelector: { zone: 'x' },
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [expression('zone', 'In', 'y')] },
            },
          },
        },
      }),
      [false, false],
    ],
  ])('%s', (_, wanting, fits) => {
    expect(filterReasons(plugin, wanting, nodes)).toEqual(fits.map((f) => (f ? '' : refused)));
  });

  it('names the nodes to look at when every term does', () => {
    const names = (...terms: corev1.NodeSelectorTerm[]) =>
      plugin.preFilter?.(new CycleState(), required(...terms), listerOf(nodes));
    expect([...(names(named('a'), named('b', 'c'))?.nodeNames ?? [])]).toEqual(['a', 'b', 'c']);
    expect(names(named('a'), expression('zone', 'Exists'))?.nodeNames).toBeUndefined();
    const conflicting = { matchFields: [...(named('a').matchFields ?? []), ...(named('b').matchFields ?? [])] };
    expect(names(conflicting)?.status).toMatchObject({
      code: 'UnschedulableAndUnresolvable',
      reasons: ['pod affinity terms conflict'],
    });
  });

  it('adds up the weights of preferred terms that match', () => {
    const preferring = podInfo({
      spec: {
        affinity: {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 30, preference: expression('zone', 'In', 'x') },
              { weight: 10, preference: expression('cores', 'Exists') },
              { weight: 20, preference: expression('zone', 'In', 'y') },
            ],
          },
        },
      },
    });
    expect(scoresOf(plugin, preferring, nodes)).toEqual([100, 50]);
    expect(scoresOf(plugin, podInfo(), nodes)).toBeUndefined();
  });

  it('is helped by a node that comes to match', () => {
    const wanting = podInfo({ spec: { nodeSelector: { zone: 'x' } } });
    const without = node();
    const withLabel = node({ labels: { zone: 'x' } });
    expect(isHelped(plugin, wanting, { resource: 'Node', action: 'Add', after: without })).toBe(false);
    expect(
      isHelped(plugin, wanting, { resource: 'Node', action: 'UpdateNodeLabel', before: without, after: withLabel }),
    ).toBe(true);
    expect(
      isHelped(plugin, wanting, { resource: 'Node', action: 'UpdateNodeLabel', before: withLabel, after: withLabel }),
    ).toBe(false);
  });
});

import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { filterReasons, isHelped, node, nodeInfo, podInfo, scoresOf } from '../testing/make';
import { taintToleration } from './taint-toleration';

const plugin = taintToleration();
const tainted = (...taints: corev1.Taint[]) => nodeInfo({ spec: { taints } });
const tolerating = (...tolerations: corev1.Toleration[]) => podInfo({ spec: { tolerations } });
const refused = 'node(s) had untolerated taint(s)';

describe('TaintToleration', () => {
  it.each<[string, readonly corev1.Taint[], readonly corev1.Toleration[], boolean]>([
    ['no taints', [], [], true],
    ['a NoSchedule taint', [{ key: 'k', effect: 'NoSchedule' }], [], false],
    ['a NoExecute taint', [{ key: 'k', effect: 'NoExecute' }], [], false],
    ['a PreferNoSchedule taint', [{ key: 'k', effect: 'PreferNoSchedule' }], [], true],
    [
      'the same key and value',
      [{ key: 'k', value: 'v', effect: 'NoSchedule' }],
      [{ key: 'k', value: 'v', effect: 'NoSchedule' }],
      true,
    ],
    [
      'another value',
      [{ key: 'k', value: 'v', effect: 'NoSchedule' }],
      [{ key: 'k', operator: 'Equal', value: 'w' }],
      false,
    ],
    ['another effect', [{ key: 'k', effect: 'NoSchedule' }], [{ key: 'k', effect: 'NoExecute' }], false],
    ['every effect', [{ key: 'k', effect: 'NoExecute' }], [{ key: 'k', operator: 'Exists' }], true],
    ['every taint', [{ key: 'k', value: 'v', effect: 'NoSchedule' }], [{ operator: 'Exists' }], true],
    [
      'one of two',
      [
        { key: 'a', effect: 'NoSchedule' },
        { key: 'b', effect: 'NoSchedule' },
      ],
      [{ key: 'a', operator: 'Exists' }],
      false,
    ],
    ['Gt', [{ key: 'k', value: '950', effect: 'NoSchedule' }], [{ key: 'k', operator: 'Gt', value: '900' }], true],
    ['Lt', [{ key: 'k', value: '950', effect: 'NoSchedule' }], [{ key: 'k', operator: 'Lt', value: '900' }], false],
    [
      'Gt of a word',
      [{ key: 'k', value: 'many', effect: 'NoSchedule' }],
      [{ key: 'k', operator: 'Gt', value: '900' }],
      false,
    ],
  ])('%s', (_, taints, tolerations, fits) => {
    expect(filterReasons(plugin, tolerating(...tolerations), [tainted(...taints)])).toEqual([fits ? '' : refused]);
  });

  it('prefers nodes with fewer PreferNoSchedule taints that are not tolerated', () => {
    const soft = (...keys: string[]) => tainted(...keys.map((key) => ({ key, effect: 'PreferNoSchedule' })));
    const nodes = [soft(), soft('a'), soft('a', 'b')];
    expect(scoresOf(plugin, tolerating(), nodes)).toEqual([100, 50, 0]);
    expect(scoresOf(plugin, tolerating({ key: 'b', operator: 'Exists' }), nodes)).toEqual([100, 0, 0]);
    expect(scoresOf(plugin, tolerating(), [soft()])).toBeUndefined();
  });

  it('is helped when a taint goes', () => {
    const before = node({ spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } });
    expect(isHelped(plugin, podInfo(), { resource: 'Node', action: 'UpdateNodeTaint', before, after: node() })).toBe(
      true,
    );
    expect(
      isHelped(plugin, podInfo(), { resource: 'Node', action: 'UpdateNodeTaint', before: node(), after: node() }),
    ).toBe(false);
    expect(isHelped(plugin, podInfo(), { resource: 'Node', action: 'Add', after: before })).toBe(false);
  });
});

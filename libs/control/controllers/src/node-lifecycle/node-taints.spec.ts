import { describe, expect, it } from 'vitest';
import type { Node } from './node';
import { isEvictionDue, taintsOf } from './node-taints';

const nowText = '2026-01-01T00:00:00Z';
const key = (name: string): string => `node.kubernetes.io/${name}`;
const nodeWith = (conditions: Record<string, string>, taints: string[] = [], unschedulable = false): Node => ({
  metadata: { name: 'n' },
  spec: {
    taints: taints.map((text) => {
      const [taintKey = '', effect = ''] = text.split(':');
      return { key: taintKey.includes('/') ? taintKey : key(taintKey), effect };
    }),
    ...(unschedulable ? { unschedulable } : {}),
  },
  status: { conditions: Object.entries(conditions).map(([type, status]) => ({ type, status })) },
});
const shown = (node: Node, rules: { isTurn?: boolean; mayEvict?: boolean } = {}): string[] =>
  (taintsOf(node, { mayEvict: true, isTurn: false, nowText, ...rules }) ?? node.spec?.taints ?? []).map(
    (t) => `${t.key.replace('node.kubernetes.io/', '')}:${t.effect}`,
  );

describe('taints that keep new pods away', () => {
  it.each<readonly [string, Record<string, string>, boolean, string[]]>([
    ['a node that is well has none', { Ready: 'True', MemoryPressure: 'False' }, false, []],
    ['one that is not ready', { Ready: 'False' }, false, ['not-ready:NoSchedule']],
    ['one that is lost', { Ready: 'Unknown', DiskPressure: 'Unknown' }, false, ['unreachable:NoSchedule']],
    ['memory', { Ready: 'True', MemoryPressure: 'True' }, false, ['memory-pressure:NoSchedule']],
    ['disk', { DiskPressure: 'True' }, false, ['disk-pressure:NoSchedule']],
    ['processes', { PIDPressure: 'True' }, false, ['pid-pressure:NoSchedule']],
    ['the network', { NetworkUnavailable: 'True' }, false, ['network-unavailable:NoSchedule']],
    ['one that is cordoned', { Ready: 'True' }, true, ['unschedulable:NoSchedule']],
    ['an unheard-of condition', { constructor: 'True' }, false, []],
  ])('follow the state: %s', (_, conditions, unschedulable, taints) => {
    expect(shown(nodeWith(conditions, [], unschedulable))).toEqual(taints);
    expect(
      shown(nodeWith(conditions, ['not-ready:NoSchedule', 'unreachable:NoSchedule'], unschedulable)).sort(),
    ).toEqual(taints);
  });

  it('stay on a node that has told nothing since it was made', () => {
    expect(shown(nodeWith({}, ['not-ready:NoSchedule', 'memory-pressure:NoSchedule']))).toEqual([
      'not-ready:NoSchedule',
    ]);
  });

  it('leave those of others alone, and are not written when nothing changes', () => {
    const node = nodeWith({ Ready: 'True' }, ['example.com/x:NoSchedule', 'out-of-service:NoExecute']);
    expect(taintsOf(node, { mayEvict: true, isTurn: true, nowText })).toBeUndefined();
    expect(taintsOf({ metadata: { name: 'n' } }, { mayEvict: true, isTurn: true, nowText })).toBeUndefined();
    expect(shown(nodeWith({ Ready: 'True' }, ['not-ready:NoSchedule', 'example.com/x:NoSchedule']))).toEqual([
      'example.com/x:NoSchedule',
    ]);
  });

  it('tell since when', () => {
    expect(taintsOf(nodeWith({ Ready: 'False' }), { mayEvict: true, isTurn: false, nowText })).toEqual([
      { key: key('not-ready'), effect: 'NoSchedule', timeAdded: nowText },
    ]);
  });
});

describe('taints that drive pods out', () => {
  const lost = ['unreachable:NoSchedule', 'unreachable:NoExecute'];

  it('come in turn', () => {
    const node = nodeWith({ Ready: 'Unknown' }, ['unreachable:NoSchedule']);
    expect(isEvictionDue(node)).toBe(true);
    expect(shown(node)).toEqual(['unreachable:NoSchedule']);
    expect(shown(node, { isTurn: true })).toEqual(lost);
    expect(shown(node, { isTurn: true, mayEvict: false })).toEqual(['unreachable:NoSchedule']);
  });

  it('change at once, and go at once', () => {
    const node = nodeWith({ Ready: 'False' }, lost);
    expect(isEvictionDue(node)).toBe(true);
    expect(shown(node)).toEqual(['not-ready:NoSchedule', 'not-ready:NoExecute']);
    expect(isEvictionDue(nodeWith({ Ready: 'Unknown' }, lost))).toBe(false);
    expect(isEvictionDue(nodeWith({ Ready: 'True' }, lost))).toBe(false);
    expect(shown(nodeWith({ Ready: 'True' }, lost))).toEqual([]);
    expect(shown(nodeWith({ Ready: 'Unknown' }, lost), { mayEvict: false })).toEqual(['unreachable:NoSchedule']);
  });

  it('are left as they are on a node that has not told its state', () => {
    expect(isEvictionDue(nodeWith({}))).toBe(false);
    expect(shown(nodeWith({}, ['not-ready:NoExecute']), { isTurn: true })).toEqual(['not-ready:NoExecute']);
  });
});

import { seededRandom } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import type { Plugin } from '../framework/plugin';
import { profileOf } from '../framework/profile';
import { unschedulable } from '../framework/status';
import { prioritySort } from '../plugins/priority-sort';
import { Nominator } from '../queue/nominator';
import { listerOf, nodeInfo, podInfo } from '../testing/make';
import { feasibleNodesToFind } from './feasible-nodes';
import { pickNode } from './pick-node';
import { NodeChooser } from './schedule-pod';

const profile = (...plugins: Plugin[]) =>
  profileOf(
    's',
    prioritySort,
    plugins.map((plugin) => ({ plugin })),
  );

describe('feasibleNodesToFind', () => {
  it.each([
    [5, 5],
    [99, 99],
    [100, 100],
    [200, 100],
    [1_000, 420],
    [5_000, 500],
    [6_000, 300],
    [10_000, 500],
  ])('of %d nodes looks for %d', (all, wanted) => {
    expect(feasibleNodesToFind(all)).toBe(wanted);
  });
});

describe('pickNode', () => {
  it('takes the best, and each of equals as often', () => {
    const random = seededRandom(3);
    const nodes = ['a', 'b', 'c', 'd'].map((name) => nodeInfo({ name }));
    const counts: Record<string, number> = { a: 0, b: 0, c: 0, d: 0 };
    for (let i = 0; i < 3_000; i++) {
      const name = pickNode(nodes, [7, 7, 5, 7], random)?.name ?? '';
      counts[name] = (counts[name] ?? 0) + 1;
    }
    expect(counts['c']).toBe(0);
    for (const name of ['a', 'b', 'd']) expect(Math.abs((counts[name] ?? 0) - 1_000)).toBeLessThan(120);
  });
});

describe('NodeChooser', () => {
  it('gives every node of a large cluster its turn', () => {
    const nodes = Array.from({ length: 300 }, (_, i) => nodeInfo({ name: String(i) }));
    const looked = new Map<string, number>();
    const watching: Plugin = {
      name: 'W',
      filter: (_state, _pod, node) => {
        looked.set(node.name, (looked.get(node.name) ?? 0) + 1);
        return undefined;
      },
      score: () => 0,
    };
    const chooser = new NodeChooser({ nodes: listerOf(nodes), nominator: new Nominator(), random: seededRandom(1) });
    const times = 300;
    for (let i = 0; i < times; i++)
      expect(chooser.choose(profile(watching), podInfo())).toMatchObject({ kind: 'fits' });
    expect(looked.size).toBe(300);
    expect(new Set(looked.values()).size).toBeLessThanOrEqual(2);
  });

  it('looks at the nominated node first', () => {
    const nodes = ['a', 'b', 'c'].map((name) => nodeInfo({ name }));
    const chooser = new NodeChooser({ nodes: listerOf(nodes), nominator: new Nominator(), random: seededRandom(1) });
    const scoring: Plugin = { name: 'S', score: (_state, _pod, node) => (node.name === 'a' ? 100 : 0) };
    expect(chooser.choose(profile(scoring), podInfo())).toMatchObject({ nodeName: 'a' });
    expect(chooser.choose(profile(scoring), podInfo({ status: { nominatedNodeName: 'c' } }))).toMatchObject({
      nodeName: 'c',
    });
    const refusing: Plugin = {
      name: 'R',
      filter: (_state, _pod, node) => (node.name === 'c' ? unschedulable('R', 'no') : undefined),
    };
    expect(chooser.choose(profile(scoring, refusing), podInfo({ status: { nominatedNodeName: 'c' } }))).toMatchObject({
      nodeName: 'a',
    });
  });

  it('tells an error of a plugin from a refusal', () => {
    const nodes = listerOf([nodeInfo()]);
    const chooser = new NodeChooser({ nodes, nominator: new Nominator(), random: seededRandom(1) });
    const failing: Plugin = { name: 'F', filter: () => ({ code: 'Error', reasons: ['broken'], plugin: 'F' }) };
    expect(chooser.choose(profile(failing), podInfo())).toMatchObject({
      kind: 'error',
      status: { reasons: ['broken'] },
    });
    const none = new NodeChooser({ nodes: listerOf([]), nominator: new Nominator(), random: seededRandom(1) });
    expect(none.choose(profile(), podInfo())).toEqual({ kind: 'no-nodes' });
  });
});

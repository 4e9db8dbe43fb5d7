import { describe, expect, it } from 'vitest';
import { CycleState } from '../../framework/cycle-state';
import type { PodDisruptionBudget } from '../../framework/kinds';
import { type PodParts, nodeInfo, podInfo } from '../../testing/make';
import { nodeResourcesFit } from '../node-resources-fit';
import { pickVictims } from './pick-victims';
import { type Victims, selectVictims } from './victims';

const fit = nodeResourcesFit();
const of = (name: string, priority: number, cpu: string, more: PodParts = {}): PodParts => ({
  name,
  uid: name,
  requests: { cpu },
  ...more,
  spec: { priority },
});

function select(there: readonly PodParts[], wanting: PodParts, budgets: readonly PodDisruptionBudget[] = []) {
  return selectVictims({
    state: new CycleState(),
    node: nodeInfo({}, there),
    pod: podInfo(wanting),
    plugins: [],
    fits: (state, pod, node) => fit.filter?.(state, pod, node),
    budgets,
    nowMs: Date.UTC(2026, 0, 2),
  });
}
const names = (found: ReturnType<typeof select>): string[] =>
  'code' in found ? [...found.reasons] : found.pods.map((p) => p.uid);

describe('selectVictims', () => {
  it('takes the fewest and least important', () => {
    const there = [of('low', 1, '1'), of('lower', 0, '1'), of('mid', 5, '2')];
    expect(names(select(there, of('new', 10, '1')))).toEqual(['lower']);
    expect(names(select(there, of('new', 10, '2')))).toEqual(['low', 'lower']);
    expect(names(select(there, of('new', 10, '3')))).toEqual(['mid', 'lower']);
  });

  it('takes the youngest of equals', () => {
    const at = (startTime: string): PodParts => ({ status: { startTime } });
    const there = [of('old', 0, '2', at('2026-01-01T00:00:00Z')), of('young', 0, '2', at('2026-01-01T01:00:00Z'))];
    expect(names(select(there, of('new', 1, '2')))).toEqual(['young']);
  });

  it('finds none among equals, and none when removing all would not do', () => {
    expect(names(select([of('same', 10, '4')], of('new', 10, '1')))).toEqual([
      'No preemption victims found for incoming pod',
    ]);
    expect(names(select([of('high', 20, '3'), of('low', 0, '1')], of('new', 10, '2')))).toEqual(['Insufficient cpu']);
  });

  it('spares pods that a disruption budget guards, if others do', () => {
    const budget: PodDisruptionBudget = {
      metadata: { namespace: 'default', name: 'b' },
      spec: { selector: { matchLabels: { app: 'db' } } },
      status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
    };
    const there = [of('guarded', 0, '2', { labels: { app: 'db' } }), of('free', 1, '2')];
    const spared = select(there, of('new', 10, '2'), [budget]);
    expect(names(spared)).toEqual(['free']);
    expect(spared).toMatchObject({ violations: 0 });
    expect(select(there, of('new', 10, '4'), [budget])).toMatchObject({ violations: 1 });
  });
});

describe('pickVictims', () => {
  const victims = (nodeName: string, priorities: readonly number[], violations = 0): Victims => ({
    nodeName,
    violations,
    pods: priorities.map((priority, i) =>
      podInfo({
        name: `${nodeName}-${String(i)}`,
        spec: { priority },
        status: { startTime: nodeName === 'late' ? '2026-01-01T09:00:00Z' : '2026-01-01T08:00:00Z' },
      }),
    ),
  });
  it.each<[string, readonly Victims[], string]>([
    ['the fewest violations', [victims('a', [1], 1), victims('b', [9])], 'b'],
    ['the least important first victim', [victims('a', [5]), victims('b', [4, 4])], 'b'],
    ['the smaller sum of priorities', [victims('a', [5, 3]), victims('b', [5, 2])], 'b'],
    ['fewer victims', [victims('a', [-5, -5]), victims('b', [-5])], 'b'],
    ['the one that started last', [victims('a', [1]), victims('late', [1])], 'late'],
    ['the first of equals', [victims('a', [1]), victims('b', [1])], 'a'],
  ])('%s', (_, candidates, chosen) => {
    expect(pickVictims(candidates, Date.UTC(2026, 0, 2))?.nodeName).toBe(chosen);
  });
});

import { describe, expect, it } from 'vitest';
import { type FitArgs, type ScoringStrategy, defaultArgs } from '../config/scheduler-configuration';
import { CycleState } from '../framework/cycle-state';
import { nodeInfo, podInfo, scoresOf } from '../testing/make';
import { balancedAllocation } from './balanced-allocation';
import { nodeResourcesFit } from './node-resources-fit';

const fit = (scoring: ScoringStrategy, more: Partial<FitArgs> = {}) =>
  nodeResourcesFit({ ...defaultArgs.NodeResourcesFit, ...more, scoring });
const gpu = 'example.com/gpu';
const allocatable = { cpu: '4', memory: '8Gi', [gpu]: '8' };
const nodes = [
  nodeInfo({ name: 'empty', allocatable }),
  nodeInfo({ name: 'half', allocatable }, [{ requests: { cpu: '2', memory: '4Gi', [gpu]: '2' } }]),
  nodeInfo({ name: 'no-gpu' }, [{ requests: { cpu: '1', memory: '2Gi' } }]),
];
const wanting = podInfo({ requests: { cpu: '1', memory: '2Gi', [gpu]: '2' } });
const modest = podInfo({ requests: { cpu: '1', memory: '2Gi' } });
const both = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

describe('the scoring of NodeResourcesFit', () => {
  it('packs pods where what is full is best', () => {
    expect(scoresOf(fit({ type: 'MostAllocated', resources: both }), modest, nodes)).toEqual([25, 75, 50]);
    const tooMuch = podInfo({ requests: { cpu: '9', memory: '1Gi' } });
    expect(scoresOf(fit({ type: 'MostAllocated', resources: both }), tooMuch, nodes)).toEqual([56, 81, 68]);
  });

  it('weighs resources, extended ones only where they are wanted and there', () => {
    const resources = [
      { name: 'cpu', weight: 1 },
      { name: gpu, weight: 3 },
    ];
    // empty: cpu 75, gpu 75; half: cpu 25, gpu 50; no-gpu: cpu 50 alone.
    expect(scoresOf(fit({ type: 'LeastAllocated', resources }), wanting, nodes)).toEqual([75, 43, 50]);
    expect(scoresOf(fit({ type: 'LeastAllocated', resources }), modest, nodes)).toEqual([75, 25, 50]);
    expect(
      scoresOf(fit({ type: 'LeastAllocated', resources: [{ name: 'x.y/z', weight: 1 }] }), wanting, nodes),
    ).toEqual([0, 0, 0]);
  });

  it('follows a shape', () => {
    const shape = [
      { utilization: 0, score: 0 },
      { utilization: 50, score: 10 },
      { utilization: 100, score: 5 },
    ];
    const strategy = { type: 'RequestedToCapacityRatio', resources: both, shape } as const;
    // 25 % is half the way up; 75 % half the way from 100 to 50; 50 % the top.
    expect(scoresOf(fit(strategy), modest, nodes)).toEqual([50, 75, 100]);
    const level = { ...strategy, shape: [{ utilization: 60, score: 3 }] };
    expect(scoresOf(fit(level), modest, nodes)).toEqual([30, 30, 30]);
    const steep = {
      ...strategy,
      shape: [
        { utilization: 30, score: 0 },
        { utilization: 80, score: 10 },
      ],
    };
    // What scores nothing does not weigh.
    expect(scoresOf(fit(steep), podInfo({ requests: { cpu: '1', memory: '5Gi' } }), nodes)).toEqual([64, 95, 70]);
  });

  it('does not look at extended resources that are to be ignored', () => {
    const reasons = (args: Partial<FitArgs>): readonly string[] =>
      fit(defaultArgs.NodeResourcesFit.scoring, args).filter?.(new CycleState(), wanting, nodes[2]!)?.reasons ?? [];
    expect(reasons({})).toEqual([`Insufficient ${gpu}`]);
    expect(reasons({ ignoredResources: [gpu] })).toEqual([]);
    expect(reasons({ ignoredResourceGroups: ['example.com'] })).toEqual([]);
    expect(reasons({ ignoredResourceGroups: ['example.co'] })).toEqual([`Insufficient ${gpu}`]);
  });
});

it('NodeResourcesBalancedAllocation balances the resources that are named', () => {
  const named = (...names: string[]) => balancedAllocation(names.map((name) => ({ name })));
  // half: cpu 75 %, memory 75 %, gpu 50 %; empty: 25 % each; no-gpu: 50 % each.
  expect(scoresOf(named('cpu', 'memory'), wanting, nodes)).toEqual([100, 100, 100]);
  expect(scoresOf(named('cpu', gpu), wanting, nodes)).toEqual([100, 87, 100]);
  expect(scoresOf(named('cpu', 'memory', gpu), wanting, nodes)).toEqual([100, 88, 100]);
});

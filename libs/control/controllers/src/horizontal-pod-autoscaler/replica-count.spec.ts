import { timeText } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import type { Pod } from '../replica-set/pod-state';
import { type CountBasis, countByAverage, countByRatio, countByUtilization, groupPods } from './replica-count';

const nowMs = Date.UTC(2026, 0, 1);
const ago = (seconds: number): string => timeText(nowMs - seconds * 1000);

interface PodSketch {
  readonly phase?: string;
  readonly ready?: 'True' | 'False' | undefined;
  readonly startedAgo?: number;
  readonly changedAgo?: number;
  readonly request?: string;
  readonly isGoing?: boolean;
}

function pod(name: string, sketch: PodSketch = {}): Pod {
  const { phase = 'Running', startedAgo = 3600, changedAgo = 3500, request = '1', isGoing = false } = sketch;
  const ready = 'ready' in sketch ? sketch.ready : 'True';
  return {
    metadata: { name, ...(isGoing ? { deletionTimestamp: ago(1) } : {}) },
    spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: request } } }] },
    status: {
      phase,
      startTime: ago(startedAgo),
      conditions: ready === undefined ? [] : [{ type: 'Ready', status: ready, lastTransitionTime: ago(changedAgo) }],
    },
  };
}

/** Measured in thousandths, a minute long, until a minute ago. */
const metricsOf = (values: Record<string, number>): CountBasis['metrics'] =>
  new Map(Object.entries(values).map(([name, value]) => [name, { value, atMs: nowMs - 60_000, windowMs: 60_000 }]));

const basisOf = (pods: readonly Pod[], values: Record<string, number>, currentReplicas = pods.length): CountBasis => ({
  currentReplicas,
  pods,
  metrics: metricsOf(values),
  resource: 'cpu',
  tolerances: { up: 0.1, down: 0.1 },
  nowMs,
  options: { cpuInitializationMs: 300_000, initialReadinessDelayMs: 30_000 },
});

const three = ['a', 'b', 'c'].map((name) => pod(name));
const all = (value: number): Record<string, number> => ({ a: value, b: value, c: value });
const unready = pod('c', { ready: 'False', startedAgo: 60, changedAgo: 60 });

describe('the count by utilization of requests', () => {
  it.each<[string, readonly Pod[], Record<string, number>, number, number, number]>([
    ['grows with the load', three, { a: 300, b: 500, c: 700 }, 30, 50, 5],
    ['shrinks with it', three, all(100), 50, 10, 1],
    ['stays within a tenth', three, all(540), 50, 54, 3],
    ['grows beyond', three, all(560), 50, 56, 4],
    ['stays at the very edge', three, all(550), 50, 55, 3],
    ['grows less while a pod is not ready', [three[0]!, three[1]!, unready], { a: 600, b: 600, c: 900 }, 30, 60, 4],
    [
      'does not count what is not ready when it shrinks',
      [three[0]!, three[1]!, unready],
      { a: 100, b: 100, c: 900 },
      50,
      10,
      1,
    ],
    ['takes missing pods for busy when it shrinks', three, { a: 100, b: 100 }, 50, 10, 3],
    ['takes missing pods for idle when it grows', three, { a: 900, b: 900 }, 50, 90, 4],
    ['does not grow when missing pods would turn it', three, { a: 700 }, 50, 70, 3],
    [
      'looks at pending pods as not ready',
      [...three.slice(0, 2), pod('c', { phase: 'Pending' })],
      { a: 900, b: 900 },
      50,
      90,
      4,
    ],
    [
      'leaves out pods that have failed or go',
      [three[0]!, pod('b', { phase: 'Failed' }), pod('c', { isGoing: true })],
      all(900),
      50,
      90,
      2,
    ],
  ])('%s', (_name, pods, values, percent, shown, replicas) => {
    const count = countByUtilization(basisOf(pods, values), { percent, container: undefined });
    expect([count.percent, count.replicas]).toEqual([shown, replicas]);
  });

  it.each<[string, readonly Pod[], Record<string, number>, string]>([
    ['no pods', [], {}, 'no pods returned by selector while calculating replica count'],
    ['nothing but young pods', [unready], { c: 100 }, 'did not receive metrics for any ready pods'],
    ['other pods only', three, { x: 100 }, 'no metrics returned matched known pods'],
    [
      'pods that ask for nothing',
      [{ ...three[0]!, spec: { containers: [{ name: 'c', image: 'i' }] } }],
      { a: 1 },
      'missing request for cpu in container c of Pod a',
    ],
  ])('cannot be told of %s', (_name, pods, values, message) => {
    expect(() => countByUtilization(basisOf(pods, values), { percent: 50, container: undefined })).toThrow(message);
  });

  it('counts one container, sidecars, and what the pod asks for as a whole', () => {
    const request = (cpu: string): object => ({ resources: { requests: { cpu } } });
    const spec = {
      containers: [
        { name: 'main', image: 'i', ...request('500m') },
        { name: 'other', image: 'i', ...request('1') },
      ],
      initContainers: [
        { name: 'side', image: 'i', restartPolicy: 'Always', ...request('500m') },
        { name: 'setup', image: 'i', ...request('8') },
      ],
    };
    const percentOf = (more: object, container?: string): number =>
      countByUtilization(basisOf([{ ...three[0]!, spec: { ...spec, ...more } }], { a: 500 }), {
        percent: 50,
        container,
      }).percent;
    expect(percentOf({})).toBe(25);
    expect(percentOf({}, 'main')).toBe(100);
    expect(percentOf({ resources: { requests: { cpu: '4' } } })).toBe(12);
  });
});

describe('which pods count', () => {
  it.each<[string, PodSketch, 'ready' | 'unready']>([
    ['ready for long', {}, 'ready'],
    ['young, ready since before it was measured', { startedAgo: 200, changedAgo: 130 }, 'ready'],
    ['young, measured in part before it was ready', { startedAgo: 200, changedAgo: 100 }, 'unready'],
    ['young, and not ready', { startedAgo: 200, changedAgo: 190, ready: 'False' }, 'unready'],
    ['old, not ready now, but once', { startedAgo: 3600, changedAgo: 100, ready: 'False' }, 'ready'],
    ['old, and never ready', { startedAgo: 3600, changedAgo: 3590, ready: 'False' }, 'unready'],
    ['without a condition', { ready: undefined }, 'unready'],
  ])('%s', (_name, sketch, group) => {
    const { ready, unready: young } = groupPods(basisOf([pod('a', sketch)], { a: 1 }));
    expect(ready === 1 ? 'ready' : young.length === 1 ? 'unready' : 'neither').toBe(group);
  });

  it('matters for CPU only', () => {
    const basis = { ...basisOf([unready], { c: 1 }), resource: 'memory' };
    expect(groupPods(basis).ready).toBe(1);
  });
});

describe('the count by an average', () => {
  it.each<[Record<string, number>, number, number, number]>([
    [{ a: 10_000, b: 20_000, c: 30_000 }, 10_000, 20_000, 6],
    [all(5_000), 10_000, 5_000, 2],
    [all(10_900), 10_000, 10_900, 3],
    [{ a: 5_000, b: 5_000 }, 10_000, 5_000, 2],
    [{ a: 30_000, b: 30_000 }, 10_000, 30_000, 6],
  ])('%j of %d', (values, target, average, replicas) => {
    const basis = { ...basisOf(three, values), resource: '' };
    expect(countByAverage(basis, target)).toEqual({ average, replicas });
  });
});

it('the count by a measure of the whole goes by ready pods, and from zero by itself', () => {
  const tolerances = { up: 0.1, down: 0.1 };
  const pods = [three[0]!, three[1]!, pod('c', { ready: 'False' })];
  expect(countByRatio(2.1, { currentReplicas: 3, pods, tolerances })).toBe(5);
  expect(countByRatio(1.05, { currentReplicas: 3, pods, tolerances })).toBe(3);
  expect(countByRatio(2.1, { currentReplicas: 0, pods: [], tolerances })).toBe(3);
  expect(() => countByRatio(2, { currentReplicas: 1, pods: [], tolerances })).toThrow('unable to calculate ready pods');
});

it('tolerances may differ by direction', () => {
  const count = (value: number): number =>
    countByUtilization(
      { ...basisOf(three, all(value)), tolerances: { up: 0, down: 0.5 } },
      { percent: 50, container: undefined },
    ).replicas;
  expect([count(510), count(260), count(240)]).toEqual([4, 3, 2]);
});

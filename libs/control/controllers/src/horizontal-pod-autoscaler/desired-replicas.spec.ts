import { describe, expect, it } from 'vitest';
import { type Desired, desiredByBehavior, desiredByDefault } from './desired-replicas';
import { type Rules, ScalingMemory } from './scaling-memory';

const minuteMs = 60_000;
const shown = ({ replicas, able, limit }: Desired): unknown[] => [replicas, able.reason, limit.reason, limit.isLimited];

describe('without behavior', () => {
  const ask = (memory: ScalingMemory, nowMs: number, currentReplicas: number, desiredReplicas: number): unknown[] =>
    shown(
      desiredByDefault(
        { memory, nowMs, currentReplicas, desiredReplicas, minReplicas: 2, maxReplicas: 20 },
        5 * minuteMs,
      ),
    );

  it.each<[number, number, unknown[]]>([
    [3, 5, [5, 'ReadyForNewScale', 'DesiredWithinRange', false]],
    [3, 9, [6, 'ReadyForNewScale', 'ScaleUpLimit', true]],
    [2, 9, [4, 'ReadyForNewScale', 'ScaleUpLimit', true]],
    [15, 40, [20, 'ReadyForNewScale', 'TooManyReplicas', true]],
    [3, 1, [2, 'ReadyForNewScale', 'TooFewReplicas', true]],
  ])('from %d, wanted %d', (current, desired, expected) => {
    expect(ask(new ScalingMemory(), 0, current, desired)).toEqual(expected);
  });

  it('what was wanted in the last five minutes keeps it up', () => {
    const memory = new ScalingMemory();
    memory.begin(10, 0);
    expect(ask(memory, minuteMs, 10, 3)).toEqual([10, 'ScaleDownStabilized', 'DesiredWithinRange', false]);
    expect(ask(memory, 4 * minuteMs, 10, 5)).toEqual([10, 'ScaleDownStabilized', 'DesiredWithinRange', false]);
    expect(ask(memory, 5 * minuteMs + 1, 10, 4)).toEqual([5, 'ScaleDownStabilized', 'DesiredWithinRange', false]);
    expect(ask(memory, 10 * minuteMs + 2, 5, 4)).toEqual([4, 'ReadyForNewScale', 'DesiredWithinRange', false]);
  });
});

describe('with behavior', () => {
  const none: Rules = {
    selectPolicy: 'Max',
    stabilizationWindowSeconds: 0,
    policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  };
  const ask = (
    rules: { readonly up?: Partial<Rules>; readonly down?: Partial<Rules> },
    counts: readonly [current: number, desired: number],
    { memory = new ScalingMemory(), nowMs = 10 * minuteMs } = {},
  ): unknown[] =>
    shown(
      desiredByBehavior(
        { memory, nowMs, currentReplicas: counts[0], desiredReplicas: counts[1], minReplicas: 1, maxReplicas: 100 },
        { up: { ...none, ...rules.up }, down: { ...none, ...rules.down } },
      ),
    );
  const pods = (value: number, periodSeconds = 60): Rules['policies'][number] => ({
    type: 'Pods',
    value,
    periodSeconds,
  });
  const percent = (value: number, periodSeconds = 60): Rules['policies'][number] => ({
    type: 'Percent',
    value,
    periodSeconds,
  });

  it.each<[string, Partial<Rules>, readonly [number, number], unknown[]]>([
    ['a number', { policies: [pods(4)] }, [10, 50], [14, 'ReadyForNewScale', 'ScaleUpLimit', true]],
    ['a part, rounded up', { policies: [percent(10)] }, [11, 50], [13, 'ReadyForNewScale', 'ScaleUpLimit', true]],
    ['the larger', { policies: [pods(4), percent(100)] }, [10, 50], [20, 'ReadyForNewScale', 'ScaleUpLimit', true]],
    [
      'the smaller',
      { selectPolicy: 'Min', policies: [pods(4), percent(100)] },
      [10, 50],
      [14, 'ReadyForNewScale', 'ScaleUpLimit', true],
    ],
    ['nothing', { selectPolicy: 'Disabled' }, [10, 50], [10, 'ReadyForNewScale', 'ScaleUpLimit', true]],
    [
      'as much as there may be',
      { policies: [percent(900)] },
      [50, 300],
      [100, 'ReadyForNewScale', 'TooManyReplicas', true],
    ],
    ['enough', { policies: [pods(4)] }, [10, 13], [13, 'ReadyForNewScale', 'DesiredWithinRange', false]],
  ])('grows by %s', (_name, up, counts, expected) => {
    expect(ask({ up }, counts)).toEqual(expected);
  });

  it.each<[string, Partial<Rules>, readonly [number, number], unknown[]]>([
    ['a number', { policies: [pods(4)] }, [10, 1], [6, 'ReadyForNewScale', 'ScaleDownLimit', true]],
    ['a part, rounded down', { policies: [percent(10)] }, [11, 1], [9, 'ReadyForNewScale', 'ScaleDownLimit', true]],
    ['the larger', { policies: [pods(1), percent(50)] }, [10, 1], [5, 'ReadyForNewScale', 'ScaleDownLimit', true]],
    [
      'the smaller',
      { selectPolicy: 'Min', policies: [pods(1), percent(50)] },
      [10, 1],
      [9, 'ReadyForNewScale', 'ScaleDownLimit', true],
    ],
    ['nothing', { selectPolicy: 'Disabled' }, [10, 1], [10, 'ReadyForNewScale', 'ScaleDownLimit', true]],
    ['no more than to the least', {}, [10, 0], [1, 'ReadyForNewScale', 'TooFewReplicas', true]],
  ])('shrinks by %s', (_name, down, counts, expected) => {
    expect(ask({ down }, counts)).toEqual(expected);
  });

  it('counts what was done in the period', () => {
    const nowMs = 10 * minuteMs;
    const memory = new ScalingMemory();
    memory.scaledBy(3, nowMs - 50_000, minuteMs);
    memory.scaledBy(-1, nowMs - 40_000, minuteMs);
    const up = { policies: [pods(4)] };
    expect(ask({ up }, [12, 50], { memory })[0]).toBe(14);
    expect(ask({ up }, [12, 50], { memory, nowMs: nowMs + 10_001 })[0]).toBe(17);
    expect(ask({ up: { policies: [pods(1)] } }, [12, 50], { memory })[0]).toBe(12);
  });

  it('goes by the least that was wanted in the window when it grows, by the most when it shrinks', () => {
    const nowMs = 10 * minuteMs;
    const memory = new ScalingMemory();
    memory.begin(10, nowMs - 100_000);
    memory.recommend(12, nowMs - 50_000, 5 * minuteMs);
    memory.recommend(8, nowMs - 20_000, 5 * minuteMs);
    const windows = { up: { stabilizationWindowSeconds: 60 }, down: { stabilizationWindowSeconds: 60 } };
    expect(ask(windows, [10, 15], { memory })).toEqual([10, 'ScaleUpStabilized', 'DesiredWithinRange', false]);
    expect(ask(windows, [10, 5], { memory })).toEqual([10, 'ScaleDownStabilized', 'DesiredWithinRange', false]);
    expect(ask({ up: { stabilizationWindowSeconds: 10 } }, [10, 15], { memory, nowMs: nowMs + 20_000 })[0]).toBe(15);
  });
});

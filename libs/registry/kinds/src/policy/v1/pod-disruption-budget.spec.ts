import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate, testStrategies } from '../../testing/run-strategy';

const key = 'policy/poddisruptionbudgets';
const given = {
  metadata: { name: 'web', namespace: 'team' },
  spec: { minAvailable: 1, selector: { matchLabels: { a: 'b' } } },
};
type Changes = Record<string, unknown>;
const make = (changes: Changes = {}): ReturnType<typeof runCreate> => runCreate(key, changed(given, changes));
const status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
const notNegative = 'must be greater than or equal to 0';
const badValue = {
  matchExpressions: [{ key: 'a', operator: 'In', values: ['-'] }],
};

describe('a new disruption budget', () => {
  it('allows nothing yet', () => {
    expect(make({ 'status.disruptionsAllowed': 3 }).object).toEqual({
      ...given,
      metadata: { ...given.metadata, generation: 1 },
      status,
    });
  });

  it.each<[Changes, ...string[]]>([
    [{}],
    [{ 'spec.selector': undefined }],
    [{ 'spec.minAvailable': undefined }],
    [{ 'spec.minAvailable': '100%' }],
    [{ 'spec.minAvailable': undefined, 'spec.maxUnavailable': '0%' }],
    [
      { 'spec.maxUnavailable': 1 },
      'spec: Invalid value: {"MinAvailable":1,"Selector":{"matchLabels":{"a":"b"}},"MaxUnavailable":1,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
    ],
    [{ 'spec.minAvailable': -1 }, `spec.minAvailable: Invalid value: -1: ${notNegative}`],
    [{ 'spec.minAvailable': '101%' }, 'spec.minAvailable: Invalid value: "101%": must not be greater than 100%'],
    [
      { 'spec.minAvailable': 'half' },
      `spec.minAvailable: Invalid value: "half": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`,
    ],
    [
      { 'spec.minAvailable': undefined, 'spec.maxUnavailable': -1 },
      `spec.maxUnavailable: Invalid value: -1: ${notNegative}`,
    ],
    [
      { 'spec.selector': badValue },
      `spec.selector.matchExpressions[0].values[0]: Invalid value: "-": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    ],
    [{ 'spec.unhealthyPodEvictionPolicy': 'AlwaysAllow' }],
    [
      { 'spec.unhealthyPodEvictionPolicy': 'Never' },
      'spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"',
    ],
  ])('with %j', (changes, ...messages) => {
    expect(make(changes).refusals).toEqual(messages);
  });
});

describe('a disruption budget that changes', () => {
  const old = make().object;
  const update = (changes: Changes, subresource = '', before = old): ReturnType<typeof runUpdate> =>
    runUpdate(key, before, changed(before, changes), subresource);

  it('must say what it was', () => {
    const kind = testStrategies().of('policy', 'poddisruptionbudgets');
    expect(kind?.strategy.allowUnconditionalUpdate).toBe(false);
    expect(kind?.subresources['status']?.allowUnconditionalUpdate).toBe(false);
  });

  it('counts changes of its spec, and keeps spec and status apart', () => {
    const both = { 'spec.minAvailable': 2, 'status.currentHealthy': 3 };
    expect(update(both).object).toMatchObject({ metadata: { generation: 2 }, spec: { minAvailable: 2 }, status });
    expect(update(both, 'status').object).toMatchObject({
      metadata: { generation: 1 },
      spec: { minAvailable: 1 },
      status: { currentHealthy: 3 },
    });
  });

  it('may keep a selector that is no longer taken', () => {
    const before = changed(old, { 'spec.selector': badValue });
    expect(update({ 'spec.minAvailable': 2 }, '', before).refusals).toEqual([]);
    expect(update({ 'spec.selector': badValue }).refusals).toHaveLength(1);
  });

  it.each<[Changes, ...string[]]>([
    [{ 'status.disruptedPods': { p: '2026-01-01T00:00:00Z' }, 'status.disruptionsAllowed': 1 }],
    ...['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'].map((field): [Changes, string] => [
      { [`status.${field}`]: -1 },
      `status.${field}: Invalid value: -1: ${notNegative}`,
    ]),
    [
      {
        'status.conditions': [
          {
            type: 'DisruptionAllowed',
            status: 'Yes',
            reason: 'A',
            lastTransitionTime: '2026-01-01T00:00:00Z',
            message: '',
          },
        ],
      },
      'status.conditions[0].status: Unsupported value: "Yes": supported values: "False", "True", "Unknown"',
    ],
  ])('with the status %j', (changes, ...messages) => {
    expect(update(changes, 'status').refusals).toEqual(messages);
  });
});

import type { KubeObject } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../testing/run-strategy';

const key = 'apps/daemonsets';
const counter = 'deprecated.daemonset.template.generation';
const given = {
  metadata: { name: 'agent', namespace: 'team' },
  spec: {
    selector: { matchLabels: { app: 'a' } },
    template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } },
  },
};
const make = (changes: Record<string, unknown> = {}): ReturnType<typeof runCreate> =>
  runCreate(key, changed(given, changes));
const stored = (): KubeObject => make().object;

describe('a DaemonSet', () => {
  it('gets its defaults, a counter of templates and an empty status', () => {
    expect(make({ status: { numberReady: 4 } }).object).toMatchObject({
      metadata: { generation: 1, annotations: { [counter]: '1' } },
      spec: {
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
        revisionHistoryLimit: 10,
        template: { spec: { restartPolicy: 'Always' } },
      },
      status: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
    });
    expect(make({ 'spec.updateStrategy': { type: 'OnDelete' } }).object['spec']).toMatchObject({
      updateStrategy: { type: 'OnDelete' },
    });
  });

  it.each<[string | undefined, string]>([
    [undefined, '1'],
    ['0', '1'],
    ['-3', '1'],
    ['+07', '7'],
    ['9', '9'],
  ])('counts its templates from %s', (text, expected) => {
    const annotations = text === undefined ? undefined : { [counter]: text };
    expect(make({ 'metadata.annotations': annotations }).object.metadata.annotations).toEqual({ [counter]: expected });
  });

  it.each([
    ['x', 'invalid syntax'],
    ['99999999999999999999', 'value out of range'],
  ])('is not decoded with the counter %s', (text, why) => {
    expect(() => make({ 'metadata.annotations': { [counter]: text } })).toThrow(
      `DaemonSet in version "v1" cannot be handled as a DaemonSet: strconv.ParseInt: parsing "${text}": ${why}`,
    );
  });

  const rolling = 'spec.updateStrategy.rollingUpdate';
  const never = 'must be greater than or equal to 0';
  const percent =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [
      { 'spec.selector': undefined },
      'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
    ],
    [
      { 'spec.template.metadata': undefined },
      'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`',
    ],
    [{ 'spec.selector': {} }, 'spec.selector: Invalid value: {}: empty selector is invalid for daemonset'],
    [
      { 'spec.selector': { matchExpressions: [{ key: 'app', operator: 'Near' }] } },
      'spec.selector.matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator',
    ],
    [{ 'spec.template.spec.containers': [] }, 'spec.template.spec.containers: Required value'],
    [
      { 'spec.template.spec.restartPolicy': 'Never' },
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
    [
      { 'spec.template.spec.activeDeadlineSeconds': 5 },
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported',
    ],
    [{ 'spec.minReadySeconds': -1 }, `spec.minReadySeconds: Invalid value: -1: ${never}`],
    [{ 'spec.revisionHistoryLimit': -1 }, `spec.revisionHistoryLimit: Invalid value: -1: ${never}`],
    [{ 'spec.revisionHistoryLimit': 0 }],
    [
      { 'spec.updateStrategy': { type: 'x', rollingUpdate: { maxSurge: '5%' } } },
      'spec.updateStrategy: Unsupported value: {"Type":"x","RollingUpdate":{"MaxUnavailable":0,"MaxSurge":"5%"}}: supported values: "RollingUpdate", "OnDelete"',
    ],
    [{ 'spec.updateStrategy': { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } }],
    [
      { 'spec.updateStrategy': { rollingUpdate: { maxUnavailable: 0 } } },
      `${rolling}.maxUnavailable: Required value: cannot be 0 when maxSurge is 0`,
    ],
    [
      { 'spec.updateStrategy': { rollingUpdate: { maxUnavailable: '10%', maxSurge: '5%' } } },
      `${rolling}.maxSurge: Invalid value: "5%": may not be set when maxUnavailable is non-zero`,
    ],
    [
      { 'spec.updateStrategy': { rollingUpdate: { maxUnavailable: '101%' } } },
      `${rolling}.maxUnavailable: Invalid value: "101%": must not be greater than 100%`,
    ],
    [
      { 'spec.updateStrategy': { rollingUpdate: { maxUnavailable: 0, maxSurge: '101%' } } },
      `${rolling}.maxSurge: Invalid value: "101%": must not be greater than 100%`,
    ],
    [
      { 'spec.updateStrategy': { rollingUpdate: { maxUnavailable: -1 } } },
      `${rolling}.maxUnavailable: Invalid value: -1: ${never}`,
    ],
    [
      { 'spec.updateStrategy': { rollingUpdate: { maxUnavailable: 'x%' } } },
      `${rolling}.maxUnavailable: Invalid value: "x%": ${percent}`,
      `${rolling}.maxUnavailable: Required value: cannot be 0 when maxSurge is 0`,
    ],
  ])('with %j', (changes, ...messages) => {
    expect(make(changes).refusals).toEqual(messages);
  });

  it.each<[string, Record<string, unknown>, number, string]>([
    ['the template', { 'spec.template.spec.containers.0.image': 'i:2' }, 2, '2'],
    ['the rest of the spec', { 'spec.minReadySeconds': 5 }, 2, '1'],
    ['nothing that counts', { 'metadata.labels': { a: 'b' } }, 1, '1'],
    ['the counter itself', { [`metadata.annotations`]: { [counter]: '77' } }, 1, '1'],
    ['the counter away', { [`metadata.annotations`]: undefined }, 1, '1'],
  ])('counts a change of %s', (_, changes, generation, templates) => {
    const old = stored();
    expect(runUpdate(key, old, changed(old, changes)).object.metadata).toMatchObject({
      generation,
      annotations: { [counter]: templates },
    });
  });

  it('never selects other pods', () => {
    const old = stored();
    const other = changed(old, {
      'spec.selector': { matchLabels: { app: 'b' } },
      'spec.template.metadata.labels': { app: 'b' },
    });
    expect(runUpdate(key, old, other).refusals).toEqual([
      'spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
    ]);
  });

  it('says everything twice on an update, as upstream', () => {
    const old = stored();
    const refusal = `spec.minReadySeconds: Invalid value: -1: ${never}`;
    expect(runUpdate(key, old, changed(old, { 'spec.minReadySeconds': -1 })).refusals).toEqual([refusal, refusal]);
  });

  it('keeps spec and status apart', () => {
    const old = stored();
    const both = changed(old, {
      'spec.minReadySeconds': 5,
      'status.numberReady': 3,
      'metadata.annotations': { [counter]: '9' },
    });
    expect(runUpdate(key, old, both).object).toMatchObject({ spec: { minReadySeconds: 5 }, status: old['status'] });
    const byStatus = runUpdate(key, old, both, 'status').object;
    expect(byStatus).toMatchObject({ metadata: { generation: 1 }, spec: old['spec'], status: { numberReady: 3 } });
    expect(byStatus.metadata.annotations).toEqual({ [counter]: '1' });
  });

  it.each([
    'currentNumberScheduled',
    'numberMisscheduled',
    'desiredNumberScheduled',
    'numberReady',
    'observedGeneration',
    'updatedNumberScheduled',
    'numberAvailable',
    'numberUnavailable',
    'collisionCount',
  ])('never counts %s below zero', (count) => {
    const old = stored();
    expect(runUpdate(key, old, changed(old, { [`status.${count}`]: -1 }), 'status').refusals).toEqual([
      `status.${count}: Invalid value: -1: ${never}`,
    ]);
    expect(runUpdate(key, old, changed(old, { [`status.${count}`]: 1 }), 'status').refusals).toEqual([]);
  });

  it.each([[1, '1'] as const, [undefined, '0'] as const])('never counts collisions down to %s', (count, shown) => {
    const old = changed(stored(), { 'status.collisionCount': 2 });
    expect(runUpdate(key, old, changed(old, { 'status.collisionCount': count }), 'status').refusals).toEqual([
      `status.collisionCount: Invalid value: ${shown}: cannot be decremented`,
    ]);
  });

  it('warns of its template when it is new and when it changes', () => {
    const odd = { 'spec.template.spec.terminationGracePeriodSeconds': -1 };
    const warning =
      'spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1';
    expect(make(odd).warnings).toEqual([warning]);
    const old = make(odd).object;
    expect(runUpdate(key, old, changed(old, { 'spec.minReadySeconds': 1 })).warnings).toEqual([]);
    const changedTemplate = changed(old, { 'spec.template.spec.containers.0.image': 'i:3' });
    expect(runUpdate(key, old, changedTemplate).warnings).toEqual([warning]);
  });
});

import type { KubeObject } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { applyScale, scaleOf } from '../../apps/v1/scale';
import { changed, runCreate, runUpdate, testStrategies } from '../../testing/run-strategy';

const key = '/replicationcontrollers';
const given = {
  kind: 'ReplicationController',
  metadata: { name: 'web', namespace: 'team' },
  spec: { template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } } },
};
const make = (changes: Record<string, unknown> = {}): ReturnType<typeof runCreate> =>
  runCreate(key, changed(given, changes));
const stored = (changes: Record<string, unknown> = {}): KubeObject => make(changes).object;
const never = 'must be greater than or equal to 0';

describe('a ReplicationController', () => {
  it('takes what it is not told from the labels of its template', () => {
    expect(make({ status: { replicas: 4 } }).object).toMatchObject({
      metadata: { generation: 1, labels: { app: 'a' } },
      spec: { replicas: 1, selector: { app: 'a' }, template: { spec: { restartPolicy: 'Always' } } },
      status: { replicas: 0 },
    });
    const own = make({ 'metadata.labels': { x: 'y' }, 'spec.replicas': 0, 'spec.selector': { app: 'a' } }).object;
    expect(own).toMatchObject({ metadata: { labels: { x: 'y' } }, spec: { replicas: 0 } });
  });

  it('leaves its pods behind unless told otherwise', () => {
    expect(testStrategies().of('', 'replicationcontrollers')?.strategy.defaultPropagation).toBe('Orphan');
  });

  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [{ 'spec.minReadySeconds': -1 }, `spec.minReadySeconds: Invalid value: -1: ${never}`],
    [{ 'spec.replicas': -1 }, `spec.replicas: Invalid value: -1: ${never}`],
    [{ 'spec.template': undefined }, 'spec.selector: Required value', 'spec.template: Required value'],
    [{ 'spec.template.metadata': undefined }, 'spec.selector: Required value'],
    [
      { 'spec.selector': { app: 'b' } },
      'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
    ],
    [{ 'spec.template.spec.containers': [] }, 'spec.template.spec.containers: Required value'],
    [
      { 'spec.template.spec.restartPolicy': 'Never' },
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
    [
      { 'spec.template.spec.activeDeadlineSeconds': 5 },
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported',
    ],
  ])('with %j', (changes, ...messages) => {
    expect(make(changes).refusals).toEqual(messages);
  });

  it('may select other pods later', () => {
    const old = stored();
    const other = changed(old, { 'spec.selector': { app: 'b' }, 'spec.template.metadata.labels': { app: 'b' } });
    expect(runUpdate(key, old, other)).toMatchObject({ refusals: [], object: { metadata: { generation: 2 } } });
  });

  it('says everything twice on an update, as upstream', () => {
    const old = stored();
    const refusal = `spec.replicas: Invalid value: -1: ${never}`;
    expect(runUpdate(key, old, changed(old, { 'spec.replicas': -1 })).refusals).toEqual([refusal, refusal]);
  });

  it.each<[string, Record<string, unknown>, ...string[]]>([
    ['selector', { 'spec.replicas': 2 }],
    [
      'selector',
      { 'spec.selector': { app: 'b' }, 'spec.template.metadata.labels': { app: 'b' } },
      'spec.selector: Invalid value: {"app":"b"}: cannot update non-convertible selector',
    ],
    ['other', {}, 'other: Not found: "why": unknown non-convertible field'],
    ['a/b', {}],
  ])('that could not be converted for its %s, with %j', (field, changes, ...messages) => {
    const old = stored({ 'metadata.annotations': { [`non-convertible.kubernetes.io/${field}`]: 'why', plain: 'x' } });
    expect(runUpdate(key, old, changed(old, changes)).refusals).toEqual(messages);
  });

  it('keeps spec and status apart', () => {
    const old = stored();
    const both = changed(old, { 'spec.replicas': 5, 'status.replicas': 3 });
    expect(runUpdate(key, old, both).object).toMatchObject({ spec: { replicas: 5 }, status: { replicas: 0 } });
    expect(runUpdate(key, old, both, 'status').object).toMatchObject({
      metadata: { generation: 1 },
      spec: { replicas: 1 },
      status: { replicas: 3 },
    });
  });

  it.each<[Record<string, unknown>, ...string[]]>([
    [{ replicas: 3, fullyLabeledReplicas: 3, readyReplicas: 2, availableReplicas: 1, observedGeneration: 1 }],
    [
      { replicas: -1 },
      `status.replicas: Invalid value: -1: ${never}`,
      'status.fullyLabeledReplicas: Invalid value: 0: cannot be greater than status.replicas',
      'status.readyReplicas: Invalid value: 0: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 0: cannot be greater than status.replicas',
    ],
    [{ replicas: 0, fullyLabeledReplicas: -1 }, `status.fullyLabeledReplicas: Invalid value: -1: ${never}`],
    [{ replicas: 0, observedGeneration: -1 }, `status.observedGeneration: Invalid value: -1: ${never}`],
    [
      { replicas: 1, fullyLabeledReplicas: 2, readyReplicas: 2, availableReplicas: 3 },
      'status.fullyLabeledReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 3: cannot be greater than readyReplicas',
    ],
  ])('reports %j', (status, ...messages) => {
    const old = stored();
    expect(runUpdate(key, old, changed(old, { status }), 'status').refusals).toEqual(messages);
  });

  it('warns of a name that is no host name, and of its template', () => {
    const odd = { 'metadata.name': 'a.b', 'spec.template.spec.terminationGracePeriodSeconds': -1 };
    const grace =
      'spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1';
    expect(make(odd).warnings).toEqual([
      'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
      grace,
    ]);
    const old = make(odd).object;
    expect(runUpdate(key, old, old).warnings).toEqual([]);
    expect(runUpdate(key, old, changed(old, { 'spec.replicas': 2 })).warnings).toEqual([grace]);
    // The template that was there counts, as upstream.
    const better = { 'spec.template.spec.terminationGracePeriodSeconds': 1 };
    expect(runUpdate(key, old, changed(old, better)).warnings).toEqual([grace]);
    expect(runUpdate(key, changed(old, better), changed(old, { 'spec.replicas': 2 })).warnings).toEqual([]);
  });

  it('is scaled', () => {
    const object = stored({ 'spec.replicas': 3, 'spec.template.metadata.labels': { b: '2', a: '1' } });
    expect(scaleOf(object as unknown as corev1.ReplicationController)).toMatchObject({
      spec: { replicas: 3 },
      status: { replicas: 0, selector: 'a=1,b=2' },
    });
    applyScale(object, { metadata: { name: 'web' }, spec: { replicas: 4 } });
    expect(object['spec']).toMatchObject({ replicas: 4 });
  });
});

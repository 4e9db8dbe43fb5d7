import type { appsv1, autoscalingv1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../testing/run-strategy';
import { applyScale, scaleOf } from './scale';

const given = {
  metadata: { name: 'web', namespace: 'team', uid: 'u', resourceVersion: '7' },
  spec: {
    selector: { matchLabels: { app: 'a' } },
    template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } },
  },
};
const kinds = ['deployments', 'replicasets'] as const;
const make = (kind: string, changes: Record<string, unknown> = {}): ReturnType<typeof runCreate> =>
  runCreate(`apps/${kind}`, changed(given, changes));

describe('the defaults of workloads', () => {
  it('are those of the API', () => {
    expect(make('deployments').object).toMatchObject({
      metadata: { generation: 1 },
      spec: {
        replicas: 1,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
        template: { spec: { restartPolicy: 'Always', dnsPolicy: 'ClusterFirst' } },
      },
      status: {},
    });
    expect(make('replicasets', { 'spec.replicas': 0 }).object).toMatchObject({
      metadata: { generation: 1 },
      spec: { replicas: 0 },
      status: { replicas: 0 },
    });
  });

  it('leave a template what only a pod gets', () => {
    const { spec } = make('deployments').object as unknown as appsv1.Deployment;
    expect(spec?.template.spec?.enableServiceLinks).toBeUndefined();
  });
});

describe.each(kinds)('%s', (kind) => {
  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [{ 'spec.replicas': -1 }, 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    [{ 'spec.minReadySeconds': -1 }, 'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0'],
    [
      { 'spec.selector': undefined },
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
    ],
    [{ 'spec.selector': {} }, 'spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
    [
      { 'spec.selector': { matchExpressions: [{ key: 'app', operator: 'Near' }] } },
      'spec.selector.matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator',
      'spec.selector: Invalid value: {"matchExpressions":[{"key":"app","operator":"Near"}]}: invalid label selector',
    ],
    [{ 'spec.selector': { matchExpressions: [{ key: 'app', operator: 'Exists' }] } }],
    [
      { 'spec.template.metadata.labels': { app: 'b' } },
      'spec.template.metadata.labels: Invalid value: {"app":"b"}: `selector` does not match template `labels`',
    ],
    [
      { 'spec.template.spec.restartPolicy': 'Never' },
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
    [
      { 'spec.template.spec.activeDeadlineSeconds': 5 },
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported',
    ],
    [{ 'spec.template.spec.containers': [] }, 'spec.template.spec.containers: Required value'],
    [
      { 'spec.template.spec.ephemeralContainers': [{ name: 'd', image: 'i' }] },
      'spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template',
    ],
  ])('with %j', (changes, ...messages) => {
    expect(make(kind, changes).refusals).toEqual(messages);
  });

  it('never select other pods', () => {
    const old = make(kind).object;
    const other = changed(old, {
      'spec.selector': { matchLabels: { app: 'b' } },
      'spec.template.metadata.labels': { app: 'b' },
    });
    expect(runUpdate(`apps/${kind}`, old, other).refusals).toEqual([
      'spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
    ]);
  });

  it('count changes of their spec', () => {
    const old = make(kind).object;
    const generation = (changes: Record<string, unknown>, subresource = ''): number | undefined =>
      runUpdate(`apps/${kind}`, old, changed(old, changes), subresource).object.metadata.generation;
    expect(generation({ 'spec.replicas': 2 })).toBe(2);
    expect(generation({ 'metadata.labels': { a: 'b' } })).toBe(1);
    expect(generation({ 'metadata.annotations': { a: 'b' } })).toBe(kind === 'deployments' ? 2 : 1);
    expect(generation({ 'spec.replicas': 2, 'status.replicas': 1 }, 'status')).toBe(1);
  });

  it('keep spec and status apart', () => {
    const old = make(kind).object;
    const both = changed(old, { 'spec.replicas': 5, 'status.replicas': 3 });
    expect(runUpdate(`apps/${kind}`, old, both).object).toMatchObject({ spec: { replicas: 5 }, status: old['status'] });
    expect(runUpdate(`apps/${kind}`, old, both, 'status').object).toMatchObject({
      spec: { replicas: 1 },
      status: { replicas: 3 },
    });
  });

  it('report no more than they have', () => {
    const old = make(kind).object;
    const status = { replicas: 1, readyReplicas: 1, availableReplicas: 2 };
    expect(runUpdate(`apps/${kind}`, old, changed(old, { status }), 'status').refusals).toEqual([
      'status.availableReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas',
    ]);
  });

  it('warn of a name that is no host name, and of their template', () => {
    expect(
      make(kind, { 'metadata.name': 'a.b', 'spec.template.spec.terminationGracePeriodSeconds': -1 }).warnings,
    ).toEqual([
      'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
      'spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
    ]);
  });

  it('are scaled', () => {
    const object = make(kind, { 'spec.replicas': 3 }).object as unknown as appsv1.ReplicaSet;
    expect(scaleOf(object)).toEqual({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: { name: 'web', namespace: 'team', uid: 'u', resourceVersion: '7' },
      spec: { replicas: 3 },
      status: { replicas: 0, selector: 'app=a' },
    });
    const scale: autoscalingv1.Scale = { metadata: { name: 'web', resourceVersion: '5' }, spec: { replicas: 4 } };
    applyScale(object, scale);
    expect(object).toMatchObject({ metadata: { resourceVersion: '5' }, spec: { replicas: 4 } });
    expect(() => applyScale(object, { metadata: { name: 'web' }, spec: { replicas: -1 } })).toThrow(
      'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    );
  });
});

describe('a deployment', () => {
  it.each<[Record<string, unknown>, ...string[]]>([
    [{ 'spec.strategy': { type: 'Recreate' } }],
    [
      { 'spec.strategy': { type: 'Recreate', rollingUpdate: {} } },
      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ],
    [
      { 'spec.strategy': { type: 'Slow' } },
      'spec.strategy: Unsupported value: {"Type":"Slow","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
    ],
    [
      { 'spec.strategy': { rollingUpdate: { maxUnavailable: 0, maxSurge: 0 } } },
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
    ],
    [
      { 'spec.strategy': { rollingUpdate: { maxUnavailable: '101%' } } },
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
    ],
    [
      { 'spec.progressDeadlineSeconds': 5, 'spec.minReadySeconds': 5 },
      'spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds',
    ],
    [
      { 'spec.revisionHistoryLimit': -1 },
      'spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
    ],
  ])('with %j', (changes, ...messages) => {
    expect(make('deployments', changes).refusals).toEqual(messages);
  });

  it('never counts collisions down', () => {
    const old = changed(make('deployments').object, { 'status.collisionCount': 2 });
    expect(runUpdate('apps/deployments', old, changed(old, { 'status.collisionCount': 1 }), 'status').refusals).toEqual(
      ['status.collisionCount: Invalid value: 1: cannot be decremented'],
    );
  });
});

import type { KubeObject } from '@reckon/api/machinery';
import type { appsv1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate, testStrategies } from '../../testing/run-strategy';
import { scaleOf } from './scale';

const key = 'apps/statefulsets';
const claim = (name: string, changes: Record<string, unknown> = {}): object =>
  changed(
    { metadata: { name }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
    changes,
  );
const given = {
  metadata: { name: 'db', namespace: 'team' },
  spec: {
    serviceName: 'db',
    selector: { matchLabels: { app: 'a' } },
    template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } },
  },
};
const make = (changes: Record<string, unknown> = {}): ReturnType<typeof runCreate> =>
  runCreate(key, changed(given, changes));
const stored = (changes: Record<string, unknown> = {}): KubeObject => make(changes).object;
const never = 'must be greater than or equal to 0';
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

describe('a StatefulSet', () => {
  it('gets its defaults and an empty status', () => {
    const { metadata, spec, status } = make({ status: { replicas: 4 } }).object as unknown as appsv1.StatefulSet;
    expect(metadata.generation).toBe(1);
    expect(spec).toMatchObject({
      replicas: 1,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    });
    expect(status).toEqual({ replicas: 0, availableReplicas: 0 });
  });

  it.each<[object, object]>([
    [{ type: 'RollingUpdate' }, { type: 'RollingUpdate' }],
    [
      { type: 'RollingUpdate', rollingUpdate: {} },
      { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    ],
    [{ type: 'OnDelete' }, { type: 'OnDelete' }],
    [{ rollingUpdate: { partition: 2 } }, { type: 'RollingUpdate', rollingUpdate: { partition: 2 } }],
    // The gate of maxUnavailable is closed in v1.36.
    [{ rollingUpdate: { maxUnavailable: 2 } }, { type: 'RollingUpdate', rollingUpdate: { partition: 0 } }],
  ])('updates by %j as by %j', (strategy, expected) => {
    const { spec } = make({ 'spec.updateStrategy': strategy }).object as unknown as appsv1.StatefulSet;
    expect(spec?.updateStrategy).toEqual(expected);
  });

  it('makes whole claims of their templates', () => {
    const { spec } = make({ 'spec.volumeClaimTemplates': [claim('d')] }).object as unknown as appsv1.StatefulSet;
    expect(spec?.volumeClaimTemplates).toEqual([
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'd' },
        spec: {
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: '1Gi' } },
          volumeMode: 'Filesystem',
        },
        status: { phase: 'Pending' },
      },
    ]);
  });

  const update = 'spec.updateStrategy.rollingUpdate';
  const retention = 'spec.persistentVolumeClaimRetentionPolicy';
  const mount = { 'spec.template.spec.containers.0.volumeMounts': [{ name: 'd', mountPath: '/d' }] };
  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [{ 'spec.podManagementPolicy': 'Parallel' }],
    [
      { 'spec.podManagementPolicy': 'x' },
      "spec.podManagementPolicy: Invalid value: \"x\": must be 'OrderedReady' or 'Parallel'",
    ],
    [
      { 'spec.updateStrategy': { type: 'x' } },
      'spec.updateStrategy: Invalid value: {"Type":"x","RollingUpdate":null}: must be \'RollingUpdate\' or \'OnDelete\'',
    ],
    [
      { 'spec.updateStrategy': { type: 'OnDelete', rollingUpdate: { partition: 1 } } },
      `${update}: Invalid value: {"Partition":1,"MaxUnavailable":null}: only allowed for updateStrategy 'RollingUpdate'`,
    ],
    [
      { 'spec.updateStrategy': { rollingUpdate: { partition: -1 } } },
      `${update}.partition: Invalid value: -1: ${never}`,
    ],
    [
      { [retention]: { whenDeleted: 'x', whenScaled: 'Delete' } },
      `${retention}.whenDeleted: Unsupported value: "x": supported values: "Retain", "Delete"`,
    ],
    [
      { [retention]: { whenScaled: 'y' } },
      `${retention}.whenScaled: Unsupported value: "y": supported values: "Retain", "Delete"`,
    ],
    [
      { 'spec.volumeClaimTemplates': [{ metadata: { name: 'd' }, spec: {} }] },
      'spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required',
      'spec.volumeClaimTemplates[0].spec.resources[storage]: Required value',
    ],
    [{ 'spec.replicas': -1 }, `spec.replicas: Invalid value: -1: ${never}`],
    [{ 'spec.minReadySeconds': -1 }, `spec.minReadySeconds: Invalid value: -1: ${never}`],
    [{ 'spec.ordinals': { start: -1 } }, `spec.ordinals.start: Invalid value: -1: ${never}`],
    [{ 'spec.ordinals': { start: 5 } }],
    [{ 'spec.revisionHistoryLimit': -1 }],
    [{ 'spec.serviceName': '' }],
    [{ 'spec.serviceName': 'No' }, `spec.serviceName: Invalid value: "No": ${label}`],
    [
      { 'spec.selector': undefined },
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
    ],
    [{ 'spec.selector': {} }, 'spec.selector: Invalid value: {}: empty selector is invalid for statefulset'],
    [
      { 'spec.selector': { matchExpressions: [{ key: 'app', operator: 'Near' }] } },
      'spec.selector.matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator',
      'spec.selector: Invalid value: {"matchExpressions":[{"key":"app","operator":"Near"}]}',
    ],
    [
      { 'spec.template.metadata.labels': { app: 'b' } },
      'spec.template.metadata.labels: Invalid value: {"app":"b"}: `selector` does not match template `labels`',
    ],
    [{ 'spec.template.spec.containers': [] }, 'spec.template.spec.containers: Required value'],
    [
      { 'spec.template.spec.restartPolicy': 'Never' },
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
    [
      { 'spec.template.spec.activeDeadlineSeconds': 5 },
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported',
    ],
    // A claim is a volume, and takes the place of one.
    [{ ...mount, 'spec.volumeClaimTemplates': [claim('d')] }],
    [mount, 'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "d"'],
    [
      {
        ...mount,
        'spec.volumeClaimTemplates': [claim('d')],
        'spec.template.spec.volumes': [{ name: 'd', hostPath: { path: '' } }],
      },
    ],
    [
      { 'spec.volumeClaimTemplates': [claim('No')] },
      `spec.template.spec.volumes[0].name: Invalid value: "No": ${label}`,
    ],
    // The controller sets these itself.
    [{ 'spec.template.spec.hostname': 'No', 'spec.template.spec.subdomain': 'No' }],
  ])('with %j', (changes, ...messages) => {
    expect(make(changes).refusals).toEqual(messages);
  });

  it.each<[number | string, ...string[]]>([
    [1],
    ['50%'],
    [-1, `${update}.maxUnavailable: Invalid value: -1: ${never}`],
    [0, `${update}.maxUnavailable: Invalid value: 0: cannot be 0`],
    ['0%', `${update}.maxUnavailable: Invalid value: "0%": cannot be 0`],
    ['101%', `${update}.maxUnavailable: Invalid value: "101%": must not be greater than 100%`],
  ])('that had maxUnavailable already may have %s', (maxUnavailable, ...messages) => {
    const path = 'spec.updateStrategy.rollingUpdate.maxUnavailable';
    const old = changed(stored(), { [path]: 3 });
    const next = runUpdate(key, old, changed(old, { [path]: maxUnavailable }));
    expect(next.refusals).toEqual(messages);
    expect(next.object['spec']).toMatchObject({ updateStrategy: { rollingUpdate: { maxUnavailable } } });
  });

  const fixed =
    "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
  it.each<[Record<string, unknown>, ...string[]]>([
    [{ 'spec.replicas': 5 }],
    [{ 'spec.ordinals': { start: 2 } }],
    [{ 'spec.template.spec.containers.0.image': 'i:2' }],
    [{ 'spec.updateStrategy': { type: 'OnDelete' } }],
    [{ 'spec.revisionHistoryLimit': 2 }],
    [{ [retention]: { whenDeleted: 'Delete', whenScaled: 'Retain' } }],
    [{ 'spec.minReadySeconds': 5 }],
    [{ 'spec.serviceName': 'other' }, fixed],
    [{ 'spec.podManagementPolicy': 'Parallel' }, fixed],
    [{ 'spec.volumeClaimTemplates': [claim('d', { 'spec.resources.requests.storage': '2Gi' })] }, fixed],
    [{ 'spec.selector': { matchLabels: { app: 'a', b: 'c' } }, 'spec.template.metadata.labels.b': 'c' }, fixed],
    [{ 'spec.replicas': -1 }, `spec.replicas: Invalid value: -1: ${never}`],
    [{ 'spec.template.spec.containers': [] }, 'spec.template.spec.containers: Required value'],
  ])('updated with %j', (changes, ...messages) => {
    const old = stored({ 'spec.volumeClaimTemplates': [claim('d')] });
    expect(runUpdate(key, old, changed(old, changes)).refusals).toEqual(messages);
  });

  it('may stay as wrong as it was stored', () => {
    const broken = changed(stored(), {
      'spec.serviceName': 'Not_A_Label',
      'spec.volumeClaimTemplates': [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: 'd' },
          spec: { volumeMode: 'Filesystem' },
          status: { phase: 'Pending' },
        },
      ],
      'spec.template.spec.containers': [],
    });
    expect(runUpdate(key, broken, changed(broken, { 'metadata.labels': { a: 'b' } })).refusals).toEqual([]);
    const badly = changed(broken, { 'spec.template.metadata.annotations': { 'a b': 'c' } });
    expect(runUpdate(key, broken, badly).refusals).toEqual([
      expect.stringContaining('spec.template.annotations: Invalid value: "a b"'),
    ]);
  });

  it('has a name that is a label, because its pods are hosts', () => {
    const rule = testStrategies().of('apps', 'statefulsets')?.strategy.nameRule;
    expect(rule?.('a.b', false)).toEqual(['must not contain dots']);
    expect(rule?.('web-', true)).toEqual([]);
  });

  it('counts changes of its spec, and keeps spec and status apart', () => {
    const old = stored();
    const both = changed(old, { 'spec.replicas': 5, 'status.replicas': 3 });
    expect(runUpdate(key, old, both).object).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 5 },
      status: old['status'],
    });
    expect(runUpdate(key, old, both, 'status').object).toMatchObject({
      metadata: { generation: 1 },
      spec: { replicas: 1 },
      status: { replicas: 3 },
    });
    expect(runUpdate(key, old, changed(old, { 'metadata.labels': { a: 'b' } })).object.metadata.generation).toBe(1);
  });

  it.each<[Record<string, unknown>, ...string[]]>([
    [{ replicas: 3, readyReplicas: 2, currentReplicas: 3, updatedReplicas: 3, availableReplicas: 2 }],
    [
      { replicas: -1, readyReplicas: -1, currentReplicas: -1, updatedReplicas: -1, availableReplicas: -1 },
      ...['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'].map(
        (count) => `status.${count}: Invalid value: -1: ${never}`,
      ),
    ],
    [
      { readyReplicas: -1 },
      `status.readyReplicas: Invalid value: -1: ${never}`,
      'status.availableReplicas: Invalid value: 0: cannot be greater than status.readyReplicas',
    ],
    [{ currentReplicas: -1 }, `status.currentReplicas: Invalid value: -1: ${never}`],
    [{ updatedReplicas: -1 }, `status.updatedReplicas: Invalid value: -1: ${never}`],
    [{ collisionCount: -1 }, `status.collisionCount: Invalid value: -1: ${never}`],
    [{ observedGeneration: -1 }, `status.observedGeneration: Invalid value: -1: ${never}`],
    [{ readyReplicas: 2 }, 'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas'],
    [{ currentReplicas: 2 }, 'status.currentReplicas: Invalid value: 2: cannot be greater than status.replicas'],
    [{ updatedReplicas: 2 }, 'status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas'],
    [
      { replicas: 1, readyReplicas: 1, availableReplicas: 2 },
      'status.availableReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 2: cannot be greater than status.readyReplicas',
    ],
  ])('reports %j', (status, ...messages) => {
    const old = stored();
    const next = changed(old, { status: { replicas: 0, availableReplicas: 0, ...status } });
    expect(runUpdate(key, old, next, 'status').refusals).toEqual(messages);
  });

  it('never counts collisions down', () => {
    const old = changed(stored(), { 'status.collisionCount': 2 });
    expect(runUpdate(key, old, changed(old, { 'status.collisionCount': 1 }), 'status').refusals).toEqual([
      'status.collisionCount: Invalid value: 1: cannot be decremented',
    ]);
  });

  it('warns of its template, of claims that are no whole number of bytes, and of a history without end', () => {
    const odd = {
      'spec.template.spec.terminationGracePeriodSeconds': -1,
      'spec.volumeClaimTemplates': [
        claim('d', { 'spec.resources': { requests: { storage: '1500m' }, limits: { storage: '500m' } } }),
      ],
      'spec.revisionHistoryLimit': -1,
    };
    const grace =
      'spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1';
    const claims = (step: string): string[] => [
      `spec.volumeClaimTemplates[0]${step}.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer`,
      `spec.volumeClaimTemplates[0]${step}.resources.limits[storage]: fractional byte value "500m" is invalid, must be an integer`,
    ];
    const history =
      'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended';
    expect(make(odd).warnings).toEqual([grace, ...claims(''), history]);
    const old = make(odd).object;
    expect(runUpdate(key, old, old).warnings).toEqual([...claims('.Spec'), history]);
    expect(runUpdate(key, old, changed(old, { 'spec.replicas': 2 })).warnings).toEqual([
      grace,
      ...claims('.Spec'),
      history,
    ]);
  });

  it('is scaled', () => {
    expect(scaleOf(stored({ 'spec.replicas': 3 }) as unknown as appsv1.StatefulSet)).toMatchObject({
      spec: { replicas: 3 },
      status: { replicas: 0, selector: 'app=a' },
    });
  });
});

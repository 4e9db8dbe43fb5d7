import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../../testing/run-strategy';

const key = '/persistentvolumeclaims';
const given = {
  metadata: { name: 'data', namespace: 'team', uid: 'u', resourceVersion: '7' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};
const create = (changes: Record<string, unknown> = {}): ReturnType<typeof runCreate> =>
  runCreate(key, changed(given, changes));
const stored = (changes: Record<string, unknown> = {}): object => changed(create().object, changes);
const update = (
  changes: Record<string, unknown>,
  old: Record<string, unknown> = {},
  subresource = '',
): ReturnType<typeof runUpdate> => runUpdate(key, stored(old), changed(stored(old), changes), subresource);

const snapshot = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 's' };
const other = { apiGroup: 'example.com', kind: 'Backup', name: 'b' };
const oldClass = 'volume.beta.kubernetes.io/storage-class';

describe('a new claim', () => {
  it('is pending and wants files', () => {
    expect(create({ status: { phase: 'Bound' } }).object).toMatchObject({
      spec: { volumeMode: 'Filesystem' },
      status: { phase: 'Pending' },
    });
  });

  it.each<[string, object, object | undefined, object | undefined]>([
    ['a snapshot by the older field', { dataSource: snapshot }, snapshot, snapshot],
    ['a claim', { dataSource: { kind: 'PersistentVolumeClaim', name: 'c' } }, { name: 'c' }, { name: 'c' }],
    ['anything by the newer field', { dataSourceRef: other }, other, other],
    ['anything by the older field, which is dropped', { dataSource: other }, undefined, undefined],
    [
      'another namespace, which is behind a gate',
      { dataSourceRef: { ...snapshot, namespace: 'x' } },
      undefined,
      undefined,
    ],
  ])('is filled from %s', (_what, source, dataSource, dataSourceRef) => {
    const { object } = create({ spec: { ...given.spec, ...source } });
    const { spec } = object as { spec?: Record<string, unknown> };
    if (dataSource === undefined) expect(spec).not.toHaveProperty('dataSource');
    else expect(spec?.['dataSource']).toMatchObject(dataSource);
    if (dataSourceRef === undefined) expect(spec).not.toHaveProperty('dataSourceRef');
    else expect(spec?.['dataSourceRef']).toMatchObject(dataSourceRef);
  });

  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [{ 'spec.accessModes': [] }, 'spec.accessModes: Required value: at least 1 access mode is required'],
    [
      { 'spec.accessModes': ['x'] },
      'spec.accessModes: Unsupported value: "x": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
    ],
    [
      { 'spec.accessModes': ['ReadWriteOncePod', 'ReadOnlyMany'] },
      'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
    ],
    [{ 'spec.resources': {} }, 'spec.resources[storage]: Required value'],
    [
      { 'spec.resources.requests.storage': '-1' },
      'spec.resources[storage]: Invalid value: "-1": must be greater than zero',
    ],
    [{ 'spec.storageClassName': '' }],
    [{ 'spec.storageClassName': 'a' }],
    [{ 'spec.volumeMode': 'x' }, 'spec.volumeMode: Unsupported value: "x": supported values: "Block", "Filesystem"'],
    [
      { 'spec.selector': { matchExpressions: [{ key: 'a', operator: 'x' }] } },
      'spec.selector.matchExpressions[0].operator: Invalid value: "x": not a valid selector operator',
    ],
    [
      { 'spec.dataSourceRef': { kind: 'Pod', name: 'p' } },
      'spec.dataSource: Invalid value: "Pod": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
      'spec.dataSourceRef: Invalid value: "Pod": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
    ],
    [
      { 'spec.dataSourceRef': { apiGroup: 'example.com', kind: '', name: '' } },
      'spec.dataSource.name: Required value',
      'spec.dataSource.kind: Required value',
      'spec.dataSourceRef.name: Required value',
      'spec.dataSourceRef.kind: Required value',
    ],
    [{ 'spec.dataSource': snapshot, 'spec.dataSourceRef': other }, 'spec: Invalid value: {}: must match dataSourceRef'],
    [{ 'spec.volumeAttributesClassName': 'gold' }],
    [{ 'spec.volumeAttributesClassName': '' }],
  ])('with %j is refused for what is wrong', (changes, ...refusals) => {
    expect(create(changes).refusals).toEqual(refusals);
  });

  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [{ 'spec.resources.requests.storage': '1000m' }],
    [
      { 'spec.resources.requests.storage': '1500m', 'spec.resources.limits': { storage: '2500m' } },
      'spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
      'spec.resources.limits[storage]: fractional byte value "2500m" is invalid, must be an integer',
    ],
    [
      { 'metadata.annotations': { [oldClass]: 'c' } },
      'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead',
    ],
  ])('with %j is warned', (changes, ...warnings) => {
    expect(create(changes).warnings).toEqual(warnings);
  });
});

describe('a changed claim', () => {
  const bound = { 'status.phase': 'Bound', 'status.capacity': { storage: '1Gi' }, 'spec.volumeName': 'pv' };
  const gold = { ...bound, 'spec.volumeAttributesClassName': 'gold' };
  const current = { 'status.currentVolumeAttributesClassName': 'gold' };
  const immutable =
    'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
  const firstLines = (refusals: readonly string[]): string[] => refusals.map((text) => text.split('\n')[0] ?? '');

  it.each<[Record<string, unknown>, Record<string, unknown>, ...string[]]>([
    [{ 'metadata.labels': { a: 'b' } }, {}],
    // It is given a volume once …
    [{ 'spec.volumeName': 'pv' }, {}],
    [{ 'spec.volumeName': 'other' }, bound, immutable],
    // … grows while bound, and takes back only what was not reached.
    [{ 'spec.resources.requests.storage': '2Gi' }, bound],
    [{ 'spec.resources.requests.storage': '2Gi' }, {}, immutable],
    [{ 'spec.resources.requests.storage': '2Gi' }, { ...bound, 'spec.resources.requests.storage': '3Gi' }],
    [
      { 'spec.resources.requests.storage': '1Gi' },
      { ...bound, 'spec.resources.requests.storage': '3Gi' },
      'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
    ],
    [{ 'spec.accessModes': ['ReadOnlyMany'] }, {}, immutable],
    // A namespace cannot come to what there is already, of which the older field knows nothing.
    [
      { 'spec.dataSourceRef.namespace': 'x' },
      { 'spec.dataSource': snapshot, 'spec.dataSourceRef': snapshot },
      // Upstream looks twice.
      ...Array<string>(2).fill(
        'spec: Invalid value: {}: may not be specified when dataSourceRef.namespace is specified',
      ),
      immutable,
    ],
    [{ 'spec.volumeMode': 'Block' }, {}, immutable, 'volumeMode: Invalid value: "Block": field is immutable'],
    // Its attributes change while it is bound, and are taken back before they had their effect.
    [{ 'spec.volumeAttributesClassName': 'gold' }, bound],
    [{ 'spec.volumeAttributesClassName': 'gold' }, {}, immutable],
    [{ 'spec.volumeAttributesClassName': 'silver' }, gold],
    [{ 'spec.volumeAttributesClassName': undefined }, gold],
    [{ 'spec.volumeAttributesClassName': '' }, gold],
    [{ 'spec.volumeAttributesClassName': 'silver' }, { ...gold, ...current }],
    [
      { 'spec.volumeAttributesClassName': undefined },
      { ...gold, ...current },
      'spec.volumeAttributesClassName: Forbidden: update to nil is forbidden when status.currentVolumeAttributesClassName is not nil',
    ],
    [
      { 'spec.volumeAttributesClassName': '' },
      { ...gold, ...current },
      'spec.volumeAttributesClassName: Forbidden: update to empty string is forbidden when status.currentVolumeAttributesClassName is not nil',
    ],
    // A class may come late, from nowhere or from the annotation.
    [{ 'spec.storageClassName': 'fast' }, {}],
    [{ 'spec.storageClassName': 'slow' }, { 'spec.storageClassName': 'fast' }, immutable],
    [
      { 'spec.storageClassName': 'fast', 'metadata.annotations': {} },
      { 'metadata.annotations': { [oldClass]: 'fast' } },
    ],
    [{ 'spec.storageClassName': 'slow' }, { 'metadata.annotations': { [oldClass]: 'fast' } }, immutable],
    [
      { 'metadata.annotations': { [oldClass]: 'slow' } },
      { 'metadata.annotations': { [oldClass]: 'fast' } },
      'metadata.annotations.volume.beta.kubernetes.io/storage-class: Invalid value: "slow": field is immutable',
    ],
    // What is wrong with the whole is said by the strategy and by the rules for updates.
    [
      { 'spec.accessModes': [] },
      {},
      'spec.accessModes: Required value: at least 1 access mode is required',
      'spec.accessModes: Required value: at least 1 access mode is required',
      immutable,
    ],
    // What was wrong already may stay.
    [
      { 'metadata.labels': { a: 'b' } },
      { 'spec.selector': { matchExpressions: [{ key: 'a', operator: 'In', values: ['b c'] }] } },
    ],
    [
      { 'metadata.labels': { a: 'b' } },
      { 'spec.dataSource': { ...other, apiGroup: 'A_b' }, 'spec.dataSourceRef': { ...other, apiGroup: 'A_b' } },
    ],
    // A client that does not know the newer field of a source leaves it out.
    [{ 'spec.dataSourceRef': undefined }, { 'spec.dataSource': other, 'spec.dataSourceRef': other }],
  ])('by %j of %j', (changes, old, ...refusals) => {
    expect(firstLines(update(changes, old).refusals)).toEqual(refusals);
  });

  it('is told what it would change', () => {
    expect(update({ 'spec.accessModes': ['ReadOnlyMany'] }).refusals[0]).toBe(
      `${immutable}\n@@ -1,6 +1,6 @@\n {\n  "AccessModes": [\n-  "ReadWriteOnce"\n+  "ReadOnlyMany"\n  ],\n  "Selector": null,\n  "Resources": {\n`,
    );
  });

  it('keeps its status', () => {
    expect(update({ 'status.phase': 'Bound' }).object).toMatchObject({ status: { phase: 'Pending' } });
  });
});

describe('the status of a claim', () => {
  it.each<[Record<string, unknown>, ...string[]]>([
    [{ 'status.phase': 'Bound', 'status.capacity': { storage: '1Gi' } }],
    [{ 'metadata.resourceVersion': undefined }, 'resourceVersion: Required value'],
    [
      { 'status.capacity': { storage: '-1' } },
      'status.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
    ],
    [
      {
        'status.allocatedResources': { storage: '1Gi', 'example.com/a': '1' },
        'status.allocatedResourceStatuses': { storage: 'NodeResizePending' },
      },
    ],
    [
      { 'status.allocatedResourceStatuses': { cpu: 'x' } },
      'status.allocatedResourceStatus: Unsupported value: "cpu": supported values: "storage"',
      'status.allocatedResourceStatus: Unsupported value: "cpu": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
    ],
    [
      { 'status.allocatedResources': { cpu: '1', storage: '-1' } },
      'status.allocatedResources: Unsupported value: "cpu": supported values: "storage"',
      'status.allocatedResources[storage]: Invalid value: -1: must be a valid resource quantity',
    ],
  ])('with %j is refused for what is wrong', (changes, ...refusals) => {
    expect(update(changes, {}, 'status').refusals).toEqual(refusals);
  });

  it('leaves the spec alone', () => {
    expect(update({ 'spec.volumeName': 'pv' }, {}, 'status').object).not.toMatchObject({ spec: { volumeName: 'pv' } });
    expect(update({}, { 'spec.accessModes': [] }, 'status').refusals).toEqual(['Spec.accessModes: Required value']);
  });
});

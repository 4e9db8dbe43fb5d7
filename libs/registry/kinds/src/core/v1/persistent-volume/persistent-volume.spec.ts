import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../../testing/run-strategy';

const given = {
  metadata: { name: 'pv', uid: 'u', resourceVersion: '7' },
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' } },
};
const create = (changes: Record<string, unknown> = {}): ReturnType<typeof runCreate> =>
  runCreate('/persistentvolumes', changed(given, changes));
const stored = (changes: Record<string, unknown> = {}): object => create(changes).object;
const update = (
  changes: Record<string, unknown>,
  old: Record<string, unknown> = {},
  subresource = '',
): ReturnType<typeof runUpdate> =>
  runUpdate('/persistentvolumes', stored(old), changed(stored(old), changes), subresource);
const withSource = (source: object): Record<string, unknown> => ({
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...source },
});
const affinity = (...matchExpressions: object[]): object => ({
  required: { nodeSelectorTerms: [{ matchExpressions }] },
});
const inZone = { key: 'zone', operator: 'In', values: ['a'] };

describe('a new volume', () => {
  it('is pending, kept by default, and has files', () => {
    expect(create().object).toMatchObject({
      spec: {
        persistentVolumeReclaimPolicy: 'Retain',
        volumeMode: 'Filesystem',
        hostPath: { path: '/data', type: '' },
      },
      status: { phase: 'Pending', lastPhaseTransitionTime: '2026-01-01T00:00:00Z' },
    });
  });

  it.each<[string, object, object]>([
    ['iscsi', {}, { iscsiInterface: 'default' }],
    ['rbd', {}, { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' }],
    ['azureDisk', {}, { cachingMode: 'ReadWrite', kind: 'Shared', fsType: 'ext4', readOnly: false }],
    ['scaleIO', {}, { storageMode: 'ThinProvisioned', fsType: 'xfs' }],
    ['nfs', {}, {}],
  ])('gets the defaults of its source: %s', (source, body, expected) => {
    expect(create(withSource({ [source]: body })).object).toMatchObject({ spec: { [source]: expected } });
  });

  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [{ 'spec.accessModes': [] }, 'spec.accessModes: Required value'],
    [
      { 'spec.accessModes': ['x'] },
      'spec.accessModes: Unsupported value: "x": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
    ],
    [{ 'spec.accessModes': ['ReadWriteOncePod'] }],
    [
      { 'spec.accessModes': ['ReadWriteOncePod', 'ReadWriteOnce'] },
      'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
    ],
    [
      { 'spec.capacity': undefined },
      'spec.capacity: Required value',
      'spec.capacity: Unsupported value: null: supported values: "storage"',
    ],
    [
      { 'spec.capacity': { storage: '1Gi', cpu: '1' } },
      'spec.capacity: Unsupported value: {"cpu":"1","storage":"1Gi"}: supported values: "storage"',
    ],
    [{ 'spec.capacity': { storage: '0' } }, 'spec.capacity[storage]: Invalid value: "0": must be greater than zero'],
    [
      { 'spec.capacity': { storage: '-1' } },
      'spec.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
      'spec.capacity[storage]: Invalid value: "-1": must be greater than zero',
    ],
    [
      { 'spec.persistentVolumeReclaimPolicy': 'x' },
      'spec.persistentVolumeReclaimPolicy: Unsupported value: "x": supported values: "Delete", "Recycle", "Retain"',
    ],
    [{ 'spec.hostPath.path': '/', 'spec.persistentVolumeReclaimPolicy': 'Delete' }],
    [
      { 'spec.hostPath.path': '/a/./..', 'spec.persistentVolumeReclaimPolicy': 'Recycle' },
      'spec.hostPath.path: Invalid value: "/a/./..": must not contain \'..\'',
      "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
    ],
    [{ 'spec.nodeAffinity': {} }, 'spec.nodeAffinity.required: Required value: must specify required node constraints'],
    [
      { 'spec.nodeAffinity': { required: {} } },
      'spec.nodeAffinity.required.nodeSelectorTerms: Required value: must have at least one node selector term',
    ],
    [{ 'spec.nodeAffinity': affinity(inZone) }],
    [
      { 'spec.nodeAffinity': affinity({ ...inZone, values: ['a b'] }) },
      "spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values[0]: Invalid value: \"a b\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
    [
      { 'spec.storageClassName': 'A' },
      "spec.storageClassName: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
    [{ 'spec.volumeMode': 'x' }, 'spec.volumeMode: Unsupported value: "x": supported values: "Block", "Filesystem"'],
    [
      { 'spec.volumeAttributesClassName': '' },
      'spec.volumeAttributesClassName: Required value: an empty string is disallowed',
      'spec.csi: Required value: has to be specified when using volumeAttributesClassName',
    ],
    [
      { metadata: { name: 'pv', annotations: { 'volume.beta.kubernetes.io/mount-options': 'ro' } } },
      'metadata.annotations.volume.beta.kubernetes.io/mount-options: Forbidden: may not specify mount options for this volume type',
    ],
    [
      {
        metadata: { name: 'pv', annotations: { 'volume.beta.kubernetes.io/mount-options': 'ro' } },
        ...withSource({ nfs: { server: 's', path: '/' } }),
      },
    ],
  ])('with %j is refused for what is wrong', (changes, ...refusals) => {
    expect(create(changes).refusals).toEqual(refusals);
  });

  it.each<[object, ...string[]]>([
    [{}, 'spec: Required value: must specify a volume type'],
    [
      { hostPath: { path: '/a' }, nfs: {}, cephfs: {}, gcePersistentDisk: {} },
      'spec.gcePersistentDisk: Forbidden: may not specify more than 1 volume type',
      'spec.nfs: Forbidden: may not specify more than 1 volume type',
      'spec.cephFS: Forbidden: may not specify more than 1 volume type',
    ],
    [{ hostPath: { path: '/a' }, flexVolume: { driver: 'd' } }],
    [{ hostPath: {} }, 'spec.hostPath.path: Required value'],
    [
      { gcePersistentDisk: { partition: 256 } },
      'spec.persistentDisk.pdName: Required value',
      'spec.persistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive',
    ],
    [{ awsElasticBlockStore: {} }, 'spec.awsElasticBlockStore.volumeID: Required value'],
    [
      { glusterfs: { endpointsNamespace: '' } },
      'spec.glusterfs.endpoints: Required value',
      'spec.glusterfs.path: Required value',
      'spec.glusterfs.endpointsNamespace: Invalid value: "": if the endpointnamespace is set, it must be a valid namespace name',
    ],
    [{ glusterfs: { endpoints: 'e', path: 'p', endpointsNamespace: 'team' } }],
    [{ flocker: {} }, 'spec.flocker: Required value: one of datasetName and datasetUUID is required'],
    [{ nfs: { server: 's', path: 'a' } }, 'spec.nfs.path: Invalid value: "a": must be an absolute path'],
    [{ rbd: {} }, 'spec.rbd.monitors: Required value', 'spec.rbd.image: Required value'],
    [
      { quobyte: {} },
      'spec.quobyte.registry: Required value: must be a host:port pair or multiple pairs separated by commas',
      'spec.quobyte.volume: Required value',
    ],
    [{ cephfs: {} }, 'spec.cephfs.monitors: Required value'],
    [
      { iscsi: { iqn: 'x', lun: 256, chapAuthSession: true, initiatorName: 'iqn.x' } },
      'spec.iscsi.targetPortal: Required value',
      'spec.iscsi.iqn: Invalid value: "x": must be valid format',
      'spec.iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive',
      'spec.iscsi.secretRef: Required value',
      'spec.iscsi.initiatorname: Invalid value: "iqn.x": must be valid format',
    ],
    [
      {
        iscsi: {
          targetPortal: 'p'.repeat(62),
          iqn: 'eui.0123456789abcdef',
          lun: 0,
          secretRef: {},
          initiatorName: 'eui.0123456789abcdef',
        },
      },
      `spec.iscsi.targetportal: Invalid value: "${'p'.repeat(62)}": Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.`,
      'spec.iscsi.secretRef.name: Required value',
    ],
    [{ iscsi: { targetPortal: 'p', lun: 0 } }, 'spec.iscsi.iqn: Required value'],
    [
      { cinder: { secretRef: {} } },
      'spec.cinder.volumeID: Required value',
      'spec.cinder.secretRef.name: Required value',
      'spec.cinder.secretRef.namespace: Required value',
    ],
    [{ fc: {} }, 'spec.fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both'],
    [
      { flexVolume: { options: { 'kubernetes.io/a': '1' } } },
      'spec.flexVolume.driver: Required value',
      'spec.flexVolume.options[kubernetes.io/a]: Invalid value: "kubernetes.io/a": kubernetes.io and k8s.io namespaces are reserved',
    ],
    [
      { azureFile: { secretNamespace: '' } },
      'spec.azureFile.secretName: Required value',
      'spec.azureFile.shareName: Required value',
      'spec.azureFile.secretNamespace: Required value',
    ],
    [{ vsphereVolume: {} }, 'spec.vsphereVolume.volumePath: Required value'],
    [{ photonPersistentDisk: {} }, 'spec.photonPersistentDisk.pdID: Required value'],
    [{ portworxVolume: {} }, 'spec.portworxVolume.volumeID: Required value'],
    [
      { azureDisk: { diskName: 'd', diskURI: 'https://x', kind: 'x' } },
      'spec.azureDisk.kind: Unsupported value: "x": supported values: "Dedicated", "Managed", "Shared"',
    ],
    [
      { scaleIO: {} },
      'spec.scaleIO.gateway: Required value',
      'spec.scaleIO.system: Required value',
      'spec.scaleIO.volumeName: Required value',
    ],
    [
      { local: {} },
      'spec.local.path: Required value',
      'spec.nodeAffinity: Required value: Local volume requires node affinity',
    ],
    [
      { local: { path: '../a' }, nodeAffinity: affinity(inZone) },
      'spec.local.path: Invalid value: "../a": must not contain \'..\'',
    ],
    [
      { storageos: { secretRef: {} } },
      'spec.storageos.volumeName: Required value',
      'spec.storageos.secretRef.name: Required value',
      'spec.storageos.secretRef.namespace: Required value',
    ],
    [
      { csi: { driver: 'd', controllerExpandSecretRef: {}, nodeStageSecretRef: {} } },
      'spec.csi.volumeHandle: Required value',
      'spec.csi.controllerExpandSecretRef.name: Required value',
      'spec.csi.controllerExpandSecretRef.namespace: Required value',
    ],
    [
      {
        csi: {
          driver: 'd'.repeat(64),
          volumeHandle: 'h',
          nodePublishSecretRef: { name: 's', namespace: 'a.b' },
        },
        volumeAttributesClassName: 'gold',
      },
      'spec.csi.driver: Too long: may not be more than 63 bytes',
      'spec.csi.nodePublishSecretRef.namespace: Invalid value: "a.b": must not contain dots',
    ],
  ])('of %j is refused for what is wrong with its source', (source, ...refusals) => {
    expect(create(withSource(source)).refusals).toEqual(refusals);
  });

  it('is warned of what is old', () => {
    expect(
      create({
        metadata: {
          name: 'pv',
          annotations: {
            'volume.beta.kubernetes.io/storage-class': 'c',
            'volume.beta.kubernetes.io/mount-options': 'ro',
          },
        },
        'spec.persistentVolumeReclaimPolicy': 'Recycle',
        'spec.nodeAffinity': affinity({ ...inZone, key: 'beta.kubernetes.io/os' }),
        'spec.storageos': {},
        'spec.rbd': {},
      }).warnings,
    ).toEqual([
      'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead',
      'metadata.annotations[volume.beta.kubernetes.io/mount-options]: deprecated since v1.31; use "mountOptions" attribute instead',
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
      'spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/os is deprecated since v1.14; use "kubernetes.io/os" instead',
      'spec.storageOS: deprecated in v1.22, non-functional in v1.25+',
      'spec.rbd: deprecated in v1.28, non-functional in v1.31+',
    ]);
  });
});

describe('a changed volume', () => {
  const csi = withSource({ csi: { driver: 'd', volumeHandle: 'h' } });
  const secret = { name: 's', namespace: 'team' };

  it('keeps its status', () => {
    expect(update({ 'status.phase': 'Bound' }).object).toMatchObject({ status: { phase: 'Pending' } });
  });

  it.each<[Record<string, unknown>, Record<string, unknown>, ...string[]]>([
    [{ 'spec.claimRef': { name: 'c' }, 'spec.persistentVolumeReclaimPolicy': 'Delete' }, {}],
    [{ 'spec.capacity': { storage: '2Gi' } }, {}],
    [{ 'spec.nodeAffinity': affinity(inZone) }, {}],
    [{ 'spec.csi.controllerExpandSecretRef': secret }, csi],
    [{ 'spec.volumeAttributesClassName': 'gold' }, csi],
    [{ 'spec.volumeMode': 'Block' }, {}, 'volumeMode: Invalid value: "Block": field is immutable'],
    [
      { 'spec.volumeAttributesClassName': undefined },
      { ...csi, 'spec.volumeAttributesClassName': 'gold' },
      'spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden',
    ],
    [
      { 'spec.nodeAffinity': affinity({ ...inZone, key: 'topology.kubernetes.io/zone' }) },
      { 'spec.nodeAffinity': affinity({ ...inZone, key: 'failure-domain.beta.kubernetes.io/zone' }) },
    ],
    [
      { 'spec.nodeAffinity': affinity({ ...inZone, key: 'other' }) },
      { 'spec.nodeAffinity': affinity(inZone) },
      'nodeAffinity: Invalid value: {"Required":{"NodeSelectorTerms":[{"MatchExpressions":[{"Key":"other","Operator":"In","Values":["a"]}],"MatchFields":null}]}}: field is immutable, except for updating from beta label to GA',
    ],
    [
      { 'spec.nodeAffinity': undefined },
      { 'spec.nodeAffinity': affinity(inZone) },
      'nodeAffinity: Invalid value: null: field is immutable, except for updating from beta label to GA',
    ],
    // What is wrong with the whole is said by the strategy and by the rules for updates.
    [{ 'spec.accessModes': [] }, {}, 'spec.accessModes: Required value', 'spec.accessModes: Required value'],
  ])('by %j of %j', (changes, old, ...refusals) => {
    expect(update(changes, old).refusals).toEqual(refusals);
  });

  it('may keep bad values of node labels', () => {
    const bad = changed(stored(), { 'spec.nodeAffinity': affinity({ ...inZone, values: ['a b'] }) });
    expect(runUpdate('/persistentvolumes', bad, changed(bad, { 'metadata.labels': { a: 'b' } })).refusals).toEqual([]);
  });

  it('cannot be made of something else', () => {
    expect(update({ 'spec.hostPath.path': '/other' }).refusals).toEqual([
      [
        'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation',
        '@@ -2,7 +2,7 @@',
        '  "GCEPersistentDisk": null,',
        '  "AWSElasticBlockStore": null,',
        '  "HostPath": {',
        '-  "Path": "/data",',
        '+  "Path": "/other",',
        '   "Type": ""',
        '  },',
        '  "Glusterfs": null,',
        '',
      ].join('\n'),
    ]);
    expect(
      update(
        { 'spec.csi.controllerExpandSecretRef': { ...secret, name: 't' } },
        {
          ...csi,
          'spec.csi.controllerExpandSecretRef': secret,
        },
      ).refusals,
    ).toHaveLength(1);
  });
});

describe('the status of a volume', () => {
  const before = { phase: 'Available', lastPhaseTransitionTime: '2025-01-01T00:00:00Z' };
  const changeStatus = (status: object): unknown => {
    const old = changed(stored(), { status: before });
    return runUpdate('/persistentvolumes', old, changed(old, { status, 'spec.storageClassName': 'x' }), 'status')
      .object;
  };

  it.each([
    [{ phase: 'Bound' }, '2026-01-01T00:00:00Z'],
    [{ ...before, phase: 'Bound' }, '2026-01-01T00:00:00Z'],
    [{ phase: 'Bound', lastPhaseTransitionTime: '2025-06-01T00:00:00Z' }, '2025-06-01T00:00:00Z'],
    [{ phase: 'Available', message: 'm' }, before.lastPhaseTransitionTime],
  ])('%j has the time of its last change of phase', (status, time) => {
    const object = changeStatus(status);
    expect(object).toMatchObject({ status: { ...status, lastPhaseTransitionTime: time } });
    expect(object).not.toMatchObject({ spec: { storageClassName: 'x' } });
  });

  it('is not written over an unknown version', () => {
    expect(update({ 'metadata.resourceVersion': undefined }, {}, 'status').refusals).toEqual([
      'resourceVersion: Required value',
    ]);
    expect(update({ 'status.phase': 'Bound' }, {}, 'status').refusals).toEqual([]);
  });
});

import type { KubeObject } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { createKindRegistry } from '../kind-registry';
import { tableFor } from './table-for';

const nowMs = Date.parse('2026-01-02T00:00:00Z');
const hourAgo = '2026-01-01T23:00:00Z';
const kinds = createKindRegistry();

const table = (key: string, objects: readonly KubeObject[]): ReturnType<typeof tableFor> => {
  const [group = '', resource = ''] = key.split('/');
  const row = kinds.resource(group, 'v1', resource);
  if (row === undefined) throw new Error(`no ${resource}`);
  return tableFor(row, objects, { nowMs, includeObject: 'None', apiVersion: 'meta.k8s.io/v1' });
};
const cells = (key: string, fields: object, metadata: object = {}): readonly unknown[] =>
  table(key, [{ metadata: { name: 'x', creationTimestamp: hourAgo, ...metadata }, ...fields }]).rows[0]?.cells ?? [];
const deleted = { deletionTimestamp: hourAgo };
const oldClass = { annotations: { 'volume.beta.kubernetes.io/storage-class': 'old' } };

describe('tables of storage', () => {
  it.each([
    [
      '/persistentvolumes',
      'Name,Capacity,Access Modes,Reclaim Policy,Status,Claim,StorageClass,VolumeAttributesClass,Reason,Age,VolumeMode*',
    ],
    [
      '/persistentvolumeclaims',
      'Name,Status,Volume,Capacity,Access Modes,StorageClass,VolumeAttributesClass,Age,VolumeMode*',
    ],
    ['storage.k8s.io/storageclasses', 'Name,Provisioner,ReclaimPolicy,VolumeBindingMode,AllowVolumeExpansion,Age'],
    [
      'storage.k8s.io/csidrivers',
      'Name,AttachRequired,PodInfoOnMount,StorageCapacity,TokenRequests,RequiresRepublish,Modes,Age',
    ],
    ['storage.k8s.io/csinodes', 'Name,Drivers,Age'],
    ['storage.k8s.io/csistoragecapacities', 'Name,Created At'],
    ['storage.k8s.io/volumeattachments', 'Name,Attacher,PV,Node,Attached,Age'],
    ['storage.k8s.io/volumeattributesclasses', 'Name,DriverName,Age'],
  ])('of %s have their columns, the wide ones marked', (key, names) => {
    const { columnDefinitions } = table(key, []);
    expect(columnDefinitions.map(({ name, priority }) => (priority === 1 ? `${name}*` : name)).join()).toBe(names);
  });

  const volume = {
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOncePod', 'ReadWriteMany', 'ReadOnlyMany', 'ReadWriteOnce', 'ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      claimRef: { namespace: 'team', name: 'data' },
      storageClassName: 'fast',
      volumeAttributesClassName: 'gold',
      volumeMode: 'Block',
    },
    status: { phase: 'Bound', reason: 'why' },
  };
  it.each<[string, object, object, readonly unknown[]]>([
    [
      'everything',
      volume,
      {},
      ['1Gi', 'RWO,ROX,RWX,RWOP', 'Retain', 'Bound', 'team/data', 'fast', 'gold', 'why', '60m', 'Block'],
    ],
    ['nothing', {}, {}, ['0', '', '', '', '', '', '<unset>', '', '60m', '<unset>']],
    [
      'a class in the annotation, and is being deleted',
      { spec: { storageClassName: 'fast' }, status: { phase: 'Available' } },
      { ...oldClass, ...deleted },
      ['0', '', '', 'Terminating', '', 'old', '<unset>', '', '60m', '<unset>'],
    ],
  ])('show a volume that has %s', (_what, fields, metadata, expected) => {
    expect(cells('/persistentvolumes', fields, metadata)).toEqual(['x', ...expected]);
  });

  const claim = {
    spec: {
      volumeName: 'pv',
      storageClassName: 'fast',
      volumeAttributesClassName: 'gold',
      volumeMode: 'Filesystem',
      resources: { requests: { storage: '2Gi' } },
    },
    status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] },
  };
  it.each<[string, object, object, readonly unknown[]]>([
    ['bound', claim, {}, ['Bound', 'pv', '1Gi', 'RWO', 'fast', 'gold', '60m', 'Filesystem']],
    [
      'not bound',
      { ...claim, spec: {}, status: { ...claim.status, phase: 'Pending' } },
      oldClass,
      ['Pending', '', '', '', 'old', '<unset>', '60m', '<unset>'],
    ],
    [
      'bound to a volume of unknown size',
      { spec: { volumeName: 'pv' }, status: { phase: 'Lost' } },
      {},
      ['Lost', 'pv', '0', '', '', '<unset>', '60m', '<unset>'],
    ],
    [
      'being deleted',
      { status: { phase: 'Bound' } },
      deleted,
      ['Terminating', '', '', '', '', '<unset>', '60m', '<unset>'],
    ],
  ])('show a claim that is %s', (_what, fields, metadata, expected) => {
    expect(cells('/persistentvolumeclaims', fields, metadata)).toEqual(['x', ...expected]);
  });

  const isDefault = (name: string): object => ({ annotations: { [name]: 'true' } });
  it.each<[string, object, object, readonly unknown[]]>([
    ['storageclasses', { provisioner: 'p' }, {}, ['x', 'p', 'Delete', 'Immediate', false, '60m']],
    [
      'storageclasses',
      {
        provisioner: 'p',
        reclaimPolicy: 'Retain',
        volumeBindingMode: 'WaitForFirstConsumer',
        allowVolumeExpansion: true,
      },
      isDefault('storageclass.kubernetes.io/is-default-class'),
      ['x (default)', 'p', 'Retain', 'WaitForFirstConsumer', true, '60m'],
    ],
    [
      'storageclasses',
      { provisioner: 'p' },
      isDefault('storageclass.beta.kubernetes.io/is-default-class'),
      ['x (default)', 'p', 'Delete', 'Immediate', false, '60m'],
    ],
    ['csidrivers', { spec: {} }, {}, ['x', true, false, false, '<unset>', false, '<none>', '60m']],
    [
      'csidrivers',
      {
        spec: {
          attachRequired: false,
          podInfoOnMount: true,
          storageCapacity: true,
          tokenRequests: [{ audience: 'a' }, { audience: 'b' }],
          requiresRepublish: true,
          volumeLifecycleModes: ['Persistent', 'Ephemeral'],
        },
      },
      {},
      ['x', false, true, true, 'a,b', true, 'Persistent,Ephemeral', '60m'],
    ],
    ['csinodes', { spec: { drivers: [{ name: 'd', nodeID: 'n' }] } }, {}, ['x', 1, '60m']],
    [
      'volumeattachments',
      { spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'pv' } }, status: { attached: true } },
      {},
      ['x', 'a', 'pv', 'n', true, '60m'],
    ],
    [
      'volumeattachments',
      { spec: { attacher: 'a', nodeName: 'n', source: { inlineVolumeSpec: {} } } },
      {},
      ['x', 'a', '', 'n', false, '60m'],
    ],
    ['volumeattributesclasses', { driverName: 'd' }, {}, ['x', 'd', '60m']],
    [
      'volumeattributesclasses',
      { driverName: 'd' },
      isDefault('volumeattributesclass.alpha.kubernetes.io/is-default-class'),
      ['x (default)', 'd', '60m'],
    ],
  ])('show %s', (resource, fields, metadata, expected) => {
    expect(cells(`storage.k8s.io/${resource}`, fields, metadata)).toEqual(expected);
  });
});

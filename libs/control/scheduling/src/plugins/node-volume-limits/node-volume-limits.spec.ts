import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import type { CsiNode, VolumeAttachment } from '../../framework/kinds';
import { filterReasons, isHelped, nodeInfo, pod, podInfo, type PodParts } from '../../testing/make';
import { claimOf, classOf, volumeOf, volumeView } from '../../testing/volumes';
import { nodeVolumeLimits } from './node-volume-limits';

const driver = 'disks.example.com';
const csiNode = (...drivers: (readonly [name: string, count?: number | undefined])[]): CsiNode => ({
  metadata: { name: 'n' },
  spec: {
    drivers: drivers.map(([name, count]) => ({
      name,
      nodeID: 'n',
      ...(count === undefined ? {} : { allocatable: { count } }),
    })),
  },
});
const csi = (volumeHandle: string, of = driver): corev1.PersistentVolumeSpec => ({ csi: { driver: of, volumeHandle } });
const names = ['a', 'b', 'c', 'd'];
const view = volumeView({
  claims: [
    ...names.map((name) => claimOf(name, { volumeName: `pv-${name}` })),
    claimOf('twin', { volumeName: 'pv-a' }),
    claimOf('nfs', { volumeName: 'pv-nfs' }),
    claimOf('ebs', { volumeName: 'pv-ebs' }),
    claimOf('waiting', { storageClassName: 'fast' }),
    claimOf('gce', { storageClassName: 'old' }),
    claimOf('file', { storageClassName: 'file' }),
    claimOf('classless', { storageClassName: 'none' }),
    claimOf('p-mine', { volumeName: 'pv-c' }, { ownerReferences: [{ uid: 'uid-p', controller: true }] }),
    claimOf('p-theirs', { volumeName: 'pv-c' }),
  ],
  volumes: [
    ...names.map((name) => volumeOf(`pv-${name}`, csi(name))),
    volumeOf('pv-nfs', { nfs: { server: 's', path: '/' } }),
    volumeOf('pv-ebs', { awsElasticBlockStore: { volumeID: 'aws://zone/vol-1' } }),
  ],
  classes: [
    classOf('fast', driver),
    classOf('old', 'kubernetes.io/gce-pd'),
    classOf('file', 'kubernetes.io/azure-file'),
  ],
});
const claims = (...claimNames: string[]): PodParts => ({
  spec: { volumes: claimNames.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })) },
});
const inline = (volume: Omit<corev1.Volume, 'name'>): PodParts => ({
  spec: { volumes: [{ name: 'mine', ...volume }] },
});
const attachment = (persistentVolumeName: string): VolumeAttachment => ({
  metadata: { name: persistentVolumeName },
  spec: { attacher: driver, source: { persistentVolumeName }, nodeName: 'n' },
});
const full = 'node(s) exceed max volume count';

function why(
  wanted: PodParts,
  there: readonly PodParts[],
  of: CsiNode | undefined,
  attached: readonly VolumeAttachment[] = [],
): string {
  const plugin = nodeVolumeLimits({ view, csiNode: () => of, attachmentsTo: () => attached });
  return filterReasons(plugin, podInfo(wanted), [nodeInfo({}, there)])[0] ?? '';
}

describe('the volumes of a node', () => {
  it.each<[string, PodParts, readonly PodParts[], CsiNode | undefined, string]>([
    ['as many as the node takes', claims('a'), [claims('b')], csiNode([driver, 2]), ''],
    ['more than the node takes', claims('a'), [claims('b', 'c')], csiNode([driver, 2]), full],
    ['more than an empty node takes', claims('a', 'b'), [], csiNode([driver, 1]), full],
    ['none at all', claims('a'), [], csiNode([driver, 0]), full],
    ['one that is there already', claims('a'), [claims('a', 'b')], csiNode([driver, 2]), ''],
    ['one that is there by another claim', claims('twin'), [claims('a', 'b')], csiNode([driver, 2]), ''],
    ['the same one twice', claims('a', 'twin'), [], csiNode([driver, 1]), ''],
    ['a driver without a limit', claims('a'), [claims('b', 'c')], csiNode([driver]), ''],
    ['another driver’s limit', claims('a'), [claims('b', 'c')], csiNode(['other', 1]), ''],
    ['a node without a CSINode', claims('a'), [claims('b', 'c')], undefined, ''],
    ['a volume without a driver', claims('nfs'), [claims('b', 'c')], csiNode([driver, 1]), ''],
    ['volumes without a driver on the node', claims('a'), [claims('nfs'), claims('missing')], csiNode([driver, 1]), ''],
    ['one that is still to be made', claims('waiting'), [claims('b')], csiNode([driver, 1]), full],
    ['one of a class that is not there', claims('classless'), [claims('b')], csiNode([driver, 1]), ''],
    ['one to be made by a migrated plugin', claims('gce'), [], csiNode(['pd.csi.storage.gke.io', 0]), full],
    ['one to be made by a plugin that does not count', claims('file'), [], csiNode(['file.csi.azure.com', 0]), ''],
    ['a migrated volume', claims('ebs'), [], csiNode(['ebs.csi.aws.com', 0]), full],
    [
      'a migrated volume that is there, written in the pod',
      claims('ebs'),
      [inline({ awsElasticBlockStore: { volumeID: 'vol-1' } })],
      csiNode(['ebs.csi.aws.com', 1]),
      '',
    ],
    ['one of its own', inline({ ephemeral: {} }), [claims('a')], csiNode([driver, 1]), full],
    ['a volume of nobody’s', inline({ emptyDir: {} }), [claims('a')], csiNode([driver, 0]), ''],
    [
      'a claim that is not there',
      claims('missing'),
      [],
      csiNode([driver, 1]),
      'looking up PVC default/missing: persistentvolumeclaim "missing" not found',
    ],
  ])('%s', (_, wanted, there, of, expected) => {
    expect(why(wanted, there, of)).toBe(expected);
  });

  it('count until they are detached', () => {
    const two = csiNode([driver, 2]);
    expect(why(claims('a'), [claims('b')], two, [attachment('pv-b')])).toBe('');
    expect(why(claims('a'), [claims('b')], two, [attachment('pv-b'), attachment('pv-c')])).toBe(full);
    // Its own, that a pod before it has left.
    expect(why(claims('a'), [claims('b')], two, [attachment('pv-a')])).toBe('');
    expect(why(claims('a'), [], csiNode([driver, 1]), [attachment('gone')])).toBe('');
  });

  it('must be the pod’s own where they are made for it', () => {
    const theirs: PodParts = { spec: { volumes: [{ name: 'theirs', ephemeral: {} }] } };
    expect(why(theirs, [], csiNode([driver, 1]))).toBe(
      'PVC default/p-theirs was not created for pod default/p (pod is not owner)',
    );
  });
});

it('is helped by more room, by less in it, and by the claim', () => {
  const plugin = nodeVolumeLimits({ view, csiNode: () => undefined, attachmentsTo: () => [] });
  const p = podInfo(claims('a'));
  const resized = (before: number | undefined, after: number) =>
    isHelped(plugin, p, {
      resource: 'CSINode',
      action: 'Update',
      before: csiNode([driver, before]),
      after: csiNode([driver, after]),
    });
  expect([resized(1, 2), resized(2, 1), resized(1, 1)]).toEqual([true, false, false]);
  expect(isHelped(plugin, p, { resource: 'CSINode', action: 'Add', after: csiNode() })).toBe(true);
  const gone = (parts: PodParts) =>
    isHelped(plugin, p, { resource: 'AssignedPod', action: 'Delete', before: pod(parts) });
  expect([gone(claims('b')), gone({}), gone(inline({ emptyDir: {} }))]).toEqual([true, false, false]);
  const appeared = (name: string) =>
    isHelped(plugin, p, { resource: 'PersistentVolumeClaim', action: 'Add', after: claimOf(name) as never });
  expect([appeared('a'), appeared('b')]).toEqual([true, false]);
  const detached = (attacher: string) =>
    isHelped(plugin, p, {
      resource: 'VolumeAttachment',
      action: 'Delete',
      before: { ...attachment('pv-b'), spec: { attacher, source: {}, nodeName: 'n' } },
    });
  expect([detached(driver), detached('other')]).toEqual([true, false]);
});

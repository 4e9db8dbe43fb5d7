import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { CycleState } from '../../framework/cycle-state';
import { filterReasons, isHelped, listerOf, nodeInfo, pod, podInfo } from '../../testing/make';
import { claimOf, volumeView } from '../../testing/volumes';
import { volumeRestrictions } from './volume-restrictions';

type Source = Omit<corev1.Volume, 'name'>;
const using = (...sources: readonly Source[]) => ({
  spec: { volumes: sources.map((source, i) => ({ name: `v${String(i)}`, ...source })) },
});
const claim = (claimName: string): Source => ({ persistentVolumeClaim: { claimName } });
const gce = (pdName: string, readOnly = false): Source => ({ gcePersistentDisk: { pdName, readOnly } });
const ebs = (volumeID: string): Source => ({ awsElasticBlockStore: { volumeID, readOnly: true } });
const iscsi = (iqn: string, readOnly = false): Source => ({ iscsi: { targetPortal: 'p', iqn, lun: 0, readOnly } });
const rbd = (monitors: string[], image: string, readOnly = false): Source => ({ rbd: { monitors, image, readOnly } });

const own = claimOf('own', { accessModes: ['ReadWriteOncePod'] });
const shared = claimOf('shared', { accessModes: ['ReadWriteMany'] });
const pluginWith = (...used: string[]) =>
  volumeRestrictions({
    claims: volumeView({ claims: [own, shared] }).claims,
    isClaimInUse: (key) => used.includes(key),
  });
const taken =
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod';
const noDisk = 'node(s) had no available disk';

describe('a disk', () => {
  it.each<[string, Source, Source, string]>([
    ['the same one, written by both', gce('d'), gce('d'), noDisk],
    ['the same one, written by one', gce('d', true), gce('d'), noDisk],
    ['the same one, read by both', gce('d', true), gce('d', true), ''],
    ['another', gce('d'), gce('e'), ''],
    ['one of Amazon, even if read', ebs('d'), ebs('d'), noDisk],
    ['two of Amazon', ebs('d'), ebs('e'), ''],
    ['one by iSCSI', iscsi('d'), iscsi('d', true), noDisk],
    ['one by iSCSI, read', iscsi('d', true), iscsi('d', true), ''],
    ['one by Ceph with a monitor in common', rbd(['a', 'b'], 'i'), rbd(['b', 'c'], 'i', true), noDisk],
    ['one by Ceph, read', rbd(['a'], 'i', true), rbd(['a'], 'i', true), ''],
    ['images of two Cephs', rbd(['a'], 'i'), rbd(['b'], 'i'), ''],
    ['disks of two kinds', gce('d'), ebs('d'), ''],
  ])('of two pods on a node: %s', (_, one, other, why) => {
    expect(filterReasons(pluginWith(), podInfo(using(one)), [nodeInfo({}, [using(other)]), nodeInfo()])).toEqual([
      why,
      '',
    ]);
  });
});

describe('a claim for one pod at a time', () => {
  it('that is in use fits nowhere', () => {
    const plugin = pluginWith('default/own', 'default/shared');
    expect(filterReasons(plugin, podInfo(using(claim('own'))), [nodeInfo(), nodeInfo()])).toEqual([taken, taken]);
    expect(filterReasons(plugin, podInfo(using(claim('shared'))), [nodeInfo()])).toEqual(['']);
    expect(filterReasons(pluginWith(), podInfo(using(claim('own'))), [nodeInfo()])).toEqual(['']);
    expect(filterReasons(plugin, podInfo(using(claim('missing'))), [nodeInfo()])).toEqual([
      'persistentvolumeclaim "missing" not found',
    ]);
  });

  it('is free again in a dry run without the pod that uses it', () => {
    const plugin = pluginWith('default/own');
    const wanting = podInfo(using(claim('own')));
    const user = podInfo({ name: 'user', ...using(claim('own'), claim('shared')) });
    const stranger = podInfo({ name: 'user', namespace: 'other', ...using(claim('own')) });
    const state = new CycleState();
    const node = nodeInfo();
    plugin.preFilter?.(state, wanting, listerOf([node]));
    const dry = state.clone();
    plugin.removePod?.(dry, wanting, stranger, node);
    expect(plugin.filter?.(dry, wanting, node)?.reasons).toEqual([taken]);
    plugin.removePod?.(dry, wanting, user, node);
    expect(plugin.filter?.(dry, wanting, node)).toBeUndefined();
    plugin.addPod?.(dry, wanting, user, node);
    expect(plugin.filter?.(dry, wanting, node)?.reasons).toEqual([taken]);
    expect(plugin.filter?.(state, wanting, node)?.reasons).toEqual([taken]);
  });
});

it('is helped by the end of a pod that uses the same, by the claim and by a new node', () => {
  const helped = (mine: Source, other: Source, namespace = 'default') =>
    isHelped(pluginWith(), podInfo(using(mine)), {
      resource: 'AssignedPod',
      action: 'Delete',
      before: pod({ namespace, ...using(other) }),
    });
  expect(helped(claim('own'), claim('own'))).toBe(true);
  expect(helped(claim('own'), claim('own'), 'other')).toBe(false);
  expect(helped(claim('own'), claim('shared'))).toBe(false);
  expect(helped(gce('d'), gce('d'))).toBe(true);
  expect(helped(gce('d', true), gce('d', true))).toBe(false);
  const appeared = (name: string) =>
    isHelped(pluginWith(), podInfo(using(claim('own'))), {
      resource: 'PersistentVolumeClaim',
      action: 'Add',
      after: claimOf(name) as never,
    });
  expect([appeared('own'), appeared('shared')]).toEqual([true, false]);
  expect(isHelped(pluginWith(), podInfo(), { resource: 'Node', action: 'Add' })).toBe(true);
});

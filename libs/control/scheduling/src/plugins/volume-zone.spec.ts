import { describe, expect, it } from 'vitest';
import type { ClusterEvent } from '../framework/cluster-event';
import { filterReasons, isHelped, nodeInfo, podInfo } from '../testing/make';
import { claimOf, classOf, type VolumeParts, volumeOf, volumeView } from '../testing/volumes';
import { volumeZone } from './volume-zone';

const zone = 'topology.kubernetes.io/zone';
const oldZone = 'failure-domain.beta.kubernetes.io/zone';
const region = 'topology.kubernetes.io/region';
const p = podInfo({ spec: { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }] } });
const bound = claimOf('data', { volumeName: 'pv' });
const nodes = [
  nodeInfo({ name: 'a', labels: { [zone]: 'a', [region]: 'r' } }),
  nodeInfo({ name: 'b', labels: { [zone]: 'b', [region]: 'r' } }),
  nodeInfo({ name: 'nowhere' }),
];
const reasons = (parts: VolumeParts) => filterReasons(volumeZone(volumeView(parts)), p, nodes);
const away = 'node(s) had no available volume zone';
const all = (why: string): string[] => [why, why, why];

describe('the zone of a volume', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['none', {}, all('')],
    ['one', { [zone]: 'a' }, ['', away, '']],
    ['one by its old name', { [oldZone]: 'b' }, [away, '', '']],
    ['several', { [zone]: 'b__a' }, all('')],
    ['several with spaces', { [zone]: 'c__ a ' }, ['', away, '']],
    ['a label that says nothing', { [zone]: 'c__' }, all('')],
    ['zone and region', { [zone]: 'a', [region]: 'q' }, [away, away, '']],
    ['a region that the nodes have', { [region]: 'r' }, all('')],
  ])('%s keeps a pod from nodes in others', (_, labels, expected) => {
    expect(reasons({ claims: [bound], volumes: [volumeOf('pv', {}, labels)] })).toEqual(expected);
  });

  it.each<[string, VolumeParts, string]>([
    ['no claim', {}, 'persistentvolumeclaim "data" not found'],
    ['no volume', { claims: [bound] }, 'persistentvolume "pv" not found'],
    ['neither', { claims: [claimOf('data')] }, 'PersistentVolumeClaim had no pv name and storageClass name'],
    [
      'no class',
      { claims: [claimOf('data', { storageClassName: 'fast' })] },
      'storageclass.storage.k8s.io "fast" not found',
    ],
    [
      'a class that binds at once',
      { claims: [claimOf('data', { storageClassName: 'fast' })], classes: [classOf('fast', 'x/y', false)] },
      'PersistentVolume had no name',
    ],
    [
      'a class that waits',
      { claims: [claimOf('data', { storageClassName: 'fast' })], classes: [classOf('fast', 'x/y')] },
      '',
    ],
  ])('with %s is told of', (_, parts, why) => {
    expect(reasons(parts)).toEqual(all(why));
  });

  it.each<[string, ClusterEvent, boolean]>([
    ['a node', { resource: 'Node', action: 'Add' }, true],
    ['a class that waits', { resource: 'StorageClass', action: 'Add', after: classOf('c', 'x') as never }, true],
    [
      'a class that does not',
      { resource: 'StorageClass', action: 'Add', after: classOf('c', 'x', false) as never },
      false,
    ],
    ['its claim', { resource: 'PersistentVolumeClaim', action: 'Update', after: bound as never }, true],
    ['another claim', { resource: 'PersistentVolumeClaim', action: 'Add', after: claimOf('other') as never }, false],
    ['a volume', { resource: 'PersistentVolume', action: 'Add', after: volumeOf('pv') as never }, true],
    [
      'a volume with a new zone',
      {
        resource: 'PersistentVolume',
        action: 'Update',
        before: volumeOf('pv') as never,
        after: volumeOf('pv', {}, { [zone]: 'a' }) as never,
      },
      true,
    ],
    [
      'a volume with the same zone',
      {
        resource: 'PersistentVolume',
        action: 'Update',
        before: volumeOf('pv') as never,
        after: volumeOf('pv') as never,
      },
      false,
    ],
  ])('%s helps or does not', (_, event, helps) => {
    expect(isHelped(volumeZone(volumeView()), p, event)).toBe(helps);
  });
});

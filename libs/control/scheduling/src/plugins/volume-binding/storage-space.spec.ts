import { describe, expect, it } from 'vitest';
import type { CsiStorageCapacity } from '../../framework/kinds';
import { nodeInfo } from '../../testing/make';
import { claimOf, classOf, type VolumeParts, volumeView } from '../../testing/volumes';
import { podVolumesOn } from './pod-volumes';
import { spaceHints } from './space-hints';

const claim = claimOf('data', { storageClassName: 'fast', resources: { requests: { storage: '2Gi' } } });
const driver = { metadata: { name: 'x/disks' }, spec: { storageCapacity: true } };
const capacity = (more: object): Partial<CsiStorageCapacity> => ({
  metadata: { name: 'c', namespace: 'kube-system' },
  storageClassName: 'fast',
  nodeTopology: { matchLabels: { zone: 'a' } },
  ...more,
});
const why = (parts: VolumeParts): string => {
  const view = volumeView({ classes: [classOf('fast', 'x/disks')], ...parts });
  const found = podVolumesOn(view, { bound: [], delayed: [claim as never] }, nodeInfo({ labels: { zone: 'a' } }));
  return Array.isArray(found) ? found.join() : '';
};
const noSpace = 'node(s) did not have enough free storage';

describe('a volume that is to be made', () => {
  it.each<[string, VolumeParts, string]>([
    ['by a driver that nobody knows', {}, ''],
    ['by a driver that does not tell', { drivers: [{ ...driver, spec: {} }], capacities: [] }, ''],
    ['where no room is told of', { drivers: [driver] }, noSpace],
    ['where there is room', { drivers: [driver], capacities: [capacity({ capacity: '2Gi' })] }, ''],
    ['where there is too little', { drivers: [driver], capacities: [capacity({ capacity: '1Gi' })] }, noSpace],
    [
      'where no volume may be so large',
      { drivers: [driver], capacities: [capacity({ capacity: '9Gi', maximumVolumeSize: '1Gi' })] },
      noSpace,
    ],
    [
      'where the room is of another class',
      { drivers: [driver], capacities: [capacity({ capacity: '9Gi', storageClassName: 'slow' })] },
      noSpace,
    ],
    [
      'where the room is elsewhere',
      { drivers: [driver], capacities: [capacity({ capacity: '9Gi', nodeTopology: { matchLabels: { zone: 'b' } } })] },
      noSpace,
    ],
    [
      'where the room is nowhere',
      { drivers: [driver], capacities: [capacity({ capacity: '9Gi', nodeTopology: undefined })] },
      noSpace,
    ],
    ['where nothing is said of its size', { drivers: [driver], capacities: [capacity({})] }, noSpace],
  ])('%s', (_, parts, expected) => {
    expect(why(parts)).toBe(expected);
  });

  it('is helped by more room, and by a driver that counts it no more', () => {
    const helps = (event: Parameters<NonNullable<(typeof spaceHints)[number]['helps']>>[1]): boolean =>
      spaceHints.some(
        (h) =>
          h.resource === event.resource && h.actions.includes(event.action) && h.helps?.({} as never, event) === true,
      );
    const grown = (before: string, after: string) =>
      helps({
        resource: 'CSIStorageCapacity',
        action: 'Update',
        before: capacity({ capacity: before }) as never,
        after: capacity({ capacity: after }) as never,
      });
    expect([grown('1Gi', '2Gi'), grown('2Gi', '1Gi')]).toEqual([true, false]);
    expect(helps({ resource: 'CSIStorageCapacity', action: 'Add', after: capacity({}) as never })).toBe(true);
    const told = (before: boolean, after: boolean) =>
      helps({
        resource: 'CSIDriver',
        action: 'Update',
        before: { ...driver, spec: { storageCapacity: before } },
        after: { ...driver, spec: { storageCapacity: after } },
      });
    expect([told(true, false), told(false, true)]).toEqual([true, false]);
    expect(helps({ resource: 'CSINode', action: 'Add' })).toBe(true);
  });
});

import type { Informer } from '@reckon/client/cache';
import { objectKey } from '@reckon/client/cache';
import type { Claim, NewestObjects, StorageClass, Volume } from '@reckon/control/runtime';
import type { CsiDriver, CsiNode, CsiStorageCapacity, VolumeAttachment } from '../framework/kinds';
import type { VolumeChanges } from '../plugins/volume-binding/volume-changes';
import type { SchedulingQueue } from '../queue/scheduling-queue';

export interface VolumeEventHandlerDeps {
  readonly volumes: Informer<Volume>;
  readonly claims: Informer<Claim>;
  readonly classes: Informer<StorageClass>;
  readonly csiNodes: Informer<CsiNode>;
  readonly csiDrivers: Informer<CsiDriver>;
  readonly capacities: Informer<CsiStorageCapacity>;
  readonly attachments: Informer<VolumeAttachment>;
  /** What the scheduler knows better than the watches. */
  readonly view: { readonly volumes: NewestObjects<Volume>; readonly claims: NewestObjects<Claim> };
  readonly changes: VolumeChanges;
  readonly queue: SchedulingQueue;
}

/** Brings what the watches tell of volumes to the pods that wait for them, and to those that wait for theirs to be bound. */
export function addVolumeEventHandlers({
  volumes,
  claims,
  classes,
  csiNodes,
  csiDrivers,
  capacities,
  attachments,
  view,
  changes,
  queue,
}: VolumeEventHandlerDeps): void {
  volumes.addHandler({
    add(after) {
      changes.notify();
      queue.moveOn({ resource: 'PersistentVolume', action: 'Add', after });
    },
    update(before, after) {
      changes.notify();
      queue.moveOn({ resource: 'PersistentVolume', action: 'Update', before, after });
    },
    delete(volume) {
      view.volumes.restore(objectKey(volume));
      changes.notify();
    },
  });
  claims.addHandler({
    add(after) {
      changes.notify();
      queue.moveOn({ resource: 'PersistentVolumeClaim', action: 'Add', after });
    },
    update(before, after) {
      changes.notify();
      queue.moveOn({ resource: 'PersistentVolumeClaim', action: 'Update', before, after });
    },
    delete(claim) {
      view.claims.restore(objectKey(claim));
      changes.notify();
    },
  });
  classes.addHandler({
    add: (after) => queue.moveOn({ resource: 'StorageClass', action: 'Add', after }),
    update: (before, after) => queue.moveOn({ resource: 'StorageClass', action: 'Update', before, after }),
  });
  csiNodes.addHandler({
    add: (after) => queue.moveOn({ resource: 'CSINode', action: 'Add', after }),
    update: (before, after) => queue.moveOn({ resource: 'CSINode', action: 'Update', before, after }),
  });
  csiDrivers.addHandler({
    update: (before, after) => queue.moveOn({ resource: 'CSIDriver', action: 'Update', before, after }),
  });
  capacities.addHandler({
    add: (after) => queue.moveOn({ resource: 'CSIStorageCapacity', action: 'Add', after }),
    update: (before, after) => queue.moveOn({ resource: 'CSIStorageCapacity', action: 'Update', before, after }),
  });
  attachments.addHandler({
    delete: (before) => queue.moveOn({ resource: 'VolumeAttachment', action: 'Delete', before }),
  });
}

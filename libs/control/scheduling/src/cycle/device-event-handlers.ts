import { type Informer, objectKey } from '@reckon/client/cache';
import type { DeviceClass, ResourceClaim, ResourceSlice } from '../framework/kinds';
import type { ClaimView } from '../plugins/dynamic-resources/resource-claims';
import type { SchedulingQueue } from '../queue/scheduling-queue';

export interface DeviceEventHandlerDeps {
  readonly resourceClaims: Informer<ResourceClaim>;
  readonly resourceSlices: Informer<ResourceSlice>;
  readonly deviceClasses: Informer<DeviceClass>;
  /** What the scheduler knows better than the watches. */
  readonly view: ClaimView;
  readonly queue: SchedulingQueue;
}

/** Brings what the watches tell of devices to the pods that wait for them. */
export function addDeviceEventHandlers(deps: DeviceEventHandlerDeps): void {
  const { resourceClaims, resourceSlices, deviceClasses, view, queue } = deps;
  resourceClaims.addHandler({
    add: (after) => queue.moveOn({ resource: 'ResourceClaim', action: 'Add', after }),
    update: (before, after) => queue.moveOn({ resource: 'ResourceClaim', action: 'Update', before, after }),
    delete(before) {
      view.restore(objectKey(before));
      queue.moveOn({ resource: 'ResourceClaim', action: 'Delete', before });
    },
  });
  resourceSlices.addHandler({
    add: (after) => queue.moveOn({ resource: 'ResourceSlice', action: 'Add', after }),
    update: (before, after) => queue.moveOn({ resource: 'ResourceSlice', action: 'Update', before, after }),
  });
  deviceClasses.addHandler({
    add: (after) => queue.moveOn({ resource: 'DeviceClass', action: 'Add', after }),
    update: (before, after) => queue.moveOn({ resource: 'DeviceClass', action: 'Update', before, after }),
  });
}

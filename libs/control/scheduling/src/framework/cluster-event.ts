import type { Claim, StorageClass, Volume } from '@reckon/control/runtime';
import type {
  CsiDriver,
  CsiNode,
  CsiStorageCapacity,
  DeviceClass,
  Node,
  Pod,
  ResourceClaim,
  ResourceSlice,
  VolumeAttachment,
} from './kinds';

/** What happened in the cluster that may make a pod schedulable (k8s.io/kube-scheduler/framework.ClusterEvent). */
export type EventAction =
  | 'Add'
  | 'Delete'
  | 'Update'
  | 'UpdateNodeAllocatable'
  | 'UpdateNodeLabel'
  | 'UpdateNodeTaint'
  | 'UpdateNodeCondition'
  | 'UpdateNodeAnnotation'
  | 'UpdateNodeDeclaredFeature'
  | 'UpdatePodLabel'
  | 'UpdatePodScaleDown'
  | 'UpdatePodToleration'
  | 'UpdatePodSchedulingGatesEliminated'
  | 'UpdatePodGeneratedResourceClaim';

interface EventOf<R extends string, T> {
  readonly resource: R;
  readonly action: EventAction;
  readonly before?: T;
  readonly after?: T;
}

/** `AssignedPod`: a pod that has a node. `UnscheduledPod`: another pod that has none. `TargetPod`: the waiting pod itself. */
export type PodEvent = EventOf<'AssignedPod' | 'UnscheduledPod' | 'TargetPod', Pod>;

/** The old and new object are passed beside the event. */
export type ClusterEvent =
  | EventOf<'Node', Node>
  | PodEvent
  | EventOf<'PersistentVolume', Volume>
  | EventOf<'PersistentVolumeClaim', Claim>
  | EventOf<'StorageClass', StorageClass>
  | EventOf<'CSINode', CsiNode>
  | EventOf<'CSIDriver', CsiDriver>
  | EventOf<'CSIStorageCapacity', CsiStorageCapacity>
  | EventOf<'VolumeAttachment', VolumeAttachment>
  | EventOf<'ResourceClaim', ResourceClaim>
  | EventOf<'ResourceSlice', ResourceSlice>
  | EventOf<'DeviceClass', DeviceClass>;

export type EventResource = ClusterEvent['resource'];

export const isPodEvent = (event: ClusterEvent): event is PodEvent =>
  event.resource === 'AssignedPod' || event.resource === 'UnscheduledPod' || event.resource === 'TargetPod';

export const eventLabel = (event: Pick<ClusterEvent, 'resource' | 'action'>): string =>
  `${event.resource}${event.action}`;

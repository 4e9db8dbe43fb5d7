import type { Node, Pod } from './kinds';

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
  | 'UpdatePodLabel'
  | 'UpdatePodScaleDown'
  | 'UpdatePodToleration'
  | 'UpdatePodSchedulingGatesEliminated';

/**
 * `AssignedPod`: a pod that has a node. `UnscheduledPod`: another pod that has none. `TargetPod`: the waiting pod itself.
 * The old and new object are passed beside the event.
 */
export type EventResource = 'AssignedPod' | 'UnscheduledPod' | 'TargetPod' | 'Node';

export type ClusterEvent =
  | { readonly resource: 'Node'; readonly action: EventAction; readonly before?: Node; readonly after?: Node }
  | {
      readonly resource: 'AssignedPod' | 'UnscheduledPod' | 'TargetPod';
      readonly action: EventAction;
      readonly before?: Pod;
      readonly after?: Pod;
    };

export const eventLabel = (event: Pick<ClusterEvent, 'resource' | 'action'>): string =>
  `${event.resource}${event.action}`;

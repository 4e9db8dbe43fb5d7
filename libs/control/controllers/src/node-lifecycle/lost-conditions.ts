import { findCondition } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Node } from './node';

/** Those that the kubelet keeps; NetworkUnavailable is the control plane's own. */
const kubeletConditions = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** The conditions of a node that gives no sign of life, as far as they must change (`tryUpdateNodeHealth`). */
export function lostConditions(node: Node, nowText: string): corev1.NodeCondition[] {
  return kubeletConditions.flatMap((type) => {
    const known = findCondition(node.status?.conditions, type);
    if (known?.status === 'Unknown') return [];
    const told =
      known === undefined
        ? {
            reason: 'NodeStatusNeverUpdated',
            message: 'Kubelet never posted node status.',
            lastHeartbeatTime: node.metadata.creationTimestamp ?? nowText,
          }
        : { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' };
    return [{ ...known, type, status: 'Unknown', ...told, lastTransitionTime: nowText }];
  });
}

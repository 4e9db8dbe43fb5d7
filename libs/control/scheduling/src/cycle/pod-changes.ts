import { semanticEqual } from '@reckon/api/machinery';
import { podRequests } from '../cache/pod-requests';
import type { EventAction } from '../framework/cluster-event';
import type { Pod } from '../framework/kinds';

/** What of a pod changed that may matter to a waiting pod (pkg/scheduler/framework.PodSchedulingPropertiesChange). */
export function podChanges(before: Pod, after: Pod): EventAction[] {
  const changes: EventAction[] = [];
  if (!semanticEqual(before.metadata.labels ?? {}, after.metadata.labels ?? {})) changes.push('UpdatePodLabel');
  if (isScaledDown(before, after)) changes.push('UpdatePodScaleDown');
  if ((before.spec?.tolerations?.length ?? 0) !== (after.spec?.tolerations?.length ?? 0))
    changes.push('UpdatePodToleration');
  if ((before.spec?.schedulingGates?.length ?? 0) > 0 && (after.spec?.schedulingGates?.length ?? 0) === 0)
    changes.push('UpdatePodSchedulingGatesEliminated');
  if (!semanticEqual(before.status?.resourceClaimStatuses ?? [], after.status?.resourceClaimStatuses ?? []))
    changes.push('UpdatePodGeneratedResourceClaim');
  return changes;
}

function isScaledDown(before: Pod, after: Pod): boolean {
  // Nothing but a resize changes requests, and a resize moves the generation.
  if (
    before.metadata.generation === after.metadata.generation &&
    semanticEqual(before.status?.containerStatuses, after.status?.containerStatuses)
  )
    return false;
  const old = podRequests(before, { assumeMissing: false });
  const now = podRequests(after, { assumeMissing: false });
  if (now.milliCpu < old.milliCpu || now.memory < old.memory || now.ephemeralStorage < old.ephemeralStorage)
    return true;
  for (const [name, value] of old.scalars ?? []) if ((now.scalars?.get(name) ?? 0) < value) return true;
  return false;
}

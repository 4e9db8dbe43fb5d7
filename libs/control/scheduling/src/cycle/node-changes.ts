import { semanticEqual } from '@reckon/api/machinery';
import type { EventAction } from '../framework/cluster-event';
import type { Node } from '../framework/kinds';

/** What of a node changed that may matter to a waiting pod (pkg/scheduler/framework.NodeSchedulingPropertiesChange). */
export function nodeChanges(before: Node, after: Node): EventAction[] {
  const changes: EventAction[] = [];
  if (!semanticEqual(before.status?.allocatable ?? {}, after.status?.allocatable ?? {}))
    changes.push('UpdateNodeAllocatable');
  if (!semanticEqual(before.metadata.labels ?? {}, after.metadata.labels ?? {})) changes.push('UpdateNodeLabel');
  if (
    (before.spec?.unschedulable ?? false) !== (after.spec?.unschedulable ?? false) ||
    !semanticEqual(before.spec?.taints ?? [], after.spec?.taints ?? [])
  )
    changes.push('UpdateNodeTaint');
  // Heartbeats move times only.
  if (conditionsText(before) !== conditionsText(after)) changes.push('UpdateNodeCondition');
  if (!semanticEqual(before.metadata.annotations ?? {}, after.metadata.annotations ?? {}))
    changes.push('UpdateNodeAnnotation');
  if (!semanticEqual(before.status?.declaredFeatures ?? [], after.status?.declaredFeatures ?? []))
    changes.push('UpdateNodeDeclaredFeature');
  return changes;
}

const conditionsText = (node: Node): string =>
  (node.status?.conditions ?? []).map(({ type, status }) => `${type}=${status}`).join(',');

import { type LabelRequirement, type LabelSelector, controllerOf, selectorOf } from '@reckon/api/machinery';
import { readableSelector } from '../../cache/affinity-terms';
import type { DefaultConstraint } from '../../config/scheduler-configuration';
import type { Pod, ReplicaSet, ReplicationController, Service, StatefulSet } from '../../framework/kinds';
import type { SpreadConstraint } from './spread-constraint';

/** What tells which pods belong together where a pod does not say it itself. */
export interface PodGroups {
  services(namespace: string): readonly Service[];
  replicaSet(namespace: string, name: string): ReplicaSet | undefined;
  statefulSet(namespace: string, name: string): StatefulSet | undefined;
  replicationController(namespace: string, name: string): ReplicationController | undefined;
}

/** Wide, since they must not outweigh how full the nodes are (plugins/podtopologyspread.systemDefaultConstraints). */
const defaults = [
  { topologyKey: 'kubernetes.io/hostname', maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5 },
] as const;

/**
 * The constraints of a pod that has none of its own (the system's, or the configured ones): it keeps apart from the pods that share its services and its ReplicaSet, StatefulSet or ReplicationController.
 * None for a pod that belongs to none of them (plugins/podtopologyspread.buildDefaultConstraints).
 */
export function defaultConstraints(
  pod: Pod,
  groups: PodGroups,
  constraints: readonly Omit<DefaultConstraint, 'whenUnsatisfiable'>[] = defaults,
): readonly SpreadConstraint[] {
  if (constraints.length === 0) return [];
  const selector = groupSelector(pod, groups);
  if (selector.empty) return [];
  return constraints.map(({ topologyKey, maxSkew }) => ({
    topologyKey,
    maxSkew,
    minDomains: 1,
    selector,
    honorsAffinity: true,
    honorsTaints: false,
  }));
}

/** Everything that the pod's services and what made it select by, together (plugins/helper.DefaultSelector). */
function groupSelector(pod: Pod, groups: PodGroups): LabelSelector {
  const namespace = pod.metadata.namespace ?? '';
  const labels = pod.metadata.labels ?? {};
  // All these services select the pod, so that they cannot differ in the value of a key.
  const wanted = new Map<string, string>();
  for (const { spec } of groups.services(namespace)) {
    const pairs = Object.entries(spec?.selector ?? {});
    if (pairs.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value))
      for (const [key, value] of pairs) wanted.set(key, value);
  }
  const { apiVersion = '', kind = '', name = '' } = controllerOf(pod) ?? {};
  let more: readonly LabelRequirement[] = [];
  switch (`${apiVersion}/${kind}`) {
    case 'v1/ReplicationController':
      for (const [key, value] of Object.entries(groups.replicationController(namespace, name)?.spec?.selector ?? {}))
        wanted.set(key, value);
      break;
    case 'apps/v1/ReplicaSet':
      more = readableSelector(groups.replicaSet(namespace, name)?.spec?.selector).requirements ?? [];
      break;
    case 'apps/v1/StatefulSet':
      more = readableSelector(groups.statefulSet(namespace, name)?.spec?.selector).requirements ?? [];
  }
  const requirements: LabelRequirement[] = [...wanted].map(([key, value]) => ({ key, operator: '=', values: [value] }));
  return selectorOf([...requirements, ...more]);
}

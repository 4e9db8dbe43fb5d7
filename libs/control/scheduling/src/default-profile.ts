import type { RestClient } from '@reckon/client/rest';
import { runFiltersWithNominated } from './framework/run-filters';
import { type PluginRow, type Profile, profileOf } from './framework/profile';
import { balancedAllocation } from './plugins/balanced-allocation';
import { defaultBinder } from './plugins/default-binder';
import { dynamicResources } from './plugins/dynamic-resources';
import type { NamespaceLabels } from './plugins/inter-pod-affinity/affinity-state';
import { interPodAffinity } from './plugins/inter-pod-affinity/inter-pod-affinity';
import { nodeAffinity } from './plugins/node-affinity';
import { nodeName } from './plugins/node-name';
import { nodePorts } from './plugins/node-ports';
import { nodeResourcesFit } from './plugins/node-resources-fit';
import { nodeUnschedulable } from './plugins/node-unschedulable';
import { type PreemptionDeps, defaultPreemption } from './plugins/preemption/default-preemption';
import { prioritySort } from './plugins/priority-sort';
import { schedulingGates } from './plugins/scheduling-gates';
import { taintToleration } from './plugins/taint-toleration';
import type { PodGroups } from './plugins/topology-spread/default-constraints';
import { topologySpread } from './plugins/topology-spread/topology-spread';

export interface DefaultProfileDeps extends Omit<PreemptionDeps, 'plugins' | 'fits'> {
  readonly rest: RestClient;
  readonly namespaceLabels: NamespaceLabels;
  readonly groups: PodGroups;
}

/**
 * The plugins of `default-scheduler` with upstream's order and weights (apis/config/v1.getDefaultPlugins). The order shows: the
 * first filter that refuses a node gives its reason.
 */
export function defaultProfile(schedulerName: string, deps: DefaultProfileDeps): Profile {
  const rows: readonly PluginRow[] = [
    { plugin: schedulingGates() },
    { plugin: nodeUnschedulable() },
    { plugin: nodeName() },
    { plugin: taintToleration(), weight: 3 },
    { plugin: nodeAffinity(), weight: 2 },
    { plugin: nodePorts() },
    { plugin: nodeResourcesFit() },
    { plugin: topologySpread(deps), weight: 2 },
    { plugin: interPodAffinity(deps), weight: 2 },
    { plugin: dynamicResources() },
    {
      plugin: defaultPreemption({
        ...deps,
        plugins: () => profile.plugins,
        fits: (state, pod, node) => runFiltersWithNominated(profile, { state, pod, node, nominator: deps.nominator }),
      }),
    },
    { plugin: balancedAllocation() },
    { plugin: defaultBinder(deps.rest) },
  ];
  const profile: Profile = profileOf(schedulerName, prioritySort, rows);
  return profile;
}

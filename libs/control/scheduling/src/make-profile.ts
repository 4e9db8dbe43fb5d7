import type { RestClient } from '@reckon/client/rest';
import { mergePlugins } from './config/merge-plugins';
import { type PluginArgs, type ProfileConfiguration, defaultArgs } from './config/scheduler-configuration';
import type { Plugin } from './framework/plugin';
import { type Profile, profileByPoint } from './framework/profile';
import { runFiltersWithNominated } from './framework/run-filters';
import { balancedAllocation } from './plugins/balanced-allocation';
import { defaultBinder } from './plugins/default-binder';
import { type DynamicResourcesDeps, dynamicResources } from './plugins/dynamic-resources/dynamic-resources';
import { imageLocality } from './plugins/image-locality';
import type { NamespaceLabels } from './plugins/inter-pod-affinity/affinity-state';
import { interPodAffinity } from './plugins/inter-pod-affinity/inter-pod-affinity';
import { nodeAffinity } from './plugins/node-affinity';
import { nodeDeclaredFeatures } from './plugins/node-declared-features';
import { nodeName } from './plugins/node-name';
import { nodePorts } from './plugins/node-ports';
import { nodeResourcesFit } from './plugins/node-resources-fit';
import { nodeUnschedulable } from './plugins/node-unschedulable';
import { type NodeVolumeLimitsDeps, nodeVolumeLimits } from './plugins/node-volume-limits/node-volume-limits';
import { type PreemptionDeps, defaultPreemption } from './plugins/preemption/default-preemption';
import { prioritySort } from './plugins/priority-sort';
import { schedulingGates } from './plugins/scheduling-gates';
import { taintToleration } from './plugins/taint-toleration';
import type { PodGroups } from './plugins/topology-spread/default-constraints';
import { topologySpread } from './plugins/topology-spread/topology-spread';
import type { BindVolumesDeps } from './plugins/volume-binding/bind-volumes';
import { volumeBinding } from './plugins/volume-binding/volume-binding';
import { type VolumeRestrictionsDeps, volumeRestrictions } from './plugins/volume-restrictions/volume-restrictions';
import { volumeZone } from './plugins/volume-zone';

export interface ProfileDeps extends Omit<PreemptionDeps, 'plugins' | 'fits' | 'args'> {
  readonly rest: RestClient;
  readonly namespaceLabels: NamespaceLabels;
  readonly groups: PodGroups;
  readonly volumes: Omit<BindVolumesDeps, 'timeoutMs'>;
  readonly devices: DynamicResourcesDeps;
  readonly isClaimInUse: VolumeRestrictionsDeps['isClaimInUse'];
  readonly csiNode: NodeVolumeLimitsDeps['csiNode'];
  readonly attachmentsTo: NodeVolumeLimitsDeps['attachmentsTo'];
}

type Makers = Readonly<Record<string, ((args: Required<PluginArgs>) => Plugin) | undefined>>;

/**
 * The plugins that serve pods of one `spec.schedulerName`, made as the configuration says. Upstream's that are not here (gangs) take
 * part in nothing.
 */
export function makeProfile(configuration: ProfileConfiguration, deps: ProfileDeps): Profile {
  const { schedulerName, percentageOfNodesToScore } = configuration;
  const points = mergePlugins(configuration.plugins);
  const args: Required<PluginArgs> = { ...defaultArgs, ...configuration.args };
  const makers = makersOf(deps, () => profile);
  const made = new Map<string, Plugin | undefined>();
  const pluginOf = (name: string): Plugin | undefined => {
    if (!made.has(name)) made.set(name, Object.hasOwn(makers, name) ? makers[name]?.(args) : undefined);
    return made.get(name);
  };
  const profile: Profile = profileByPoint(
    // There is one way to sort the queue, and `mergePlugins` has seen to it that it is chosen.
    { schedulerName, queueSort: prioritySort, percentageOfNodesToScore },
    (point) =>
      points[point].flatMap(({ name, weight }) => {
        const plugin = pluginOf(name);
        return plugin === undefined ? [] : [{ plugin, weight: weight ?? 1 }];
      }),
  );
  const binder = deps.extenders?.binder();
  return binder === undefined ? profile : { ...profile, bind: [binder, ...profile.bind] };
}

const makersOf = (deps: ProfileDeps, profile: () => Profile): Makers => ({
  SchedulingGates: schedulingGates,
  NodeUnschedulable: nodeUnschedulable,
  NodeName: nodeName,
  TaintToleration: taintToleration,
  NodeAffinity: (args) => nodeAffinity(args.NodeAffinity.addedAffinity),
  NodePorts: nodePorts,
  NodeResourcesFit: (args) => nodeResourcesFit(args.NodeResourcesFit),
  VolumeRestrictions: () => volumeRestrictions({ claims: deps.volumes.view.claims, isClaimInUse: deps.isClaimInUse }),
  NodeVolumeLimits: () =>
    nodeVolumeLimits({ view: deps.volumes.view, csiNode: deps.csiNode, attachmentsTo: deps.attachmentsTo }),
  VolumeBinding: (args) => volumeBinding({ ...deps.volumes, timeoutMs: args.VolumeBinding.bindTimeoutSeconds * 1_000 }),
  VolumeZone: () => volumeZone(deps.volumes.view),
  PodTopologySpread: (args) => topologySpread(deps, args.PodTopologySpread),
  InterPodAffinity: (args) => interPodAffinity(deps, args.InterPodAffinity),
  DynamicResources: () => dynamicResources(deps.devices),
  NodeDeclaredFeatures: nodeDeclaredFeatures,
  DefaultPreemption: (args) =>
    defaultPreemption({
      ...deps,
      args: args.DefaultPreemption,
      plugins: () => profile().preFilter,
      fits: (state, pod, node) => runFiltersWithNominated(profile(), { state, pod, node, nominator: deps.nominator }),
    }),
  NodeResourcesBalancedAllocation: (args) => balancedAllocation(args.NodeResourcesBalancedAllocation.resources),
  ImageLocality: () => imageLocality(deps.nodes),
  DefaultBinder: () => defaultBinder(deps.rest),
});

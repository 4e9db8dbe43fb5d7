import type { corev1 } from '@reckon/api/types';

/** What of k8s.io/kube-scheduler/config/v1 `KubeSchedulerConfiguration` says how pods are placed. */
export interface SchedulerConfiguration {
  /** One by one `spec.schedulerName`. */
  readonly profiles: readonly ProfileConfiguration[];
  /** Of the profiles that name none; 0: so many as the size of the cluster suggests. */
  readonly percentageOfNodesToScore: number;
  readonly firstBackoffMs: number;
  readonly longestBackoffMs: number;
  /** A pod without a node is tried again after this time, should an event that helps have been missed; default: five minutes. */
  readonly longestUnschedulableMs?: number;
  /** Asked in this order, for the pods of all profiles; absent: none. */
  readonly extenders?: readonly ExtenderConfiguration[];
}

/** A service beside the scheduler that has a say (config/v1 `Extender`). A verb is the end of a path; '' where it is not asked. */
export interface ExtenderConfiguration {
  readonly urlPrefix: string;
  readonly filterVerb: string;
  readonly preemptVerb: string;
  readonly prioritizeVerb: string;
  readonly bindVerb: string;
  /** Multiplies its scores. */
  readonly weight: number;
  readonly timeoutMs: number;
  /** It knows the nodes itself: only names go to and fro. */
  readonly nodeCacheCapable: boolean;
  /** A pod is not held up when it cannot be asked. */
  readonly isIgnorable: boolean;
  /** It is asked for pods that want one of these; none: for all pods. */
  readonly managedResources: readonly ManagedResource[];
  readonly tls?: ExtenderTls;
}

export interface ManagedResource {
  readonly name: string;
  /** NodeResourcesFit does not look at it. */
  readonly isIgnoredByScheduler: boolean;
}

/** PEM. `isInsecure`: any certificate will do; else one of `ca`, or without that one that the system trusts. */
export interface ExtenderTls {
  readonly isInsecure: boolean;
  readonly serverName?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface ProfileConfiguration {
  readonly schedulerName: string;
  readonly percentageOfNodesToScore?: number;
  readonly plugins?: PluginSets;
  readonly args?: PluginArgs;
}

export const extensionPoints = [
  'preEnqueue',
  'queueSort',
  'preFilter',
  'filter',
  'postFilter',
  'preScore',
  'score',
  'reserve',
  'permit',
  'preBind',
  'bind',
  'postBind',
] as const;
export type ExtensionPoint = (typeof extensionPoints)[number];

/** `multiPoint` stands for every extension point that a plugin takes part in. */
export type PluginSets = Partial<Record<ExtensionPoint | 'multiPoint', PluginSet>>;

export interface PluginSet {
  /** Beside the default ones, behind them; a default one that is named keeps its place. */
  readonly enabled?: readonly PluginUse[];
  /** `*`: all default ones. */
  readonly disabled?: readonly string[];
}

export interface PluginUse {
  readonly name: string;
  /** Multiplies the score; absent: 1. */
  readonly weight?: number;
}

/** `pluginConfig`, by the name of the plugin. */
export interface PluginArgs {
  readonly NodeResourcesFit?: FitArgs;
  readonly NodeResourcesBalancedAllocation?: { readonly resources: readonly ResourceWeight[] };
  readonly PodTopologySpread?: SpreadArgs;
  readonly InterPodAffinity?: InterPodAffinityArgs;
  readonly NodeAffinity?: { readonly addedAffinity?: corev1.NodeAffinity };
  readonly DefaultPreemption?: PreemptionArgs;
  /** How long a pod waits for its volumes once it has its node. */
  readonly VolumeBinding?: { readonly bindTimeoutSeconds: number };
}

export interface ResourceWeight {
  readonly name: string;
  readonly weight: number;
}

export interface FitArgs {
  /** Extended resources that are not looked at. */
  readonly ignoredResources: readonly string[];
  /** The same, by the part of the name before `/`. */
  readonly ignoredResourceGroups: readonly string[];
  readonly scoring: ScoringStrategy;
}

export type ScoringStrategy =
  | { readonly type: 'LeastAllocated' | 'MostAllocated'; readonly resources: readonly ResourceWeight[] }
  | {
      readonly type: 'RequestedToCapacityRatio';
      readonly resources: readonly ResourceWeight[];
      /** Ascending by utilization (per cent); scores from 0 to 10. */
      readonly shape: readonly { readonly utilization: number; readonly score: number }[];
    };

/** Of pods that have no constraints of their own: the system's, or these. */
export type SpreadArgs =
  | { readonly defaultingType: 'System' }
  | { readonly defaultingType: 'List'; readonly defaultConstraints: readonly DefaultConstraint[] };

export interface DefaultConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway';
}

export interface InterPodAffinityArgs {
  /** How much a pod's required affinity for this pod counts when nodes are scored. */
  readonly hardPodAffinityWeight: number;
  /** What pods that are there prefer does not count for a pod that prefers nothing. */
  readonly ignorePreferredTermsOfExistingPods: boolean;
}

export interface PreemptionArgs {
  /** Enough candidates to choose from: so many per cent of the nodes, but at least so many. */
  readonly minCandidateNodesPercentage: number;
  readonly minCandidateNodesAbsolute: number;
}

const cpuAndMemory: readonly ResourceWeight[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

/** apis/config/v1/defaults.go */
export const defaultArgs = {
  NodeResourcesFit: {
    ignoredResources: [],
    ignoredResourceGroups: [],
    scoring: { type: 'LeastAllocated', resources: cpuAndMemory },
  },
  NodeResourcesBalancedAllocation: { resources: cpuAndMemory },
  PodTopologySpread: { defaultingType: 'System' },
  InterPodAffinity: { hardPodAffinityWeight: 1, ignorePreferredTermsOfExistingPods: false },
  NodeAffinity: {},
  DefaultPreemption: { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 },
  VolumeBinding: { bindTimeoutSeconds: 600 },
} as const satisfies Required<PluginArgs>;

export const defaultSchedulerName = 'default-scheduler';

export const defaultSchedulerConfiguration: SchedulerConfiguration = {
  profiles: [{ schedulerName: defaultSchedulerName }],
  percentageOfNodesToScore: 0,
  firstBackoffMs: 1_000,
  longestBackoffMs: 10_000,
};

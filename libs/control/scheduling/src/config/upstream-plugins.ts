import type { ExtensionPoint, PluginUse } from './scheduler-configuration';

/**
 * Upstream's plugins in the order and with the weights of its default profile (apis/config/v1.getDefaultPlugins), and the extension
 * points that each takes part in. The order shows: the first filter that refuses a node gives its reason. Absent ones do nothing here.
 */
export const upstreamPlugins = {
  SchedulingGates: { points: ['preEnqueue'] },
  PrioritySort: { points: ['queueSort'] },
  NodeUnschedulable: { points: ['filter'] },
  NodeName: { points: ['filter'] },
  TaintToleration: { points: ['filter', 'preScore', 'score'], weight: 3 },
  NodeAffinity: { points: ['preFilter', 'filter', 'preScore', 'score'], weight: 2 },
  NodePorts: { points: ['preFilter', 'filter'] },
  NodeResourcesFit: { points: ['preFilter', 'filter', 'preScore', 'score'], weight: 1 },
  VolumeRestrictions: { points: ['preFilter', 'filter'] },
  NodeVolumeLimits: { points: ['preFilter', 'filter'] },
  VolumeBinding: { points: ['preFilter', 'filter', 'preScore', 'score', 'reserve', 'preBind'] },
  VolumeZone: { points: ['preFilter', 'filter'] },
  PodTopologySpread: { points: ['preFilter', 'filter', 'preScore', 'score'], weight: 2 },
  InterPodAffinity: { points: ['preFilter', 'filter', 'preScore', 'score'], weight: 2 },
  DynamicResources: {
    points: ['preEnqueue', 'preFilter', 'filter', 'postFilter', 'preScore', 'score', 'reserve', 'preBind'],
    weight: 2,
  },
  NodeDeclaredFeatures: { points: ['preFilter', 'filter'] },
  DefaultPreemption: { points: ['preEnqueue', 'postFilter'] },
  NodeResourcesBalancedAllocation: { points: ['preFilter', 'preScore', 'score'], weight: 1 },
  ImageLocality: { points: ['preScore', 'score'], weight: 1 },
  DefaultBinder: { points: ['bind'] },
  GangScheduling: { points: ['preEnqueue', 'reserve', 'permit'], isAbsent: true },
} as const satisfies Record<
  string,
  { readonly points: readonly ExtensionPoint[]; readonly weight?: number; readonly isAbsent?: true }
>;

export type UpstreamPlugin = keyof typeof upstreamPlugins;

export const isUpstreamPlugin = (name: string): name is UpstreamPlugin => Object.hasOwn(upstreamPlugins, name);

/** Whether it does anything here. */
export const isPluginHere = (name: UpstreamPlugin): boolean => !('isAbsent' in upstreamPlugins[name]);

export const defaultPluginUses: readonly PluginUse[] = Object.entries(upstreamPlugins).map(([name, row]) => ({
  name,
  ...('weight' in row ? { weight: row.weight } : {}),
}));

import {
  type ExtensionPoint,
  type PluginSet,
  type PluginSets,
  type PluginUse,
  extensionPoints,
} from './scheduler-configuration';
import { defaultPluginUses, isUpstreamPlugin, upstreamPlugins } from './upstream-plugins';

/** A profile that cannot be: the message names what is wrong with it. */
export class SchedulerConfigurationError extends Error {
  readonly code = 'SchedulerConfiguration';
  constructor(message: string) {
    super(message);
    this.name = 'SchedulerConfigurationError';
  }
}

export type PluginsByPoint = Readonly<Record<ExtensionPoint, readonly PluginUse[]>>;

/**
 * The plugins of a profile by extension point, in the order in which they are called (apis/config/v1.mergePlugins, then
 * framework/runtime.expandMultiPointPlugins):
 *
 * 1. those of `multiPoint` that the point itself enables too, in the point's order and with its weights;
 * 2. those of `multiPoint` that the point does not disable;
 * 3. what else the point enables.
 */
export function mergePlugins(sets: PluginSets = {}): PluginsByPoint {
  const everywhere = withDefaults(defaultPluginUses, sets.multiPoint);
  for (const { name } of everywhere) known(name);
  const entries = extensionPoints.map((point) => [point, atPoint(point, everywhere, sets[point])] as const);
  const merged = Object.fromEntries(entries) as Record<ExtensionPoint, PluginUse[]>;
  if (merged.queueSort.length !== 1)
    throw new SchedulerConfigurationError(
      merged.queueSort.length === 0 ? 'no queue sort plugin is enabled' : 'only one queue sort plugin can be enabled',
    );
  if (merged.bind.length === 0) throw new SchedulerConfigurationError('no bind plugin is enabled');
  return merged;
}

/** `mergePluginSet`: a default plugin that is enabled again keeps its place, with the weight that it is given then. */
function withDefaults(defaults: readonly PluginUse[], set: PluginSet = {}): readonly PluginUse[] {
  const { enabled = [], disabled = [] } = set;
  const names = unique(enabled);
  const kept = disabled.includes('*') ? [] : defaults.filter(({ name }) => !disabled.includes(name));
  const replaced = kept.map((use) => (names.has(use.name) ? (enabled.find((e) => e.name === use.name) ?? use) : use));
  const there = new Set(kept.map(({ name }) => name));
  return [...replaced, ...enabled.filter(({ name }) => !there.has(name))];
}

function atPoint(point: ExtensionPoint, everywhere: readonly PluginUse[], set: PluginSet = {}): PluginUse[] {
  const { enabled = [], disabled = [] } = set;
  const names = unique(enabled);
  for (const { name } of enabled)
    if (!known(name).includes(point))
      throw new SchedulerConfigurationError(`plugin ${JSON.stringify(name)} takes no part in ${point}`);
  if (disabled.includes('*')) return [...enabled];
  const expanded = everywhere.filter(({ name }) => known(name).includes(point) && !disabled.includes(name));
  const both = new Set(expanded.map(({ name }) => name).filter((name) => names.has(name)));
  return [
    ...enabled.filter(({ name }) => both.has(name)),
    ...expanded.filter(({ name }) => !both.has(name)),
    ...enabled.filter(({ name }) => !both.has(name)),
  ];
}

function known(name: string): readonly ExtensionPoint[] {
  if (!isUpstreamPlugin(name)) throw new SchedulerConfigurationError(`plugin ${JSON.stringify(name)} does not exist`);
  return upstreamPlugins[name].points;
}

function unique(uses: readonly PluginUse[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name } of uses) {
    if (names.has(name)) throw new SchedulerConfigurationError(`plugin ${JSON.stringify(name)} is enabled twice`);
    names.add(name);
  }
  return names;
}

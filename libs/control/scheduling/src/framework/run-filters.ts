import type { NodeInfo } from '../cache/node-info';
import type { PodInfo } from '../cache/pod-info';
import type { Nominator } from '../queue/nominator';
import type { CycleState } from './cycle-state';
import type { NodeLister } from './plugin';
import type { Profile } from './profile';
import { type Outcome, skip, unresolvable } from './status';

export interface PreFilterResult {
  readonly status: Outcome;
  /** The nodes that all plugins together leave; undefined means any. */
  readonly nodeNames: ReadonlySet<string> | undefined;
  /** Who narrowed them. */
  readonly narrowedBy: readonly string[];
}

/** All preFilter plugins; nodes named by several are intersected (framework/runtime.RunPreFilterPlugins). */
export function runPreFilters(profile: Profile, state: CycleState, pod: PodInfo, nodes: NodeLister): PreFilterResult {
  let nodeNames: ReadonlySet<string> | undefined;
  const narrowedBy: string[] = [];
  for (const plugin of profile.preFilter) {
    const answer = plugin.preFilter(state, pod, nodes);
    if (answer.status === skip) {
      state.skipFilter.add(plugin.name);
      continue;
    }
    if (answer.status !== undefined) return { status: answer.status, nodeNames, narrowedBy };
    const { nodeNames: named } = answer;
    if (named === undefined) continue;
    narrowedBy.push(plugin.name);
    const before = nodeNames;
    nodeNames = before === undefined ? named : new Set([...before].filter((n) => named.has(n)));
    if (nodeNames.size > 0) continue;
    const sorted = [...narrowedBy].sort();
    const message =
      sorted.length === 1
        ? `node(s) didn't satisfy plugin ${sorted[0] ?? ''}`
        : `node(s) didn't satisfy plugin(s) [${sorted.join(' ')}] simultaneously`;
    return { status: unresolvable('', message), nodeNames, narrowedBy };
  }
  return { status: undefined, nodeNames, narrowedBy };
}

/** The first plugin that refuses the node decides. */
export function runFilters(profile: Profile, state: CycleState, pod: PodInfo, node: NodeInfo): Outcome {
  for (const plugin of profile.filter) {
    if (state.skipFilter.has(plugin.name)) continue;
    const status = plugin.filter(state, pod, node);
    if (status !== undefined) return status;
  }
  return undefined;
}

/**
 * Filters twice where pods of equal or higher priority wait for the node: with them (their requests must be met) and without
 * (they may never come, and must not be what the pod's affinity rests on) (framework/runtime.RunFilterPluginsWithNominatedPods).
 */
export function runFiltersWithNominated(
  profile: Profile,
  run: { readonly state: CycleState; readonly pod: PodInfo; readonly node: NodeInfo; readonly nominator: Nominator },
): Outcome {
  const { state, pod, node, nominator } = run;
  if (nominator.isEmpty) return runFilters(profile, state, pod, node);
  const rivals = [...nominator.on(node.name)].filter((p) => p.priority >= pod.priority && p.uid !== pod.uid);
  if (rivals.length > 0) {
    const crowded = node.copy();
    const crowdedState = state.clone();
    for (const rival of rivals) {
      crowded.addPod(rival);
      for (const plugin of profile.preFilter) plugin.addPod?.(crowdedState, pod, rival, crowded);
    }
    const status = runFilters(profile, crowdedState, pod, crowded);
    if (status !== undefined) return status;
  }
  return runFilters(profile, state, pod, node);
}

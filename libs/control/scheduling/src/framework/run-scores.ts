import type { NodeInfo } from '../cache/node-info';
import type { PodInfo } from '../cache/pod-info';
import type { CycleState } from './cycle-state';
import type { Profile } from './profile';
import { type Outcome, skip } from './status';

/** The weighted sum of all plugins' scores, one per node (framework/runtime.RunScorePlugins). */
export function runScores(
  profile: Profile,
  state: CycleState,
  pod: PodInfo,
  nodes: readonly NodeInfo[],
): { readonly totals: number[]; readonly status: Outcome } {
  const totals = new Array<number>(nodes.length).fill(0);
  for (const plugin of profile.preScore) {
    const status = plugin.preScore(state, pod, nodes);
    if (status === skip) state.skipScore.add(plugin.name);
    else if (status !== undefined) return { totals, status };
  }
  for (const plugin of profile.score) {
    if (state.skipScore.has(plugin.name)) continue;
    const scores = nodes.map((node) => plugin.score(state, pod, node));
    plugin.normalize?.(state, pod, scores, nodes);
    for (const [i, score] of scores.entries()) totals[i] = (totals[i] ?? 0) + score * plugin.weight;
  }
  return { totals, status: undefined };
}

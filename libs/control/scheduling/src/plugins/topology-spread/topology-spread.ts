import type { NodeInfo } from '../../cache/node-info';
import type { PodInfo } from '../../cache/pod-info';
import { stateKey } from '../../framework/cycle-state';
import { type NodeLister, type Plugin, maxNodeScore } from '../../framework/plugin';
import { skip, unresolvable, unschedulable } from '../../framework/status';
import { type SpreadConstraint, countPods, hasAllKeys, isNodeCounted, spreadConstraints } from './spread-constraint';
import { SpreadState } from './spread-state';

const name = 'PodTopologySpread';
const tooUneven = unschedulable(name, "node(s) didn't match pod topology spread constraints");
const noLabel = unresolvable(name, "node(s) didn't match pod topology spread constraints (missing required label)");
const hostname = 'kubernetes.io/hostname';

const filterState = stateKey<SpreadState>(`PreFilter${name}`);
const scoreState = stateKey<readonly SoftConstraint[]>(`PreScore${name}`);

interface SoftConstraint {
  readonly constraint: SpreadConstraint;
  /** Matching pods per topology value; of the hostname they are counted on the node itself. */
  readonly counts: Map<string, number>;
  /** More for topologies with more values, so that many small differences weigh like few large ones. */
  readonly weight: number;
}

/** Spreads pods evenly over zones, nodes and other topologies (plugins/podtopologyspread), as the pod itself demands. */
export const topologySpread = ({ nodes }: { readonly nodes: NodeLister }): Plugin => ({
  name,
  hints: [
    {
      resource: 'AssignedPod',
      actions: ['Add', 'Delete', 'UpdatePodLabel'],
      helps: (pod, event) => {
        if (event.resource === 'Node') return true;
        const others = [event.before, event.after].filter((p) => p !== undefined);
        return spreadConstraints(pod, 'DoNotSchedule').some((c) =>
          others.some(
            (p) => p.metadata.namespace === pod.pod.metadata.namespace && c.selector.matches(p.metadata.labels ?? {}),
          ),
        );
      },
    },
    { resource: 'TargetPod', actions: ['UpdatePodLabel'] },
    { resource: 'Node', actions: ['Add', 'Delete', 'UpdateNodeLabel', 'UpdateNodeTaint'] },
  ],
  preFilter: (state, pod) => {
    const constraints = spreadConstraints(pod, 'DoNotSchedule');
    if (constraints.length === 0) return { status: skip };
    state.write(filterState, SpreadState.of(constraints, pod, nodes.list()));
    return {};
  },
  addPod: (state, _, other, node) => {
    state.read(filterState)?.count(other, node, 1);
  },
  removePod: (state, _, other, node) => {
    state.read(filterState)?.count(other, node, -1);
  },
  filter: (state, _, node) => {
    const spread = state.read(filterState);
    for (const [i, { topologyKey, maxSkew }] of (spread?.constraints ?? []).entries()) {
      const value = node.labels[topologyKey];
      if (value === undefined) return noLabel;
      if (spread !== undefined && spread.skewOn(i, value) > maxSkew) return tooUneven;
    }
    return undefined;
  },
  preScore: (state, pod, fitting) => {
    const constraints = spreadConstraints(pod, 'ScheduleAnyway');
    if (constraints.length === 0) return skip;
    state.write(scoreState, softCounts(constraints, pod, { all: nodes.list(), fitting }));
    return undefined;
  },
  score: (state, { pod }, node) => {
    const soft = state.read(scoreState) ?? [];
    if (soft.some((s) => !Object.hasOwn(node.labels, s.constraint.topologyKey))) return ignored;
    let sum = 0;
    for (const { constraint, counts, weight } of soft) {
      const count =
        constraint.topologyKey === hostname
          ? countPods(constraint, pod.metadata.namespace ?? '', node)
          : (counts.get(node.labels[constraint.topologyKey] ?? '') ?? 0);
      sum += count * weight + (constraint.maxSkew - 1);
    }
    return Math.round(sum);
  },
  normalize: (_state, _pod, scores) => {
    let least = Infinity;
    let most = 0;
    for (const score of scores) {
      if (score === ignored) continue;
      least = Math.min(least, score);
      most = Math.max(most, score);
    }
    for (const [i, score] of scores.entries()) {
      if (score === ignored) scores[i] = 0;
      else scores[i] = most === 0 ? maxNodeScore : Math.floor((maxNodeScore * (most + least - score)) / most);
    }
  },
});

/** The score of a node that lacks a topology's label: it comes last. */
const ignored = -1;

function softCounts(
  constraints: readonly SpreadConstraint[],
  pod: PodInfo,
  { all, fitting }: { readonly all: readonly NodeInfo[]; readonly fitting: readonly NodeInfo[] },
): SoftConstraint[] {
  const eligible = fitting.filter((n) => hasAllKeys(constraints, n.labels));
  return constraints.map((constraint) => {
    const { topologyKey } = constraint;
    if (topologyKey === hostname) return { constraint, counts: new Map(), weight: Math.log(eligible.length + 2) };
    const counts = new Map<string, number>();
    for (const node of eligible) counts.set(node.labels[topologyKey] ?? '', 0);
    for (const node of all) {
      const value = node.labels[topologyKey] ?? '';
      const before = counts.get(value);
      if (before === undefined || !hasAllKeys(constraints, node.labels) || !isNodeCounted(constraint, pod, node))
        continue;
      counts.set(value, before + countPods(constraint, pod.pod.metadata.namespace ?? '', node));
    }
    return { constraint, counts, weight: Math.log(counts.size + 2) };
  });
}

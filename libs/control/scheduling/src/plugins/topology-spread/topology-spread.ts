import type { NodeInfo } from '../../cache/node-info';
import type { PodInfo } from '../../cache/pod-info';
import { type SpreadArgs, defaultArgs } from '../../config/scheduler-configuration';
import { isPodEvent } from '../../framework/cluster-event';
import { stateKey } from '../../framework/cycle-state';
import { type NodeLister, type Plugin, maxNodeScore } from '../../framework/plugin';
import { skip, unresolvable, unschedulable } from '../../framework/status';
import { type PodGroups, defaultConstraints } from './default-constraints';
import { type SpreadConstraint, hasAllKeys, isNodeCounted, podCounter, spreadConstraints } from './spread-constraint';
import { SpreadState } from './spread-state';

const name = 'PodTopologySpread';
const tooUneven = unschedulable(name, "node(s) didn't match pod topology spread constraints");
const noLabel = unresolvable(name, "node(s) didn't match pod topology spread constraints (missing required label)");
const hostname = 'kubernetes.io/hostname';

const filterState = stateKey<SpreadState>(`PreFilter${name}`);
const scoreState = stateKey<SoftSpread>(`PreScore${name}`);

interface SoftSpread {
  readonly constraints: readonly SoftConstraint[];
  /**
   * Nodes that lack a label of any constraint come last. Not so for the system's default constraints: nodes without zones are still
   * spread over by name.
   */
  readonly needsAllKeys: boolean;
}

interface SoftConstraint {
  readonly constraint: SpreadConstraint;
  readonly podsOn: (node: NodeInfo) => number;
  /** Matching pods per topology value; of the hostname they are counted on the node itself. */
  readonly counts: Map<string, number>;
  /** More for topologies with more values, so that many small differences weigh like few large ones. */
  readonly weight: number;
}

export interface TopologySpreadDeps {
  readonly nodes: NodeLister;
  readonly groups: PodGroups;
}

/**
 * Spreads pods evenly over zones, nodes and other topologies (plugins/podtopologyspread): as the pod itself demands, or, where it
 * says nothing, by the system's defaults, which only prefer.
 */
export function topologySpread(
  { nodes, groups }: TopologySpreadDeps,
  args: SpreadArgs = defaultArgs.PodTopologySpread,
): Plugin {
  const configured = args.defaultingType === 'List' ? args.defaultConstraints : undefined;
  const hard = configured?.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule') ?? [];
  const soft = configured?.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway');
  const hardConstraints = (info: PodInfo): readonly SpreadConstraint[] =>
    hard.length === 0 || hasOwnConstraints(info)
      ? spreadConstraints(info, 'DoNotSchedule')
      : defaultConstraints(info.pod, groups, hard);
  return {
    name,
    hints: [
      {
        resource: 'AssignedPod',
        actions: ['Add', 'Delete', 'UpdatePodLabel'],
        helps: (pod, event) => {
          if (!isPodEvent(event)) return true;
          const others = [event.before, event.after].filter((p) => p !== undefined);
          return hardConstraints(pod).some((c) =>
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
      const constraints = hardConstraints(pod);
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
      const isOwn = hasOwnConstraints(pod);
      const needsAllKeys = isOwn || configured !== undefined;
      const constraints = isOwn ? spreadConstraints(pod, 'ScheduleAnyway') : defaultConstraints(pod.pod, groups, soft);
      if (constraints.length === 0) return skip;
      state.write(scoreState, softSpread(constraints, pod, { all: nodes.list(), fitting, needsAllKeys }));
      return undefined;
    },
    score: (state, _, node) => {
      const soft = state.read(scoreState);
      let sum = 0;
      for (const { constraint, podsOn, counts, weight } of soft?.constraints ?? []) {
        const { topologyKey } = constraint;
        if (!Object.hasOwn(node.labels, topologyKey)) {
          if (soft?.needsAllKeys === true) return ignored;
          continue;
        }
        const count = topologyKey === hostname ? podsOn(node) : (counts.get(node.labels[topologyKey] ?? '') ?? 0);
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
  };
}

const hasOwnConstraints = ({ pod }: PodInfo): boolean => (pod.spec?.topologySpreadConstraints ?? []).length > 0;

/** The score of a node that lacks a topology's label: it comes last. */
const ignored = -1;

function softSpread(
  constraints: readonly SpreadConstraint[],
  pod: PodInfo,
  options: { readonly all: readonly NodeInfo[]; readonly fitting: readonly NodeInfo[]; readonly needsAllKeys: boolean },
): SoftSpread {
  const { needsAllKeys } = options;
  const isEligible = (node: NodeInfo): boolean => !needsAllKeys || hasAllKeys(constraints, node.labels);
  const fitting = options.fitting.filter(isEligible);
  const all = options.all.filter(isEligible);
  return {
    needsAllKeys,
    constraints: constraints.map((constraint) => {
      const { topologyKey } = constraint;
      const podsOn = podCounter(constraint, pod.pod.metadata.namespace ?? '');
      if (topologyKey === hostname)
        return { constraint, podsOn, counts: new Map(), weight: Math.log(fitting.length + 2) };
      // Nodes without the label make up one value, for the weight; nobody asks for its count.
      const values = new Set(fitting.map(({ labels }) => labels[topologyKey]));
      const counts = new Map<string, number>();
      for (const node of all) {
        const value = node.labels[topologyKey];
        if (value === undefined || !values.has(value) || !isNodeCounted(constraint, pod, node)) continue;
        counts.set(value, (counts.get(value) ?? 0) + podsOn(node));
      }
      return { constraint, podsOn, counts, weight: Math.log(values.size + 2) };
    }),
  };
}

import type { NodeInfo } from '../../cache/node-info';
import type { PodInfo } from '../../cache/pod-info';
import { type ClusterEvent, isPodEvent } from '../../framework/cluster-event';
import { type InterPodAffinityArgs, defaultArgs } from '../../config/scheduler-configuration';
import { stateKey } from '../../framework/cycle-state';
import { type NodeLister, type Plugin, maxNodeScore } from '../../framework/plugin';
import { type Outcome, skip, unresolvable, unschedulable } from '../../framework/status';
import { TopologyCounts } from '../topology-counts';
import { AffinityState, type NamespaceLabels } from './affinity-state';

const name = 'InterPodAffinity';
const noAffinity = unresolvable(name, "node(s) didn't match pod affinity rules");
const unwanted = unschedulable(name, "node(s) didn't match pod anti-affinity rules");
const unwelcome = unschedulable(name, "node(s) didn't satisfy existing pods anti-affinity rules");

const filterState = stateKey<AffinityState>(`PreFilter${name}`);
const scoreState = stateKey<TopologyCounts>(`PreScore${name}`);

export interface InterPodAffinityDeps {
  readonly nodes: NodeLister;
  readonly namespaceLabels: NamespaceLabels;
}

/** Pods that want to be, or not to be, where other pods are (plugins/interpodaffinity). */
export const interPodAffinity = (
  { nodes, namespaceLabels }: InterPodAffinityDeps,
  args: InterPodAffinityArgs = defaultArgs.InterPodAffinity,
): Plugin => ({
  name,
  hints: [
    {
      resource: 'AssignedPod',
      actions: ['Add', 'Delete', 'UpdatePodLabel'],
      helps: (pod, event) => mayHelp(pod, event, namespaceLabels),
    },
    { resource: 'TargetPod', actions: ['UpdatePodLabel'] },
    { resource: 'Node', actions: ['Add', 'UpdateNodeLabel'] },
  ],
  preFilter: (state, pod) => {
    const counted = new AffinityState(pod, namespaceLabels);
    const hasTerms = counted.required.length + counted.requiredAnti.length > 0;
    for (const node of nodes.list())
      for (const other of (hasTerms ? node.pods : node.podsWithAffinity).values()) counted.count(other, node, 1);
    state.write(filterState, counted);
    return hasTerms || !counted.unwelcome.isEmpty ? {} : { status: skip };
  },
  addPod: (state, _, other, node) => {
    state.read(filterState)?.count(other, node, 1);
  },
  removePod: (state, _, other, node) => {
    state.read(filterState)?.count(other, node, -1);
  },
  filter: (state, _, node) => {
    const counted = state.read(filterState);
    return counted === undefined ? undefined : refusal(counted, node);
  },
  preScore: (state, pod) => {
    if (args.ignorePreferredTermsOfExistingPods && (pod.affinity?.preferred.length ?? 0) === 0) return skip;
    const scores = scoreTopologies(pod, nodes, { namespaceLabels, requiredWeight: args.hardPodAffinityWeight });
    if (scores.isEmpty) return skip;
    state.write(scoreState, scores);
    return undefined;
  },
  score: (state, _, node) => state.read(scoreState)?.sumFor(node.labels) ?? 0,
  normalize: (_state, _pod, scores) => {
    let least = Infinity;
    let most = -Infinity;
    for (const score of scores) {
      least = Math.min(least, score);
      most = Math.max(most, score);
    }
    for (const [i, score] of scores.entries())
      scores[i] = most === least ? 0 : Math.floor((maxNodeScore * (score - least)) / (most - least));
  },
});

function refusal(counted: AffinityState, node: NodeInfo): Outcome {
  const { labels } = node;
  if (!affinityHolds(counted, labels)) return noAffinity;
  for (const { topologyKey } of counted.requiredAnti) {
    const value = labels[topologyKey];
    if (value !== undefined && counted.unwanted.get(topologyKey, value) > 0) return unwanted;
  }
  return counted.unwelcome.anyFor(labels) ? unwelcome : undefined;
}

function affinityHolds(counted: AffinityState, labels: Readonly<Record<string, string>>): boolean {
  let isAllThere = true;
  for (const { topologyKey } of counted.required) {
    const value = labels[topologyKey];
    if (value === undefined) return false;
    isAllThere &&= counted.wanted.get(topologyKey, value) > 0;
  }
  return isAllThere || (counted.wanted.isEmpty && counted.isOwnKind());
}

/** Weights per topology value: what this pod prefers, and what the pods there prefer of it. */
function scoreTopologies(
  pod: PodInfo,
  nodes: NodeLister,
  { namespaceLabels, requiredWeight }: { readonly namespaceLabels: NamespaceLabels; readonly requiredWeight: number },
): TopologyCounts {
  const scores = new TopologyCounts();
  const preferred = pod.affinity?.preferred ?? [];
  const ownLabels = namespaceLabels(pod.pod.metadata.namespace ?? '');
  for (const node of nodes.list()) {
    const add = (topologyKey: string, weight: number): void => {
      const value = node.labels[topologyKey];
      if (value !== undefined) scores.add(topologyKey, value, weight);
    };
    for (const other of (preferred.length > 0 ? node.pods : node.podsWithAffinity).values()) {
      if (preferred.length > 0) {
        const otherLabels = namespaceLabels(other.pod.metadata.namespace ?? '');
        for (const { term, weight } of preferred)
          if (term.matches(other.pod, otherLabels)) add(term.topologyKey, weight);
      }
      if (other.affinity === undefined) continue;
      if (requiredWeight > 0)
        for (const term of other.affinity.required)
          if (term.matches(pod.pod, ownLabels)) add(term.topologyKey, requiredWeight);
      for (const { term, weight } of other.affinity.preferred)
        if (term.matches(pod.pod, ownLabels)) add(term.topologyKey, weight);
    }
  }
  return scores;
}

/** A new pod helps one that wants to be near it; a pod that went, one that kept away from it or was kept away by it. */
function mayHelp(pod: PodInfo, event: ClusterEvent, namespaceLabels: NamespaceLabels): boolean {
  if (!isPodEvent(event)) return true;
  if (event.action !== 'Add') return true;
  const { after } = event;
  if (after === undefined) return true;
  const labels = namespaceLabels(after.metadata.namespace ?? '');
  return pod.affinity?.required.some((t) => t.matches(after, labels)) ?? false;
}

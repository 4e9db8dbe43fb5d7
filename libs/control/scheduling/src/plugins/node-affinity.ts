import type { corev1 } from '@reckon/api/types';
import type { NodeInfo } from '../cache/node-info';
import type { Plugin, PreFilterAnswer } from '../framework/plugin';
import { skip, unresolvable } from '../framework/status';
import { requiredNodeFits, requiredNodeMatches, termMatches } from './node-selector';
import { normalizeByHighest } from './normalize';

const name = 'NodeAffinity';
const rejected = unresolvable(name, "node(s) didn't match Pod's node affinity/selector");
const unenforced = unresolvable(name, "node(s) didn't match scheduler-enforced node affinity");
const conflicting = unresolvable(name, 'pod affinity terms conflict');

/** `nodeSelector` and node affinity, required and preferred (plugins/nodeaffinity); `added` holds for every pod of the profile. */
export const nodeAffinity = (added: corev1.NodeAffinity = {}): Plugin => ({
  name,
  hints: [
    {
      resource: 'Node',
      actions: ['Add', 'UpdateNodeLabel'],
      helps: ({ pod }, event) => {
        if (event.resource !== 'Node') return true;
        const { before, after } = event;
        const terms = added.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
        const fits = (node: typeof after): boolean => {
          if (node === undefined) return false;
          const { name: nodeName = '', labels = {} } = node.metadata;
          if (terms !== undefined && !terms.some((term) => termMatches(term, nodeName, labels))) return false;
          return requiredNodeMatches(pod.spec, nodeName, labels);
        };
        return fits(after) && !fits(before);
      },
    },
  ],
  preFilter: (_, { pod }) => {
    const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    if (required === undefined) {
      const isFree =
        pod.spec?.nodeSelector === undefined && added.requiredDuringSchedulingIgnoredDuringExecution === undefined;
      return isFree ? { status: skip } : {};
    }
    return namedNodes(required.nodeSelectorTerms);
  },
  filter: (_, { pod }, node) => {
    const terms = added.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
    if (terms !== undefined && !terms.some((term) => termMatches(term, node.name, node.labels))) return unenforced;
    return requiredNodeFits(pod.spec, node) ? undefined : rejected;
  },
  preScore: (_, { pod }) =>
    preferences(pod.spec?.affinity?.nodeAffinity).length + preferences(added).length === 0 ? skip : undefined,
  score: (_, { pod }, node) =>
    preference(preferences(added), node) + preference(preferences(pod.spec?.affinity?.nodeAffinity), node),
  normalize: (_state, _pod, scores) => {
    normalizeByHighest(scores, 'more is better');
  },
});

const preferences = (affinity: corev1.NodeAffinity | undefined): readonly corev1.PreferredSchedulingTerm[] =>
  affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? none;
const none: readonly corev1.PreferredSchedulingTerm[] = [];

function preference(terms: readonly corev1.PreferredSchedulingTerm[], node: NodeInfo): number {
  let sum = 0;
  for (const { weight, preference: term } of terms) if (termMatches(term, node.name, node.labels)) sum += weight;
  return sum;
}

/** If every term names its nodes (as DaemonSets do), only those need be looked at. */
function namedNodes(terms: readonly corev1.NodeSelectorTerm[]): PreFilterAnswer {
  const names = new Set<string>();
  for (const term of terms) {
    let ofTerm: Set<string> | undefined;
    for (const { key, operator, values = [] } of term.matchFields ?? []) {
      if (key !== 'metadata.name' || operator !== 'In') continue;
      const before = ofTerm;
      ofTerm = new Set(before === undefined ? values : values.filter((v) => before.has(v)));
    }
    if (ofTerm === undefined) return {};
    for (const one of ofTerm) names.add(one);
  }
  if (terms.length === 0) return {};
  return names.size === 0 ? { status: conflicting } : { nodeNames: names };
}

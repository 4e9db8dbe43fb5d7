import type { corev1 } from '@reckon/api/types';
import type { Plugin, PreFilterAnswer } from '../framework/plugin';
import { skip, unresolvable } from '../framework/status';
import { requiredNodeFits, requiredNodeMatches, termMatches } from './node-selector';
import { normalizeByHighest } from './normalize';

const name = 'NodeAffinity';
const rejected = unresolvable(name, "node(s) didn't match Pod's node affinity/selector");
const conflicting = unresolvable(name, 'pod affinity terms conflict');

/** `nodeSelector` and node affinity, required and preferred (plugins/nodeaffinity). */
export const nodeAffinity = (): Plugin => ({
  name,
  hints: [
    {
      resource: 'Node',
      actions: ['Add', 'UpdateNodeLabel'],
      helps: ({ pod }, event) => {
        if (event.resource !== 'Node') return true;
        const { before, after } = event;
        const fits = (node: typeof after): boolean =>
          node !== undefined && requiredNodeMatches(pod.spec, node.metadata.name ?? '', node.metadata.labels ?? {});
        return fits(after) && !fits(before);
      },
    },
  ],
  preFilter: (_, { pod }) => {
    const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    if (required === undefined) return pod.spec?.nodeSelector === undefined ? { status: skip } : {};
    return namedNodes(required.nodeSelectorTerms);
  },
  filter: (_, { pod }, node) => (requiredNodeFits(pod.spec, node) ? undefined : rejected),
  preScore: (_, { pod }) =>
    (pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution?.length ?? 0) === 0
      ? skip
      : undefined,
  score: (_, { pod }, node) => {
    let sum = 0;
    for (const { weight, preference } of pod.spec?.affinity?.nodeAffinity
      ?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
      if (termMatches(preference, node.name, node.labels)) sum += weight;
    return sum;
  },
  normalize: (_state, _pod, scores) => {
    normalizeByHighest(scores, 'more is better');
  },
});

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

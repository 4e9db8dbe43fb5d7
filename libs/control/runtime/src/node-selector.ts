import { type LabelRequirement, requirementMatches } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';

const operators: Readonly<Record<string, LabelRequirement['operator']>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
};

type Labels = Readonly<Record<string, string>>;

/** Whether a node answers one term; a term that says nothing, or cannot be understood, matches no node. */
export function termMatches(term: corev1.NodeSelectorTerm, name: string, labels: Labels): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length + matchFields.length === 0) return false;
  return (
    matchExpressions.every((r) => matches(r, labels)) && matchFields.every((r) => matches(r, { 'metadata.name': name }))
  );
}

function matches({ key, operator, values = [] }: corev1.NodeSelectorRequirement, labels: Labels): boolean {
  const op = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  return op !== undefined && requirementMatches({ key, operator: op, values }, labels);
}

/** `spec.nodeSelector` and the required terms of the node affinity, of which one must match. */
export function requiredNodeMatches(spec: corev1.PodSpec | undefined, name: string, labels: Labels): boolean {
  const selector = spec?.nodeSelector;
  if (selector !== undefined)
    for (const key of Object.keys(selector))
      if (!Object.hasOwn(labels, key) || labels[key] !== selector[key]) return false;
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || required.nodeSelectorTerms.some((term) => termMatches(term, name, labels));
}

import type { FieldPath } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Warn } from './pod.warnings';

/** Labels of nodes that have a newer name, or none (pkg/api/node.GetNodeLabelDeprecatedMessage). */
const messages: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

/** GetNodeLabelDeprecatedMessage. */
export const nodeLabelMessage = (label: string): string | undefined =>
  Object.hasOwn(messages, label) ? messages[label] : undefined;

/** Wherever a pod chooses nodes by their labels. */
export function nodeLabelWarnings(spec: corev1.PodSpec, path: FieldPath, warn: Warn): void {
  for (const key of Object.keys(spec.nodeSelector ?? {})) {
    const message = nodeLabelMessage(key);
    if (message !== undefined) warn(path.child('nodeSelector').key(key), message);
  }
  const affinity = spec.affinity?.nodeAffinity;
  const affinityPath = path.child('affinity', 'nodeAffinity');
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const [index, term] of terms.entries())
    termWarnings(
      term,
      affinityPath.child('requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms').index(index),
      warn,
    );
  const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  for (const [index, { preference }] of preferred.entries())
    termWarnings(
      preference,
      affinityPath.child('preferredDuringSchedulingIgnoredDuringExecution').index(index).child('preference'),
      warn,
    );
  for (const [index, { topologyKey }] of (spec.topologySpreadConstraints ?? []).entries()) {
    const message = nodeLabelMessage(topologyKey);
    if (message !== undefined)
      warn(path.child('topologySpreadConstraints').index(index).child('topologyKey'), `${topologyKey} is ${message}`);
  }
}

/** GetWarningsForNodeSelectorTerm. */
export function termWarnings(term: corev1.NodeSelectorTerm, path: FieldPath, warn: Warn): void {
  for (const [index, { key }] of (term.matchExpressions ?? []).entries()) {
    const message = nodeLabelMessage(key);
    if (message !== undefined) warn(path.child('matchExpressions').index(index).child('key'), `${key} is ${message}`);
  }
}

import { type FieldPath, validateLabelValue } from '@reckon/api/machinery';
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
  for (const [index, { preference }] of preferred.entries()) {
    const at = affinityPath.child('preferredDuringSchedulingIgnoredDuringExecution').index(index).child('preference');
    termWarnings(preference, at, warn, 'values too');
  }
}

/** GetWarningsForNodeSelectorTerm; values that no label can have are refused where a term is required. */
export function termWarnings(
  term: corev1.NodeSelectorTerm,
  path: FieldPath,
  warn: Warn,
  checked: 'keys' | 'values too' = 'keys',
): void {
  for (const [index, { key, values }] of (term.matchExpressions ?? []).entries()) {
    const at = path.child('matchExpressions').index(index);
    const message = nodeLabelMessage(key);
    if (message !== undefined) warn(at.child('key'), `${key} is ${message}`);
    if (checked === 'keys') continue;
    for (const [i, value] of (values ?? []).entries())
      for (const problem of validateLabelValue(value))
        warn(at.child('values').index(i), `${value} is invalid, ${problem}`);
  }
}

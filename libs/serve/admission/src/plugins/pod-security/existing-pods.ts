import { goQuote } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { type LevelVersion, levelText } from './policy';
import { reasonsText, violationsOf } from './violations-of';

/** More are not looked at (`defaultNamespaceMaxPodsToCheck`). */
const mostPods = 3000;

/**
 * What to tell whoever makes a namespace stricter: which of its pods could not be made any more (`EvaluatePodsInNamespace`). Upstream
 * also stops after a second.
 */
export function existingPodWarnings(namespace: string, pods: readonly corev1.Pod[], enforce: LevelVersion): string[] {
  const checked = differentFirst(pods).slice(0, mostPods);
  const guilty = new Map<string, string[]>();
  for (const { metadata, spec } of checked) {
    if (spec === undefined) continue;
    const why = reasonsText(violationsOf(enforce, { annotations: metadata.annotations ?? {}, spec }));
    if (why !== '') guilty.set(why, [...(guilty.get(why) ?? []), metadata.name ?? '']);
  }
  const warnings: string[] = [];
  if (checked.length < pods.length)
    warnings.push(
      `new PodSecurity enforce level only checked against the first ${String(checked.length)} of ${String(pods.length)} existing pods`,
    );
  if (guilty.size > 0)
    warnings.push(
      `existing pods in namespace ${goQuote(namespace)} violate the new PodSecurity enforce level ${goQuote(levelText(enforce))}`,
    );
  return [...warnings, ...[...guilty].map(([why, names]) => `${namesText(names)}: ${why}`).sort()];
}

/** One of each controller's pods goes before all others of its. */
function differentFirst(pods: readonly corev1.Pod[]): corev1.Pod[] {
  const first: corev1.Pod[] = [];
  const alike: corev1.Pod[] = [];
  const seen = new Set<string>();
  for (const pod of pods) {
    const uid = pod.metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid;
    (uid !== undefined && seen.has(uid) ? alike : first).push(pod);
    if (uid !== undefined) seen.add(uid);
  }
  return [...first, ...alike];
}

function namesText(names: readonly string[]): string {
  const [first = ''] = [...names].sort();
  const others = names.length - 1;
  if (others === 0) return first;
  return `${first} (and ${String(others)} other ${others === 1 ? 'pod' : 'pods'})`;
}

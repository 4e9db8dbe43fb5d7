import { semanticEqual } from '@reckon/api/machinery';
import type { corev1, metav1 } from '@reckon/api/types';
import type { RequestContext } from '@reckon/registry/generic';
import { appArmorPrefix } from './validation/annotations';

type Operator = 'In' | 'NotIn';

/**
 * `matchLabelKeys` take the pod's own values: they become part of the selector once, on create, so that the scheduler
 * need not know of them (mutatePodAffinity, mutateTopologySpreadConstraints in pkg/registry/core/pod).
 */
export function mergeLabelKeys({ metadata, spec }: corev1.Pod): void {
  const labels = metadata.labels ?? {};
  for (const affinity of [spec?.affinity?.podAffinity, spec?.affinity?.podAntiAffinity]) {
    for (const { podAffinityTerm } of affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
      mergeTerm(podAffinityTerm, labels);
    for (const term of affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) mergeTerm(term, labels);
  }
  for (const { labelSelector, matchLabelKeys } of spec?.topologySpreadConstraints ?? [])
    mergeKeys(labelSelector, matchLabelKeys, 'In', labels);
}

function mergeTerm(term: corev1.PodAffinityTerm, labels: Readonly<Record<string, string>>): void {
  mergeKeys(term.labelSelector, term.matchLabelKeys, 'In', labels);
  mergeKeys(term.labelSelector, term.mismatchLabelKeys, 'NotIn', labels);
}

/** Without a selector nothing is matched at all, so there is nothing to add to. Merging again (for another generated name) adds nothing. */
function mergeKeys(
  selector: metav1.LabelSelector | undefined,
  keys: readonly string[] | undefined,
  operator: Operator,
  labels: Readonly<Record<string, string>>,
): void {
  if (!selector) return;
  for (const key of keys ?? []) {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (value === undefined) continue;
    const expression = { key, operator, values: [value] };
    const expressions = (selector.matchExpressions ??= []);
    if (!expressions.some((other) => semanticEqual(other, expression))) expressions.push(expression);
  }
}

/** The annotations of the beta still work: they become the field, with a warning (applyAppArmorVersionSkew). */
export function applyAppArmorAnnotations(ctx: RequestContext, pod: corev1.Pod): void {
  const { annotations } = pod.metadata;
  const spec = pod.spec;
  if (!annotations || !spec || spec.os?.name === 'windows') return;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    const key = appArmorPrefix + container.name;
    if (!Object.hasOwn(annotations, key) || container.securityContext?.appArmorProfile) continue;
    const profile = profileOf(annotations[key] ?? '');
    const differs = profile !== undefined && !semanticEqual(profile, spec.securityContext?.appArmorProfile);
    if (profile !== undefined && differs) (container.securityContext ??= {}).appArmorProfile = profile;
    if (profile === undefined || differs)
      ctx.warn(`metadata.annotations[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`);
  }
}

function profileOf(annotation: string): corev1.AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  if (!annotation.startsWith('localhost/')) return undefined;
  const localhostProfile = annotation.slice('localhost/'.length);
  return localhostProfile.trim() === localhostProfile && localhostProfile !== ''
    ? { type: 'Localhost', localhostProfile }
    : undefined;
}

import {
  type LabelSelector,
  type LabelSelectorObject,
  SelectorError,
  labelSelectorFromObject,
  noLabel,
} from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Pod } from '../framework/kinds';

/** One term of a pod (anti-)affinity, made ready to be matched (k8s.io/kube-scheduler/framework.AffinityTerm). */
export interface AffinityTerm {
  readonly topologyKey: string;
  /** Whether `other`, in a namespace with these labels, is a pod that the term speaks of. */
  matches(other: Pod, namespaceLabels: Labels): boolean;
}

export interface WeightedTerm {
  readonly term: AffinityTerm;
  /** Negative for anti-affinity. */
  readonly weight: number;
}

export interface PodAffinity {
  readonly required: readonly AffinityTerm[];
  readonly requiredAnti: readonly AffinityTerm[];
  readonly preferred: readonly WeightedTerm[];
}

export type Labels = Readonly<Record<string, string>>;

/** Undefined for the many pods without any. */
export function podAffinityOf(pod: Pod): PodAffinity | undefined {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  if (podAffinity === undefined && podAntiAffinity === undefined) return undefined;
  const termOf = (term: corev1.PodAffinityTerm): AffinityTerm => affinityTerm(term, pod.metadata.namespace ?? '');
  const weighted = (terms: readonly corev1.WeightedPodAffinityTerm[] | undefined, sign: 1 | -1): WeightedTerm[] =>
    (terms ?? []).map((t) => ({ term: termOf(t.podAffinityTerm), weight: sign * t.weight }));
  return {
    required: (podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(termOf),
    requiredAnti: (podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(termOf),
    preferred: [
      ...weighted(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution, 1),
      ...weighted(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution, -1),
    ],
  };
}

function affinityTerm(term: corev1.PodAffinityTerm, ownNamespace: string): AffinityTerm {
  const named = term.namespaces ?? [];
  const namespaces = named.length === 0 && term.namespaceSelector === undefined ? [ownNamespace] : named;
  const selector = readableSelector(term.labelSelector);
  const namespaceSelector = readableSelector(term.namespaceSelector);
  return {
    topologyKey: term.topologyKey,
    matches: ({ metadata }, namespaceLabels) =>
      (namespaces.includes(metadata.namespace ?? '') || namespaceSelector.matches(namespaceLabels)) &&
      selector.matches(metadata.labels ?? {}),
  };
}

/** One that cannot be read matches nothing, as an absent one. */
export function readableSelector(object: LabelSelectorObject | undefined): LabelSelector {
  try {
    return labelSelectorFromObject(object);
  } catch (error) {
    if (error instanceof SelectorError) return noLabel();
    throw error;
  }
}

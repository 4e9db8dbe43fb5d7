import { desiredReplicas, maxSurge } from './rollout-limits';
import type { Deployment, ReplicaSet } from './rollout';

export const annotations = {
  revision: 'deployment.kubernetes.io/revision',
  history: 'deployment.kubernetes.io/revision-history',
  desired: 'deployment.kubernetes.io/desired-replicas',
  max: 'deployment.kubernetes.io/max-replicas',
} as const;

/** Of the Deployment alone: what its ReplicaSets say of themselves, or what would be wrong on them. */
const notCopied: ReadonlySet<string> = new Set([
  ...Object.values(annotations),
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
]);

/** Characters of the revision-history annotation (deployment.maxRevHistoryLengthInChars). */
const longestHistory = 2000;

/** 0 when it says none or no number. */
export function revisionOf(set: ReplicaSet): number {
  const text = set.metadata.annotations?.[annotations.revision] ?? '';
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : 0;
}

export const maxRevision = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((max, set) => Math.max(max, revisionOf(set)), 0);

/** The annotations that the new ReplicaSet should have: the Deployment's, its revision, and which revisions it was before. */
export function newSetAnnotations(deployment: Deployment, set: ReplicaSet, revision: number): Record<string, string> {
  const wanted: Record<string, string> = { ...set.metadata.annotations };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {}))
    if (!notCopied.has(key)) wanted[key] = value;
  const before = wanted[annotations.revision];
  if (before !== undefined && !/^[0-9]{1,15}$/.test(before)) return wanted;
  if (Number(before ?? 0) >= revision) return wanted;
  wanted[annotations.revision] = String(revision);
  if (before !== undefined) wanted[annotations.history] = historyWith(wanted[annotations.history], before);
  return wanted;
}

function historyWith(history: string | undefined, revision: string): string {
  if (history === undefined || history === '') return revision;
  const all = [...history.split(','), revision];
  while (all.length > 1 && all.join(',').length > longestHistory) all.shift();
  return all.join(',');
}

/** What lets a scaling of the Deployment be told from a rollout, and the old proportions be known. */
export const replicaAnnotations = (deployment: Deployment): Record<string, string> => ({
  [annotations.desired]: String(desiredReplicas(deployment)),
  [annotations.max]: String(desiredReplicas(deployment) + maxSurge(deployment)),
});

export function numberAnnotation(set: ReplicaSet, key: string): number | undefined {
  const text = set.metadata.annotations?.[key];
  return text !== undefined && /^-?[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

/** True for the annotations of which the first has all that the second has. */
export const hasAll = (
  have: Readonly<Record<string, string>> | undefined,
  want: Readonly<Record<string, string>>,
): boolean => Object.entries(want).every(([key, value]) => have?.[key] === value);

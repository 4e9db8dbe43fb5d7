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

/** A revision is an int64, and may be one that a number cannot tell from its neighbours. */
function parseRevision(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const revision = BigInt(text.replace('+', ''));
  return BigInt.asIntN(64, revision) === revision ? revision : undefined;
}

/** 0 when it says none or no number. */
export const revisionOf = (set: ReplicaSet): bigint =>
  parseRevision(set.metadata.annotations?.[annotations.revision] ?? '') ?? 0n;

export function maxRevision(sets: readonly ReplicaSet[]): bigint {
  let max = 0n;
  for (const set of sets) {
    const revision = revisionOf(set);
    if (revision > max) max = revision;
  }
  return max;
}

/** The annotations that the new ReplicaSet should have: the Deployment's, its revision, and which revisions it was before. */
export function newSetAnnotations(deployment: Deployment, set: ReplicaSet, revision: bigint): Record<string, string> {
  const wanted: Record<string, string> = { ...set.metadata.annotations };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {}))
    if (!notCopied.has(key)) wanted[key] = value;
  const before = wanted[annotations.revision];
  const beforeRevision = before === undefined ? 0n : parseRevision(before);
  if (beforeRevision === undefined || beforeRevision >= revision) return wanted;
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

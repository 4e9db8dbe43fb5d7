import { baselineChecks, type CheckRow, restrictedChecks } from './check-table';
import type { CheckedPod, PodCheck, Violation } from './pod-check';
import type { LevelVersion, PolicyVersion } from './policy';

/** What of the pod the level does not allow. */
export function violationsOf({ level, version }: LevelVersion, pod: CheckedPod): readonly Violation[] {
  if (level === 'privileged') return [];
  return checksOf(level, version).flatMap((check) => check(pod) ?? []);
}

export const reasonsText = (violations: readonly Violation[]): string =>
  violations.map(({ reason }) => reason).join(', ');

/** `host namespaces (hostPID=true), privileged (container "a" …)` */
export const detailsText = (violations: readonly Violation[]): string =>
  violations.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ');

function checksOf(level: 'baseline' | 'restricted', version: PolicyVersion): PodCheck[] {
  const minor = version === 'latest' ? Infinity : version;
  const inForce = (row: CheckRow): PodCheck | undefined => row.since.findLast(([from]) => from <= minor)?.[1];
  const strict = level === 'baseline' ? [] : restrictedChecks.filter((row) => inForce(row) !== undefined);
  const replaced = new Set(strict.map(({ instead }) => instead));
  return [...baselineChecks.filter(({ id }) => !replaced.has(id)), ...strict].flatMap((row) => inForce(row) ?? []);
}

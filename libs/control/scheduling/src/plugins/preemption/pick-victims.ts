import { type Victims, startMs } from './victims';

/** Makes negative priorities count as pods too when they are added up. */
const priorityOffset = 2 ** 31;

/** In turn, each decides only among those that the ones before left equal; smaller is better. */
const criteria: readonly ((victims: Victims, nowMs: number) => number)[] = [
  (v) => v.violations,
  (v) => v.pods[0]?.priority ?? 0,
  (v) => v.pods.reduce((sum, p) => sum + p.priority + priorityOffset, 0),
  (v) => v.pods.length,
  // The longest-running of the most important victims should have run as short as possible.
  (v, nowMs) =>
    -v.pods
      .filter((p) => p.priority === v.pods[0]?.priority)
      .reduce((first, p) => Math.min(first, startMs(p, nowMs)), nowMs),
];

/** The node where preemption hurts least (framework/preemption.pickOneNodeForPreemption). */
export function pickVictims(candidates: readonly Victims[], nowMs: number): Victims | undefined {
  let left = candidates;
  for (const criterion of criteria) {
    if (left.length <= 1) break;
    const values = left.map((v) => criterion(v, nowMs));
    const best = values.reduce((least, value) => Math.min(least, value), Infinity);
    left = left.filter((_, i) => values[i] === best);
  }
  return left[0];
}

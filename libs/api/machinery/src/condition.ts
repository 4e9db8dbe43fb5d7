/** `metav1.Condition`, and the older ones of Pods and Nodes that lack some of its fields. */
export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  observedGeneration?: number;
  lastTransitionTime?: string | null;
}

export function findCondition<T extends Condition>(
  conditions: readonly T[] | null | undefined,
  type: string,
): T | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export function isConditionTrue(conditions: readonly Condition[] | null | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/**
 * The list with `condition` in it: at its old place or last. `lastTransitionTime` moves to `nowText` only when the status
 * changes (meta.SetStatusCondition). Gives back the same list when nothing changed.
 */
export function withCondition<T extends Condition>(
  conditions: readonly T[],
  condition: T,
  nowText: string,
): readonly T[] {
  const old = findCondition(conditions, condition.type);
  const lastTransitionTime = old?.status === condition.status ? (old.lastTransitionTime ?? nowText) : nowText;
  const next = { ...old, ...condition, lastTransitionTime };
  if (old === undefined) return [...conditions, next];
  const isSame = (Object.keys(next) as (keyof T)[]).every((key) => old[key] === next[key]);
  return isSame ? conditions : conditions.map((c) => (c === old ? next : c));
}

import type { Rules, ScalingMemory } from './scaling-memory';

/** A count, and what the conditions say of how it came about. */
export interface Desired {
  readonly replicas: number;
  /** AbleToScale. */
  readonly able: Saying;
  /** ScalingLimited, which is true when the limit changed the count. */
  readonly limit: Saying & { readonly isLimited: boolean };
}

interface Saying {
  readonly reason: string;
  readonly message: string;
}

export interface Wanted {
  readonly memory: ScalingMemory;
  readonly nowMs: number;
  readonly currentReplicas: number;
  /** By the metrics. */
  readonly desiredReplicas: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

/** Without `behavior`, a count at most doubles, but may always become this. */
const atOnceUpTo = 4;

const ready: Saying = { reason: 'ReadyForNewScale', message: 'recommended size matches current size' };
const downStabilized: Saying = {
  reason: 'ScaleDownStabilized',
  message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
};
const upStabilized: Saying = {
  reason: 'ScaleUpStabilized',
  message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
};
const inRange: Saying = {
  reason: 'DesiredWithinRange',
  message: 'the desired count is within the acceptable range',
};
const tooFast: Saying = {
  reason: 'ScaleUpLimit',
  message: 'the desired replica count is increasing faster than the maximum scale rate',
};
const tooFastDown: Saying = {
  reason: 'ScaleDownLimit',
  message: 'the desired replica count is decreasing faster than the maximum scale rate',
};
const tooMany: Saying = {
  reason: 'TooManyReplicas',
  message: 'the desired replica count is more than the maximum replica count',
};
const tooFew: Saying = {
  reason: 'TooFewReplicas',
  message: 'the desired replica count is less than the minimum replica count',
};

/** `normalizeDesiredReplicas`. */
export function desiredByDefault(wanted: Wanted, stabilizationMs: number): Desired {
  const { memory, nowMs, currentReplicas, desiredReplicas, minReplicas, maxReplicas } = wanted;
  const stabilized = Math.max(desiredReplicas, ...memory.recommendedSince(nowMs - stabilizationMs));
  memory.recommend(desiredReplicas, nowMs, stabilizationMs);
  const fastest = Math.max(2 * currentReplicas, atOnceUpTo);
  const [most, why] = maxReplicas > fastest ? [fastest, tooFast] : [maxReplicas, tooMany];
  const able = stabilized === desiredReplicas ? ready : downStabilized;
  if (stabilized < minReplicas) return limited(minReplicas, able, tooFew);
  if (stabilized > most) return limited(most, able, why);
  return { replicas: stabilized, able, limit: { ...inRange, isLimited: false } };
}

const limited = (replicas: number, able: Saying, why: Saying): Desired => ({
  replicas,
  able,
  limit: { ...why, isLimited: true },
});

/** `normalizeDesiredReplicasWithBehaviors`. */
export function desiredByBehavior(wanted: Wanted, rules: { readonly up: Rules; readonly down: Rules }): Desired {
  const { memory, nowMs, currentReplicas, desiredReplicas, minReplicas, maxReplicas } = wanted;
  const stabilized = stabilize(wanted, rules);
  const able =
    stabilized === desiredReplicas ? ready : desiredReplicas >= currentReplicas ? upStabilized : downStabilized;
  if (stabilized > currentReplicas) {
    const fastest = Math.max(upLimit(memory, currentReplicas, rules.up, nowMs), currentReplicas);
    const [most, why] = maxReplicas > fastest ? [fastest, tooFast] : [maxReplicas, tooMany];
    if (stabilized > most) return limited(most, able, why);
  } else if (stabilized < currentReplicas) {
    const fastest = Math.min(downLimit(memory, currentReplicas, rules.down, nowMs), currentReplicas);
    const [least, why] = minReplicas < fastest ? [fastest, tooFastDown] : [minReplicas, tooFew];
    if (stabilized < least) return limited(least, able, why);
  }
  return { replicas: stabilized, able, limit: { ...inRange, isLimited: false } };
}

/** Not above the least that was wanted in the one window, not below the most in the other. */
function stabilize(
  { memory, nowMs, currentReplicas, desiredReplicas }: Wanted,
  { up, down }: { readonly up: Rules; readonly down: Rules },
): number {
  const upMs = up.stabilizationWindowSeconds * 1000;
  const downMs = down.stabilizationWindowSeconds * 1000;
  const lowest = Math.min(desiredReplicas, ...memory.recommendedAfter(nowMs - upMs));
  const highest = Math.max(desiredReplicas, ...memory.recommendedAfter(nowMs - downMs));
  memory.recommend(desiredReplicas, nowMs, Math.max(upMs, downMs));
  return Math.min(Math.max(currentReplicas, lowest), highest);
}

/** `calculateScaleUpLimitWithScalingRules`. */
function upLimit(memory: ScalingMemory, currentReplicas: number, rules: Rules, nowMs: number): number {
  if (rules.selectPolicy === 'Disabled') return currentReplicas;
  const limits = rules.policies.map(({ type, value, periodSeconds }) => {
    const before = memory.replicasBefore(currentReplicas, periodSeconds * 1000, nowMs);
    // Up, so that a small percentage of a few is not nothing.
    return type === 'Pods' ? before + value : Math.ceil((before * (100 + value)) / 100);
  });
  return rules.selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits);
}

/** `calculateScaleDownLimitWithBehaviors`. */
function downLimit(memory: ScalingMemory, currentReplicas: number, rules: Rules, nowMs: number): number {
  if (rules.selectPolicy === 'Disabled') return currentReplicas;
  const limits = rules.policies.map(({ type, value, periodSeconds }) => {
    const before = memory.replicasBefore(currentReplicas, periodSeconds * 1000, nowMs);
    return type === 'Pods' ? before - value : Math.trunc((before * (100 - value)) / 100);
  });
  return rules.selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits);
}

/** How long what was done must be remembered. */
export const longestPeriodMs = ({ policies }: Rules): number =>
  Math.max(0, ...policies.map(({ periodSeconds }) => periodSeconds)) * 1000;

/** One of those among whom seats are shared: `lower` ≤ `target`, `lower` ≤ `upper`. */
export interface Claim {
  readonly target: number;
  readonly lower: number;
  readonly upper: number;
}

export interface Shares {
  readonly seats: readonly number[];
  /** Everybody has this part of their target, unless a bound says otherwise. */
  readonly fairFraction: number;
}

const leastTarget = 0.001;
/** Halvings of an interval: more than a double can tell apart. */
const steps = 100;

/**
 * Shares `total` seats in proportion to targets, within bounds: the one fraction for which the bounded parts sum to the total, found by
 * bisection since the sum only grows with it (what `computeConcurrencyAllocation` of util/flowcontrol demands of its answer).
 * Undefined when the bounds leave no room for it.
 *
 * 10 seats, claims {target 4, 0…10} and {target 4, 0…2}: the fraction 2 gives 8 and min(8, 2) = 2.
 */
export function shareSeats(total: number, claims: readonly Claim[]): Shares | undefined {
  const sumOf = (part: (claim: Claim) => number): number => claims.reduce((sum, claim) => sum + part(claim), 0);
  const tolerance = 1e-7;
  if (sumOf(({ lower }) => lower) - total > tolerance || total - sumOf(({ upper }) => upper) > tolerance)
    return undefined;
  const partOf =
    (fraction: number) =>
    ({ target, lower, upper }: Claim): number =>
      Math.max(lower, Math.min(upper, fraction * Math.max(target, leastTarget)));
  let low = 0;
  let high = 1;
  for (const { target, upper } of claims) high = Math.max(high, upper / Math.max(target, leastTarget));
  for (let i = 0; i < steps; i++) {
    const middle = (low + high) / 2;
    if (sumOf(partOf(middle)) < total) low = middle;
    else high = middle;
  }
  return { seats: claims.map(partOf(high)), fairFraction: high };
}

import type { batchv1 } from '@reckon/api/types';
import { type Indexes, countCommon, countIndexes, parseIndexes } from './index-intervals';

/** Which rule of the policy the succeeded indexes meet, in the words of the condition; undefined if none (`matchSuccessPolicy`). */
export function metSuccessRule(
  policy: batchv1.SuccessPolicy | undefined,
  completions: number,
  succeeded: Indexes,
): string | undefined {
  if (policy === undefined || succeeded.length === 0) return undefined;
  const index = policy.rules.findIndex((rule) => isMet(rule, completions, succeeded));
  return index === -1 ? undefined : `Matched rules at index ${String(index)}`;
}

function isMet(
  { succeededIndexes, succeededCount }: batchv1.SuccessPolicyRule,
  completions: number,
  succeeded: Indexes,
): boolean {
  if (succeededIndexes === undefined) return succeededCount !== undefined && countIndexes(succeeded) >= succeededCount;
  const required = parseIndexes(succeededIndexes, completions);
  if (required.length === 0) return false;
  const common = countCommon(required, succeeded);
  return common === countIndexes(required) || (succeededCount !== undefined && common >= succeededCount);
}

import type { CelVariables } from '@reckon/api/cel';
import type { Monotonic } from '@reckon/kernel';
import type { ConditionMetrics } from '../expressions/condition-metrics';
import { conditionsHold, type MatchConditions, type Matching } from '../expressions/match-conditions';
import type { Operation } from '../plugin';

export interface PolicyConditionParts {
  readonly clock: Monotonic;
  readonly conditionMetrics: ConditionMetrics;
  readonly operation: Operation;
}

/** Whether a policy is asked at all; its conditions do not see the namespace. */
export async function policyConditionsHold(
  name: string,
  conditions: MatchConditions,
  given: CelVariables,
  { clock, conditionMetrics, operation }: PolicyConditionParts,
): Promise<Matching> {
  const begunMs = clock.elapsedMs();
  const matching = await conditionsHold(conditions, { ...given, namespaceObject: null });
  const owner = { name, kind: 'policy', type: 'validate', operation } as const;
  conditionMetrics.evaluated(owner, (clock.elapsedMs() - begunMs) / 1000, matching.errors);
  return matching;
}

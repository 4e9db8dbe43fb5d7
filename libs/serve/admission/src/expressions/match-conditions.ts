import { admissionEnvironment, celTypes, type CelScope, type CelVariables } from '@reckon/api/cel';
import { aggregateMessage } from '@reckon/api/machinery';
import {
  type CompiledExpression,
  compileExpression,
  CostBudget,
  evaluate,
  OutOfBudgetError,
} from './compile-expression';

/** Conditions that all must hold before a webhook or a policy is asked. */
export interface MatchConditions {
  readonly conditions: readonly CompiledExpression[];
  readonly failurePolicy: 'Fail' | 'Ignore';
}

/** apis/cel `RuntimeCELCostBudgetMatchConditions` */
const budgetOfAll = 2_500_000;

export function matchConditions(
  conditions: readonly { readonly expression?: string }[] | undefined,
  failurePolicy: MatchConditions['failurePolicy'],
  scope: CelScope,
): MatchConditions | undefined {
  if (conditions === undefined || conditions.length === 0) return undefined;
  const environment = admissionEnvironment(scope);
  return {
    conditions: conditions.map(({ expression = '' }) => compileExpression(expression, environment, [celTypes.bool])),
    failurePolicy,
  };
}

/** Whether they hold, or why that cannot be said (webhook/matchconditions `matcher.Match`). */
export type Matching = ({ readonly holds: boolean } | { readonly error: string }) & {
  /** How many conditions could not be evaluated. */
  readonly errors: number;
};

/** One false condition is enough for no; errors count only where none is false, and then as the failure policy says. */
export async function conditionsHold(
  { conditions, failurePolicy }: MatchConditions,
  variables: CelVariables,
): Promise<Matching> {
  const budget = new CostBudget(budgetOfAll);
  const errors: string[] = [];
  try {
    let isFalse = false;
    for (const condition of conditions) {
      const { value, error } = await evaluate(condition, variables, budget);
      if (error !== undefined) errors.push(error);
      else if (value === false) isFalse = true;
    }
    if (isFalse) return { holds: false, errors: errors.length };
  } catch (error) {
    if (!(error instanceof OutOfBudgetError)) throw error;
    return failurePolicy === 'Ignore' ? { holds: false, errors: 0 } : { error: error.message, errors: 0 };
  }
  if (errors.length === 0) return { holds: true, errors: 0 };
  if (failurePolicy === 'Ignore') return { holds: false, errors: errors.length };
  return { error: aggregateMessage(errors), errors: errors.length };
}

import type { CelVariables } from '@reckon/api/cel';
import { CostBudget, evaluate, type Evaluation, OutOfBudgetError } from '../expressions/compile-expression';
import { conditionsHold } from '../expressions/match-conditions';
import type { Validation, ValidatingPolicy } from './validating-policy';
import { withVariables } from './policy-variables';

/** One validation that did not hold. */
export interface Violation {
  /** Which of the policy's validations. */
  readonly index: number;
  readonly message: string;
  /** '' where it could not be evaluated. */
  readonly reason: string;
}

export interface Judgement {
  readonly violations: readonly Violation[];
  /** In order. */
  readonly annotations: readonly { readonly key: string; readonly value: string }[];
  /** Annotations that could not be made, where that is a refusal. */
  readonly annotationErrors: readonly string[];
}

const nothing: Judgement = { violations: [], annotations: [], annotationErrors: [] };

/** apis/cel `RuntimeCELCostBudget`, `MaxEvaluatedMessageExpressionSizeBytes` */
const budgetOfAll = 10_000_000;
const longestMessage = 5 * 1024;

/** What a policy says of a request with one parameter (policy/validating `validator.Validate`). */
export async function evaluateValidations(policy: ValidatingPolicy, given: CelVariables): Promise<Judgement> {
  const failed = (message: string): Judgement =>
    policy.failurePolicy === 'Ignore' ? nothing : { ...nothing, violations: [{ index: 0, message, reason: '' }] };
  if (policy.conditions !== undefined) {
    const matching = await conditionsHold(policy.conditions, { ...given, namespaceObject: null });
    if ('error' in matching) return failed(matching.error);
    if (!matching.holds) return nothing;
  }
  const variables = withVariables(policy.variables, given);
  try {
    const budget = new CostBudget(budgetOfAll);
    const results: Evaluation[] = [];
    for (const { condition } of policy.validations) results.push(await evaluate(condition, variables, budget));
    const violations: Violation[] = [];
    for (const [index, validation] of policy.validations.entries()) {
      const result = results[index];
      if (result?.error !== undefined) {
        if (policy.failurePolicy === 'Fail') violations.push({ index, message: result.error, reason: '' });
      } else if (result?.value !== true) {
        const message = await messageOf(validation, variables, budget);
        violations.push({ index, message, reason: validation.reason === '' ? 'Invalid' : validation.reason });
      }
    }
    return { violations, ...(await annotationsOf(policy, variables)) };
  } catch (error) {
    if (error instanceof OutOfBudgetError) return failed(error.message);
    throw error;
  }
}

/** What the message expression gives if it can be used, else the message, else the expression that failed. */
async function messageOf(validation: Validation, variables: CelVariables, budget: CostBudget): Promise<string> {
  const { messageExpression, message, condition } = validation;
  if (messageExpression !== undefined) {
    const { value } = await evaluate(messageExpression, variables, budget);
    const text = typeof value === 'string' ? value.trim() : '';
    if (text !== '' && Buffer.byteLength(text) <= longestMessage && !text.includes('\n')) return text;
  }
  const plain = message.trim();
  return plain === '' ? `failed expression: ${condition.expression.trim()}` : plain;
}

async function annotationsOf(
  policy: ValidatingPolicy,
  variables: CelVariables,
): Promise<Pick<Judgement, 'annotations' | 'annotationErrors'>> {
  const budget = new CostBudget(budgetOfAll);
  const annotations: { readonly key: string; readonly value: string }[] = [];
  const annotationErrors: string[] = [];
  for (const { key, value: expression } of policy.auditAnnotations) {
    const { value, error } = await evaluate(expression, variables, budget);
    if (error !== undefined) {
      if (policy.failurePolicy === 'Fail') annotationErrors.push(error);
      continue;
    }
    const text = typeof value === 'string' ? value.trim() : '';
    if (text !== '') annotations.push({ key, value: text });
  }
  return { annotations, annotationErrors };
}

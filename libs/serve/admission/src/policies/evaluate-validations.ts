import type { CelVariables } from '@reckon/api/cel';
import { CostBudget, evaluate, type Evaluation, OutOfBudgetError } from '../expressions/compile-expression';
import { type PolicyConditionParts, policyConditionsHold } from './policy-conditions';
import type { Validation, ValidatingPolicy } from './validating-policy';
import { withVariables } from './policy-variables';

/** One validation that did not hold. */
export interface Violation {
  /** Which of the policy's validations. */
  readonly index: number;
  readonly message: string;
  /** '' where it could not be evaluated. */
  readonly reason: string;
  readonly seconds: number;
}

export interface Judgement {
  readonly violations: readonly Violation[];
  /** Validations that could not be evaluated, where that is let pass. */
  readonly ignored: readonly Pick<Violation, 'message' | 'seconds'>[];
  /** In order. */
  readonly annotations: readonly { readonly key: string; readonly value: string }[];
  /** Annotations that could not be made, where that is a refusal. */
  readonly annotationErrors: readonly string[];
}

const nothing: Judgement = { violations: [], ignored: [], annotations: [], annotationErrors: [] };

/** apis/cel `RuntimeCELCostBudget`, `MaxEvaluatedMessageExpressionSizeBytes` */
const budgetOfAll = 10_000_000;
const longestMessage = 5 * 1024;

/** What a policy says of a request with one parameter (policy/validating `validator.Validate`). */
export async function evaluateValidations(
  policy: ValidatingPolicy,
  given: CelVariables,
  parts: PolicyConditionParts,
): Promise<Judgement> {
  const failed = (message: string): Judgement =>
    policy.failurePolicy === 'Ignore'
      ? { ...nothing, ignored: [{ message, seconds: 0 }] }
      : { ...nothing, violations: [{ index: 0, message, reason: '', seconds: 0 }] };
  const { clock } = parts;
  if (policy.conditions !== undefined) {
    const matching = await policyConditionsHold(policy.name, policy.conditions, given, parts);
    if ('error' in matching) return failed(matching.error);
    if (!matching.holds) return nothing;
  }
  try {
    const variables = withVariables(policy.variables, given);
    const budget = new CostBudget(budgetOfAll);
    const results: (Evaluation & { readonly seconds: number })[] = [];
    for (const { condition } of policy.validations) {
      const begunMs = clock.elapsedMs();
      const result = await evaluate(condition, variables, budget);
      results.push({ ...result, seconds: (clock.elapsedMs() - begunMs) / 1000 });
    }
    const isFine = results.every(({ value }) => value === true);
    return {
      ...(isFine ? nothing : await decisionsOf(policy, results, { given, budget })),
      ...(await annotationsOf(policy, withVariables(policy.variables, withoutAuthorizer(given)))),
    };
  } catch (error) {
    if (error instanceof OutOfBudgetError) return failed(error.message);
    throw error;
  }
}

/** Messages and annotations are not to tell what somebody may do, not through a variable either. */
const withoutAuthorizer = (given: CelVariables): CelVariables =>
  Object.fromEntries(Object.entries(given).filter(([name]) => name !== 'authorizer'));

/** All messages are made, whichever are needed; where they cost too much together, what held fails too. */
async function decisionsOf(
  policy: ValidatingPolicy,
  results: readonly (Evaluation & { readonly seconds: number })[],
  { given, budget }: { readonly given: CelVariables; readonly budget: CostBudget },
): Promise<Pick<Judgement, 'violations' | 'ignored'>> {
  const violations: Violation[] = [];
  const ignored: Pick<Violation, 'message' | 'seconds'>[] = [];
  const made = await messagesOf(policy, given, budget);
  const [messages, tooMuch] = typeof made === 'string' ? [[], made] : [made, undefined];
  for (const [index, validation] of policy.validations.entries()) {
    const { error, value, seconds = 0 } = results[index] ?? {};
    const problem = error ?? (tooMuch === undefined ? undefined : `failed messageExpression: ${tooMuch}`);
    if (problem !== undefined) {
      if (policy.failurePolicy === 'Fail') violations.push({ index, message: problem, reason: '', seconds });
      else ignored.push({ message: problem, seconds });
    } else if (value !== true) {
      const message = messageOf(validation, messages[index]);
      violations.push({ index, message, reason: validation.reason === '' ? 'Invalid' : validation.reason, seconds });
    }
  }
  return { violations, ignored };
}

/** By validation; a text says that they cost too much. */
async function messagesOf(
  policy: ValidatingPolicy,
  given: CelVariables,
  budget: CostBudget,
): Promise<readonly (Evaluation | undefined)[] | string> {
  const variables = withVariables(policy.variables, withoutAuthorizer(given));
  const messages: (Evaluation | undefined)[] = [];
  try {
    for (const { messageExpression } of policy.validations)
      messages.push(messageExpression === undefined ? undefined : await evaluate(messageExpression, variables, budget));
    return messages;
  } catch (error) {
    if (error instanceof OutOfBudgetError) return error.message;
    throw error;
  }
}

/** What the message expression gives if it can be used, else the message, else the expression that failed. */
function messageOf({ message, condition }: Validation, evaluated: Evaluation | undefined): string {
  const text = typeof evaluated?.value === 'string' ? evaluated.value.trim() : '';
  if (text !== '' && Buffer.byteLength(text) <= longestMessage && !text.includes('\n')) return text;
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

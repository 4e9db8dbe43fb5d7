import {
  type CelEnvironment,
  type CelProgram,
  type CelType,
  type CelValue,
  type CelVariables,
  compileCel,
} from '@reckon/api/cel';

/** An expression of a webhook or a policy. One that does not compile says so each time it is evaluated. */
export interface CompiledExpression {
  readonly expression: string;
  readonly program: CelProgram | undefined;
  /** Why there is no program. */
  readonly problem: string;
  /** It may ask an authorizer, which may have to wait. */
  readonly mayWait: boolean;
}

export function compileExpression(
  expression: string,
  environment: CelEnvironment,
  results: readonly CelType[],
): CompiledExpression {
  const compiled = compileCel(expression, environment, { results });
  // A variable may ask, too.
  const mayWait = expression.includes('authorizer') || expression.includes('variables');
  return compiled.program === undefined
    ? { expression, program: undefined, problem: compiled.problem, mayWait }
    : { expression, program: compiled.program, problem: '', mayWait };
}

/** The expressions of one evaluation cost too much together: what is left of them is not evaluated. */
export class OutOfBudgetError extends Error {
  readonly code = 'OutOfBudget';

  constructor() {
    super('validation failed due to running out of cost budget, no further validation rules will be run');
    this.name = 'OutOfBudgetError';
  }
}

/** What the expressions of one evaluation may cost together (apis/cel `RuntimeCELCostBudget`). */
export class CostBudget {
  constructor(private left: number) {}

  /** Throws OutOfBudgetError. */
  spend(cost: number): void {
    if (cost > this.left) throw new OutOfBudgetError();
    this.left -= cost;
  }
}

/** A value, or the sentence that names the expression (plugin/cel `evaluationActivation.Evaluate`). */
export type Evaluation =
  { readonly value: CelValue; readonly error?: undefined } | { readonly error: string; readonly value?: undefined };

/** Throws OutOfBudgetError. */
export async function evaluate(
  { expression, program, problem, mayWait }: CompiledExpression,
  variables: CelVariables,
  budget: CostBudget,
): Promise<Evaluation> {
  if (program === undefined) return { error: `compilation error: ${problem}` };
  const result = mayWait ? await program.evaluateAsync(variables) : program.evaluate(variables);
  budget.spend(result.cost);
  if (result.error === undefined) return { value: result.value };
  return { error: `expression '${expression}' resulted in error: ${result.error}` };
}

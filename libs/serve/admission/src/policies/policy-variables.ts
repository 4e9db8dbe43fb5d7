import {
  admissionEnvironment,
  celLazyFields,
  type CelEnvironment,
  type CelScope,
  celTypes,
  type CelType,
  type CelVariables,
  variableType,
} from '@reckon/api/cel';
import type { admissionregistrationv1 } from '@reckon/api/types';
import { type CompiledExpression, compileExpression } from '../expressions/compile-expression';

/** `spec.variables`, compiled in their order: each may use those before it. */
export interface PolicyVariables {
  readonly expressions: ReadonlyMap<string, CompiledExpression>;
  /** What the expressions after them may use. */
  environment(scope: Omit<CelScope, 'variables'>): CelEnvironment;
}

export function policyVariables(
  variables: readonly admissionregistrationv1.Variable[] | undefined,
  scope: Omit<CelScope, 'variables'>,
): PolicyVariables {
  const types = new Map<string, CelType>();
  const expressions = new Map<string, CompiledExpression>();
  for (const { name = '', expression = '' } of variables ?? []) {
    const compiled = compileExpression(expression, admissionEnvironment({ ...scope, variables: new Map(types) }), []);
    expressions.set(name, compiled);
    types.set(name, compiled.program === undefined ? celTypes.dyn : variableType(compiled.program.type));
  }
  return { expressions, environment: (of) => admissionEnvironment({ ...of, variables: types }) };
}

/** With `variables`, of which each is evaluated when it is first used, and then kept for the other expressions. */
export function withVariables({ expressions }: PolicyVariables, others: CelVariables): CelVariables {
  const all: Record<string, unknown> = { ...others };
  all['variables'] = celLazyFields(
    new Map(
      [...expressions].map(([name, { program, problem }]) => [
        name,
        () =>
          program === undefined
            ? { error: `compilation error: ${problem}`, cost: 0, isOverCost: false }
            : program.evaluate(all),
      ]),
    ),
  );
  return all;
}

import { type CelProgram, authorizationEnvironment, celTypes, compileCel } from '@reckon/api/cel';
import { aggregateMessage } from '@reckon/api/machinery';
import type { ReviewSpec } from './access-review-spec';

export interface Match {
  readonly matches: boolean;
  /** Why it cannot be told. */
  readonly error?: string;
  /** Some condition could not be evaluated, whatever came of it. */
  readonly hasFailed?: boolean;
}

/** Which requests a webhook is asked about. */
export type MatchConditions = (spec: ReviewSpec) => Match;

/** Why an expression is no condition; undefined for one that is. */
export const conditionProblem = (expression: string): string | undefined => compiled(expression).problem;

/** The conditions of one webhook: all must hold, one that does not decides at once (apiserver/pkg/authorization/cel `CELMatcher`). */
export function matchConditions(expressions: readonly string[]): MatchConditions | undefined {
  if (expressions.length === 0) return undefined;
  const programs = expressions.map((expression) => {
    const { program, problem } = compiled(expression);
    if (program === undefined) throw new Error(`a condition was not validated: ${problem ?? ''}`);
    return program;
  });
  return (spec) => evaluate(programs, { request: wholeRequest(spec) });
}

function evaluate(programs: readonly CelProgram[], variables: Readonly<Record<string, unknown>>): Match {
  const errors: string[] = [];
  for (const program of programs) {
    const result = program.evaluate(variables);
    if (result.error === undefined && result.value === false)
      return errors.length === 0 ? { matches: false } : { matches: false, hasFailed: true };
    if (result.error !== undefined)
      errors.push(`cel evaluation error: expression '${program.expression}' resulted in error: ${result.error}`);
  }
  return errors.length === 0 ? { matches: true } : { matches: false, error: aggregateMessage(errors), hasFailed: true };
}

const compiled = (expression: string) =>
  compileCel(expression, authorizationEnvironment(), { results: [celTypes.bool] });

/** With every text, also those that are empty: only the parts that a request need not have can be missed (`convertObjectToUnstructured`). */
function wholeRequest({ user = '', groups = [], uid = '', extra = {}, ...parts }: ReviewSpec): object {
  const { resourceAttributes: r, nonResourceAttributes: n } = parts;
  return {
    user,
    groups,
    uid,
    extra,
    ...(r === undefined
      ? {}
      : {
          resourceAttributes: {
            namespace: '',
            verb: '',
            group: '',
            version: '',
            resource: '',
            subresource: '',
            name: '',
            ...r,
          },
        }),
    ...(n === undefined ? {} : { nonResourceAttributes: { verb: '', path: '', ...n } }),
  };
}

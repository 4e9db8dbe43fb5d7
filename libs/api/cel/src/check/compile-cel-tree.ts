import { problemText } from '../syntax/cel-problem-text';
import type { CelNode } from '../syntax/cel-node';
import { parseCel } from '../syntax/parse-cel';
import type { CelEnvironment } from './cel-environment';
import { type CelType, isSameType, typeText } from './cel-type';
import { literalProblems, macroProblems } from './cel-validators';
import { formatProblems } from './format-problems';
import { mixtureProblems } from './mixture-problems';
import { checkCel } from './check-cel';

export type CheckedCel =
  | {
      readonly node: CelNode;
      readonly type: CelType;
      /** Of each part, as far as it is known. */
      readonly types: ReadonlyMap<CelNode, CelType>;
      readonly problem?: never;
    }
  | { readonly problem: string };

/** An expression and its type, or what is wrong with it as cel-go shows it: syntax, then types, then literals. */
export function compileCelTree(expression: string, environment: CelEnvironment): CheckedCel {
  const parsed = parseCel(expression);
  const problems = parsed.problems.length > 0 ? [...parsed.problems] : macroProblems(parsed.node, environment);
  if (problems.length > 0) return { problem: problemText(expression, problems) };
  const types = new Map<CelNode, CelType>();
  const type = checkCel(parsed.node, environment, problems, types);
  if (problems.length === 0)
    problems.push(
      ...literalProblems(parsed.node),
      ...mixtureProblems(parsed.node, types),
      ...formatProblems(parsed.node, types),
    );
  return problems.length > 0 ? { problem: problemText(expression, problems) } : { node: parsed.node, type, types };
}

/** Undefined when a type is one of those that it may be, which are all when none is named. */
export function resultProblem(type: CelType, results: readonly CelType[]): string | undefined {
  const [only] = results;
  if (only === undefined || results.some((result) => isSameType(result, type))) return undefined;
  const expected =
    results.length === 1
      ? `must evaluate to ${typeText(only)}`
      : `must evaluate to one of [${results.map(typeText).join(' ')}]`;
  return `${expected} but got ${typeText(type)}`;
}

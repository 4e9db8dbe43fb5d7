import { celEnvironments } from './cel-environment';
import type { CelChecker } from './cel-checker';
import { problemText } from './cel-problem-text';
import { celTypes, type CelType, isSameType, typeText } from './cel-type';
import { literalProblems, macroProblems } from './cel-validators';
import { checkCel } from './check-cel';
import { parseCel } from './parse-cel';

/** apiserver/pkg/admission/plugin/cel `CompileCELExpression`, without making a program of the expression. */
export function createAdmissionCel(): CelChecker {
  // Most clusters have no expressions: the table of functions is read for the first one.
  let environments: ReturnType<typeof celEnvironments> | undefined;
  return {
    check(expression, scope, results) {
      environments ??= celEnvironments();
      const parsed = parseCel(expression);
      const problems = parsed.problems.length > 0 ? [...parsed.problems] : macroProblems(parsed.node);
      if (problems.length > 0) return { problem: `compilation failed: ${problemText(expression, problems)}` };
      const type = checkCel(parsed.node, environments(scope), problems);
      if (problems.length === 0) problems.push(...literalProblems(parsed.node));
      if (problems.length > 0) return { problem: `compilation failed: ${problemText(expression, problems)}` };
      return isOneOf(type, results) ? { type } : { problem: resultProblem(type, results) };
    },
  };
}

const isOneOf = (type: CelType, results: readonly CelType[]): boolean =>
  results.length === 0 || results.some((result) => isSameType(result, type));

function resultProblem(type: CelType, results: readonly CelType[]): string {
  const [only = celTypes.dyn] = results;
  const expected =
    results.length === 1
      ? `must evaluate to ${typeText(only)}`
      : `must evaluate to one of [${results.map(typeText).join(' ')}]`;
  return `${expected} but got ${typeText(type)}`;
}

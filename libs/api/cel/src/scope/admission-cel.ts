import { compileCelTree, resultProblem } from '../check/compile-cel-tree';
import { admissionEnvironment } from './admission-environment';
import type { CelChecker } from './cel-checker';

/** apiserver/pkg/admission/plugin/cel `CompileCELExpression`, without making a program of the expression. */
export const createAdmissionCel = (): CelChecker => ({
  check(expression, scope, results) {
    const checked = compileCelTree(expression, admissionEnvironment(scope));
    if (checked.problem !== undefined) return { problem: `compilation failed: ${checked.problem}` };
    const problem = resultProblem(checked.type, results);
    return problem === undefined ? { type: checked.type } : { problem };
  },
});

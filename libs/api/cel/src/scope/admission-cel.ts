import { compileCel } from '../evaluate/compile-cel';
import { admissionEnvironment } from './admission-environment';
import type { CelChecker } from './cel-checker';

/** apiserver/pkg/admission/plugin/cel `CompileCELExpression`. */
export const createAdmissionCel = (): CelChecker => ({
  check(expression, scope, results) {
    const { problem, type } = compileCel(expression, admissionEnvironment(scope), { results });
    return problem === undefined ? { type } : { problem };
  },
});

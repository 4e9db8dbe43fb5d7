import { celTypes, compileCel, deviceEnvironment, deviceSize, typeText } from '@reckon/api/cel';
import { fieldErrors } from '@reckon/api/machinery';
import type { SelectorChecker } from './selector-checker';

const costLimit = 1_000_000;

/**
 * Compiles a selector: it must say yes or no, or be an attribute, which may do so (k8s.io/dynamic-resource-allocation/cel
 * `CompileCELExpression`), and may not cost too much for the largest device that there can be.
 */
export const checkSelector: SelectorChecker = (errors, path, expression) => {
  const compiled = compileCel(expression, deviceEnvironment(), { results: [celTypes.bool, celTypes.any] });
  if (compiled.problem === undefined) {
    const cost = compiled.program.estimateCost((name) => (name === 'device' ? deviceSize : undefined));
    if (cost > costLimit) errors.push(fieldErrors.forbidden(path, 'too complex, exceeds cost limit'));
    return;
  }
  const detail =
    compiled.reason === 'result' && compiled.type !== undefined
      ? `must evaluate to bool or the unknown type, not ${typeText(compiled.type)}`
      : compiled.problem;
  errors.push(fieldErrors.invalid(path, expression, detail));
};

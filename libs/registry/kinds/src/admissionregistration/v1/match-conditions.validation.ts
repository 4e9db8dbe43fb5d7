import { type CelChecker, type CelScope, celTypes } from '@reckon/api/cel';
import { type FieldPath, fieldErrors, validateQualifiedName } from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import { checkText, type Errors } from '../../field-checks';
import { checkExpression, trimSpace } from './expressions';

const maximum = 64;

/** validateMatchConditions: each a boolean under a name of its own. */
export function validateMatchConditions(
  errors: Errors,
  path: FieldPath,
  conditions: readonly admissionregistrationv1.MatchCondition[] | undefined,
  rules: { readonly cel: CelChecker; readonly scope: CelScope },
): void {
  if (conditions === undefined) return;
  if (conditions.length > maximum) errors.push(fieldErrors.tooMany(path, conditions.length, maximum));
  const seen = new Set<string>();
  for (const [index, { name, expression }] of conditions.entries()) {
    const conditionPath = path.index(index);
    const trimmed = trimSpace(expression ?? '');
    if (trimmed === '') errors.push(fieldErrors.required(conditionPath.child('expression')));
    else checkExpression(errors, conditionPath.child('expression'), trimmed, { ...rules, results: [celTypes.bool] });
    const namePath = conditionPath.child('name');
    if (!name) {
      errors.push(fieldErrors.required(namePath));
      continue;
    }
    checkText(errors, namePath, name, validateQualifiedName);
    if (seen.has(name)) errors.push(fieldErrors.duplicate(namePath, name));
    seen.add(name);
  }
}

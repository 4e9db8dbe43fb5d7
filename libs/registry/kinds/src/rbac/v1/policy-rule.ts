import { type FieldPath, fieldErrors, fieldPath } from '@reckon/api/machinery';
import type { rbacv1 } from '@reckon/api/types';
import type { Errors } from '../../field-checks';

/** pkg/apis/rbac/validation `validatePolicyRule` for each rule of a role. */
export function validatePolicyRules(rules: readonly rbacv1.PolicyRule[] | undefined, namespaced: boolean): Errors {
  const errors: Errors = [];
  for (const [index, rule] of (rules ?? []).entries())
    validatePolicyRule(errors, fieldPath('rules').index(index), rule, namespaced);
  return errors;
}

function validatePolicyRule(errors: Errors, path: FieldPath, rule: rbacv1.PolicyRule, namespaced: boolean): void {
  const urls = rule.nonResourceURLs ?? [];
  const groups = rule.apiGroups ?? [];
  const resources = rule.resources ?? [];
  const names = rule.resourceNames ?? [];
  if ((rule.verbs ?? []).length === 0)
    errors.push(fieldErrors.required(path.child('verbs'), 'verbs must contain at least one value'));
  if (urls.length > 0) {
    const urlPath = path.child('nonResourceURLs');
    if (namespaced)
      errors.push(fieldErrors.invalid(urlPath, urls, 'namespaced rules cannot apply to non-resource URLs'));
    if (groups.length > 0 || resources.length > 0 || names.length > 0)
      errors.push(
        fieldErrors.invalid(urlPath, urls, 'rules cannot apply to both regular resources and non-resource URLs'),
      );
    return;
  }
  if (groups.length === 0)
    errors.push(fieldErrors.required(path.child('apiGroups'), 'resource rules must supply at least one api group'));
  if (resources.length === 0)
    errors.push(fieldErrors.required(path.child('resources'), 'resource rules must supply at least one resource'));
}

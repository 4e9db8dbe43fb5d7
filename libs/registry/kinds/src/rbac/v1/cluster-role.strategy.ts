import { fieldErrors, fieldPath, nameIsPathSegment, validateLabelSelector } from '@reckon/api/machinery';
import type { rbacv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { nameRule } from '../../name-rule';
import type { Errors } from '../../field-checks';
import { validatePolicyRules } from './policy-rule';

export const clusterRoleStrategy: Strategy<rbacv1.ClusterRole> = {
  allowCreateOnUpdate: true,
  nameRule: nameRule(nameIsPathSegment),
  validate: (_ctx, role) => validateClusterRole(role),
  validateUpdate: (_ctx, role) => validateClusterRole(role),
};

function validateClusterRole(role: rbacv1.ClusterRole): Errors {
  const errors = validatePolicyRules(role.rules, false);
  if (!role.aggregationRule) return errors;
  const path = fieldPath('aggregationRule', 'clusterRoleSelectors');
  const selectors = role.aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0)
    errors.push(fieldErrors.required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil'));
  for (const [index, selector] of selectors.entries())
    errors.push(...validateLabelSelector(selector, path.index(index)));
  return errors;
}

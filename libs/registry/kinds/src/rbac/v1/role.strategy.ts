import { nameIsPathSegment } from '@reckon/api/machinery';
import type { rbacv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { nameRule } from '../../name-rule';
import { validatePolicyRules } from './policy-rule';

/** Whether the writer may grant these rights is the escalation check's matter, not validation's. */
export const roleStrategy: Strategy<rbacv1.Role> = {
  allowCreateOnUpdate: true,
  nameRule: nameRule(nameIsPathSegment),
  validate: (_ctx, role) => validatePolicyRules(role.rules, true),
  validateUpdate: (_ctx, role) => validatePolicyRules(role.rules, true),
};

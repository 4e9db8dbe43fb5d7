import { nameIsPathSegment } from '@reckon/api/machinery';
import type { rbacv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { nameRule } from '../../name-rule';
import { setBindingDefaults, validateBinding, validateBindingUpdate } from './subject';

const roleKinds = ['Role', 'ClusterRole'];

export const roleBindingStrategy: Strategy<rbacv1.RoleBinding> = {
  allowCreateOnUpdate: true,
  nameRule: nameRule(nameIsPathSegment),
  defaults: setBindingDefaults,
  validate: (_ctx, binding) => validateBinding(binding, roleKinds, true),
  validateUpdate: (_ctx, binding, old) => [
    ...validateBinding(binding, roleKinds, true),
    ...validateBindingUpdate(binding, old),
  ],
};

import { nameIsPathSegment } from '@reckon/api/machinery';
import type { rbacv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { nameRule } from '../../name-rule';
import { setBindingDefaults, validateBinding, validateBindingUpdate } from './subject';

const roleKinds = ['ClusterRole'];

export const clusterRoleBindingStrategy: Strategy<rbacv1.ClusterRoleBinding> = {
  allowCreateOnUpdate: true,
  nameRule: nameRule(nameIsPathSegment),
  defaults: setBindingDefaults,
  validate: (_ctx, binding) => validateBinding(binding, roleKinds, false),
  validateUpdate: (_ctx, binding, old) => [
    ...validateBinding(binding, roleKinds, false),
    ...validateBindingUpdate(binding, old),
  ],
};

import {
  type FieldPath,
  fieldErrors,
  fieldPath,
  validateDns1123Subdomain,
  nameIsPathSegment,
} from '@reckon/api/machinery';
import type { rbacv1 } from '@reckon/api/types';
import { checkRequiredText, checkText, type Errors, type TextRule } from '../../field-checks';

export const rbacGroup = 'rbac.authorization.k8s.io';

const pathSegment: TextRule = (name) => nameIsPathSegment(name, 'name');

interface Binding {
  subjects?: rbacv1.Subject[];
  roleRef: rbacv1.RoleRef;
}

/** What SetDefaults_RoleBinding, _ClusterRoleBinding and _Subject fill in. */
export function setBindingDefaults(binding: Binding): void {
  if (binding.roleRef && !binding.roleRef.apiGroup) binding.roleRef.apiGroup = rbacGroup;
  for (const subject of binding.subjects ?? [])
    if (!subject.apiGroup && (subject.kind === 'User' || subject.kind === 'Group')) subject.apiGroup = rbacGroup;
}

/** The rules that both kinds of binding share; they differ in what they may refer to. */
export function validateBinding(binding: Binding, roleKinds: readonly string[], namespaced: boolean): Errors {
  const errors: Errors = [];
  const path = fieldPath('roleRef');
  const { apiGroup, kind, name } = binding.roleRef;
  if (apiGroup !== rbacGroup) errors.push(fieldErrors.notSupported(path.child('apiGroup'), apiGroup, [rbacGroup]));
  if (!roleKinds.includes(kind)) errors.push(fieldErrors.notSupported(path.child('kind'), kind, roleKinds));
  checkRequiredText(errors, path.child('name'), name, pathSegment);
  for (const [index, subject] of (binding.subjects ?? []).entries())
    validateSubject(errors, fieldPath('subjects').index(index), subject, namespaced);
  return errors;
}

/** A binding can never be pointed at another role: whoever could, could grant rights that nobody checked. */
export function validateBindingUpdate(binding: Binding, old: Binding): Errors {
  const { apiGroup, kind, name } = binding.roleRef;
  const before = old.roleRef;
  if (apiGroup === before.apiGroup && kind === before.kind && name === before.name) return [];
  return [
    fieldErrors.invalid(fieldPath('roleRef'), { APIGroup: apiGroup, Kind: kind, Name: name }, 'cannot change roleRef'),
  ];
}

function validateSubject(errors: Errors, path: FieldPath, subject: rbacv1.Subject, namespaced: boolean): void {
  const group = subject.apiGroup ?? '';
  if (!subject.name) errors.push(fieldErrors.required(path.child('name')));
  switch (subject.kind) {
    case 'ServiceAccount':
      if (subject.name) checkText(errors, path.child('name'), subject.name, validateDns1123Subdomain);
      if (group !== '') errors.push(fieldErrors.notSupported(path.child('apiGroup'), group, ['']));
      if (!namespaced && !subject.namespace) errors.push(fieldErrors.required(path.child('namespace')));
      break;
    case 'User':
    case 'Group':
      if (!subject.name)
        errors.push(
          fieldErrors.invalid(
            path.child('name'),
            subject.name ?? '',
            `${subject.kind === 'User' ? 'user' : 'group'} name cannot be empty`,
          ),
        );
      if (group !== rbacGroup) errors.push(fieldErrors.notSupported(path.child('apiGroup'), group, [rbacGroup]));
      break;
    default:
      errors.push(
        fieldErrors.notSupported(path.child('kind'), subject.kind ?? '', ['ServiceAccount', 'User', 'Group']),
      );
  }
}

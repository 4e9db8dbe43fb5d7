import type { rbacv1 } from '@reckon/api/types';
import { ageColumn, columns, nameColumn, type KindTable } from './column';

type Binding = rbacv1.RoleBinding | rbacv1.ClusterRoleBinding;

const subjects = (binding: Binding, kind: string): string =>
  (binding.subjects ?? [])
    .filter((s) => s.kind === kind)
    .map((s) => (kind === 'ServiceAccount' ? `${s.namespace ?? ''}/${s.name}` : s.name))
    .join(', ');

/** `kind` as it stands in the descriptions. */
const bindingColumns = (struct: string, kind: string): KindTable =>
  columns<Binding>([
    nameColumn,
    {
      name: 'Role',
      description: [struct, 'roleRef'],
      cell: (binding) => `${binding.roleRef.kind}/${binding.roleRef.name}`,
    },
    ageColumn,
    { name: 'Users', priority: 1, description: `Users in the ${kind}`, cell: (b) => subjects(b, 'User') },
    { name: 'Groups', priority: 1, description: `Groups in the ${kind}`, cell: (b) => subjects(b, 'Group') },
    {
      name: 'ServiceAccounts',
      priority: 1,
      description: `ServiceAccounts in the ${kind}`,
      cell: (b) => subjects(b, 'ServiceAccount'),
    },
  ]);

export const roleBindingColumns = bindingColumns('rbac/v1.RoleBinding', 'roleBinding');
export const clusterRoleBindingColumns = bindingColumns('rbac/v1.ClusterRoleBinding', 'clusterRoleBinding');

import type { rbacv1 } from '@reckon/api/types';
import { ageColumn, columns, nameColumn, type KindTable } from './column';

type Binding = rbacv1.RoleBinding | rbacv1.ClusterRoleBinding;

const subjects = (binding: Binding, kind: string): string =>
  (binding.subjects ?? [])
    .filter((s) => s.kind === kind)
    .map((s) => (kind === 'ServiceAccount' ? `${s.namespace ?? ''}/${s.name}` : s.name))
    .join(', ');

/** `kind` and `reach` as they stand in the descriptions. */
const bindingColumns = (kind: string, reach: string): KindTable =>
  columns<Binding>([
    nameColumn,
    {
      name: 'Role',
      description: `RoleRef can ${reach} in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.`,
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

export const roleBindingColumns = bindingColumns(
  'roleBinding',
  'reference a Role in the current namespace or a ClusterRole',
);
export const clusterRoleBindingColumns = bindingColumns('clusterRoleBinding', 'only reference a ClusterRole');

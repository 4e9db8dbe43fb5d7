import type { rbacv1 } from '@reckon/api/types';
import policy from '../generated/bootstrap-policy.json';
import { aggregateClusterRoles } from '../rbac/aggregate-cluster-roles';
import { rbacGroup, type RbacResource } from '../rbac/rbac-resources';

/** The policy that every cluster begins with, as API objects without what the store fills in. */
export interface BootstrapPolicy {
  readonly clusterRoles: readonly rbacv1.ClusterRole[];
  readonly clusterRoleBindings: readonly rbacv1.ClusterRoleBinding[];
  readonly roles: readonly rbacv1.Role[];
  readonly roleBindings: readonly rbacv1.RoleBinding[];
}

/** `rbac.AutoUpdateAnnotationKey`: "false" keeps the server's hands off an object. */
export const autoUpdateAnnotation = 'rbac.authorization.kubernetes.io/autoupdate';

const apiVersion = `${rbacGroup}/v1`;

/** A row of the generated table (tools/rbac/generate.mts): lists are joined with commas. */
interface Row {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly aggregates?: readonly Readonly<Record<string, string>>[];
  readonly rules?: readonly RuleRow[];
  /** `ClusterRole/name` */
  readonly role?: string;
  /** kind, name and, of service accounts, namespace */
  readonly subjects?: readonly (readonly string[])[];
}

interface RuleRow {
  readonly v: string;
  readonly g?: string;
  readonly r?: string;
  readonly n?: string;
  readonly u?: string;
}

interface Table {
  readonly clusterRoles: readonly Row[];
  readonly clusterRoleBindings: readonly Row[];
  readonly roles: readonly Row[];
  readonly roleBindings: readonly Row[];
}

/**
 * Plugin/pkg/auth/authorizer/rbac/bootstrappolicy, from our own table. `admin`, `edit` and `view` come with the rules that they
 * gather, so that they hold before any controller runs.
 */
export function bootstrapPolicy(): BootstrapPolicy {
  const table = policy as unknown as Table;
  return {
    clusterRoles: aggregateClusterRoles(table.clusterRoles.map(clusterRole)),
    clusterRoleBindings: table.clusterRoleBindings.map((row) => ({
      ...head('ClusterRoleBinding', row),
      ...binding(row),
    })),
    roles: table.roles.map((row) => ({ ...head('Role', row), rules: rules(row) })),
    roleBindings: table.roleBindings.map((row) => ({ ...head('RoleBinding', row), ...binding(row) })),
  };
}

/** The rules of one ClusterRole of the policy, as it is written (an aggregating one gathers nothing here). */
export function bootstrapRulesOf(clusterRole: string): readonly rbacv1.PolicyRule[] {
  const row = (policy as unknown as Table).clusterRoles.find(({ name }) => name === clusterRole);
  if (row === undefined) throw new Error(`the bootstrap policy has no ClusterRole ${clusterRole}`);
  return rules(row);
}

/** The parts by resource, in the order in which they are written: roles before what refers to them. */
export function policyObjects(
  all: BootstrapPolicy,
): readonly { readonly resource: RbacResource; readonly object: PolicyObject }[] {
  const of = (resource: RbacResource, objects: readonly PolicyObject[]) =>
    objects.map((object) => ({ resource, object }));
  return [
    ...of('clusterroles', all.clusterRoles),
    ...of('clusterrolebindings', all.clusterRoleBindings),
    ...of('roles', all.roles),
    ...of('rolebindings', all.roleBindings),
  ];
}

export type PolicyObject = rbacv1.ClusterRole | rbacv1.ClusterRoleBinding | rbacv1.Role | rbacv1.RoleBinding;

function head(kind: string, { name, namespace, labels }: Row): Pick<rbacv1.Role, 'apiVersion' | 'kind' | 'metadata'> {
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
      annotations: { [autoUpdateAnnotation]: 'true' },
    },
  };
}

function clusterRole(row: Row): rbacv1.ClusterRole {
  const { aggregates } = row;
  return {
    ...head('ClusterRole', row),
    rules: rules(row),
    ...(aggregates === undefined
      ? {}
      : {
          aggregationRule: {
            clusterRoleSelectors: aggregates.map((matchLabels) => ({ matchLabels: { ...matchLabels } })),
          },
        }),
  };
}

function rules(row: Row): rbacv1.PolicyRule[] {
  return (row.rules ?? []).map(({ v, g, r, n, u }) => ({
    verbs: v.split(','),
    ...(g === undefined ? {} : { apiGroups: g.split(',') }),
    ...(r === undefined ? {} : { resources: r.split(',') }),
    ...(n === undefined ? {} : { resourceNames: n.split(',') }),
    ...(u === undefined ? {} : { nonResourceURLs: u.split(',') }),
  }));
}

function binding({ role = '', subjects = [] }: Row): Pick<rbacv1.RoleBinding, 'subjects' | 'roleRef'> {
  const [kind = '', ...name] = role.split('/');
  return {
    subjects: subjects.map(([subjectKind = '', subjectName = '', namespace]) => ({
      kind: subjectKind,
      ...(subjectKind === 'ServiceAccount' ? {} : { apiGroup: rbacGroup }),
      name: subjectName,
      ...(namespace === undefined ? {} : { namespace }),
    })),
    roleRef: { apiGroup: rbacGroup, kind, name: name.join('/') },
  };
}

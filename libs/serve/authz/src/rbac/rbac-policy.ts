import { aggregateMessage } from '@reckon/api/machinery';
import type { rbacv1 } from '@reckon/api/types';
import type { UserInfo } from '@reckon/registry/generic';
import type { Storage, WatchEvent } from '@reckon/store/contract';
import { type Authorizer, type AuthzAttributes, type Decision, noOpinion, resourceText } from '../authorizer';
import type { ResolvedRules, RuleResolver } from '../rule-resolver';
import { type CompiledRule, compileRule, ruleAllows } from './compiled-rule';
import { describeGrant } from './describe-grant';
import { type Grant, Grants, groupKey, roleKey, userKey } from './grants';
import { rbacGroup, type RbacResource } from './rbac-resources';

/** Roles and bindings as they stand in the store, in the form that decisions need. */
export interface RbacPolicy extends Authorizer, RuleResolver {
  /** How many rules the last decision tried: what it cost. */
  readonly tried: number;
  /** The rules of the role that a binding in this namespace would give; undefined if there is no such role. */
  rulesOf(roleRef: rbacv1.RoleRef, namespace: string): readonly rbacv1.PolicyRule[] | undefined;
  stop(): void;
}

/**
 * Follows the four RBAC kinds and decides from memory, never by I/O. A change is seen as soon as it is durable, before its writer
 * is answered. See DESIGN.md.
 */
export function rbacPolicy(storage: Pick<Storage, 'observe'>): RbacPolicy {
  const roles = new Map<string, readonly CompiledRule[]>();
  const grants = new Grants();

  function roleChanged(kind: 'ClusterRole' | 'Role', { type, object }: WatchEvent): void {
    const key = roleKey(kind, object.key.namespace, object.key.name);
    if (type === 'DELETED') roles.delete(key);
    else roles.set(key, ((object.parse() as Partial<rbacv1.Role>).rules ?? []).map(compileRule));
  }

  function bindingChanged({ type, object }: WatchEvent): void {
    const { namespace, name } = object.key;
    if (type === 'DELETED') return grants.delete(namespace, name);
    const { subjects, roleRef } = object.parse() as unknown as rbacv1.RoleBinding;
    grants.set(namespace, name, subjects ?? [], roleRef);
  }

  const follow = (resource: RbacResource, listener: (event: WatchEvent) => void): (() => void) =>
    storage.observe({ group: rbacGroup, resource }, listener);
  const ends = [
    follow('clusterroles', (event) => roleChanged('ClusterRole', event)),
    follow('roles', (event) => roleChanged('Role', event)),
    follow('clusterrolebindings', bindingChanged),
    follow('rolebindings', bindingChanged),
  ];

  /** Set by a search that passed a binding to a role that is not there: a refusal then says so. */
  let isRoleMissing = false;
  let tried = 0;

  /** The first grant of a subject in a scope whose role allows the request. */
  function search(subject: string, namespace: string, a: AuthzAttributes, resource: string): Grant | undefined {
    const scope = grants.of(subject, namespace);
    if (scope === undefined) return undefined;
    for (const [role, byBinding] of scope) {
      const rules = roles.get(role);
      if (rules === undefined) {
        isRoleMissing = true;
        continue;
      }
      for (const rule of rules) {
        tried++;
        if (ruleAllows(rule, a, resource)) return first(byBinding);
      }
    }
    return undefined;
  }

  function searchAll(a: AuthzAttributes, namespace: string, resource: string): Grant | undefined {
    const own = search(userKey(a.user.name), namespace, a, resource);
    if (own !== undefined) return own;
    for (const group of a.user.groups) {
      const grant = search(groupKey(group), namespace, a, resource);
      if (grant !== undefined) return grant;
    }
    return undefined;
  }

  function authorize(a: AuthzAttributes): Decision {
    const resource = resourceText(a);
    isRoleMissing = false;
    tried = 0;
    const grant = searchAll(a, '', resource) ?? (a.namespace === '' ? undefined : searchAll(a, a.namespace, resource));
    if (grant !== undefined)
      return (grant.decision ??= { allowed: true, reason: `RBAC: allowed by ${describeGrant(grant)}` });
    if (!isRoleMissing) return noOpinion;
    const { errors } = resolve(a.user, a.namespace, () => undefined);
    return { allowed: false, reason: `RBAC: ${aggregateMessage(errors)}` };
  }

  /** Visits the rules of each binding of a user once, cluster-wide ones first, by name. */
  function resolve(
    user: UserInfo,
    namespace: string,
    visit: (rule: rbacv1.PolicyRule) => void,
  ): { readonly errors: readonly string[] } {
    const errors: string[] = [];
    const subjects = [userKey(user.name), ...user.groups.map(groupKey)];
    for (const scope of namespace === '' ? [''] : ['', namespace]) {
      const bindings = new Map<string, { readonly role: string; readonly grant: Grant }>();
      for (const subject of subjects)
        for (const [role, byBinding] of grants.of(subject, scope) ?? [])
          for (const grant of byBinding.values()) bindings.set(grant.binding, { role, grant });
      for (const [, { role, grant }] of [...bindings].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const rules = roles.get(role);
        if (rules === undefined) errors.push(missingRole(grant.roleRef));
        else for (const rule of rules) visit(rule.source);
      }
    }
    return { errors };
  }

  return {
    name: 'RBAC',
    get tried() {
      return tried;
    },
    authorize,
    rulesFor(user, namespace): ResolvedRules {
      const rules: rbacv1.PolicyRule[] = [];
      return { rules, errors: resolve(user, namespace, (rule) => rules.push(rule)).errors };
    },
    rulesOf: ({ kind, name }, namespace) => roles.get(roleKey(kind, namespace, name))?.map((rule) => rule.source),
    stop() {
      for (const end of ends) end();
    },
  };
}

/** As the lister's NotFound, which names the kind in lower case. */
const missingRole = ({ kind, name }: rbacv1.RoleRef): string =>
  `${kind.toLowerCase()}.${rbacGroup} "${name}" not found`;

function first(grants: ReadonlyMap<string, Grant>): Grant | undefined {
  for (const grant of grants.values()) return grant;
  return undefined;
}

import { goQuote, type KubeObject, semanticEqual, statusErrors } from '@reckon/api/machinery';
import type { rbacv1 } from '@reckon/api/types';
import { plainFailure, type RequestContext } from '@reckon/registry/generic';
import type { Authorizer, AuthzAttributes } from '../authorizer';
import { privilegedGroup } from '../privileged-groups';
import { compactRules, quotedList, ruleText } from './compact-rules';
import type { RbacPolicy } from './rbac-policy';
import { rbacGroup, type RbacResource } from './rbac-resources';
import { uncoveredRules } from './rule-coverage';

export interface PolicyWrite {
  readonly resource: RbacResource;
  /** '' for the cluster-wide kinds. */
  readonly namespace: string;
  readonly name: string;
  readonly object: KubeObject;
  /** Undefined on create. */
  readonly old: KubeObject | undefined;
}

/**
 * Nobody may grant what they do not have: whoever writes a role must hold its rules or the verb `escalate`; whoever writes a
 * binding must hold the rules of its role or the verb `bind` on it (pkg/registry/rbac, the `policybased` storages). To be called for every create
 * and update of the four kinds, after mutating admission. Throws StatusError 403.
 */
export type EscalationCheck = (ctx: Pick<RequestContext, 'user'>, write: PolicyWrite) => void | Promise<void>;

const everything: readonly rbacv1.PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

export function escalationCheck(parts: {
  readonly policy: RbacPolicy;
  readonly authorizer: Authorizer;
}): EscalationCheck {
  const { policy, authorizer } = parts;

  async function check(ctx: Pick<RequestContext, 'user'>, write: PolicyWrite): Promise<void> {
    const isRole = write.resource === 'roles' || write.resource === 'clusterroles';
    const asked = isRole ? escalateAttributes(ctx, write) : bindAttributes(ctx, write);
    if (asked !== undefined && (await authorizer.authorize(asked)).allowed) return;
    confirm(ctx, write, isRole ? rulesIn(write.object) : referenced(write));
    if (write.resource === 'clusterroles' && (isAggregated(write.object) || isAggregated(write.old)))
      confirmAggregation(ctx, write);
  }

  /** Throws unless the user holds all the rules in that namespace. */
  function confirm(ctx: Pick<RequestContext, 'user'>, write: PolicyWrite, rules: readonly rbacv1.PolicyRule[]): void {
    const held = policy.rulesFor(ctx.user, write.namespace);
    const missing = uncoveredRules(held.rules, rules);
    if (missing.length === 0) return;
    const { name, groups } = ctx.user;
    const texts = [...new Set(compactRules(missing).map(ruleText))].sort();
    const unresolved = held.errors.length === 0 ? '' : `; resolution errors: [${held.errors.join(' ')}]`;
    throw forbidden(
      write,
      `user ${goQuote(name)} (groups=${quotedList(groups)}) is attempting to grant RBAC permissions not currently held:\n${texts.join('\n')}${unresolved}`,
    );
  }

  /** What an aggregated role will hold is anybody's to extend. */
  function confirmAggregation(ctx: Pick<RequestContext, 'user'>, write: PolicyWrite): void {
    if (uncoveredRules(policy.rulesFor(ctx.user, '').rules, everything).length > 0)
      throw forbidden(write, 'must have cluster-admin privileges to use the aggregationRule');
  }

  function referenced(write: PolicyWrite): readonly rbacv1.PolicyRule[] {
    const roleRef = roleRefOf(write.object);
    if (roleRef.kind !== 'Role' && roleRef.kind !== 'ClusterRole')
      throw plainFailure(`unsupported role reference kind: ${goQuote(roleRef.kind)}`);
    const rules = policy.rulesOf(roleRef, write.namespace);
    if (rules !== undefined) return rules;
    throw statusErrors.notFound({ group: rbacGroup, resource: roleRef.kind.toLowerCase() }, roleRef.name);
  }

  return (ctx, write) => {
    if (ctx.user.groups.includes(privilegedGroup)) return;
    if (write.old !== undefined && onlyCollectorFieldsDiffer(write.object, write.old)) return;
    return check(ctx, write);
  };
}

const base = { verb: '', isResource: true, group: rbacGroup, version: '*', subresource: '', path: '' } as const;

/** What is created has no name in its path: a right for one name does not reach it (`RoleEscalationAuthorized`). */
function escalateAttributes(
  { user }: Pick<RequestContext, 'user'>,
  { resource, namespace, name, old }: PolicyWrite,
): AuthzAttributes {
  return { ...base, user, verb: 'escalate', resource, namespace, name: old === undefined ? '' : name };
}

function bindAttributes(
  { user }: Pick<RequestContext, 'user'>,
  { namespace, object }: PolicyWrite,
): AuthzAttributes | undefined {
  const { kind, name } = roleRefOf(object);
  const resource = kind === 'ClusterRole' ? 'clusterroles' : kind === 'Role' ? 'roles' : undefined;
  return resource === undefined ? undefined : { ...base, user, verb: 'bind', resource, namespace, name };
}

/** As it came: validation has not seen it yet. */
function roleRefOf(object: KubeObject): rbacv1.RoleRef {
  const { roleRef } = object as { readonly roleRef?: Partial<rbacv1.RoleRef> };
  return { apiGroup: rbacGroup, kind: '', name: '', ...roleRef };
}

const rulesIn = (object: KubeObject): readonly rbacv1.PolicyRule[] => (object as Partial<rbacv1.Role>).rules ?? [];

function isAggregated(object: KubeObject | undefined): boolean {
  return ((object as Partial<rbacv1.ClusterRole> | undefined)?.aggregationRule?.clusterRoleSelectors ?? []).length > 0;
}

/** The garbage collector must be able to finish what it may not grant (pkg/registry/rbac `IsOnlyMutatingGCFields`). */
function onlyCollectorFieldsDiffer(object: KubeObject, old: KubeObject): boolean {
  const { ownerReferences, finalizers, managedFields } = old.metadata;
  return semanticEqual(
    { ...object, metadata: { ...object.metadata, ownerReferences, finalizers, managedFields } },
    old,
  );
}

const forbidden = ({ resource, name }: PolicyWrite, why: string): Error =>
  statusErrors.forbidden({ group: rbacGroup, resource }, name, why);

import type { rbacv1 } from '@reckon/api/types';
import type { UserInfo } from '@reckon/registry/generic';
import type { Authorizer, AuthzAttributes, Decision } from '../authorizer';
import type { RuleResolver } from '../rule-resolver';
import type { AbacPolicy } from './abac-policy';

const allowed: Decision = { allowed: true, reason: '' };
const unmatched: Decision = { allowed: false, reason: 'No policy matched.' };
const reads = ['get', 'list', 'watch'];

/** Attribute based access control: the first policy that matches allows (pkg/auth/authorizer/abac `PolicyList`). Subresources are their resource. */
export function abacAuthorizer(policies: readonly AbacPolicy[]): Authorizer & RuleResolver {
  return {
    name: 'ABAC',
    authorize: (attributes) => (policies.some((policy) => matches(policy, attributes)) ? allowed : unmatched),
    rulesFor(user, namespace) {
      const rules: rbacv1.PolicyRule[] = [];
      for (const policy of policies) {
        if (!isSubject(policy, user) || !isOneOf(policy.namespace, namespace)) continue;
        const verbs = policy.readonly ? reads : ['*'];
        const { apiGroup, resource, nonResourcePath } = policy;
        if (resource !== '') rules.push({ verbs, apiGroups: [apiGroup], resources: [resource] });
        if (nonResourcePath !== '') rules.push({ verbs, nonResourceURLs: [nonResourcePath] });
      }
      return { rules, errors: [] };
    },
  };
}

function matches(policy: AbacPolicy, a: AuthzAttributes): boolean {
  if (policy.readonly && !reads.includes(a.verb)) return false;
  const isObject = a.isResource
    ? isOneOf(policy.namespace, a.namespace) &&
      isOneOf(policy.resource, a.resource) &&
      isOneOf(policy.apiGroup, a.group)
    : isPath(policy.nonResourcePath, a.path);
  return isObject && isSubject(policy, a.user);
}

const isOneOf = (pattern: string, value: string): boolean => pattern === '*' || pattern === value;

/** Who is named by user and by group must be both; a policy that names nobody is for nobody. */
function isSubject({ user, group }: AbacPolicy, { name, groups }: UserInfo): boolean {
  if (user === '' && group === '') return false;
  return (user === '' || isOneOf(user, name)) && (group === '' || group === '*' || groups.includes(group));
}

const isPath = (pattern: string, path: string): boolean =>
  isOneOf(pattern, path) || (pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, '')));

import type { rbacv1 } from '@reckon/api/types';
import type { UserInfo } from '@reckon/registry/generic';

export interface ResolvedRules {
  readonly rules: readonly rbacv1.PolicyRule[];
  /** Messages of what could not be resolved (a binding to a role that is not there). */
  readonly errors: readonly string[];
  /** There are rights that no rule tells. */
  readonly isIncomplete?: boolean;
}

/** Can say all that a user may do in a namespace ('' = cluster-wide only). */
export interface RuleResolver {
  rulesFor(user: UserInfo, namespace: string): ResolvedRules;
}

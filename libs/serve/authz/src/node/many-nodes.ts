import type { UserInfo } from '@reckon/registry/generic';
import { type Authorizer, type Decision, noOpinion, resourceText } from '../authorizer';
import { bootstrapRulesOf } from '../bootstrap/bootstrap-policy';
import { compileRule, ruleAllows } from '../rbac/compiled-rule';

/**
 * The group of a kubelet that is many nodes at once, as the one of `reckon up`. Not a name: whoever may join with a node's name
 * could take it, while no signer gives this group to a node.
 */
export const manyNodesGroup = 'reckon:nodes';

export const isManyNodes = ({ groups }: Pick<UserInfo, 'groups'>): boolean => groups.includes(manyNodesGroup);

const allowed: Decision = { allowed: true, reason: '' };

/** Gives it what `system:node` says, which upstream's Node authorizer narrows for each node. No stored binding need say so. */
export function manyNodesAuthorizer(): Authorizer {
  const rules = bootstrapRulesOf('system:node').map(compileRule);
  return {
    name: 'ManyNodes',
    authorize: (a) =>
      isManyNodes(a.user) && rules.some((rule) => ruleAllows(rule, a, resourceText(a))) ? allowed : noOpinion,
  };
}

import { aggregateMessage, statusErrors } from '@reckon/api/machinery';
import type { authorizationv1 } from '@reckon/api/types';
import type { RequestContext } from '@reckon/registry/generic';
import type { RuleResolver } from '../rule-resolver';

/** POST selfsubjectrulesreviews (`kubectl auth can-i --list`): all that the caller may do in a namespace, as far as rules can tell. */
export function reviewRules(
  resolvers: readonly RuleResolver[],
  { user }: Pick<RequestContext, 'user'>,
  review: authorizationv1.SelfSubjectRulesReview,
): authorizationv1.SelfSubjectRulesReview {
  const namespace = review.spec.namespace ?? '';
  if (namespace === '') throw statusErrors.badRequest('no namespace on request');
  const resourceRules: authorizationv1.ResourceRule[] = [];
  const nonResourceRules: authorizationv1.NonResourceRule[] = [];
  const errors: string[] = [];
  let incomplete = false;
  for (const resolver of resolvers) {
    const resolved = resolver.rulesFor(user, namespace);
    errors.push(...resolved.errors);
    if (resolved.isIncomplete === true) incomplete = true;
    for (const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } of resolved.rules) {
      if (resources.length > 0)
        resourceRules.push({ verbs, apiGroups, resources, ...(resourceNames.length === 0 ? {} : { resourceNames }) });
      if (nonResourceURLs.length > 0) nonResourceRules.push({ verbs, nonResourceURLs });
    }
  }
  return {
    kind: 'SelfSubjectRulesReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec: {},
    status: {
      resourceRules,
      nonResourceRules,
      incomplete,
      ...(errors.length === 0 ? {} : { evaluationError: aggregateMessage(errors) }),
    },
  };
}

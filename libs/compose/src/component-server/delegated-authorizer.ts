import type { authorizationv1 } from '@reckon/api/types';
import type { RestClient } from '@reckon/client/rest';
import type { Monotonic } from '@reckon/kernel';
import type { Authorizer, Decision } from '@reckon/serve/authz';
import { type CountedQuestion, uncounted } from './delegated-metrics';
import { Remembered } from './remembered';

/** What somebody may do as the apiserver decides it (SubjectAccessReview). */
export function delegatedAuthorizer(
  rest: RestClient,
  options: {
    readonly allowedMs: number;
    readonly refusedMs: number;
    readonly clock: Monotonic;
    readonly counted?: CountedQuestion | undefined;
  },
): Authorizer {
  const known = new Remembered<Decision>(options.clock);
  const counted = options.counted ?? uncounted;
  return {
    name: 'delegated',
    async authorize({ user, verb, isResource, group, version, resource, subresource, namespace, name, path }) {
      const spec = {
        user: user.name,
        groups: user.groups,
        ...(user.uid === undefined ? {} : { uid: user.uid }),
        ...(user.extra === undefined ? {} : { extra: user.extra }),
        ...(isResource
          ? { resourceAttributes: { verb, group, version, resource, subresource, namespace, name } }
          : { nonResourceAttributes: { verb, path } }),
      };
      const key = JSON.stringify(spec);
      const before = known.get(key);
      if (before !== undefined) return before;
      const review = await counted(() =>
        rest.request<authorizationv1.SubjectAccessReview>(
          'POST',
          '/apis/authorization.k8s.io/v1/subjectaccessreviews',
          { body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec } },
        ),
      );
      const { allowed = false, denied = false, reason = '' } = review.status ?? {};
      const decision: Decision = { allowed, denied, reason };
      known.set(key, decision, allowed ? options.allowedMs : options.refusedMs);
      return decision;
    },
  };
}

import { type KubeObject, statusErrors } from '@reckon/api/machinery';
import type { authorizationv1 } from '@reckon/api/types';
import type { RequestContext, UserInfo } from '@reckon/registry/generic';
import type { Authorizer, AuthzAttributes, Decision } from '../authorizer';
import { reviewedSelectors } from '../selector-attributes';
import {
  localErrors,
  metadataErrors,
  refuseInvalid,
  selfSpecErrors,
  subjectSpecErrors,
} from './access-review-validation';

type SelfReview = authorizationv1.SelfSubjectAccessReview;
type Review = authorizationv1.SubjectAccessReview;
type LocalReview = authorizationv1.LocalSubjectAccessReview;
type Status = authorizationv1.SubjectAccessReviewStatus;

/** The create-only resources that ask what someone may do (pkg/registry/authorization). Each throws StatusError. */
export interface AccessReviews {
  /** `kubectl auth can-i`: what the caller, after impersonation, may do. */
  self(ctx: Pick<RequestContext, 'user'>, review: SelfReview): Promise<SelfReview>;
  subject(review: Review): Promise<Review>;
  /** `namespace` is that of the path. */
  local(review: LocalReview, namespace: string): Promise<LocalReview>;
}

const apiVersion = 'authorization.k8s.io/v1';

export function accessReviews(authorizer: Authorizer): AccessReviews {
  const decide = async (user: UserInfo, spec: authorizationv1.SelfSubjectAccessReviewSpec): Promise<Status> => {
    const { selectors, problems } = reviewedSelectors(spec.resourceAttributes);
    return statusOf(await authorizer.authorize({ ...attributesOf(user, spec), ...selectors }), problems);
  };

  return {
    async self({ user }, review) {
      refuseInvalid([...selfSpecErrors(review.spec), ...metadataErrors(review, 'nothing')]);
      return answer('SelfSubjectAccessReview', review, await decide(user, review.spec));
    },
    async subject(review) {
      refuseInvalid([...subjectSpecErrors(review.spec), ...metadataErrors(review, 'nothing')]);
      return answer('SubjectAccessReview', review, await decide(userOf(review.spec), review.spec));
    },
    async local(review, namespace) {
      refuseInvalid([
        ...subjectSpecErrors(review.spec),
        ...metadataErrors(review, 'namespace'),
        ...localErrors(review),
      ]);
      if ((review.metadata.namespace ?? '') !== namespace)
        throw statusErrors.badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
      return answer('LocalSubjectAccessReview', review, await decide(userOf(review.spec), review.spec));
    },
  };
}

function answer<T extends KubeObject & { spec: object }>(kind: string, review: T, status: Status): T {
  return { ...review, kind, apiVersion, metadata: review.metadata, spec: review.spec, status };
}

function statusOf({ allowed, denied, reason, error }: Decision, problems: readonly string[]): Status {
  const evaluationError = [...(error === undefined ? [] : [error]), ...problems].join('; ');
  return {
    allowed,
    ...(denied === true ? { denied } : {}),
    ...(reason === '' ? {} : { reason }),
    ...(evaluationError === '' ? {} : { evaluationError }),
  };
}

function userOf({ user = '', uid = '', groups = [], extra }: authorizationv1.SubjectAccessReviewSpec): UserInfo {
  return { name: user, ...(uid === '' ? {} : { uid }), groups, ...(extra === undefined ? {} : { extra }) };
}

/** pkg/registry/authorization/util `AuthorizationAttributesFrom` */
function attributesOf(user: UserInfo, spec: authorizationv1.SelfSubjectAccessReviewSpec): AuthzAttributes {
  const { resourceAttributes: r, nonResourceAttributes: n } = spec;
  return {
    user,
    verb: r?.verb ?? n?.verb ?? '',
    isResource: r !== undefined,
    group: r?.group ?? '',
    // A review that names no version asks about all of them.
    version: r === undefined ? '' : (r.version ?? '') === '' ? '*' : (r.version ?? ''),
    resource: r?.resource ?? '',
    subresource: r?.subresource ?? '',
    namespace: r?.namespace ?? '',
    name: r?.name ?? '',
    path: n?.path ?? '',
  };
}

import { type GoStruct, reviewStatus } from '@reckon/serve/authn';

export type ReviewVersion = 'v1' | 'v1beta1';

/** What the webhook says of a request. */
export interface ReviewStatus {
  readonly allowed: boolean;
  readonly denied: boolean;
  readonly reason: string;
}

const status: GoStruct = {
  name: 'SubjectAccessReviewStatus',
  fields: { allowed: 'bool', denied: 'bool', reason: 'string', evaluationError: 'string' },
};

/** Reads a webhook's answer. A review without a status allows nothing. Throws `ReviewAnswerError`. */
export function reviewResult(body: string, version: ReviewVersion): ReviewStatus {
  const { allowed, denied, reason } = reviewStatus(body, {
    group: 'authorization.k8s.io',
    version,
    kind: 'SubjectAccessReview',
    status,
  }) as { readonly [field in keyof ReviewStatus]?: ReviewStatus[field] | null };
  return { allowed: allowed ?? false, denied: denied ?? false, reason: reason ?? '' };
}

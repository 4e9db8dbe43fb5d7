import { expect } from 'vitest';

/** A resource that is only created, and answered: what comes back says what the server found. */
export interface AnsweredExample {
  /** `<group>/<version>/<resource>`. */
  readonly resource: string;
  readonly path: string;
  readonly kind: string;
  readonly body: object;
  /** Part of the answer. */
  readonly answer: object;
}

const review = (kind: string, resource: string, body: object, answer: object, namespace = ''): AnsweredExample => ({
  resource: `authorization.k8s.io/v1/${resource}`,
  path: `/apis/authorization.k8s.io/v1${namespace}/${resource}`,
  kind,
  body,
  answer,
});

const listPods = { namespace: 'examples', verb: 'list', resource: 'pods' };

export const answeredExamples: readonly AnsweredExample[] = [
  review(
    'LocalSubjectAccessReview',
    'localsubjectaccessreviews',
    { metadata: { namespace: 'examples' }, spec: { user: 'nobody', resourceAttributes: listPods } },
    { status: { allowed: false } },
    '/namespaces/examples',
  ),
  review(
    'SelfSubjectAccessReview',
    'selfsubjectaccessreviews',
    { spec: { resourceAttributes: listPods } },
    { status: { allowed: true } },
  ),
  review(
    'SelfSubjectRulesReview',
    'selfsubjectrulesreviews',
    { spec: { namespace: 'examples' } },
    {
      status: {
        incomplete: false,
        nonResourceRules: expect.arrayContaining([{ verbs: ['*'], nonResourceURLs: ['*'] }]) as unknown,
      },
    },
  ),
  review(
    'SubjectAccessReview',
    'subjectaccessreviews',
    { spec: { user: 'ann', groups: ['system:masters'], nonResourceAttributes: { path: '/metrics', verb: 'get' } } },
    { status: { allowed: true } },
  ),
  {
    resource: 'authentication.k8s.io/v1/selfsubjectreviews',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    kind: 'SelfSubjectReview',
    body: {},
    answer: { status: { userInfo: { groups: ['system:masters', 'system:authenticated'] } } },
  },
  {
    resource: 'authentication.k8s.io/v1/tokenreviews',
    path: '/apis/authentication.k8s.io/v1/tokenreviews',
    kind: 'TokenReview',
    body: { spec: { token: 'nobody gave it out' } },
    answer: { status: { user: {} } },
  },
];

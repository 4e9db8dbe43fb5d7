import { describe, expect, it } from 'vitest';
import { type ReviewKind, reviewStatus } from './read-review';

const review: ReviewKind = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenReview',
  status: {
    name: 'TokenReviewStatus',
    fields: {
      authenticated: 'bool',
      user: { name: 'UserInfo', fields: { groups: 'strings', extra: { mapOf: 'ExtraValue' } } },
    },
  },
};
const read = (body: string): unknown => {
  try {
    return reviewStatus(body, review);
  } catch (error) {
    return (error as Error).message;
  }
};
const noVersion = "couldn't get version/kind; json parse error: ";
const typeMeta =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
const scheme = 'in scheme "k8s.io/client-go/kubernetes/scheme/register.go:82"';
const field = 'json: cannot unmarshal';

describe('an answer to a review', () => {
  it.each<readonly [string, unknown]>([
    ['{}', {}],
    ['null', {}],
    ['{"status":null}', {}],
    ['{"kind":"TokenReview","status":{"authenticated":true,"more":1}}', { authenticated: true, more: 1 }],
    [
      '{"apiVersion":"authentication.k8s.io/v1","status":{"user":{"groups":["a",null]}}}',
      { user: { groups: ['a', null] } },
    ],
    ['', '0-length response with status code: 200 and content type: application/json'],
    ['{"kind":', `${noVersion}unexpected end of JSON input`],
    ['{"a":}', `${noVersion}invalid character '}' looking for beginning of value`],
    ['hello', `${noVersion}json: cannot unmarshal string into Go value of type ${typeMeta}`],
    ['[]', `${noVersion}json: cannot unmarshal array into Go value of type ${typeMeta}`],
    ['{"kind":1}', `${noVersion}json: cannot unmarshal number into Go struct field .kind of type string`],
    ['{"kind":"Foo"}', `no kind "Foo" is registered for version "authentication.k8s.io/v1" ${scheme}`],
    ['{"apiVersion":"x.io/v1"}', `no kind "TokenReview" is registered for version "x.io/v1" ${scheme}`],
    ['{"apiVersion":"a/b/c"}', 'unexpected GroupVersion string: a/b/c'],
    [
      '{"apiVersion":"authentication.k8s.io/v1beta1"}',
      'converting (v1beta1.TokenReview) to (v1.TokenReview): unknown conversion',
    ],
    ['{"status":1}', `${field} number into Go struct field TokenReview.status of type v1.TokenReviewStatus`],
    [
      '{"status":{"authenticated":"yes"}}',
      `${field} string into Go struct field TokenReviewStatus.status.authenticated of type bool`,
    ],
    [
      '{"status":{"user":{"groups":"x"}}}',
      `${field} string into Go struct field UserInfo.status.user.groups of type []string`,
    ],
    [
      '{"status":{"user":{"groups":[1]}}}',
      `${field} number into Go struct field UserInfo.status.user.groups of type string`,
    ],
    [
      '{"status":{"user":{"extra":[]}}}',
      `${field} array into Go struct field UserInfo.status.user.extra of type map[string]v1.ExtraValue`,
    ],
    [
      '{"status":{"user":{"extra":{"a":"b"}}}}',
      `${field} string into Go struct field UserInfo.status.user.extra of type v1.ExtraValue`,
    ],
    ['{"status":{"user":{"__proto__":{"groups":1}}}}', { user: expect.anything() as unknown }],
  ])('%s', (body, expected) => {
    expect(read(body)).toEqual(expected);
  });
});

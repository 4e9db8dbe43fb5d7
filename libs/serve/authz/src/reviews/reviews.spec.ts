import { StatusError } from '@reckon/api/machinery';
import type { authorizationv1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import type { Authorizer } from '../authorizer';
import { privilegedGroupAuthorizer } from '../privileged-groups';
import type { RuleResolver } from '../rule-resolver';
import { unionAuthorizer } from '../union-authorizer';
import { accessReviews } from './access-reviews';
import { reviewRules } from './rules-review';

const authorizer: Authorizer = {
  name: 'test',
  authorize: (a) =>
    Promise.resolve(
      a.user.name === 'jane' && (a.path === '/x' || a.resource === 'pods')
        ? { allowed: true, reason: `RBAC: allowed for ${a.user.groups.join()}` }
        : { allowed: false, reason: '', denied: a.user.name === 'mallory' },
    ),
};
const reviews = accessReviews(unionAuthorizer([privilegedGroupAuthorizer, authorizer]));
const asked = (spec: object, metadata: object = {}) =>
  ({ metadata, spec }) as authorizationv1.SelfSubjectAccessReview &
    authorizationv1.SubjectAccessReview & { spec: { user: string } };
const outcome = async (attempt: Promise<{ status?: object }>): Promise<unknown> => {
  try {
    return (await attempt).status;
  } catch (error) {
    if (error instanceof StatusError) return [error.status.code, error.message];
    throw error;
  }
};
const self = (spec: object, name = 'jane', groups = ['dev']) =>
  outcome(reviews.self({ user: { name, groups } }, asked(spec)));
const subject = (spec: object, metadata?: object) => outcome(reviews.subject(asked(spec, metadata)));
const resourceAttributes = { namespace: 'rec', verb: 'get', resource: 'pods' };

describe('access reviews', () => {
  it('answer for the caller or for whom they name', async () => {
    expect(await self({ nonResourceAttributes: { path: '/x', verb: 'get' } })).toEqual({
      allowed: true,
      reason: 'RBAC: allowed for dev',
    });
    expect(await self({ resourceAttributes: { verb: 'get', resource: 'secrets' } })).toEqual({ allowed: false });
    expect(await self({ resourceAttributes }, 'root', ['system:masters'])).toEqual({ allowed: true });
    expect(await subject({ user: 'jane', groups: ['a', 'b'], resourceAttributes })).toEqual({
      allowed: true,
      reason: 'RBAC: allowed for a,b',
    });
    expect(await subject({ user: 'mallory', resourceAttributes })).toEqual({ allowed: false, denied: true });
    expect(await subject({ groups: ['system:masters'], resourceAttributes })).toEqual({ allowed: true });
    const answer = await reviews.local(asked({ user: 'jim', resourceAttributes }, { namespace: 'rec' }), 'rec');
    expect(JSON.stringify(Object.entries(answer).sort())).toBe(
      JSON.stringify(
        Object.entries({
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'LocalSubjectAccessReview',
          metadata: { namespace: 'rec' },
          spec: { user: 'jim', resourceAttributes },
          status: { allowed: false },
        }),
      ),
    );
  });

  it('tell what kept them from being sure', async () => {
    const unsure = accessReviews({
      name: 'test',
      authorize: (a) => ({ allowed: a.version === '*', reason: '', error: 'webhook is away' }),
    });
    const ask = async (attributes: object) =>
      (await unsure.self({ user: { name: 'jane', groups: [] } }, asked({ resourceAttributes: attributes }))).status;
    const unknown = { requirements: [{ key: 'a', operator: 'Like', values: ['b'] }] };
    expect(await ask({ verb: 'list', resource: 'pods' })).toEqual({
      allowed: true,
      evaluationError: 'webhook is away',
    });
    expect(await ask({ verb: 'list', resource: 'pods', version: 'v1', fieldSelector: unknown })).toEqual({
      allowed: false,
      evaluationError: 'webhook is away; spec.resourceAttributes.fieldSelector ignored due to parse error',
    });
  });

  it('refuse with the words of upstream', async () => {
    const invalid = (text: string) => [422, `.authorization.k8s.io "" is invalid: ${text}`];
    expect(await self({})).toEqual(
      invalid(
        'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    );
    expect(await self({ resourceAttributes, nonResourceAttributes: { path: '/' } })).toEqual(
      invalid(
        'spec.nonResourceAttributes: Invalid value: {"Path":"/","Verb":""}: cannot be specified in combination with resourceAttributes',
      ),
    );
    expect(await subject({ resourceAttributes })).toEqual(
      invalid('spec.user: Invalid value: "": at least one of user or group must be specified'),
    );
    expect(await subject({ user: 'jane', resourceAttributes }, { name: 'n' })).toEqual(
      invalid('metadata: Invalid value: {"name":"n"}: must be empty'),
    );
    expect(await self({ resourceAttributes: { ...resourceAttributes, fieldSelector: {} } })).toEqual(
      invalid(
        'spec.resourceAttributes.fieldSelector.requirements: Required value: when spec.resourceAttributes.fieldSelector is specified, requirements or rawSelector is required',
      ),
    );
    const selected = (selector: object) => self({ resourceAttributes: { ...resourceAttributes, ...selector } });
    const at = 'spec.resourceAttributes';
    const both = { rawSelector: 'a=b', requirements: [{ key: 'a', operator: 'Exists' }] };
    expect(await selected({ labelSelector: both })).toEqual(
      invalid(
        `${at}.labelSelector.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements`,
      ),
    );
    expect(await selected({ fieldSelector: { requirements: [{ operator: 'In' }] } })).toEqual(
      invalid(
        `[${at}.fieldSelector.requirements[0].key: Required value: must be specified, ${at}.fieldSelector.requirements[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn']`,
      ),
    );
    expect(
      await selected({ labelSelector: { requirements: [{ key: 'a', operator: 'Exists', values: ['b'] }] } }),
    ).toEqual(
      invalid(
        `${at}.labelSelector.requirements[0].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
      ),
    );
    expect(await selected({ labelSelector: { requirements: [{ key: 'a b', operator: 'Like' }] } })).toEqual([
      422,
      expect.stringContaining(
        `${at}.labelSelector.requirements[0].key: Invalid value: "a b": name part must consist of`,
      ),
    ]);
    const local = (spec: object, namespace: string) =>
      outcome(reviews.local(asked({ user: 'jane', ...spec }, { namespace }), 'rec'));
    expect(await local({ resourceAttributes: { ...resourceAttributes, namespace: 'x' } }, 'rec')).toEqual(
      invalid('spec.resourceAttributes.namespace: Invalid value: "x": must match metadata.namespace'),
    );
    expect(await local({ nonResourceAttributes: { path: '/x' } }, 'rec')).toEqual(
      invalid('spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":""}: disallowed on this kind of request'),
    );
    expect(await local({ resourceAttributes: { ...resourceAttributes, namespace: 'y' } }, 'y')).toEqual([
      400,
      'spec.resourceAttributes.namespace must match namespace: rec',
    ]);
  });
});

describe('a rules review', () => {
  const resolver = {
    rulesFor: () => ({
      rules: [
        { verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['a'] },
        { verbs: ['get'], nonResourceURLs: ['/x'] },
      ],
      errors: ['role "r" not found'],
    }),
  };
  const adminsDoAll: RuleResolver = {
    rulesFor: ({ groups }) => ({
      rules: groups.includes('admins') ? [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] : [],
      errors: [],
    }),
  };
  const review = (namespace: string | undefined, groups: string[] = []) =>
    reviewRules(
      [adminsDoAll, resolver],
      { user: { name: 'u', groups } },
      {
        metadata: {},
        spec: namespace === undefined ? {} : { namespace },
      },
    );

  it('lists what the caller may do, and that it may be incomplete', () => {
    expect(review('rec')).toEqual({
      kind: 'SelfSubjectRulesReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec: {},
      status: {
        resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['a'] }],
        nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }],
        incomplete: false,
        evaluationError: 'role "r" not found',
      },
    });
    expect(review('rec', ['admins']).status?.resourceRules[0]).toEqual({
      verbs: ['*'],
      apiGroups: ['*'],
      resources: ['*'],
    });
  });

  it('is incomplete where somebody has rights that no rule tells', () => {
    const webhook: RuleResolver = { rulesFor: () => ({ rules: [], errors: ['ask me'], isIncomplete: true }) };
    const { status } = reviewRules(
      [webhook],
      { user: { name: 'u', groups: [] } },
      { metadata: {}, spec: { namespace: 'x' } },
    );
    expect(status).toMatchObject({ incomplete: true, evaluationError: 'ask me' });
  });

  it('needs a namespace', () => {
    expect(() => review(undefined)).toThrow('no namespace on request');
  });
});

describe('a union of authorizers', () => {
  const attributes = { user: { name: 'u', groups: [] } } as never;
  const saying = (reason: string, more: object = {}): Authorizer => ({
    name: reason,
    authorize: () => ({ allowed: false, reason, ...more }),
  });
  const later = (a: Authorizer): Authorizer => ({ name: a.name, authorize: async (x) => a.authorize(x) });

  it('joins the reasons of all who refuse, and stops at a firm word', async () => {
    expect(unionAuthorizer([saying('a'), saying(''), saying('b')]).authorize(attributes)).toEqual({
      allowed: false,
      reason: 'a\nb',
    });
    expect(await unionAuthorizer([saying('a'), later(saying('b')), saying('c')]).authorize(attributes)).toEqual({
      allowed: false,
      reason: 'a\nb\nc',
    });
    const firm = saying('no', { denied: true });
    for (const member of [firm, later(firm)])
      expect(await unionAuthorizer([member, saying('x', { allowed: true })]).authorize(attributes)).toMatchObject({
        reason: 'no',
      });
    expect(
      await unionAuthorizer([later(saying('a')), saying('yes', { allowed: true })]).authorize(attributes),
    ).toMatchObject({
      allowed: true,
      reason: 'yes',
    });
  });
});

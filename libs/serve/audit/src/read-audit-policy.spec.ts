import { describe, expect, it } from 'vitest';
import { readAuditPolicy } from './read-audit-policy';

const policy = (rules: unknown, more: object = {}): unknown => ({
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  rules,
  ...more,
});
const rule = (fields: object): unknown => policy([{ level: 'Metadata', ...fields }]);

describe('a policy file', () => {
  it('is read with everything that it may hold', () => {
    const fields = {
      level: 'RequestResponse',
      users: ['jane'],
      userGroups: ['system:nodes'],
      verbs: ['create'],
      resources: [{ group: 'apps', resources: ['deployments'], resourceNames: ['a'] }, { group: '' }, { group: '*' }],
      namespaces: ['default'],
      omitStages: ['RequestReceived'],
      omitManagedFields: false,
    };
    const read = readAuditPolicy(
      policy([fields, { level: 'None', nonResourceURLs: ['/healthz*', '*'], verbs: null }], {
        metadata: { name: 'x' },
        omitStages: ['Panic'],
        omitManagedFields: true,
      }),
    );
    expect(read).toEqual({
      rules: [fields, { level: 'None', nonResourceURLs: ['/healthz*', '*'], resources: [] }],
      omitStages: ['Panic'],
      omitManagedFields: true,
    });
  });

  it.each([
    ['no object', 'rules', 'Invalid input: expected object, received string'],
    ['an empty file', null, 'Invalid input: expected object, received null'],
    ['no kind', { apiVersion: 'audit.k8s.io/v1', rules: [{ level: 'None' }] }, 'kind: '],
    [
      'another kind',
      { apiVersion: 'v1', kind: 'Pod', rules: [] },
      'it is a "Pod" of "v1", not a Policy of audit.k8s.io/v1',
    ],
    ['an old version', { apiVersion: 'audit.k8s.io/v1beta1', kind: 'Policy' }, 'not a Policy of audit.k8s.io/v1'],
    ['no rules', policy(undefined), 'loaded illegal policy with 0 rules'],
    ['empty rules', policy([]), 'loaded illegal policy with 0 rules'],
    ['rules that are none', policy('all'), 'rules: Invalid input: expected array, received string'],
    ['a rule without level', policy([{ verbs: ['get'] }]), 'rules[0].level: Required value'],
    [
      'an unknown level',
      policy([{ level: 'Everything' }]),
      'rules[0].level: Unsupported value: "Everything": supported values: "None", "Metadata", "Request", "RequestResponse"',
    ],
    ['an unknown field beside no rules', policy([], { rule: [] }), 'loaded illegal policy with 0 rules'],
    [
      'an unknown field beside a wrong one',
      policy('all', { rule: [] }),
      'rules: Invalid input: expected array, received string',
    ],
    [
      'users that are no list',
      rule({ users: 'jane' }),
      'rules[0].users: Invalid input: expected array, received string',
    ],
    [
      'omitManagedFields that is no boolean',
      policy([{ level: 'None' }], { omitManagedFields: 'yes' }),
      'omitManagedFields: ',
    ],
    [
      'a path without slash',
      rule({ nonResourceURLs: ['healthz'] }),
      `rules[0].nonResourceURLs[0]: Invalid value: "healthz": non-resource URL rules must begin with a '/' character`,
    ],
    [
      'a star inside a path',
      rule({ nonResourceURLs: ['/a*b'] }),
      `rules[0].nonResourceURLs[0]: Invalid value: "/a*b": non-resource URL wildcards '*' must be the final character of the rule`,
    ],
    [
      'a path and a resource',
      rule({ nonResourceURLs: ['/a'], resources: [{ group: '' }] }),
      'rules[0].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular resources and non-resource URLs',
    ],
    ['a path and a namespace', rule({ nonResourceURLs: ['/a'], namespaces: ['x'] }), 'rules cannot apply to both'],
    [
      'a group with its version',
      rule({ resources: [{ group: 'apps/v1' }] }),
      'rules[0].resources.group: Invalid value: "apps/v1": a lowercase RFC 1123 subdomain must consist of',
    ],
    [
      'names of no resource',
      rule({ resources: [{ group: '', resourceNames: ['a'] }] }),
      'rules[0].resources.resourceNames: Invalid value: ["a"]: using resourceNames requires at least one resource',
    ],
    [
      'an unknown stage',
      rule({ omitStages: ['Late'] }),
      'rules[0].omitStages[0]: Invalid value: "Late": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic',
    ],
    [
      'an unknown stage for all',
      policy([{ level: 'None' }], { omitStages: ['Late'] }),
      'omitStages[0]: Invalid value: "Late"',
    ],
    [
      'two things at once',
      policy([{ level: 'None', verbs: [] }, { level: 'x' }, {}]),
      '[rules[1].level: Unsupported value: "x": supported values: "None", "Metadata", "Request", "RequestResponse", rules[2].level: Required value]',
    ],
  ])('with %s is refused', (_, content, message) => {
    expect(() => readAuditPolicy(content)).toThrow(message);
  });

  it('is read without the fields that nobody knows, which are told of', () => {
    const told: string[] = [];
    const written = policy([{ level: 'None', user: ['jane'], resources: [{ group: 'apps', groups: [''] }] }], {
      rule: [],
    });
    expect(readAuditPolicy(written, (fields) => told.push(fields)).rules).toEqual([
      { level: 'None', resources: [{ group: 'apps' }] },
    ]);
    expect(told).toEqual([
      'unknown field "rules[0].resources[0].groups", unknown field "rules[0].user", unknown field "rule"',
    ]);
    expect(written).toHaveProperty('rule');
  });

  it('names what is wrong for all rules before what is wrong with one', () => {
    expect(() => readAuditPolicy(policy([{}], { omitStages: ['Late'] }))).toThrow(
      /^\[omitStages\[0\]: .*, rules\[0\]\.level: /,
    );
  });
});

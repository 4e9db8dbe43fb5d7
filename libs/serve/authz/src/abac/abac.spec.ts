import { describe, expect, it } from 'vitest';
import type { AuthzAttributes } from '../authorizer';
import { abacAuthorizer } from './abac-authorizer';
import { PolicyFileError, parsePolicyFile } from './parse-policy-file';

const v1beta1 = (spec: object): string =>
  JSON.stringify({ apiVersion: 'abac.authorization.kubernetes.io/v1beta1', kind: 'Policy', spec });

/** A complete file as guides print it: white space within lines, comments, an empty line. */
const file = `# who may what
{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {"group":"system:authenticated",  "nonResourcePath": "*", "readonly": true}}
{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {"group":"system:unauthenticated", "nonResourcePath": "/healthz*", "readonly": true}}

{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {"user":"admin",     "namespace": "*",              "resource": "*",         "apiGroup": "*"                   }}
{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {"user": "kubelet", "namespace": "*", "resource": "pods", "readonly": true}}
{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {"user": "bob", "namespace": "projectCaribou", "resource": "pods", "readonly": true}}\r
`;

const request = (name: string, verb: string, parts: Partial<AuthzAttributes> = {}): AuthzAttributes => ({
  user: { name, groups: name === '' ? ['system:unauthenticated'] : ['system:authenticated'] },
  verb,
  isResource: true,
  group: '',
  version: 'v1',
  resource: 'pods',
  subresource: '',
  namespace: 'projectCaribou',
  name: '',
  path: '/api/v1/namespaces/projectCaribou/pods',
  ...parts,
});
const path = (text: string): Partial<AuthzAttributes> => ({
  isResource: false,
  resource: '',
  namespace: '',
  version: '',
  path: text,
});
const may = (text: string, a: AuthzAttributes): boolean =>
  (abacAuthorizer(parsePolicyFile(text).policies).authorize(a) as { allowed: boolean }).allowed;

describe('a policy file', () => {
  it.each([
    ['admin', 'delete', { group: 'apps', resource: 'deployments', subresource: 'scale' }, true],
    ['admin', 'get', path('/anything'), true],
    ['admin', 'post', path('/anything'), false],
    ['kubelet', 'list', { namespace: '' }, true],
    ['kubelet', 'watch', { subresource: 'log' }, true],
    ['kubelet', 'get', { group: 'metrics.k8s.io' }, false],
    ['kubelet', 'create', {}, false],
    ['bob', 'get', {}, true],
    ['bob', 'get', { namespace: 'other' }, false],
    ['bob', 'get', { namespace: '' }, false],
    ['bob', 'deletecollection', {}, false],
    ['bob', 'get', { resource: 'secrets' }, false],
    ['Bob', 'get', {}, false],
    ['', 'get', path('/healthz/ping'), true],
    ['', 'get', path('/metrics'), false],
    ['', 'head', path('/healthz'), false],
    ['', 'get', {}, false],
  ] as const)('lets %j %s %j: %s', (name, verb, parts, allowed) => {
    expect(may(file, request(name, verb, parts))).toBe(allowed);
  });

  it('says that no policy matched, and which rules somebody has', async () => {
    const abac = abacAuthorizer(parsePolicyFile(file).policies);
    expect(await abac.authorize(request('eve', 'create'))).toEqual({ allowed: false, reason: 'No policy matched.' });
    const rules = (name: string, namespace: string) => abac.rulesFor(request(name, 'get').user, namespace).rules;
    expect(rules('bob', 'projectCaribou')).toEqual([
      { verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods'] },
    ]);
    expect(rules('bob', 'other')).toEqual([]);
    expect(rules('admin', 'other')).toEqual([{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]);
  });

  it('of the old form allows what it does not name, to those who have said who they are', () => {
    const { unversioned, policies } = parsePolicyFile('{"user":"a"}\n{"kind":"Policy","group":"g","resource":"pods"}');
    expect(unversioned).toBe(2);
    expect(policies.map(({ nonResourcePath }) => nonResourcePath)).toEqual(['*', '']);
    expect(may('{"user":"a"}', request('a', 'delete', { group: 'x', resource: 'y' }))).toBe(true);
    expect(may('{"user":"a"}', request('a', 'get', path('/x')))).toBe(true);
    expect(may('{"user":"a"}', request('b', 'get'))).toBe(false);
    expect(may('{"readonly":true}', request('b', 'get'))).toBe(true);
    expect(may('{"readonly":true}', request('b', 'create'))).toBe(false);
    expect(may('{"user":"*"}', request('', 'get'))).toBe(false);
    expect(
      may('{"apiVersion":"abac.authorization.kubernetes.io/v0","kind":"Policy","user":"a"}', request('a', 'get')),
    ).toBe(true);
  });

  it.each([
    ['a star is no stranger', { user: '*', namespace: '*', resource: '*', apiGroup: '*' }, ''],
    ['nor is a group of a star', { group: '*', namespace: '*', resource: '*', apiGroup: '*' }, ''],
    ['nobody is named', { namespace: '*', resource: '*', apiGroup: '*' }, 'a'],
    ['user and group must both be right', { user: 'a', group: 'g', namespace: '*', resource: '*', apiGroup: '*' }, 'a'],
    ['no namespace is no star', { user: 'a', resource: '*', apiGroup: '*' }, 'a'],
    ['no group of the API is the core', { user: 'a', namespace: '*', resource: '*' }, 'x'],
  ])('is exact: %s', (_, spec, name) => {
    expect(may(v1beta1(spec), request(name, 'get'))).toBe(false);
  });

  it.each([
    ['not json', 'nonsense', /^line 2: nonsense: couldn't get version\/kind; json parse error: /],
    ['cut off', '{"spec":', /^line 2: {"spec":: couldn't get version\/kind/],
    ['an array', '[]', /it is no JSON object/],
    ['null', 'null', /it is no JSON object/],
    [
      'another version',
      '{"apiVersion":"abac.authorization.kubernetes.io/v2","kind":"Policy"}',
      /no kind "Policy" is registered for version/,
    ],
    ['another kind', '{"apiVersion":"v1","kind":"Pod"}', /no kind "Pod" is registered for version "v1"/],
    [
      'a version without a kind',
      '{"apiVersion":"abac.authorization.kubernetes.io/v1beta1","spec":{}}',
      /Object 'Kind' is missing/,
    ],
    ['a kind without a version', '{"kind":"Pod"}', /no kind "Pod" is registered for version ""/],
    ['a user that is a list', v1beta1({ user: ['a'] }), /user must be a string/],
    ['a readonly that is a text', v1beta1({ user: 'a', readonly: 'true' }), /readonly must be true or false/],
    [
      'a spec that is none',
      '{"apiVersion":"abac.authorization.kubernetes.io/v1beta1","kind":"Policy","spec":1}',
      /spec must be an object/,
    ],
    ['an old form whose user is a number', '{"user":1}', /user must be a string/],
  ])('is refused whole where a line is %s', (_, line, message) => {
    const read = () => parsePolicyFile(`${v1beta1({ user: 'a' })}\n${line}\n${v1beta1({ user: 'b' })}`);
    expect(read).toThrow(PolicyFileError);
    expect(read).toThrow(message);
    expect(read).toThrow(expect.objectContaining({ code: 'PolicyFile', line: 2 }));
  });

  it('takes nothing from a prototype', () => {
    const line = `{"apiVersion":"abac.authorization.kubernetes.io/v1beta1","kind":"Policy","spec":{"__proto__":{"user":"a","namespace":"*","resource":"*","apiGroup":"*"}}}`;
    expect(may(line, request('a', 'get'))).toBe(false);
  });
});

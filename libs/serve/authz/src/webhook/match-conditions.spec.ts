import { describe, expect, it } from 'vitest';
import type { AuthzAttributes } from '../authorizer';
import { accessReviewSpec } from './access-review-spec';
import { conditionProblem, matchConditions } from './match-conditions';

const get: AuthzAttributes = {
  user: { name: 'jane', groups: ['dev'], uid: '7', extra: { 'example.com/team': ['a', 'b'] } },
  verb: 'get',
  isResource: true,
  group: 'apps',
  version: 'v1',
  resource: 'deployments',
  subresource: 'scale',
  namespace: 'shop',
  name: 'web',
  path: '',
};
const list: AuthzAttributes = {
  ...get,
  verb: 'list',
  subresource: '',
  name: '',
  fieldSelector: [{ field: 'metadata.name', operator: '!=', value: 'x' }],
  labelSelector: [{ key: 'app', operator: 'in', values: ['b', 'a'] }],
};
const path: AuthzAttributes = { ...get, isResource: false, path: '/healthz', user: { name: '', groups: [] } };
const asked = (attributes: AuthzAttributes, ...expressions: readonly string[]) =>
  matchConditions(expressions)?.(accessReviewSpec(attributes));

describe('conditions of a webhook', () => {
  it.each<readonly [AuthzAttributes, string, boolean]>([
    [get, 'true', true],
    [get, "request.user == 'jane' && request.uid == '7'", true],
    [get, "request.groups.exists(g, g == 'dev')", true],
    [get, "'ops' in request.groups", false],
    [get, "'a' in request.extra['example.com/team']", true],
    [
      get,
      "request.resourceAttributes.resource == 'deployments' && request.resourceAttributes.subresource == 'scale'",
      true,
    ],
    [get, 'has(request.nonResourceAttributes)', false],
    [get, 'has(request.resourceAttributes.fieldSelector)', false],
    [list, "request.resourceAttributes.name == ''", true],
    [
      list,
      "request.resourceAttributes.fieldSelector.requirements.all(r, r.operator == 'NotIn' && r.values == ['x'])",
      true,
    ],
    [list, "request.resourceAttributes.labelSelector.requirements[0].values == ['a', 'b']", true],
    [list, "request.resourceAttributes.?labelSelector.?rawSelector.orValue('none') == 'none'", true],
    [path, "has(request.nonResourceAttributes) && request.nonResourceAttributes.path.startsWith('/health')", true],
    [path, "request.user == '' && request.uid == '' && size(request.groups) == 0 && size(request.extra) == 0", true],
    [path, "!has(request.resourceAttributes) || request.resourceAttributes.namespace != 'kube-system'", true],
  ])('%#: of a request, %s is %s', (attributes, expression, matches) => {
    expect(asked(attributes, expression)).toEqual({ matches });
  });

  it('must all hold; one that does not decides, whatever else cannot be told', () => {
    const missing = 'request.resourceAttributes.verb == "get"';
    expect(asked(get, 'true', missing, 'request.user != ""')).toEqual({ matches: true });
    expect(asked(get, 'true', 'false')).toEqual({ matches: false });
    expect(asked(path, missing, 'false')).toEqual({ matches: false, hasFailed: true });
    expect(asked(path, missing, 'true')).toEqual({
      matches: false,
      error: `cel evaluation error: expression '${missing}' resulted in error: no such key: resourceAttributes`,
      hasFailed: true,
    });
    expect(matchConditions([])).toBeUndefined();
  });

  it('end, however much they would take', () => {
    const digits = '[0,1,2,3,4,5,6,7,8,9]';
    const nested = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].reduceRight(
      (inner, v) => `${digits}.all(${v}, ${inner})`,
      'true',
    );
    expect(asked(get, nested)).toMatchObject({
      matches: false,
      error: expect.stringContaining('cost limit') as string,
      hasFailed: true,
    });
  });

  it.each([
    ['request.nobody', /^compilation failed: ERROR: <input>:1:8: undefined field 'nobody'/],
    ['object.metadata', /^compilation failed: ERROR: <input>:1:1: undeclared reference to 'object'/],
    ['request.user', /^must evaluate to bool but got string$/],
    ['request.user ==', /^compilation failed: ERROR: <input>:1:16: Syntax error/],
    ['request.user == 1', /^compilation failed: ERROR: <input>:1:14: found no matching overload for '_==_'/],
    ['authorizer.path("/").check("get").allowed()', /undeclared reference to 'authorizer'/],
  ])('%s is none', (expression, problem) => {
    expect(conditionProblem(expression)).toMatch(problem);
    expect(() => matchConditions([expression])).toThrow('a condition was not validated');
  });
});

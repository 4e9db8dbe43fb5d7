import { describe, expect, it } from 'vitest';
import { createAdmissionCel } from './admission-cel';
import type { CelScope } from './cel-checker';
import { celTypes, listOf, typeText } from '../check/cel-type';

const cel = createAdmissionCel();
const all: CelScope = {
  hasParams: true,
  hasAuthorizer: true,
  hasPatchTypes: true,
  variables: new Map([
    ['count', celTypes.int],
    ['names', listOf(celTypes.string)],
  ]),
};

/** The type of an expression, or what is wrong with it, a line each. */
function outcome(expression: string, scope = all): string[] {
  const result = cel.check(expression, scope, []);
  if ('type' in result) return [typeText(result.type)];
  return result.problem
    .replace('compilation failed: ', '')
    .split('\n')
    .filter((line) => line.startsWith('ERROR'))
    .map((line) => line.replace('ERROR: <input>:', ''));
}

describe('an expression of admission', () => {
  it.each([
    ['object.spec.replicas < 100', 'bool'],
    ['object.spec.replicas', 'dyn'],
    ['object.a + 1', 'int'],
    ['oldObject == null || object.spec == oldObject.spec', 'bool'],
    ['request.operation', 'string'],
    ["request.userInfo.groups.exists(g, g == 'system:masters')", 'bool'],
    ['request.userInfo.extra', 'map(string, list(string))'],
    ["namespaceObject.metadata.labels['a']", 'string'],
    ["has(namespaceObject.metadata.creationTimestamp) ? 'a' : 'b'", 'string'],
    ['namespaceObject.metadata.creationTimestamp + duration("1h")', 'google.protobuf.Timestamp'],
    ['namespaceObject.metadata.creationTimestamp - timestamp("2026-01-01T00:00:00Z")', 'google.protobuf.Duration'],
    ['params.most', 'dyn'],
    ['variables.count + 1', 'int'],
    ['variables.names.map(n, n.size())', 'list(int)'],
    ["authorizer.group('').resource('pods').namespace('n').check('get').allowed()", 'bool'],
    ["authorizer.requestResource.check('get')", 'kubernetes.authorization.Decision'],
    ["authorizer.path('/x').check('get').reason()", 'string'],
    ["object.metadata.?labels['a']", 'optional_type(dyn)'],
    ["object.metadata.?labels['a'].orValue('')", 'string'],
    ['optional.of(1).optMap(x, x + 1).orValue(0)', 'int'],
    ['[1, 2].filter(x, x > 1)', 'list(int)'],
    ["{'a': 1, 'b': 2}.filter(k, k != 'a')", 'list(string)'],
    ["{'a': 1}.map(k, k == 'a', k + 'x')", 'list(string)'],
    ["{'a': 1}.transformMap(k, v, v * 2)", 'map(string, int)'],
    ['[1].transformList(i, v, i + v)', 'list(int)'],
    ['[1].transformMapEntry(i, v, {string(v): i})', 'map(string, int)'],
    ['[1, 2].all(i, v, v > i) && [1].exists_one(x, x == 1)', 'bool'],
    ['[]', 'list(dyn)'],
    ['{}', 'map(dyn, dyn)'],
    ['[[1], [2]][0]', 'list(int)'],
    ["'a-b'.split('-').join(',').upperAscii()", 'string'],
    ["object.x.matches('^a') && matches('a', 'b')", 'bool'],
    ["'a'.find('x') in ['x']", 'bool'],
    ["quantity('1Gi').isGreaterThan(quantity('1')) && isQuantity('1')", 'bool'],
    ["quantity('1').add(1).asInteger()", 'int'],
    ["ip('1.2.3.4').family() == 4 && cidr('1.0.0.0/8').containsIP('1.2.3.4')", 'bool'],
    ["string(cidr('1.0.0.0/8').ip())", 'string'],
    ["url('https://a').getQuery()", 'map(string, list(string))'],
    ["format.named('x').value().validate('y')", 'optional_type(list(string))'],
    ["semver('1.2.3').isLessThan(semver('2.0.0'))", 'bool'],
    ['sets.intersects([1], [2]) || [1].isSorted() || [1.5].sum() > 1', 'bool'],
    ['1 < 2.5 && 1u >= 1', 'bool'],
    ['type(1) == int', 'bool'],
    ['true ? null : object', 'dyn'],
    ["dyn('a') + 1", 'int'],
    ["string(1) + string(true) + string(b'a')", 'string'],
    ['Object{spec: Object.spec{replicas: 1, ?a: optional.none()}}', 'Object'],
    ["[JSONPatch{op: 'add', path: '/' + jsonpatch.escapeKey('a/b'), value: {'x': 1}}]", 'list(JSONPatch)'],
    [
      "(has(object.metadata.labels) ? [] : [JSONPatch{op: 'add', path: '/a', value: {}}]) + [JSONPatch{op: 'remove'}]",
      'list(JSONPatch)',
    ],
    ["object.metadata.labels.all(k, !k.startsWith('x')) ? [] : [JSONPatch{}]", 'list(JSONPatch)'],
    ["[] + object.a + ['b']", 'list(string)'],
    ['has(object.a) ? object.a : {}', 'dyn'],
    ['has(object.a) ? [] : object.a', 'dyn'],
    ['object.l[0]', 'dyn'],
    ["true ? object.l[0] : 'a'", 'dyn'],
    ['true ? optional.none() : optional.of(1)', 'optional_type(int)'],
    ['[[], [1]]', 'list(list(int))'],
    ["{'a': {}, 'b': {'c': 1}}", 'map(string, map(string, int))'],
    ['object.spec.tasks.map(t, t.replicas).sum() >= object.spec.most', 'bool'],
    ["request.userInfo.username.split(':')[2].substring(9)", 'string'],
    ["(object.a + object.b).filter(c, c.d != true).map(c, c.name).join(', ')", 'string'],
    ["'namespace ' + namespaceObject.metadata.name + ' has ' + string(object.n)", 'string'],
    ["'only: ' + object.name", 'string'],
    ['!object.spec.volumes.exists(v, has(v.hostPath)) || object.spec.x.size() > 0', 'bool'],
  ])('%s is of type %s', (expression, type) => {
    expect(outcome(expression)).toEqual([type]);
  });

  it.each<[string, ...string[]]>([
    ['foo', "1:1: undeclared reference to 'foo' (in container '')"],
    [
      'foo.bar(1)',
      "1:1: undeclared reference to 'foo' (in container '')",
      "1:8: undeclared reference to 'bar' (in container '')",
    ],
    ['foo(1)', "1:4: undeclared reference to 'foo' (in container '')"],
    ['object.x.foo()', "1:13: undeclared reference to 'foo' (in container '')"],
    ['[1].all(x, x > 0) && x', "1:22: undeclared reference to 'x' (in container '')"],
    ["1 + 'a'", "1:3: found no matching overload for '_+_' applied to '(int, string)'"],
    ["1 == 'a'", "1:3: found no matching overload for '_==_' applied to '(int, string)'"],
    ["1 in ['a']", "1:3: found no matching overload for '@in' applied to '(int, list(string))'"],
    ["'a'.startsWith(1)", "1:15: found no matching overload for 'startsWith' applied to 'string.(int)'"],
    ['size(1, 2)', "1:5: found no matching overload for 'size' applied to '(int, int)'"],
    ["!'a'", "1:1: found no matching overload for '!_' applied to '(string)'"],
    ["'a' + null", "1:5: found no matching overload for '_+_' applied to '(string, null)'"],
    ['1 && true', "1:1: expected type 'bool' but found 'int'"],
    ["[1, 'a']", "1:5: expected type 'int' but found 'string'"],
    ["{'a': 1, 'b': ''}", "1:15: expected type 'int' but found 'string'"],
    ['[?1]', "1:3: expected type 'optional_type(int)' but found 'int'"],
    ['request.foo', "1:8: undefined field 'foo'"],
    ['variables.other', "1:10: undefined field 'other'"],
    ["'a'.b", "1:4: type 'string' does not support field selection"],
    ['authorizer.foo', "1:11: type 'kubernetes.authorization.Authorizer' does not support field selection"],
    ['has(object)', '1:5: invalid argument to has() macro'],
    ['[1].all(1, true)', '1:9: argument must be a simple name'],
    ['[1].all(x, x)', "1:12: expected type 'bool' but found 'int'"],
    ['[1].filter(x, x)', "1:11: found no matching overload for '_?_:_' applied to '(int, list(int), list(int))'"],
    ['[1, object.x]', "1:11: expected type 'int' but found 'dyn'"],
    ["{'a': 1, 'b': 'c'}", "1:15: expected type 'int' but found 'string'"],
    [
      'nope.sign(1)',
      "1:1: undeclared reference to 'nope' (in container '')",
      "1:10: found no matching overload for 'sign' applied to '!error!.(int)'",
    ],
    ['[1].map(a.b, 1)', '1:10: argument is not an identifier'],
    ['[1].all(i, i, true)', '1:12: duplicate variable name: i'],
    ['[1].all(__result__, true)', '1:9: iteration variable overwrites accumulator variable'],
    [
      "'x'.sortBy(a, 1)",
      '1:1: sortBy can only be applied to a list, identifier, comprehension, call or select expression',
    ],
    [
      "'%d'.format(['a'])",
      '1:14: error during formatting: decimal clause can only be used on integers, was given string',
    ],
    ["'%d'.format([1, 2])", '1:12: too many arguments supplied to string.format (expected 1, got 2)'],
    ['timestamp(253402300800)', '1:11: invalid timestamp argument'],
    ['[1].exists_one(x, x)', "1:15: found no matching overload for '_?_:_' applied to '(int, int, int)'"],
    [
      '1.all(x, true)',
      "1:1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)",
    ],
    ['1.optMap(x, x)', "1:9: found no matching overload for 'hasValue' applied to 'int.()'"],
    ['Foo{a: 1}', "1:4: undeclared reference to 'Foo' (in container '')"],
    ['object{a: 1}', "1:7: 'object' is not a type"],
    ['int{a: 1}', "1:4: 'int' is not a message type"],
    ['JSONPatch{foo: 1}', "1:14: undefined field 'foo'"],
    ['JSONPatch{op: 1}', "1:13: expected type of field 'op' is 'string' but provided type is 'int'"],
    ["duration('1x')", '1:10: invalid duration argument'],
    ["timestamp('2026')", '1:11: invalid timestamp argument'],
    ["object.x.matches('(a')", '1:18: invalid matches argument'],
    ['toString()', "1:9: undeclared reference to 'toString' (in container '')"],
    ['constructor', "1:1: undeclared reference to 'constructor' (in container '')"],
    ['request.constructor', "1:8: undefined field 'constructor'"],
  ])('%s is refused', (expression, ...messages) => {
    expect(outcome(expression)).toEqual(messages);
  });

  it('sees no more than its scope', () => {
    const none: CelScope = { hasParams: false, hasAuthorizer: false };
    for (const name of ['params', 'authorizer', 'variables'])
      expect(outcome(`${name} == null`, none)).toEqual([`1:1: undeclared reference to '${name}' (in container '')`]);
    expect(outcome('Object{}', none)).toEqual(["1:7: undeclared reference to 'Object' (in container '')"]);
    expect(outcome("jsonpatch.escapeKey('')", none)).toHaveLength(2);
  });

  it('evaluates to what is asked for', () => {
    expect(cel.check("'a'", all, [celTypes.bool])).toEqual({ problem: 'must evaluate to bool but got string' });
    expect(cel.check('[1]', all, [celTypes.string, celTypes.null])).toEqual({
      problem: 'must evaluate to one of [string null_type] but got list(int)',
    });
    expect(cel.check('duration("1h")', all, [celTypes.bool])).toEqual({
      problem: 'must evaluate to bool but got google.protobuf.Duration',
    });
    expect(cel.check('null', all, [celTypes.string, celTypes.null])).toEqual({ type: celTypes.null });
  });

  it('is not gone into without end', () => {
    let expression = 'object';
    for (let i = 0; i < 200; i++) expression = `(${expression}${'.a'.repeat(200)})`;
    expect(outcome(expression)[0]).toContain('expression recursion limit exceeded: 250');
  });
});

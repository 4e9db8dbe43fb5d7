import { describe, expect, it } from 'vitest';
import { celTypes, typeText } from '../check/cel-type';
import { compileCel } from '../evaluate/compile-cel';
import { runCel } from '../testing/run-cel';
import { claimsEnvironment, userEnvironment } from './authentication-environment';
import { authorizationEnvironment, authorizationRequest } from './authorization-environment';
import { deviceEnvironment } from './device-environment';
import { celDevice } from './device-variable';
import { escapeName } from './escape-name';
import { type CelSchema, schemaEnvironment } from './schema-environment';

const firstLine = (text: string): string => text.split('\n')[0] ?? '';

describe('conditions of authorization', () => {
  const request = authorizationRequest({
    user: 'alice',
    groups: ['dev'],
    resourceAttributes: {
      verb: 'get',
      resource: 'pods',
      fieldSelector: { requirements: [{ key: 'a', operator: 'In', values: ['b'] }] },
    },
  });
  const run = (expression: string): unknown => runCel(expression, { request }, authorizationEnvironment());

  it.each<[string, unknown]>([
    ["request.user == 'alice' && 'dev' in request.groups", true],
    ['has(request.resourceAttributes)', true],
    ['has(request.nonResourceAttributes)', false],
    // What a review does not say is empty.
    ["request.resourceAttributes.namespace == '' && request.uid == ''", true],
    ['request.resourceAttributes.fieldSelector.requirements[0].values[0]', 'b'],
    ['has(request.resourceAttributes.labelSelector)', false],
    ['request.nonResourceAttributes.path', { error: 'no such key: nonResourceAttributes' }],
    ["request.extra.exists(k, k == 'x')", false],
  ])('%s', (expression, expected) => {
    expect(run(expression)).toEqual(expected);
  });

  it('know no more than the review', () => {
    for (const expression of ['object', 'authorizer', 'claims'])
      expect(compileCel(expression, authorizationEnvironment()).problem).toContain('undeclared reference');
    expect(compileCel('request.foo', authorizationEnvironment()).problem).toContain("undefined field 'foo'");
    expect(compileCel('request.user', authorizationEnvironment(), { results: [celTypes.bool] })).toMatchObject({
      problem: 'must evaluate to bool but got string',
      reason: 'result',
    });
  });

  it('show a raw selector alone', () => {
    const raw = authorizationRequest({
      resourceAttributes: { labelSelector: { rawSelector: 'a=b', requirements: [{ key: 'a' }] } },
    });
    expect(runCel('request.resourceAttributes.labelSelector', { request: raw }, authorizationEnvironment())).toEqual({
      rawSelector: 'a=b',
    });
  });
});

describe('expressions about tokens', () => {
  const claims = {
    sub: 's',
    groups: ['a', 'b'],
    nested: { roles: 'x,y' },
    exp: 1767225600,
    'dotted.name': 'd',
    verified: true,
  };
  const run = (expression: string): unknown => runCel(expression, { claims }, claimsEnvironment());

  it.each<[string, unknown]>([
    ['claims.sub', 's'],
    ["'oidc:' + claims.sub", 'oidc:s'],
    ['claims.groups', ['a', 'b']],
    ["claims.nested.roles.split(',')", ['x', 'y']],
    ["claims['dotted.name']", 'd'],
    ['claims.exp - 1767225599 <= 86400', true],
    ["has(claims.other) ? claims.other : 'none'", 'none'],
    ["claims.?other.orValue('')", ''],
    ['claims.verified == true', true],
    ['claims.other', { error: 'no such key: other' }],
  ])('%s', (expression, expected) => {
    expect(run(expression)).toEqual(expected);
  });

  it('and about users', () => {
    const user = { username: 'system:admin', uid: '', groups: [], extra: { 'a/b': ['c'] } };
    const own = userEnvironment();
    expect(runCel("!user.username.startsWith('system:')", { user }, own)).toBe(false);
    expect(runCel("user.extra['a/b'][0]", { user }, own)).toBe('c');
    expect(compileCel('user.name', own).problem).toContain("undefined field 'name'");
    expect(compileCel('claims', own).problem).toContain('undeclared reference');
  });
});

describe('selectors of devices', () => {
  const device = {
    driver: 'd.example.com',
    attributes: { 'd.example.com': { model: 'a100', healthy: true, index: 1 } },
    capacity: {},
    allowMultipleAllocations: false,
  };
  const run = (expression: string): unknown => runCel(expression, { device }, deviceEnvironment());

  it.each<[string, unknown]>([
    ["device.driver == 'd.example.com'", true],
    ["device.attributes['d.example.com'].model == 'a100'", true],
    ["device.attributes['d.example.com'].healthy", true],
    ["cel.bind(a, device.attributes['d.example.com'], a.healthy && a.index == 1)", true],
    ['cel.bind(a, 1, cel.bind(b, a + 1, a + b))', 3],
    ['cel.bind(a, 1 / 0, true)', true],
    ['cel.bind(a, 1 / 0, a > 0)', { error: 'division by zero' }],
    ["device.attributes['d.example.com'].other", { error: 'no such key: other' }],
  ])('%s', (expression, expected) => {
    expect(run(expression)).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ["device.attributes['d.example.com'].model == 'a100' && device.attributes['other.com'].size == 4", true],
    ["device.attributes['d.example.com'].driverVersion.isGreaterThan(semver('1.0.0'))", true],
    ["device.capacity['d.example.com'].memory.compareTo(quantity('40Gi')) == 0", true],
    // A domain that the device does not have has nothing in it.
    ["has(device.attributes['none.com'].model)", false],
    ["device.attributes['none.com'].model", { error: 'no such key: model' }],
    [
      "device.attributes['d.example.com'].broken",
      { error: 'parse semantic version: No Major.Minor.Patch elements found' },
    ],
    ['device.allowMultipleAllocations', false],
  ])('see of a device: %s', (expression, expected) => {
    const whole = celDevice({
      driver: 'd.example.com',
      attributes: {
        model: { string: 'a100' },
        'other.com/size': { int: 4 },
        driverVersion: { version: '1.2.3' },
        broken: { version: 'x' },
      },
      capacity: { memory: { value: '40Gi' } },
    });
    expect(runCel(expression, { device: whole }, deviceEnvironment())).toEqual(expected);
  });

  it('have no names of values elsewhere', () => {
    expect(compileCel('cel.bind(a, 1, a)', claimsEnvironment()).problem).toContain('undeclared reference');
    expect(firstLine(compileCel('cel.bind(1, 1, 2)', deviceEnvironment()).problem ?? '')).toContain(
      'cel.bind() variable names must be simple identifiers',
    );
  });
});

describe('rules of a schema', () => {
  const schema: CelSchema = {
    type: 'object',
    properties: {
      replicas: { type: 'integer' },
      ratio: { type: 'number' },
      'a-b.c/d': { type: 'string' },
      namespace: { type: 'string' },
      when: { type: 'string', format: 'date-time' },
      day: { type: 'string', format: 'date' },
      wait: { type: 'string', format: 'duration' },
      data: { type: 'string', format: 'byte' },
      port: { 'x-kubernetes-int-or-string': true },
      set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
      keyed: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        items: { type: 'object', properties: { name: { type: 'string' }, value: { type: 'integer' } } },
      },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
      opaque: { type: 'object' },
      hidden: {},
      '0bad': { type: 'string' },
    },
  };
  const self = {
    replicas: 3,
    ratio: 1,
    'a-b.c/d': 'x',
    namespace: 'n',
    when: '2026-01-01T00:00:00Z',
    day: '2026-01-02',
    wait: '90s',
    data: 'aGk=',
    port: 'http',
    set: ['a', 'b'],
    keyed: [
      { name: 'x', value: 1 },
      { name: 'y', value: 2 },
    ],
    labels: { a: 'b' },
  };
  const environment = schemaEnvironment(schema, { isResource: true });
  if (environment === undefined) throw new Error('the schema has a type');
  const oldSelf = { ...self, replicas: 2, set: ['b', 'a'], keyed: self.keyed.toReversed() };
  const run = (expression: string): unknown => runCel(expression, { self, oldSelf }, environment);

  it.each<[string, unknown]>([
    ['self.replicas > oldSelf.replicas', true],
    ['self.ratio + 0.5', 1.5],
    ['type(self.ratio) == double', true],
    ['self.a__dash__b__dot__c__slash__d', 'x'],
    ['self.__namespace__', 'n'],
    ['self.when.getFullYear()', 2026],
    ['self.day.getDate()', 2],
    ["self.wait == duration('1m30s')", true],
    ["string(self.data) == 'hi'", true],
    ["type(self.port) == string && self.port == 'http'", true],
    // Sets and keyed lists are the same in any order, and one of each when joined.
    ['self.set == oldSelf.set', true],
    ["self.set + ['c', 'a']", ['a', 'b', 'c']],
    ['self.keyed == oldSelf.keyed', true],
    ['(self.keyed + oldSelf.keyed).size()', 2],
    ["self.labels['a']", 'b'],
    ["self.labels.all(k, self.labels[k] != '')", true],
    ['has(self.opaque)', false],
    ["self.metadata.name == 'x'", { error: 'no such key: metadata' }],
    ['has(self.metadata)', false],
  ])('%s', (expression, expected) => {
    expect(run(expression)).toEqual(expected);
  });

  it.each([
    ['self.hidden', "undefined field 'hidden'"],
    ['self.other', "undefined field 'other'"],
    ['self.metadata.labels', "undefined field 'labels'"],
    ["self.replicas == 'a'", "found no matching overload for '_==_' applied to '(int, string)'"],
    ['self.ratio + 1', "found no matching overload for '_+_' applied to '(double, int)'"],
    ['object', "undeclared reference to 'object'"],
  ])('%s is refused', (expression, problem) => {
    expect(compileCel(expression, environment).problem).toContain(problem);
  });

  it('may be told that there was nothing before', () => {
    const own = schemaEnvironment({ type: 'integer' }, { isResource: false, hasOptionalOldSelf: true });
    if (own === undefined) throw new Error('the schema has a type');
    expect(typeText(own.variables.get('oldSelf') ?? celTypes.dyn)).toBe('optional_type(int)');
    expect(compileCel('oldSelf.orValue(self) <= self', own).problem).toBeUndefined();
    expect(compileCel('oldSelf <= self', own).problem).toContain('no matching overload');
  });

  it('see nothing of a schema that says nothing', () => {
    for (const nothing of [{}, { type: 'array' }, { type: 'array', items: {} }, { type: 'null' }])
      expect(schemaEnvironment(nothing, { isResource: false })).toBeUndefined();
  });

  it('name properties so that they are names', () => {
    expect(['a', 'a-b', 'a.b', 'a/b', 'a__b', 'in', 'x y', '0a', ''].map(escapeName)).toEqual([
      'a',
      'a__dash__b',
      'a__dot__b',
      'a__slash__b',
      'a__underscores__b',
      '__in__',
      undefined,
      undefined,
      undefined,
    ]);
  });
});

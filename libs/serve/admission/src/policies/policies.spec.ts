import type { KubeObject } from '@reckon/api/machinery';
import type { AuthzAttributes } from '@reckon/serve/authz';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AdmissionFixture, admissionFixture, type Ask, rowOf } from '../testing/admission-fixture.suite';

const group = 'admissionregistration.k8s.io';
const configMaps = rowOf('', 'v1', 'configmaps');
const deployments = rowOf('apps', 'v1', 'deployments');

let admission: AdmissionFixture;
const asked: AuthzAttributes[] = [];
let may: (attributes: AuthzAttributes) => boolean = () => true;
const made = new Map<string, string>();

beforeAll(async () => {
  admission = await admissionFixture({
    disable: ['ServiceAccount'],
    defaults: (row) =>
      row.resource === 'deployments'
        ? (object) => void ((object['spec'] as Record<string, unknown>)['replicas'] ??= 1)
        : undefined,
    authorizer: {
      authorize: async (attributes) => {
        await Promise.resolve();
        asked.push(attributes);
        return { allowed: may(attributes), reason: '' };
      },
    },
  });
});
afterAll(() => {
  admission.stop();
});
afterEach(async () => {
  for (const [key] of made) {
    const [resource = '', name = ''] = key.split('/');
    await admission.remove({ group, resource, namespace: '', name });
  }
  made.clear();
  asked.length = 0;
  may = () => true;
});

async function put(resource: string, name: string, kind: string, spec: object): Promise<void> {
  made.set(`${resource}/${name}`, kind);
  await admission.put({ group, resource }, { apiVersion: `${group}/v1`, kind, metadata: { name }, spec });
}

const everything = {
  matchPolicy: 'Equivalent',
  resourceRules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }],
};

async function validating(name: string, spec: object, binding: object = {}): Promise<void> {
  await put('validatingadmissionpolicies', name, 'ValidatingAdmissionPolicy', {
    failurePolicy: 'Fail',
    matchConstraints: everything,
    ...spec,
  });
  await put('validatingadmissionpolicybindings', `${name}-binding`, 'ValidatingAdmissionPolicyBinding', {
    policyName: name,
    validationActions: ['Deny'],
    ...binding,
  });
}

async function mutating(name: string, spec: object, binding: object = {}): Promise<void> {
  await put('mutatingadmissionpolicies', name, 'MutatingAdmissionPolicy', {
    failurePolicy: 'Fail',
    reinvocationPolicy: 'Never',
    matchConstraints: everything,
    ...spec,
  });
  await put('mutatingadmissionpolicybindings', `${name}-binding`, 'MutatingAdmissionPolicyBinding', {
    policyName: name,
    ...binding,
  });
}

const configMap = (object: object = {}, more: Partial<Ask> = {}): Ask => ({
  row: configMaps,
  name: 'c',
  object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'default' }, ...object },
  ...more,
});

const denied = (why: string, code = 422): string =>
  `${String(code)} configmaps "c" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p-binding' denied request: ${why}`;

const tooLong = 'abcdefg'
  .split('')
  .reduceRight((inner, name) => `[0,1,2,3,4,5,6,7,8,9].all(${name}, ${inner})`, 'true');

describe('a validating policy', () => {
  it.each<[string, object, string]>([
    ['by its expression', { expression: "object.data.a == 'x'" }, denied("failed expression: object.data.a == 'x'")],
    ['with its message', { expression: 'false', message: ' too bad ' }, denied('too bad')],
    [
      'with a message made for it',
      { expression: 'false', message: 'm', messageExpression: "object.metadata.name + ' is wrong'" },
      denied('c is wrong'),
    ],
    [
      'with its plain message where the other fails',
      { expression: 'false', message: 'm', messageExpression: 'object.no' },
      denied('m'),
    ],
    [
      'with its plain message where the other has lines',
      { expression: 'false', message: 'm', messageExpression: "'a\\nb'" },
      denied('m'),
    ],
    ['with its reason', { expression: 'false', message: 'm', reason: 'Forbidden' }, denied('m', 403)],
    ['as too large', { expression: 'false', message: 'm', reason: 'RequestEntityTooLarge' }, denied('m', 413)],
    [
      'where it cannot be evaluated',
      { expression: 'object.spec.x > 1' },
      denied("expression 'object.spec.x > 1' resulted in error: no such key: spec"),
    ],
    [
      'where it would take too long',
      { expression: tooLong },
      denied(`expression '${tooLong}' resulted in error: operation cancelled: actual cost limit exceeded`),
    ],
  ])('denies %s', async (_, validation, expected) => {
    await validating('p', { validations: [validation] });
    expect(await admission.ask(configMap({ data: { a: 'b' } }))).toEqual(expected);
  });

  it('lets pass what holds, and what it fails to judge where its failure policy says so', async () => {
    await validating('p', { validations: [{ expression: "object.data.a == 'b' && oldObject == null" }] });
    expect(await admission.ask(configMap({ data: { a: 'b' } }))).toMatchObject({ kind: 'ConfigMap' });
    await validating('p', { failurePolicy: 'Ignore', validations: [{ expression: 'object.no.such == 1' }] });
    expect(await admission.ask(configMap())).toMatchObject({ kind: 'ConfigMap' });
  });

  it('says nothing without a binding, nor where its conditions do not hold', async () => {
    await put('validatingadmissionpolicies', 'p', 'ValidatingAdmissionPolicy', {
      failurePolicy: 'Fail',
      matchConstraints: everything,
      validations: [{ expression: 'false' }],
    });
    expect(await admission.ask(configMap())).toMatchObject({ kind: 'ConfigMap' });
    const conditions = [{ name: 'c', expression: "request.operation == 'DELETE'" }];
    await validating('p', { matchConditions: conditions, validations: [{ expression: 'false' }] });
    expect(await admission.ask(configMap())).toMatchObject({ kind: 'ConfigMap' });
    const oldObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } };
    const deletion: Ask = { row: configMaps, name: 'c', operation: 'DELETE', oldObject };
    expect(await admission.ask(deletion)).toBe(denied('failed expression: false'));
  });

  it('sees variables, each evaluated once, the namespace, and who asks', async () => {
    await validating('p', {
      variables: [
        { name: 'data', expression: 'object.data' },
        { name: 'size', expression: 'variables.data.size()' },
      ],
      validations: [
        { expression: 'variables.size > 1', messageExpression: "'only ' + string(variables.size)" },
        { expression: "namespaceObject.metadata.name == 'default'" },
        { expression: "request.userInfo.username == 'jane' && request.namespace == 'default'" },
      ],
    });
    expect(await admission.ask(configMap({ data: { a: 'b' } }))).toBe(denied('only 1'));
    expect(await admission.ask(configMap({ data: { a: 'b', c: 'd' } }))).toMatchObject({ kind: 'ConfigMap' });
  });

  it('may ask what somebody may do', async () => {
    const check = "authorizer.group('').resource('secrets').namespace('x').name('s').check('get').allowed()";
    await validating('p', { validations: [{ expression: check }] });
    expect(await admission.ask(configMap())).toMatchObject({ kind: 'ConfigMap' });
    expect(asked[0]).toMatchObject({
      user: { name: 'jane' },
      verb: 'get',
      resource: 'secrets',
      namespace: 'x',
      name: 's',
    });
    may = () => false;
    expect(await admission.ask(configMap())).toBe(denied(`failed expression: ${check}`));
  });

  it('warns and tells the audit log where its binding says so', async () => {
    const told: string[] = [];
    const ctx = {
      warn: (text: string) => void told.push(text),
      annotate: (key: string, value: string) => void told.push(`${key} ${value}`),
    };
    await validating(
      'p',
      {
        validations: [{ expression: 'true' }, { expression: 'false', message: '<m>' }],
        auditAnnotations: [
          { key: 'k', valueExpression: "'name is ' + object.metadata.name" },
          { key: 'none', valueExpression: 'null' },
        ],
      },
      { validationActions: ['Warn', 'Audit'] },
    );
    expect(await admission.ask(configMap({}, { ctx }))).toMatchObject({ kind: 'ConfigMap' });
    expect(told).toEqual([
      "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'p-binding': <m>",
      String.raw`validation.policy.admission.k8s.io/validation_failure [{"message":"\u003cm\u003e","policy":"p","binding":"p-binding","expressionIndex":1,"validationActions":["Warn","Audit"]}]`,
      'p/k name is c',
    ]);
  });

  it('does not tell in messages what somebody may do, not through a variable either', async () => {
    const check = "authorizer.group('').resource('secrets').namespace('x').name('s').check('get').allowed()";
    const variables = [{ name: 'may', expression: `string(${check})` }];
    const telling = { expression: "variables.may == 'no'", message: 'm', messageExpression: "'may: ' + variables.may" };
    await validating('p', { variables, validations: [telling] });
    expect(await admission.ask(configMap())).toBe(denied('m'));
  });

  it('refuses where its messages cost too much, whatever they are for', async () => {
    const costly = { expression: 'true', messageExpression: `string(${tooLong})` };
    const validations = [...Array.from({ length: 12 }, () => costly), { expression: 'false' }];
    await validating('p', { validations });
    const budget = 'validation failed due to running out of cost budget, no further validation rules will be run';
    expect(await admission.ask(configMap())).toBe(denied(`failed messageExpression: ${budget}`));
  });

  it('is about what its constraints and those of its binding name, never about policies', async () => {
    const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] };
    const refuses = { validations: [{ expression: 'false' }] };
    const isRefused = async (ask: Ask = configMap()): Promise<boolean> => {
      const answer = await admission.ask(ask);
      return typeof answer === 'string' && answer !== 'admitted';
    };
    await validating('p', { ...refuses, matchConstraints: { resourceRules: [{ ...rule, resourceNames: ['c'] }] } });
    expect(await isRefused()).toBe(true);
    expect(await isRefused(configMap({}, { name: 'd' }))).toBe(false);
    await validating('p', {
      ...refuses,
      matchConstraints: { resourceRules: [rule], excludeResourceRules: [{ ...rule, resourceNames: ['c'] }] },
    });
    expect(await isRefused()).toBe(false);
    expect(await isRefused(configMap({}, { name: 'd' }))).toBe(true);
    const selector = { namespaceSelector: { matchLabels: { a: 'b' } } };
    await validating('p', { ...refuses, matchConstraints: { resourceRules: [rule] } }, { matchResources: selector });
    expect(await isRefused()).toBe(false);
    await validating('p', refuses);
    const row = rowOf(group, 'v1', 'validatingadmissionpolicies');
    expect(
      await isRefused({
        row,
        namespace: '',
        operation: 'DELETE',
        name: 'p',
        oldObject: { apiVersion: `${group}/v1`, kind: 'ValidatingAdmissionPolicy', metadata: {} },
      }),
    ).toBe(false);
  });
});

describe('parameters of a policy', () => {
  const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
  const limits = (name: string, most: string, namespace = 'default', labels: object = {}): Promise<void> =>
    admission.put(
      { group: '', resource: 'configmaps' },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels }, data: { most } },
    );
  const policy = {
    paramKind,
    validations: [
      {
        expression: 'params == null || object.data.size() <= int(params.data.most)',
        messageExpression: "'most is ' + params.data.most",
      },
    ],
  };
  const three = configMap({ data: { a: '', b: '', c: '' } });

  it('are found by name in the namespace of the request or of the binding', async () => {
    await limits('few', '2');
    await validating('p', policy, { paramRef: { name: 'few', parameterNotFoundAction: 'Deny' } });
    expect(await admission.ask(three)).toBe(denied('most is 2'));
    await limits('few', '5');
    expect(await admission.ask(three)).toMatchObject({ kind: 'ConfigMap' });
    await limits('few', '1', 'other');
    await validating('p', policy, { paramRef: { name: 'few', namespace: 'other', parameterNotFoundAction: 'Deny' } });
    expect(await admission.ask(three)).toBe(denied('most is 1'));
  });

  it('are all that a selector chooses', async () => {
    await limits('a', '9', 'default', { limits: 'yes' });
    await limits('b', '1', 'default', { limits: 'yes' });
    const paramRef = { selector: { matchLabels: { limits: 'yes' } }, parameterNotFoundAction: 'Deny' };
    await validating('p', policy, { paramRef });
    expect(await admission.ask(three)).toBe(denied('most is 1'));
  });

  it('that are missing deny or do nothing', async () => {
    const none = { name: 'none', parameterNotFoundAction: 'Deny' };
    await validating('p', policy, { paramRef: none });
    expect(await admission.ask(three)).toBe(
      denied('failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction'),
    );
    await validating('p', policy, { paramRef: { ...none, parameterNotFoundAction: 'Allow' } });
    expect(await admission.ask(three)).toMatchObject({ kind: 'ConfigMap' });
    await validating('p', { ...policy, paramKind: { apiVersion: 'x.io/v1', kind: 'None' } }, { paramRef: none });
    expect(await admission.ask(three)).toBe(
      `422 configmaps "c" is forbidden: ValidatingAdmissionPolicy 'p' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'x.io/v1, Kind=None'`,
    );
    await validating('p', policy, { paramRef: none });
    const node: Ask = {
      row: rowOf('', 'v1', 'nodes'),
      namespace: '',
      name: 'n',
      object: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } },
    };
    expect(await admission.ask(node)).toContain(
      'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
    );
  });

  it('must be readable for who writes the policy or the binding', async () => {
    may = () => false;
    const row = rowOf(group, 'v1', 'validatingadmissionpolicies');
    const object = { apiVersion: `${group}/v1`, kind: row.kind, metadata: { name: 'p' }, spec: policy };
    expect(await admission.ask({ row, namespace: '', name: 'p', object })).toBe(
      '422 ValidatingAdmissionPolicy.admissionregistration.k8s.io "p" is invalid: spec.paramKind: Forbidden: user &{jane  [dev] map[]} must have "get" permission on all objects of the referenced paramKind (kind=ConfigMap, apiVersion=v1)',
    );
    expect(asked).toMatchObject([
      { verb: 'get', group: '', version: 'v1', resource: 'configmaps', name: '*', namespace: '*' },
    ]);
    expect(
      await admission.ask({ row, namespace: '', name: 'p', object, oldObject: object, operation: 'UPDATE' }),
    ).not.toEqual(expect.any(String));

    await put('validatingadmissionpolicies', 'p', row.kind, policy);
    const bindings = rowOf(group, 'v1', 'validatingadmissionpolicybindings');
    const spec = { policyName: 'p', paramRef: { name: 'few', namespace: 'default' } };
    const binding = { apiVersion: `${group}/v1`, kind: bindings.kind, metadata: { name: 'b' }, spec };
    expect(await admission.ask({ row: bindings, namespace: '', name: 'b', object: binding })).toBe(
      '422 ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io "b" is invalid: spec.paramRef: Forbidden: user &{jane  [dev] map[]} does not have "get" permission on the object referenced by paramRef',
    );
    expect(asked.at(-1)).toMatchObject({ resource: 'configmaps', name: 'few', namespace: 'default' });
    const root = { name: 'root', groups: ['system:masters'] };
    expect(await admission.ask({ row: bindings, namespace: '', name: 'b', object: binding, user: root })).not.toEqual(
      expect.any(String),
    );
  });
});

describe('a mutating policy', () => {
  const apply = (expression: string): object => ({
    mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
  });
  const patch = (expression: string): object => ({
    mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression } }],
  });
  const refused = (why: string): string => `403 policy 'p' with binding 'p-binding' denied request: ${why}`;
  const container = (name: string, more: object = {}): object => ({ name, image: 'i', ...more });
  const deployment = (spec: object = {}): Ask => ({
    row: deployments,
    name: 'd',
    object: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd', namespace: 'default', labels: { a: 'b' } },
      spec: { selector: {}, template: { metadata: {}, spec: { containers: [container('c')] } }, ...spec },
    },
  });

  it('applies a configuration: what it states is set, items of lists meet by their keys', async () => {
    await mutating(
      'p',
      apply(
        'Object{metadata: Object.metadata{labels: Object.metadata.labels{added: "yes"}}, spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [' +
          'Object.spec.template.spec.containers{name: "c", env: [Object.spec.template.spec.containers.env{name: "E", value: "1"}]}, Object.spec.template.spec.containers{name: "side", image: "s"}]}}}}',
      ),
    );
    const admitted = (await admission.ask(deployment())) as KubeObject;
    expect(admitted.metadata.labels).toEqual({ a: 'b', added: 'yes' });
    expect(admitted['spec']).toMatchObject({
      replicas: 1,
      template: {
        spec: {
          containers: [
            { name: 'c', image: 'i', env: [{ name: 'E', value: '1' }] },
            { name: 'side', image: 's' },
          ],
        },
      },
    });
  });

  it.each<[string, object, string]>([
    [
      'what would take away the unknown',
      apply('Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {"x": "y"}}}}'),
      refused(
        'error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.selector',
      ),
    ],
    [
      'an object of another field',
      apply('Object{spec: Object.specx{replicas: 1}}'),
      refused(
        'type mismatch: unexpected type name "Object.specx", expected "Object.spec", which matches field name path from root Object type',
      ),
    ],
    [
      'an object of another field in a patch',
      patch('[JSONPatch{op: "add", path: "/spec", value: Object.spec{template: Object.spec.tmp{}}}]'),
      refused(
        'type mismatch: unexpected type name "Object.spec.tmp", expected "Object.spec.template", which matches field name path from root Object type',
      ),
    ],
    [
      'a field that is not there',
      apply('Object{spec: Object.spec{bogus: 1}}'),
      refused(
        'error applying patch: failed to convert patch object to typed object: .spec.bogus: field not declared in schema',
      ),
    ],
    [
      'an expression that fails',
      apply('Object{spec: Object.spec{replicas: object.spec.no}}'),
      refused("expression 'Object{spec: Object.spec{replicas: object.spec.no}}' resulted in error: no such key: no"),
    ],
    [
      'a patch that does not fit',
      patch('[JSONPatch{op: "remove", path: "/spec/no/such"}]'),
      refused('JSON Patch: remove operation does not apply: doc is missing path: "/spec/no/such": missing value'),
    ],
    [
      'an unknown field',
      patch('[JSONPatch{op: "add", path: "/spec/bogus", value: 1}]'),
      '500 Internal error occurred: strict decoding error: unknown field "spec.bogus"',
    ],
  ])('refuses %s', async (_, spec, expected) => {
    await mutating('p', spec);
    expect(await admission.ask(deployment())).toBe(expected);
  });

  it('applies a JSON patch, but for one whose test fails', async () => {
    await mutating(
      'p',
      patch(
        '[JSONPatch{op: "test", path: "/metadata/labels/a", value: "b"}, JSONPatch{op: "replace", path: "/spec/replicas", value: 5}, JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("x/y"), value: object.metadata.name}]',
      ),
    );
    const admitted = (await admission.ask(deployment({ replicas: 2 }))) as KubeObject;
    expect(admitted).toMatchObject({ spec: { replicas: 5 }, metadata: { labels: { a: 'b', 'x/y': 'd' } } });
    await mutating(
      'p',
      patch(
        '[JSONPatch{op: "test", path: "/metadata/labels/a", value: "z"}, JSONPatch{op: "replace", path: "/spec/replicas", value: 5}]',
      ),
    );
    expect(await admission.ask(deployment({ replicas: 2 }))).toMatchObject({ spec: { replicas: 2 } });
  });

  it('changes nothing where its failure policy lets failures pass, or there is nothing to change', async () => {
    await mutating('p', { ...apply('Object{spec: Object.spec{bogus: 1}}'), failurePolicy: 'Ignore' });
    expect(await admission.ask(deployment())).toMatchObject({ kind: 'Deployment' });
    const { object } = deployment();
    expect(await admission.ask({ row: deployments, name: 'd', operation: 'DELETE', oldObject: object ?? {} })).toBe(
      'admitted',
    );
  });

  it('has nothing to do with what is deleted', async () => {
    await mutating('m', {
      matchConditions: [{ name: 'n', expression: 'object.nope == 1' }],
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[]' } }],
    });
    const metadata = { name: 'c', namespace: 'default' };
    const oldObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
    expect(await admission.ask({ operation: 'DELETE', row: configMaps, name: 'c', oldObject })).toBe('admitted');
  });

  it('is asked again after others changed the object, where it wishes that', async () => {
    const count = (label: string): object =>
      apply(
        `Object{metadata: Object.metadata{labels: Object.metadata.labels{${label}: string(object.metadata.labels.size())}}}`,
      );
    await mutating('a', { ...count('first'), reinvocationPolicy: 'IfNeeded' });
    await mutating('b', count('second'));
    const admitted = (await admission.ask(deployment())) as KubeObject;
    expect(admitted.metadata.labels).toEqual({ a: 'b', first: '3', second: '2' });
  });

  it('uses variables and parameters', async () => {
    await admission.put(
      { group: '', resource: 'configmaps' },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'n', namespace: 'default' }, data: { replicas: '7' } },
    );
    await mutating(
      'p',
      {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        variables: [{ name: 'wanted', expression: 'int(params.data.replicas)' }],
        ...apply('Object{spec: Object.spec{replicas: variables.wanted}}'),
      },
      { paramRef: { name: 'n', parameterNotFoundAction: 'Deny' } },
    );
    expect(await admission.ask(deployment())).toMatchObject({ spec: { replicas: 7 } });
  });
});

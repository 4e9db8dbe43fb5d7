import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../testing/run-strategy';

const group = 'admissionregistration.k8s.io';
const rule = { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] };
const validating = {
  metadata: { name: 'p' },
  spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'object.spec.replicas < 100' }] },
};
const mutating = {
  metadata: { name: 'p' },
  spec: {
    reinvocationPolicy: 'Never',
    matchConstraints: { resourceRules: [rule] },
    mutations: [
      { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{metadata: Object.metadata{}}' } },
    ],
  },
};
const policies = { validatingadmissionpolicies: validating, mutatingadmissionpolicies: mutating };

const create = (kind: keyof typeof policies, changes: Record<string, unknown> = {}): ReturnType<typeof runCreate> =>
  runCreate(`${group}/${kind}`, changed<object>(policies[kind], changes));

const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const label =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

describe.each(['validatingadmissionpolicies', 'mutatingadmissionpolicies'] as const)('%s', (kind) => {
  it('have the defaults of the API', () => {
    expect(create(kind).object).toMatchObject({
      metadata: { generation: 1 },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          matchPolicy: 'Equivalent',
          namespaceSelector: {},
          objectSelector: {},
          resourceRules: [{ scope: '*' }],
        },
      },
    });
  });

  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [{ failurePolicy: 'x' }, 'spec.failurePolicy: Unsupported value: "x": supported values: "Fail", "Ignore"'],
    [{ paramKind: {} }, 'spec.paramKind.apiVersion: Required value', 'spec.paramKind.kind: Required value'],
    [
      { paramKind: { apiVersion: 'a/b/c', kind: 'K' } },
      'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
    ],
    [
      { paramKind: { apiVersion: 'A/1', kind: 'K_' } },
      `spec.paramKind.apiVersion: Invalid value: "A": ${subdomain}`,
      `spec.paramKind.apiVersion: Invalid value: "1": ${label}`,
      `spec.paramKind.kind: Invalid value: "K_": may have mixed case, but should otherwise match: ${label}`,
    ],
    [
      { paramKind: { apiVersion: '/', kind: 'K' } },
      'spec.paramKind.apiVersion: Invalid value: "/": version must be specified',
    ],
    [{ paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } }],
    [{ matchConstraints: undefined }, 'spec.matchConstraints: Required value'],
    [{ matchConstraints: {} }, 'spec.matchConstraints.resourceRules: Required value'],
    [
      { 'matchConstraints.matchPolicy': 'x' },
      'spec.matchConstraints.matchPolicy: Unsupported value: "x": supported values: "Equivalent", "Exact"',
    ],
    [
      { 'matchConstraints.objectSelector': { matchLabels: { 'a b': 'c' } } },
      "spec.matchConstraints.objectSelector.matchLabels: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
    [
      { 'matchConstraints.excludeResourceRules': [{ ...rule, resourceNames: ['a/b', 'a/b'] }] },
      `spec.matchConstraints.excludeResourceRules[0].resourceNames[0]: Invalid value: "a/b": may not contain '/'`,
      `spec.matchConstraints.excludeResourceRules[0].resourceNames[1]: Invalid value: "a/b": may not contain '/'`,
      'spec.matchConstraints.excludeResourceRules[0].resourceNames[1]: Duplicate value: "a/b"',
    ],
    [
      { matchConditions: [{ name: 'a b', expression: 'object.x' }] },
      'spec.matchConditions[0].expression: Invalid value: "object.x": must evaluate to bool but got dyn',
      "spec.matchConditions[0].name: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
    [
      { variables: [{ name: ' ', expression: '' }] },
      'spec.variables[0].name: Required value: name is not specified',
      'spec.variables[0].expression: Required value: expression is not specified',
    ],
    [
      { variables: [{ name: 'for', expression: 'variables.x' }] },
      'spec.variables[0].name: Invalid value: "for": must be a valid CEL identifier',
      `spec.variables[0].expression: Invalid value: "variables.x": compilation failed: ERROR: <input>:1:10: undefined field 'x'\n | variables.x\n | .........^`,
    ],
    [
      {
        variables: [
          { name: 'a', expression: '1' },
          { name: 'b', expression: "variables.a + 'x'" },
        ],
      },
      `spec.variables[1].expression: Invalid value: "variables.a + 'x'": compilation failed: ERROR: <input>:1:13: found no matching overload for '_+_' applied to '(int, string)'\n | variables.a + 'x'\n | ............^`,
    ],
  ])('with %j', (changes, ...messages) => {
    const ofSpec = Object.fromEntries(Object.entries(changes).map(([field, value]) => [`spec.${field}`, value]));
    expect(create(kind, ofSpec).refusals).toEqual(messages);
  });

  it('keep conditions that were stored before they were refused', () => {
    const old = create(kind, { 'spec.matchConditions': [{ name: 'a', expression: 'nonsense' }] }).object;
    const again = (changes: Record<string, unknown>): readonly string[] =>
      runUpdate(`${group}/${kind}`, old, changed(old, changes)).refusals;
    expect(again({ 'spec.failurePolicy': 'Ignore' })).toEqual([]);
    expect(again({ 'spec.paramKind': { apiVersion: 'v1', kind: 'ConfigMap' } })).toHaveLength(1);
  });

  it('count changes of their spec', () => {
    const old = create(kind).object;
    const updated = runUpdate(`${group}/${kind}`, old, changed(old, { 'spec.failurePolicy': 'Ignore' }));
    expect(updated.object.metadata.generation).toBe(2);
    expect(runUpdate(`${group}/${kind}`, old, old).object.metadata.generation).toBe(1);
  });
});

describe('a validating policy', () => {
  it.each<[Record<string, unknown>, ...string[]]>([
    [
      { validations: [] },
      'spec.validations: Required value: validations or auditAnnotations must contain at least one item',
      'spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item',
    ],
    [{ validations: [], auditAnnotations: [{ key: 'k', valueExpression: "'v'" }] }],
    [
      { validations: [{ expression: '' }] },
      'spec.validations[0].expression: Required value: expression is not specified',
    ],
    [
      { validations: [{ expression: 'object.(' }] },
      `spec.validations[0].expression: Invalid value: "object.(": compilation failed: ERROR: <input>:1:8: Syntax error: no viable alternative at input '.('\n | object.(\n | .......^`,
    ],
    [
      { validations: [{ expression: "'a'" }] },
      `spec.validations[0].expression: Invalid value: "'a'": must evaluate to bool but got string`,
    ],
    [
      { validations: [{ expression: 'params.x > 1' }] },
      `spec.validations[0].expression: Invalid value: "params.x > 1": compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')\n | params.x > 1\n | ^`,
    ],
    [
      {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        variables: [{ name: 'most', expression: 'int(params.data.most)' }],
        validations: [{ expression: 'object.spec.replicas <= variables.most' }],
      },
    ],
    [
      { validations: [{ expression: 'variables.x' }] },
      `spec.validations[0].expression: Invalid value: "variables.x": compilation failed: ERROR: <input>:1:1: undeclared reference to 'variables' (in container '')\n | variables.x\n | ^`,
    ],
    [
      { validations: [{ expression: 'true', messageExpression: ' ', message: ' ', reason: 'Because' }] },
      'spec.validations[0].messageExpression: Invalid value: " ": must be non-empty if specified',
      'spec.validations[0].message: Invalid value: " ": must be non-empty if specified',
      'spec.validations[0].reason: Unsupported value: "Because": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
    ],
    [
      { validations: [{ expression: 'true', message: 'a\nb', messageExpression: 'authorizer' }] },
      `spec.validations[0].messageExpression: Invalid value: "authorizer": compilation failed: ERROR: <input>:1:1: undeclared reference to 'authorizer' (in container '')\n | authorizer\n | ^`,
      'spec.validations[0].message: Invalid value: "a\\nb": must not contain line breaks',
    ],
    [{ validations: [{ expression: 'true', message: ' a\n', messageExpression: "'is ' + object.metadata.name" }] }],
    [
      { auditAnnotations: [{ key: 'a b', valueExpression: ' ' }] },
      "spec.auditAnnotations[0].key: Invalid value: \"p/a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'spec.auditAnnotations[0].valueExpression: Required value: valueExpression is not specified',
    ],
    [
      {
        auditAnnotations: [
          { key: 'a', valueExpression: 'null' },
          { key: 'a', valueExpression: ' 1 ' },
        ],
      },
      'spec.auditAnnotations[1].valueExpression: Invalid value: " 1 ": must evaluate to one of [string null_type] but got int',
      'spec.auditAnnotations[1].key: Duplicate value: "a"',
    ],
    [
      { auditAnnotations: [{ key: 'a', valueExpression: `'${'x'.repeat(5120)}'` }] },
      'spec.auditAnnotations[0].valueExpression: Required value: must not exceed 5120 bytes in length',
    ],
  ])('with %j', (changes, ...messages) => {
    const ofSpec = Object.fromEntries(Object.entries(changes).map(([field, value]) => [`spec.${field}`, value]));
    expect(create('validatingadmissionpolicies', ofSpec).refusals).toEqual(messages);
  });

  it('needs a name for its annotations', () => {
    const policy = changed(validating, {
      metadata: {},
      'spec.auditAnnotations': [{ key: 'k', valueExpression: "'v'" }],
    });
    expect(runCreate(`${group}/validatingadmissionpolicies`, policy).refusals).toEqual([
      'spec.auditAnnotations[0].key: Invalid value: "k": requires metadata.name be non-empty',
    ]);
  });

  it('has no more than twenty annotations', () => {
    const auditAnnotations = Array.from({ length: 21 }, (_, i) => ({ key: `k${String(i)}`, valueExpression: "''" }));
    const { refusals } = create('validatingadmissionpolicies', { 'spec.auditAnnotations': auditAnnotations });
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toMatch(
      /^spec.auditAnnotations: Invalid value: \[\{"Key":"k0","ValueExpression":"''"\},.*\]: must not have more than 20 auditAnnotations$/,
    );
  });

  it('keeps spec and status apart', () => {
    const key = `${group}/validatingadmissionpolicies`;
    const old = create('validatingadmissionpolicies', { status: { observedGeneration: 3 } }).object;
    expect(old['status']).toEqual({});
    const both = changed(old, {
      'spec.failurePolicy': 'Ignore',
      'status.observedGeneration': 1,
      'metadata.labels': { a: 'b' },
    });
    expect(runUpdate(key, old, both).object).toMatchObject({ status: {}, spec: { failurePolicy: 'Ignore' } });
    const reported = runUpdate(key, old, both, 'status').object;
    expect(reported).toMatchObject({ status: { observedGeneration: 1 }, spec: { failurePolicy: 'Fail' } });
    expect(reported.metadata).toMatchObject({ generation: 1 });
    expect(reported.metadata.labels).toBeUndefined();
  });

  it('has a status that says what it means', () => {
    const old = create('validatingadmissionpolicies').object;
    const status = {
      typeChecking: { expressionWarnings: [{ fieldRef: ' ', warning: '' }] },
      conditions: [{ type: 'A', status: 'Maybe', lastTransitionTime: null, reason: '', message: '' }],
    };
    expect(runUpdate(`${group}/validatingadmissionpolicies`, old, changed(old, { status }), 'status').refusals).toEqual(
      [
        'status.typeChecking.expressionWarnings[0].warning: Required value',
        'status.typeChecking.expressionWarnings[0].fieldRef: Required value',
        'status.conditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
        'status.conditions[0].lastTransitionTime: Required value: must be set',
        'status.conditions[0].reason: Required value: must be set',
      ],
    );
  });
});

describe('a mutating policy', () => {
  it.each<[Record<string, unknown>, ...string[]]>([
    [{ mutations: [] }, 'spec.mutations: Required value: mutations must contain at least one item'],
    [{ reinvocationPolicy: undefined }, 'spec.reinvocationPolicy: Required value'],
    [
      { reinvocationPolicy: 'x' },
      'spec.reinvocationPolicy: Unsupported value: "x": supported values: "IfNeeded", "Never"',
    ],
    [
      { 'matchConstraints.resourceRules': [{ ...rule, operations: ['DELETE'] }] },
      'spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
    ],
    [{ mutations: [{}] }, 'spec.mutations[0].patchType: Required value'],
    [
      { mutations: [{ patchType: 'Merge' }] },
      'spec.mutations[0].patchType: Unsupported value: "Merge": supported values: "ApplyConfiguration", "JSONPatch"',
    ],
    [
      { mutations: [{ patchType: 'JSONPatch', applyConfiguration: { expression: 'Object{}' } }] },
      'spec.mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch',
      'spec.mutations[0].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch',
    ],
    [
      { mutations: [{ patchType: 'ApplyConfiguration', jsonPatch: { expression: '[]' } }] },
      'spec.mutations[0].applyConfiguration: Required value: must be specified when patchType is ApplyConfiguration',
      'spec.mutations[0].jsonPatch: Invalid value: "{jsonPatch}": must not be specified when patchType is ApplyConfiguration',
    ],
    [
      { mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: ' ' } }] },
      'spec.mutations[0].jsonPatch.expression: Required value',
    ],
    [
      { mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[1]' } }] },
      'spec.mutations[0].jsonPatch.expression: Invalid value: "[1]": must evaluate to list(JSONPatch) but got list(int)',
    ],
    [
      { mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'object' } }] },
      'spec.mutations[0].applyConfiguration.expression: Invalid value: "object": must evaluate to Object but got dyn',
    ],
    [
      {
        variables: [{ name: 'v', expression: "'a'" }],
        mutations: [
          {
            patchType: 'JSONPatch',
            jsonPatch: {
              expression:
                '[JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey(variables.v), value: variables.v}]',
            },
          },
        ],
      },
    ],
  ])('with %j', (changes, ...messages) => {
    const ofSpec = Object.fromEntries(Object.entries(changes).map(([field, value]) => [`spec.${field}`, value]));
    expect(create('mutatingadmissionpolicies', ofSpec).refusals).toEqual(messages);
  });
});

const bindings = ['validatingadmissionpolicybindings', 'mutatingadmissionpolicybindings'] as const;

describe.each(bindings)('%s', (kind) => {
  const isValidating = kind === 'validatingadmissionpolicybindings';
  const given = {
    metadata: { name: 'b' },
    spec: { policyName: 'p', ...(isValidating ? { validationActions: ['Deny'] } : {}) },
  };
  const bind = (changes: Record<string, unknown>): ReturnType<typeof runCreate> =>
    runCreate(`${group}/${kind}`, changed<object>(given, changes));

  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [{ 'spec.policyName': '' }, 'spec.policyName: Required value'],
    [{ 'spec.policyName': 'A' }, `spec.policyName: Invalid value: "A": ${subdomain}`],
    [
      { 'spec.paramRef': {} },
      'spec.paramRef: Required value: one of name or selector must be specified',
      'spec.paramRef.parameterNotFoundAction: Required value',
    ],
    [
      { 'spec.paramRef': { name: 'a/b', selector: {}, parameterNotFoundAction: 'Ask' } },
      `spec.paramRef.name: Invalid value: "a/b": may not contain '/'`,
      'spec.paramRef.name: Forbidden: name and selector are mutually exclusive',
      'spec.paramRef.selector: Forbidden: name and selector are mutually exclusive',
      'spec.paramRef.parameterNotFoundAction: Unsupported value: "Ask": supported values: "Deny", "Allow"',
    ],
    [{ 'spec.paramRef': { name: 'a', parameterNotFoundAction: 'Deny' } }],
    [
      { 'spec.matchResources': { matchPolicy: 'x' } },
      'spec.matchResources.matchPolicy: Unsupported value: "x": supported values: "Equivalent", "Exact"',
    ],
    [
      { 'spec.matchResources': { resourceRules: [{ ...rule, operations: ['DELETE'] }] } },
      ...(isValidating
        ? []
        : [
            'spec.matchResources.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
          ]),
    ],
  ])('with %j', (changes, ...messages) => {
    expect(bind(changes).refusals).toEqual(messages);
  });

  it('default what they match, and count changes', () => {
    const old = bind({ 'spec.matchResources': {} }).object;
    expect(old).toMatchObject({
      metadata: { generation: 1 },
      spec: { matchResources: { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} } },
    });
    const updated = runUpdate(`${group}/${kind}`, old, changed(old, { 'spec.policyName': 'q' }));
    expect([updated.refusals, updated.object.metadata.generation]).toEqual([[], 2]);
  });
});

describe('bindings of validating policies', () => {
  it.each<[string[], ...string[]]>([
    [[], 'spec.validationActions: Required value: at least one validation action is required'],
    [
      ['Deny', 'Warn'],
      'spec.validationActions: Invalid value: ["Deny","Warn"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
    ],
    [['Warn', 'Audit']],
    [['Audit', 'Audit'], 'spec.validationActions[1]: Duplicate value: "Audit"'],
    [['Shout'], 'spec.validationActions[0]: Unsupported value: "Shout": supported values: "Audit", "Deny", "Warn"'],
  ])('act by %j', (actions, ...messages) => {
    const binding = { metadata: { name: 'b' }, spec: { policyName: 'p', validationActions: actions } };
    expect(runCreate(`${group}/validatingadmissionpolicybindings`, binding).refusals).toEqual(messages);
  });
});

import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../testing/run-strategy';

const group = 'admissionregistration.k8s.io';
const kinds = ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'] as const;
const rule = { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] };
const given = {
  metadata: { name: 'c' },
  webhooks: [
    {
      name: 'a.example.com',
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      clientConfig: { url: 'https://127.0.0.1:1/x' },
      rules: [rule],
    },
  ],
};

const create = (kind: string, changes: Record<string, unknown> = {}): ReturnType<typeof runCreate> =>
  runCreate(`${group}/${kind}`, changed(given, changes));

describe.each(kinds)('%s', (kind) => {
  it('have the defaults of the API', () => {
    const { object } = create(kind, { 'webhooks.0.clientConfig': { service: { name: 's', namespace: 'n' } } });
    expect(object).toMatchObject({
      metadata: { generation: 1 },
      webhooks: [
        {
          failurePolicy: 'Fail',
          matchPolicy: 'Equivalent',
          namespaceSelector: {},
          objectSelector: {},
          timeoutSeconds: 10,
          rules: [{ scope: '*' }],
          clientConfig: { service: { port: 443 } },
          ...(kind === 'mutatingwebhookconfigurations' ? { reinvocationPolicy: 'Never' } : {}),
        },
      ],
    });
  });

  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [{ webhooks: [] }],
    [{ name: '' }, 'webhooks[0].name: Required value'],
    [
      { name: 'a.b' },
      'webhooks[0].name: Invalid value: "a.b": should be a domain with at least three segments separated by dots',
    ],
    [
      { name: 'A.b.c' },
      `webhooks[0].name: Invalid value: "A.b.c": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    ],
    [{ rules: [{ ...rule, operations: [] }] }, 'webhooks[0].rules[0].operations: Required value'],
    [
      { rules: [{ ...rule, operations: ['*', 'CREATE'] }] },
      `webhooks[0].rules[0].operations: Invalid value: ["*","CREATE"]: if '*' is present, must not specify other operations`,
    ],
    [
      { rules: [{ ...rule, operations: ['READ'] }] },
      'webhooks[0].rules[0].operations[0]: Unsupported value: "READ": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
    ],
    [
      { rules: [{}] },
      'webhooks[0].rules[0].operations: Required value',
      'webhooks[0].rules[0].apiGroups: Required value',
      'webhooks[0].rules[0].apiVersions: Required value',
      'webhooks[0].rules[0].resources: Required value',
    ],
    [
      { rules: [{ ...rule, apiGroups: ['*', 'apps'] }] },
      `webhooks[0].rules[0].apiGroups: Invalid value: ["*","apps"]: if '*' is present, must not specify other API groups`,
    ],
    [
      { rules: [{ ...rule, apiVersions: ['v1', '*'] }] },
      `webhooks[0].rules[0].apiVersions: Invalid value: ["v1","*"]: if '*' is present, must not specify other API versions`,
    ],
    [{ rules: [{ ...rule, apiVersions: [''] }] }, 'webhooks[0].rules[0].apiVersions[0]: Required value'],
    [{ rules: [{ ...rule, apiGroups: [''] }] }],
    [{ rules: [{ ...rule, resources: [''] }] }, 'webhooks[0].rules[0].resources[0]: Required value'],
    [
      { rules: [{ ...rule, resources: ['pods/*', 'pods/log'] }] },
      `webhooks[0].rules[0].resources[1]: Invalid value: "pods/log": if 'pods/*' is present, must not specify pods/log`,
    ],
    [
      { rules: [{ ...rule, resources: ['*/scale', 'deployments/scale'] }] },
      `webhooks[0].rules[0].resources[1]: Invalid value: "deployments/scale": if '*/scale' is present, must not specify deployments/scale`,
    ],
    [
      { rules: [{ ...rule, resources: ['*/*', 'pods'] }] },
      `webhooks[0].rules[0].resources: Invalid value: ["*/*","pods"]: if '*/*' is present, must not specify other resources`,
    ],
    [
      { rules: [{ ...rule, resources: ['*', 'pods'] }] },
      `webhooks[0].rules[0].resources: Invalid value: ["*","pods"]: if '*' is present, must not specify other resources without subresources`,
    ],
    [{ rules: [{ ...rule, resources: ['pods', '*'] }] }],
    [{ rules: [{ ...rule, resources: ['*', 'pods/log'] }] }],
    [
      { rules: [{ ...rule, scope: 'Local' }] },
      'webhooks[0].rules[0].scope: Unsupported value: "Local": supported values: "*", "Cluster", "Namespaced"',
    ],
    [
      { failurePolicy: 'Retry' },
      'webhooks[0].failurePolicy: Unsupported value: "Retry": supported values: "Fail", "Ignore"',
    ],
    [
      { matchPolicy: 'Loose' },
      'webhooks[0].matchPolicy: Unsupported value: "Loose": supported values: "Equivalent", "Exact"',
    ],
    [{ sideEffects: null }, 'webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun'],
    [{ sideEffects: undefined }, 'webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun'],
    [
      { sideEffects: 'Some' },
      'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
    ],
    [
      { timeoutSeconds: 0 },
      'webhooks[0].timeoutSeconds: Invalid value: 0: the timeout value must be between 1 and 30 seconds',
    ],
    [{ timeoutSeconds: 30 }],
    [
      { namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'Is' }] } },
      'webhooks[0].namespaceSelector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator',
    ],
    [
      { objectSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } },
      "webhooks[0].objectSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    ],
    [{ clientConfig: {} }, 'webhooks[0].clientConfig: Required value: exactly one of url or service is required'],
    [
      { clientConfig: { url: 'https://a', service: { name: 's', namespace: 'n', port: 1 } } },
      'webhooks[0].clientConfig: Required value: exactly one of url or service is required',
    ],
    [
      { clientConfig: { url: '' } },
      `webhooks[0].clientConfig.url: Invalid value: "": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
      'webhooks[0].clientConfig.url: Invalid value: "": host must be specified; desired format: https://host[/path]',
    ],
    [
      { clientConfig: { url: 'https://u:p@a/?q=1#f' } },
      'webhooks[0].clientConfig.url: Invalid value: "u:p": user information is not permitted in the URL',
      'webhooks[0].clientConfig.url: Invalid value: "f": fragments are not permitted in the URL',
      'webhooks[0].clientConfig.url: Invalid value: "q=1": query parameters are not permitted in the URL',
    ],
    [
      { clientConfig: { url: 'https://a:b' } },
      'webhooks[0].clientConfig.url: Required value: url must be a valid URL: parse "https://a:b": invalid port ":b" after host; desired format: https://host[/path]',
    ],
    // Upstream tells of the other one.
    [{ clientConfig: { service: { namespace: 'n' } } }, 'webhooks[0].clientConfig.service.namespace: Required value'],
    [{ clientConfig: { service: { name: 's' } } }, 'webhooks[0].clientConfig.service.name: Required value'],
    [
      { clientConfig: { service: { name: 's', namespace: 'n', port: 0, path: 'a//B' } } },
      'webhooks[0].clientConfig.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive',
      `webhooks[0].clientConfig.service.path: Invalid value: "a//B": must start with a '/'`,
      'webhooks[0].clientConfig.service.path: Invalid value: "a//B": segment[0] may not be empty',
      'webhooks[0].clientConfig.service.path: Invalid value: "a//B": segment[1] may not be empty',
      `webhooks[0].clientConfig.service.path: Invalid value: "a//B": segment[2]: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    ],
    [
      { clientConfig: { service: { name: 's', namespace: 'n', path: '//' } } },
      'webhooks[0].clientConfig.service.path: Invalid value: "//": segment[0] may not be empty',
    ],
    [{ clientConfig: { service: { name: 's', namespace: 'n', path: '/a/b/' } } }],
    [
      { admissionReviewVersions: [] },
      'webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1',
    ],
    [
      { admissionReviewVersions: ['v2', 'v2'] },
      'webhooks[0].admissionReviewVersions[1]: Invalid value: "v2": duplicate version',
      'webhooks[0].admissionReviewVersions: Invalid value: ["v2","v2"]: must include at least one of v1, v1beta1',
    ],
    [
      { matchConditions: [{ name: '', expression: ' ' }] },
      'webhooks[0].matchConditions[0].expression: Required value',
      'webhooks[0].matchConditions[0].name: Required value',
    ],
    [
      {
        matchConditions: [
          { name: 'a', expression: 'true' },
          { name: 'a', expression: ' request.operation ' },
        ],
      },
      'webhooks[0].matchConditions[1].expression: Invalid value: "request.operation": must evaluate to bool but got string',
      'webhooks[0].matchConditions[1].name: Duplicate value: "a"',
    ],
    [
      { matchConditions: [{ name: 'p', expression: 'params.x' }] },
      `webhooks[0].matchConditions[0].expression: Invalid value: "params.x": compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')\n | params.x\n | ^`,
    ],
    [
      { matchConditions: Array.from({ length: 65 }, (_, i) => ({ name: `c${String(i)}`, expression: 'true' })) },
      'webhooks[0].matchConditions: Too many: 65: must have at most 64 items',
    ],
  ])('with %j', (changes, ...messages) => {
    const ofWebhook = Object.fromEntries(
      Object.entries(changes).map(([field, value]) => [`webhooks.0.${field}`, value]),
    );
    expect(create(kind, 'webhooks' in changes ? changes : ofWebhook).refusals).toEqual(messages);
  });

  it('have webhooks of different names', () => {
    const [webhook] = given.webhooks;
    expect(create(kind, { webhooks: [webhook, webhook] }).refusals).toEqual([
      'webhooks[1].name: Duplicate value: "a.example.com"',
    ]);
  });

  it('keep what was stored before it was refused', () => {
    const old = create(kind, {
      'webhooks.0.sideEffects': 'Some',
      'webhooks.0.admissionReviewVersions': ['v2'],
      'webhooks.0.matchConditions': [{ name: 'a', expression: 'nonsense' }],
      'webhooks.0.objectSelector': { matchLabels: { a: 'b c' } },
    }).object;
    const again = (changes: Record<string, unknown>): readonly string[] =>
      runUpdate(`${group}/${kind}`, old, changed(old, { 'webhooks.0.timeoutSeconds': 5, ...changes })).refusals;
    expect(again({ 'webhooks.0.sideEffects': 'Unknown', 'webhooks.0.objectSelector': {} })).toEqual([]);
    expect(again({ 'webhooks.0.sideEffects': 'Any', 'webhooks.0.objectSelector': {} })).toEqual([
      'webhooks[0].sideEffects: Unsupported value: "Any": supported values: "None", "NoneOnDryRun", "Some", "Unknown"',
    ]);
    expect(
      again({
        'webhooks.0.objectSelector': {},
        'webhooks.0.matchConditions': [{ name: 'b', expression: 'nonsense' }],
      }),
    ).toHaveLength(1);
  });

  it('count changes of their webhooks', () => {
    const old = create(kind).object;
    const generation = (changes: Record<string, unknown>): number | undefined =>
      runUpdate(`${group}/${kind}`, old, changed(old, changes)).object.metadata.generation;
    expect(generation({ 'metadata.labels': { a: 'b' } })).toBe(1);
    expect(generation({ 'webhooks.0.failurePolicy': 'Ignore' })).toBe(2);
  });

  it('warn of names that are kept for files', () => {
    const text =
      'metadata.name: names ending with ".static.k8s.io" will be reserved for static manifest-based configurations when the ManifestBasedAdmissionControlConfig feature gate is enabled';
    const { object, warnings } = create(kind, { 'metadata.name': 'a.static.k8s.io' });
    expect(warnings).toEqual([text]);
    expect(runUpdate(`${group}/${kind}`, object, object).warnings).toEqual([text]);
  });
});

describe('mutating webhooks', () => {
  it('are called again as they say', () => {
    expect(create('mutatingwebhookconfigurations', { 'webhooks.0.reinvocationPolicy': 'Always' }).refusals).toEqual([
      'webhooks[0].reinvocationPolicy: Unsupported value: "Always": supported values: "IfNeeded", "Never"',
    ]);
  });
});

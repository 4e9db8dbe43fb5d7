import { failure, type GroupVersionKind, StatusError } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import type { DiscoveredResource } from '../discovery/discover-resources';
import { checkTypes } from './check-types';
import { schemaSource } from './schema-source';

const served: readonly DiscoveredResource[] = [
  { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true, verbs: [] },
  { group: '', version: 'v1', resource: 'secrets', kind: 'Secret', namespaced: true, verbs: [] },
  { group: 'apps', version: 'v1', resource: 'deployments', kind: 'Deployment', namespaced: true, verbs: [] },
];
const of = (
  group: string,
  version: string,
  kind: string,
): { 'x-kubernetes-group-version-kind': GroupVersionKind[] } => ({
  'x-kubernetes-group-version-kind': [{ group, version, kind }],
});
const ref = (name: string): object => ({ allOf: [{ $ref: `#/components/schemas/${name}` }], default: {} });
const documents: Readonly<Record<string, unknown>> = {
  '/openapi/v3/api/v1': {
    components: {
      schemas: {
        Meta: {
          type: 'object',
          properties: {
            name: { type: 'string' },
            labels: { additionalProperties: { type: 'string' }, type: 'object' },
          },
        },
        Quantity: { oneOf: [{ type: 'string' }, { type: 'number' }] },
        IntOrString: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
        Probe: { type: 'object', properties: { port: ref('IntOrString'), again: ref('Probe') } },
        Pod: {
          ...of('', 'v1', 'Pod'),
          type: 'object',
          properties: {
            metadata: ref('Meta'),
            spec: {
              type: 'object',
              properties: {
                nodeName: { type: 'string' },
                probe: ref('Probe'),
                limits: { type: 'object', additionalProperties: ref('Quantity') },
                containers: { type: 'array', items: { type: 'object', properties: { image: { type: 'string' } } } },
              },
            },
          },
        },
        ConfigMap: {
          ...of('', 'v1', 'ConfigMap'),
          type: 'object',
          properties: { data: { type: 'object', additionalProperties: { type: 'string' } } },
        },
      },
    },
  },
  '/openapi/v3/apis/apps/v1': {
    components: {
      schemas: {
        Deployment: {
          ...of('apps', 'v1', 'Deployment'),
          type: 'object',
          properties: { spec: { type: 'object', properties: { replicas: { type: 'integer', format: 'int32' } } } },
        },
      },
    },
  },
};

/** The warnings of a policy about pods and deployments; what was read of the server. */
async function check(
  spec: object,
  rule: object = {
    apiGroups: ['apps', ''],
    apiVersions: ['v1'],
    resources: ['deployments', 'pods', 'pods/status', '*'],
  },
): Promise<{ warnings: unknown; read: string[] }> {
  const read: string[] = [];
  const schemas = schemaSource({
    request: (_: string, path: string) => {
      read.push(path);
      const document = documents[path];
      return document === undefined
        ? Promise.reject(new StatusError(failure({ code: 404, reason: 'NotFound', message: 'no' })))
        : Promise.resolve(document as never);
    },
  });
  const sources = { served: () => Promise.resolve(served), schemas };
  return { warnings: await checkTypes({ matchConstraints: { resourceRules: [rule] }, ...spec }, sources), read };
}
const pods = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
const expression = (text: string): object => ({ validations: [{ expression: text }] });
const warned = async (text: string, spec: object = {}): Promise<unknown> =>
  ((await check({ ...expression(text), ...spec }, pods)).warnings as { warning: string }[])[0]?.warning;

describe('the types of expressions of policies', () => {
  it('says for each kind, in order, which field it has not', async () => {
    expect(await check(expression('object.replicas > 1'))).toEqual({
      warnings: [
        {
          fieldRef: 'spec.validations[0].expression',
          warning:
            "/v1, Kind=Pod: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n" +
            '\n' +
            "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n",
        },
      ],
      read: ['/openapi/v3/api/v1', '/openapi/v3/apis/apps/v1'],
    });
  });

  it('names the expression that does not fit, messages too', async () => {
    const spec = {
      variables: [
        { name: 'node', expression: 'object.spec.nodeName' },
        { name: 'bad', expression: 'object.spec.nowhere' },
      ],
      validations: [
        {
          expression: "object.spec.containers.all(c, c.image.startsWith('x'))",
          messageExpression: "'is ' + object.kind",
        },
        { expression: 'variables.node == 1', messageExpression: 'object.metadata.title' },
        { expression: 'variables.bad == 1 && oldObject.spec.probe.port == 80 && request.name != params' },
      ],
    };
    const { warnings } = await check(spec, pods);
    expect(
      (warnings as { fieldRef: string; warning: string }[]).map(({ fieldRef, warning }) => [
        fieldRef,
        warning.split('\n')[0],
      ]),
    ).toEqual([
      [
        'spec.validations[1].expression',
        "/v1, Kind=Pod: ERROR: <input>:1:16: found no matching overload for '_==_' applied to '(string, int)'",
      ],
      ['spec.validations[1].messageExpression', "/v1, Kind=Pod: ERROR: <input>:1:16: undefined field 'title'"],
      [
        'spec.validations[2].expression',
        "/v1, Kind=Pod: ERROR: <input>:1:74: undeclared reference to 'params' (in container '')",
      ],
    ]);
  });

  it('knows parameters by their kind, and leaves open what nobody describes', async () => {
    const paramKind = (kind: string): object => ({ paramKind: { apiVersion: 'v1', kind } });
    expect(await warned("params.data['max'] != ''", paramKind('ConfigMap'))).toBeUndefined();
    expect(await warned('params.max > 1', paramKind('ConfigMap'))).toMatch(/undefined field 'max'/);
    expect(await warned('params.max > 1', paramKind('Unknown'))).toMatch(/undeclared reference to 'params'/);
    expect(await warned("authorizer.group('').resource('pods').check('get').allowed()")).toBeUndefined();
  });

  it('takes a reference that leads back to itself for an object without fields, and values of no type for no fields', async () => {
    expect(await warned('has(object.spec.probe.again)')).toBeUndefined();
    expect(await warned('object.spec.probe.again.port == 1')).toMatch(/undefined field 'port'/);
    // As upstream, whose schema of a quantity has no type.
    expect(await warned('has(object.spec.limits)')).toMatch(/undefined field 'limits'/);
  });

  it('asks nothing of the server for rules that are left open', async () => {
    const nothing = { warnings: [], read: [] };
    const bad = expression('object.nothing');
    expect(await check(bad, { ...pods, apiGroups: ['*'] })).toEqual(nothing);
    expect(await check(bad, { ...pods, apiVersions: ['v1', '*'] })).toEqual(nothing);
    expect(await check(bad, { ...pods, resources: ['*', 'pods/status'] })).toEqual(nothing);
    expect(await check(bad, { ...pods, resources: ['nobodies'] })).toEqual(nothing);
    expect(await check({ ...bad, matchConstraints: {} })).toEqual(nothing);
    expect((await check(bad, { ...pods, resources: ['secrets'] })).warnings).toEqual([]);
  });
});

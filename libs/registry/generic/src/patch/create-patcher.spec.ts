import { describe, expect, it } from 'vitest';
import { type FieldValidation, createDecoder, createKindRegistry } from '@reckon/api/kinds';
import type { KubeObject } from '@reckon/api/machinery';
import { statusOf } from '../testing/registry-fixture.suite';
import { type PatchType, type Patched, createPatcher } from './create-patcher';

const kinds = createKindRegistry();
const decoder = createDecoder(kinds);
const expected = { group: '', version: 'v1', kind: 'ConfigMap' };

const current = (): KubeObject => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name: 'a', labels: { x: '<1>' } },
  data: { k: 'v' },
});
const patch = (type: PatchType, body: string, fieldValidation: FieldValidation = ''): Patched =>
  createPatcher({ type, body: Buffer.from(body), fieldValidation, kinds, decoder, expected })(current());

describe('patcher', () => {
  it.each<[PatchType, string]>([
    ['json', '[{"op":"add","path":"/data/n","value":"1"},{"op":"remove","path":"/data/k"}]'],
    ['merge', '{"data":{"n":"1","k":null}}'],
    ['strategic', '{"data":{"n":"1","k":null}}'],
  ])('applies a %s patch', (type, body) => {
    expect(patch(type, body)).toEqual({ object: { ...current(), data: { n: '1' } }, warnings: [] });
  });

  it.each<[PatchType, string]>([
    ['merge', '{"z":1,"b":{"y":[{"d":1,"c":null,"b":2}]}}'],
    [
      'json',
      '[{"op":"add","path":"/z","value":1},{"op":"add","path":"/b","value":{}},{"op":"add","path":"/b/y","value":[{"b":2,"d":1}]}]',
    ],
  ])('tells of unknown fields of a %s patch in the order in which Go reads them', async (type, body) => {
    const { warnings } = patch(type, body);
    expect(warnings).toEqual(['unknown field "b"', 'unknown field "z"']);
    expect(await statusOf(() => patch(type, body, 'Strict'))).toMatchObject({
      details: {
        causes: [
          {
            message:
              'Invalid value: "{\\"apiVersion\\":\\"v1\\",\\"b\\":{\\"y\\":[{\\"b\\":2,\\"d\\":1}]},\\"data\\":{\\"k\\":\\"v\\"},\\"kind\\":\\"ConfigMap\\",\\"metadata\\":{\\"name\\":\\"a\\",\\"labels\\":{\\"x\\":\\"\\\\u003c1\\\\u003e\\"}},\\"z\\":1}": strict decoding error: unknown field "b", unknown field "z"',
          },
        ],
      },
    });
  });

  it.each<[PatchType, string]>([
    ['merge', '{"metadata":{"labels":{"y":"2"}},"spec":{"replicas":2}}'],
    ['strategic', '{"metadata":{"labels":{"y":"2"}},"spec":{"replicas":2}}'],
  ])('gives what a %s patch leaves alone as it is, and copies of all else', (type, body) => {
    const deployment = (): KubeObject => ({
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: { name: 'a', annotations: { b: 'c' } },
      spec: {
        replicas: 1,
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: {}, spec: { containers: [] } },
      },
      status: { replicas: 1 },
    });
    const before = deployment();
    const row = { group: 'apps', version: 'v1', kind: 'Deployment' };
    const patcher = createPatcher({
      type,
      body: Buffer.from(body),
      fieldValidation: '',
      kinds,
      decoder,
      expected: row,
    });
    const { object } = patcher(before);
    expect(object['status']).toBe(before['status']);
    expect(object.metadata).toEqual({ name: 'a', labels: { y: '2' }, annotations: { b: 'c' } });
    Object.assign(object.metadata.annotations ?? {}, { b: 'other' });
    Object.assign((object['spec'] as { selector: object }).selector, { matchLabels: {} });
    expect(before).toEqual(deployment());
  });

  it('copies all where a directive may mean anything', () => {
    const body = '{"$retainKeys":["kind","apiVersion","metadata","data"],"metadata":{"name":"a"}}';
    const before = { ...current(), immutable: true };
    const patcher = createPatcher({
      type: 'strategic',
      body: Buffer.from(body),
      fieldValidation: '',
      kinds,
      decoder,
      expected,
    });
    expect(patcher(before).object).toEqual(current());
    expect(before).toEqual({ ...current(), immutable: true });
  });

  it('can be applied again', () => {
    const patcher = createPatcher({
      type: 'strategic',
      body: Buffer.from('{"metadata":{"$retainKeys":["name"],"name":"a"}}'),
      fieldValidation: '',
      kinds,
      decoder,
      expected,
    });
    for (let i = 0; i < 2; i++) expect(patcher(current()).object.metadata).toEqual({ name: 'a' });
  });

  it.each<{ type: PatchType; body: string; message: string }>([
    { type: 'merge', body: '{"data"', message: 'error decoding patch: unexpected end of JSON input' },
    {
      type: 'merge',
      body: '[]',
      message: 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    },
    { type: 'merge', body: 'null', message: 'Invalid JSON Patch' },
    { type: 'strategic', body: '{"data"', message: 'unexpected end of JSON input' },
    {
      type: 'strategic',
      body: '"x"',
      message: 'json: cannot unmarshal string into Go value of type map[string]interface {}',
    },
    {
      type: 'json',
      body: '{"op":"add"}',
      message: 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    },
    {
      type: 'json',
      body: '["x"]',
      message: 'error decoding patch: json: cannot unmarshal string into Go value of type handlers.jsonPatchOp',
    },
    {
      type: 'json',
      body: '[{"op":1}]',
      message: 'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string',
    },
    { type: 'json', body: 'x', message: "error decoding patch: invalid character 'x' looking for beginning of value" },
  ])('refuses $body as a $type patch', async ({ type, body, message }) => {
    expect(await statusOf(() => patch(type, body))).toMatchObject({ code: 400, reason: 'BadRequest', message });
  });

  it('limits the operations of a JSON patch', async () => {
    const operations = JSON.stringify(Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/x', value: null })));
    expect(await statusOf(() => patch('json', operations))).toMatchObject({
      code: 413,
      message: expect.stringContaining('The allowed maximum operations in a JSON patch is 10000, got 10001'),
    });
  });

  it.each<{ type: PatchType; body: string; warnings: string[]; shown: string }>([
    {
      type: 'merge',
      body: '{"dta":1,"data":{"k":"1","k":"2"}}',
      warnings: ['duplicate field "data.k"', 'unknown field "dta"'],
      shown: String.raw`{\"apiVersion\":\"v1\",\"data\":{\"k\":\"2\"},\"dta\":1,\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\",\"labels\":{\"x\":\"\\u003c1\\u003e\"}}}`,
    },
    {
      type: 'strategic',
      body: '{"dta":{"x":[1,null,0.5]}}',
      warnings: ['unknown field "dta"'],
      shown: 'map[dta:map[x:[1 <nil> 0.5]]]',
    },
    {
      type: 'json',
      body: '[{"op":"add","path":"/dta","value":1,"x":1}]',
      warnings: ['json patch unknown field "[0].x"', 'unknown field "dta"'],
      shown: String.raw`{\"apiVersion\":\"v1\",\"data\":{\"k\":\"v\"},\"dta\":1,\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\",\"labels\":{\"x\":\"\\u003c1\\u003e\"}}}`,
    },
  ])(
    'warns of unknown and duplicate fields in a $type patch, or refuses them',
    async ({ type, body, warnings, shown }) => {
      expect(patch(type, body).warnings).toEqual(warnings);
      expect(patch(type, body, 'Warn').warnings).toEqual(warnings);
      expect(patch(type, body, 'Ignore').warnings).toEqual([]);
      const why = `Invalid value: "${shown}": strict decoding error: ${warnings.join(', ')}`;
      expect(await statusOf(() => patch(type, body, 'Strict'))).toMatchObject({
        code: 422,
        reason: 'Invalid',
        message: ` "" is invalid: patch: ${why}`,
        details: { causes: [{ reason: 'FieldValueInvalid', message: why, field: 'patch' }] },
      });
    },
  );

  it.each([
    ['{"kind":"Secret"}', 'converting (v1.Secret) to (core.ConfigMap): unknown conversion'],
    [
      '{"kind":"Deployment","apiVersion":"apps/v1"}',
      'converting (v1.Deployment) to (core.ConfigMap): unknown conversion',
    ],
    [
      '{"kind":"Mop"}',
      String.raw`no kind "Mop" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    ],
    [
      '{"apiVersion":"v3"}',
      String.raw`no kind "ConfigMap" is registered for version "v3" in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    ],
    ['{"apiVersion":"a/b/c"}', 'unexpected GroupVersion string: a/b/c'],
  ])('makes no other kind of an object by %s', async (body, why) => {
    const { kind, apiVersion } = { ...current(), ...(JSON.parse(body) as { kind?: string; apiVersion?: string }) };
    const operations = JSON.stringify([
      { op: 'replace', path: '/kind', value: kind },
      { op: 'replace', path: '/apiVersion', value: apiVersion },
    ]);
    for (const [type, sent] of [
      ['merge', body],
      ['json', operations],
    ] as const)
      expect(await statusOf(() => patch(type, sent))).toMatchObject({
        code: 422,
        message: expect.stringMatching(/^ "" is invalid: patch: Invalid value: "\{/),
        details: { causes: [{ message: expect.stringContaining(`": ${why}`) }] },
      });
    // A strategic merge is of the type that it began with, whatever it is called.
    expect(patch('strategic', body).object).toEqual(current());
  });

  it.each<[string, string]>([
    ['{"data":"x"}', 'cannot restore map from string'],
    ['{"data":{"k":1}}', 'cannot convert int64 to string'],
    ['{"data":{"k":true}}', 'unrecognized type: string'],
    ['{"metadata":{"finalizers":{"a":"b"}}}', 'cannot restore slice from map'],
    ['{"metadata":[1]}', 'cannot restore struct from: slice'],
    ['{"immutable":"yes"}', 'unrecognized type: bool'],
    ['{"metadata":{"generation":1.5}}', 'cannot convert float64 to int64'],
  ])('says of the strategic patch %s: %s', async (body, why) => {
    expect((await statusOf(() => patch('strategic', body))).message).toMatch(
      new RegExp(`^ "" is invalid: patch: Invalid value: "map\\[.*": ${why}$`),
    );
  });

  it('says what JSON decoding says of other patches', async () => {
    expect((await statusOf(() => patch('merge', '{"data":"x"}'))).message).toMatch(
      /: json: cannot unmarshal string into Go struct field ConfigMap\.data of type map\[string\]string$/,
    );
  });
});

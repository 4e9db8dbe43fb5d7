import { createDecoder, createKindRegistry, stringifyObject } from '@reckon/api/kinds';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RawReply, RawClient, type ReckonProcess, startReckon } from '@reckon/testkit';
import { faultOf } from './fuzz-answer';

const maps = '/api/v1/namespaces/default/configmaps';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const revisions = '/apis/apps/v1/namespaces/default/controllerrevisions';
const json = 'application/json';
const yaml = 'application/yaml';
const protobuf = 'application/vnd.kubernetes.protobuf';
const mergePatch = 'application/merge-patch+json';
const strategicPatch = 'application/strategic-merge-patch+json';
const jsonPatch = 'application/json-patch+json';
const applyPatch = 'application/apply-patch+yaml';

/** `depth` objects, one in the other. */
const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const lists = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const mapOf = (rest: string, name = 'bomb'): string =>
  `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"}${rest}}`;
const mebibyte = 2 ** 20;

describe('a body that is made to do harm', () => {
  const kinds = createKindRegistry();
  let reckon: ReckonProcess;
  let client: RawClient;

  beforeAll(async () => {
    reckon = await startReckon({ flags: ['--nodes', '0'], env: { NODE_OPTIONS: '--max-old-space-size=256' } });
    client = RawClient.of(reckon.kubeconfig);
    expect((await post(mapOf(',"data":{"a":"1"}', 'there'))).status).toBe(201);
  });
  afterAll(async () => {
    client.close();
    await reckon.dispose();
    expect(reckon.output()).not.toContain('request failed');
  });

  const send = async (method: string, path: string, body: string | Buffer, contentType: string): Promise<RawReply> => {
    const reply = await client.send(method, path, { body, headers: { 'content-type': contentType } });
    const about = { status: reply.status, contentType: reply.headers['content-type'] ?? '', body: reply.bytes };
    expect(faultOf(kinds, about), reply.text.slice(0, 500)).toBeUndefined();
    return reply;
  };
  const post = (body: string | Buffer, contentType = json, path = maps): Promise<RawReply> =>
    send('POST', path, body, contentType);
  const patch = (body: string, contentType: string, path = `${maps}/there`): Promise<RawReply> =>
    send('PATCH', path, body, contentType);
  /** `400 <message>` of a refusal. */
  const told = (reply: RawReply): string => `${String(reply.status)} ${(reply.body as { message: string }).message}`;

  it.each([
    ['JSON', () => post(mapOf(`,"x":${nested(50_000)}`))],
    ['lists', () => post(mapOf(`,"x":${lists(500_000)}`))],
    ['lists without an end', () => post('['.repeat(3 * mebibyte - 1))],
    ['objects without an end', () => post('{"a":'.repeat(600_000))],
    ['YAML in flow', () => post(mapOf(`,"x":${nested(50_000)}`), yaml)],
    ['YAML in blocks', () => post('- '.repeat(100_000), yaml)],
    ['a raw value', () => post(`{"metadata":{"name":"deep"},"revision":1,"data":${nested(20_000)}}`, json, revisions)],
    ['a merge patch', () => patch(`{"data":${nested(50_000)}}`, mergePatch)],
    ['a strategic patch', () => patch(`{"data":${nested(50_000)}}`, strategicPatch)],
    ['a JSON patch', () => patch(`[{"op":"add","path":"/data/b","value":${nested(50_000)}}]`, jsonPatch)],
    ['an apply', () => patch(mapOf(`,"data":${nested(50_000)}`, 'there'), applyPatch, `${maps}/there?fieldManager=f`)],
    ['options of a deletion', () => send('DELETE', `${maps}/there`, nested(50_000), json)],
  ])('is refused where it nests without end: %s', async (_, run) => {
    expect((await run()).status).toBe(400);
  });

  it.each([490, 100])('is stored, read, patched and watched where a raw value nests %i deep', async (depth) => {
    const name = `deep-${String(depth)}`;
    const made = await post(`{"metadata":{"name":"${name}"},"revision":1,"data":${nested(depth)}}`, json, revisions);
    expect(made.status, made.text.slice(0, 300)).toBe(201);
    expect((made.body as { data: unknown }).data).toEqual(JSON.parse(nested(depth)));
    const path = `${revisions}/${name}`;
    for (const type of [mergePatch, strategicPatch])
      expect((await patch(`{"metadata":{"labels":{"a":"${type.length.toString()}"}}}`, type, path)).status).toBe(200);
    const applied = `{"apiVersion":"apps/v1","kind":"ControllerRevision","metadata":{"name":"${name}"},"revision":2}`;
    expect((await patch(applied, applyPatch, `${path}?fieldManager=f&force=true`)).status).toBe(200);
    for (const accept of [json, yaml, protobuf, `${json};as=Table;g=meta.k8s.io;v=v1`]) {
      const read = await client.send('GET', path, { headers: { accept } });
      expect([accept, read.status]).toEqual([accept, 200]);
    }
    expect((await client.send('DELETE', path)).status).toBe(200);
  });

  it('is refused with 413 from 3 MiB on, in every form', async () => {
    const long = 'x'.repeat(3 * mebibyte + 1);
    for (const type of [json, yaml, protobuf]) expect((await post(long, type)).status).toBe(413);
    for (const type of [mergePatch, strategicPatch, jsonPatch, applyPatch])
      expect((await patch(long, type, `${maps}/there?fieldManager=f`)).status).toBe(413);
    expect((await send('PUT', `${maps}/there`, long, json)).status).toBe(413);
    expect((await send('DELETE', `${maps}/there`, long, json)).status).toBe(413);
  });

  it('is refused where what a ConfigMap or a Secret holds is over 1 MiB', async () => {
    expect(told(await post(mapOf(`,"data":{"a":"${'x'.repeat(mebibyte + 1)}"}`)))).toBe(
      '422 ConfigMap "bomb" is invalid: []: Too long: may not be more than 1048576 bytes',
    );
    const most = await post(mapOf(`,"data":{"a":"${'x'.repeat(mebibyte - 1)}"}`, 'most'));
    expect(most.status).toBe(201);
    expect((await client.send('DELETE', `${maps}/most`)).status).toBe(200);
  });

  it('is refused where annotations are over 256 KiB together, and taken with ten thousand short ones', async () => {
    const annotated = (count: number, length: number): string =>
      JSON.stringify({
        metadata: {
          name: 'annotated',
          annotations: Object.fromEntries(
            Array.from({ length: count }, (_, i) => [`k${String(i)}`, 'v'.repeat(length)]),
          ),
        },
      });
    expect(told(await post(annotated(10_000, 40)))).toBe(
      '422 ConfigMap "annotated" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes',
    );
    expect((await post(annotated(10_000, 10))).status).toBe(201);
    const more = JSON.stringify({ metadata: { annotations: { more: 'v'.repeat(200_000) } } });
    expect((await patch(more, mergePatch, `${maps}/annotated`)).status).toBe(422);
    expect((await client.send('DELETE', `${maps}/annotated`)).status).toBe(200);
  });

  it('is read in time where a list or a map has a hundred thousand members, or a name is a megabyte long', async () => {
    const list = `[${'1,'.repeat(300_000)}1]`;
    expect((await post(mapOf(`,"x":${list}`, 'list'))).status).toBe(201);
    const members = Array.from({ length: 100_000 }, (_, i) => `"k${String(i)}":1`).join(',');
    expect((await post(mapOf(`,"x":{${members}}`, 'members'))).status).toBe(201);
    expect((await post(mapOf(`,${members}`, 'unknown'))).status).toBe(201);
    expect((await post(mapOf(`,"data":{${members}}`))).status).toBe(400);
    expect((await post(mapOf('', 'n'.repeat(mebibyte)))).status).toBe(422);
    expect((await post(mapOf(`,"${'x'.repeat(2 * mebibyte)}":1`, 'key'))).status).toBe(201);
    const finalizers = Array.from({ length: 50_000 }, (_, i) => `"example.com/${String(i)}"`).join(',');
    expect((await patch(`{"metadata":{"finalizers":[${finalizers},"no"]}}`, strategicPatch)).status).toBe(422);
    const test = Array.from({ length: 9_000 }, () => '{"op":"test","path":"/data/a","value":"1"}').join(',');
    expect((await patch(`[${test}]`, jsonPatch)).status).toBe(200);
    expect(told(await patch(`[${test},${test}]`, jsonPatch))).toMatch(
      /^413 Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 18000$/,
    );
    // Two copies of everything in itself make it twice as large.
    const double = '{"op":"copy","from":"/data","path":"/data/b"},{"op":"copy","from":"/data","path":"/data/c"}';
    expect((await patch(`[${Array.from({ length: 40 }, () => double).join(',')}]`, jsonPatch)).status).toBe(422);
    // Each puts it one level deeper.
    const deeper =
      '{"op":"add","path":"/x","value":{}},{"op":"move","from":"/data","path":"/x/a"},{"op":"move","from":"/x","path":"/data"}';
    expect((await patch(`[${Array.from({ length: 3000 }, () => deeper).join(',')}]`, jsonPatch)).status).toBe(422);
  });

  it.each([
    [
      'laughs',
      Array.from(
        { length: 9 },
        (_, i) => `a${String(i)}: &a${String(i)} [${(i === 0 ? 'x,' : `*a${String(i - 1)},`).repeat(9)}]\n`,
      ).join(''),
      'yaml: document contains excessive aliasing',
    ],
    ['a ring', 'data: &d {a: *d}\n', "yaml: anchor 'd' value contains itself"],
    ['an alias of nothing', 'data: *d\n', "yaml: unknown anchor 'd' referenced"],
    ['no base64', 'data: {a: !!binary "%"}\n', 'yaml: !!binary value contains invalid base64 data'],
    ['a list as key', '? [a]\n: b\n', 'yaml: invalid map key: []interface {}{"a"}'],
    ['infinity', 'data: {a: .inf}\n', 'json: unsupported value: +Inf'],
  ])('is refused as YAML with %s', async (_, text, message) => {
    expect(told(await post(`metadata:\n  name: bomb\n${text}`, yaml))).toContain(
      `(must be of type ConfigMap): ${message} (`,
    );
    const applied = await patch(`apiVersion: v1\nkind: ConfigMap\n${text}`, applyPatch, `${maps}/there?fieldManager=f`);
    expect(told(applied)).toBe(`400 error decoding YAML: error converting YAML to JSON: ${message}`);
  });

  it('is taken as YAML with anchors, merges and other documents', async () => {
    const text =
      'base: &base {a: one, b: two}\nmetadata: {name: merged}\ndata:\n  <<: *base\n  b: three\n---\nkind: [\n';
    const made = await post(text, yaml);
    expect([made.status, (made.body as { data: unknown }).data]).toEqual([201, { a: 'one', b: 'three' }]);
  });

  describe('in protobuf', () => {
    const { types } = kinds;
    const definition = types.struct('apiextensions/v1.CustomResourceDefinition');
    const plain = kinds.protobuf.message(types.struct('core/v1.ConfigMap'), {
      metadata: { name: 'bomb' },
      data: { a: '1' },
    });
    const varint = (value: number): number[] =>
      value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
    const field = (number: number, bytes: Buffer): Buffer =>
      Buffer.concat([Buffer.from([...varint((number << 3) | 2), ...varint(bytes.length)]), bytes]);
    const typeMeta = field(1, Buffer.concat([field(1, Buffer.from('v1')), field(2, Buffer.from('ConfigMap'))]));
    const envelope = (message: Buffer, meta = typeMeta): Buffer =>
      Buffer.concat([Buffer.from('k8s\0', 'latin1'), meta, field(2, message)]);
    const whole = envelope(plain);

    it('is the object it stands for', async () => {
      expect((await post(whole, protobuf, `${maps}?dryRun=All`)).status).toBe(201);
    });

    it.each<[string, Buffer, string | RegExp]>([
      ['nothing', Buffer.alloc(0), 'empty data'],
      ['magic alone', Buffer.from('k8s\0', 'latin1'), 'empty body'],
      [
        'another magic',
        Buffer.concat([Buffer.from('k9s\0', 'latin1'), whole.subarray(4)]),
        /expected prefix \[107 56 115 0\]/,
      ],
      ['a length beyond its end', envelope(Buffer.from([0x0a, 0x7f, 0x01])), 'unexpected EOF'],
      ['a length of 2 GiB', envelope(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x07])), /unexpected EOF/],
      [
        'a negative length',
        envelope(Buffer.from([0x0a, ...Array.from({ length: 9 }, () => 0xff), 0x01])),
        /negative length|invalid length/,
      ],
      [
        'an endless integer',
        envelope(Buffer.from([0x0a, ...Array.from({ length: 12 }, () => 0xff)])),
        'integer overflow',
      ],
      ['field 0', envelope(Buffer.from([0x00, 0x01])), 'illegal tag 0 (wire type 0)'],
      ['a group that ends unopened', envelope(Buffer.from([0x0c])), 'wiretype end group for non-group'],
      ['a group that never ends', envelope(Buffer.from([0x7b, 0x08, 0x01])), 'unexpected EOF'],
      ['wire type 6', envelope(Buffer.from([0x7e, 0x01])), 'illegal wireType 6'],
      ['wire type 7', envelope(Buffer.from([0x7f, 0x01])), 'illegal wireType 7'],
      ['a number for metadata', envelope(Buffer.from([0x08, 0x01])), 'wrong wireType = 0 for field'],
      ['a cut envelope', whole.subarray(0, whole.length - 3), 'unexpected EOF'],
      [
        'another kind',
        envelope(plain, field(1, Buffer.concat([field(1, Buffer.from('v1')), field(2, Buffer.from('Nope'))]))),
        'no kind "Nope" is registered',
      ],
    ])('is refused with %s', async (_, body, message) => {
      const said = told(await post(body, protobuf));
      expect(said).toMatch(/^400 /);
      if (typeof message === 'string') expect(said).toContain(message);
      else expect(said).toMatch(message);
    });

    it('is refused at every length that it is cut to', async () => {
      for (let length = 0; length < whole.length - 1; length++) {
        const { status } = await post(whole.subarray(0, length), protobuf, `${maps}?dryRun=All`);
        // A whole envelope around no message is an object that says nothing.
        expect([length, status]).toEqual([length, length === 4 + typeMeta.length ? 422 : 400]);
      }
    });

    it('is taken with fields of a newer client, which are passed over', async () => {
      const newer = Buffer.concat([
        field(200, Buffer.from('text')),
        Buffer.from([...varint(201 << 3), 0x96, 0x01]),
        Buffer.from([...varint((202 << 3) | 1), 1, 2, 3, 4, 5, 6, 7, 8]),
        Buffer.from([...varint((203 << 3) | 5), 1, 2, 3, 4]),
        Buffer.from([...varint((204 << 3) | 3), 0x08, 0x01, ...varint((204 << 3) | 4)]),
      ]);
      const reply = await post(envelope(Buffer.concat([newer, plain, newer])), protobuf, `${maps}?dryRun=All`);
      expect([reply.status, (reply.body as { data: unknown }).data]).toEqual([201, { a: '1' }]);
    });

    it('has the replacement character where text is no UTF-8', async () => {
      const entry = Buffer.concat([field(1, Buffer.from('a')), field(2, Buffer.from([0xff, 0xfe]))]);
      const reply = await post(envelope(Buffer.concat([plain, field(2, entry)])), protobuf, `${maps}?dryRun=All`);
      expect([reply.status, (reply.body as { data: unknown }).data]).toEqual([201, { a: '\ufffd\ufffd' }]);
    });

    it('may nest as deep as a schema can, and is refused beyond', async () => {
      const deep = (depth: number): Buffer => {
        let schema: object = { type: 'object' };
        for (let i = 0; i < depth; i++) schema = { type: 'object', not: schema };
        const object = {
          metadata: { name: 'deeps.example.org' },
          spec: {
            group: 'example.org',
            scope: 'Namespaced',
            names: { plural: 'deeps', singular: 'deep', kind: 'Deep', listKind: 'DeepList' },
            versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
          },
        };
        return kinds.protobuf.body(
          { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
          definition,
          object,
        );
      };
      expect([201, 422]).toContain((await post(deep(200), protobuf, `${definitions}?dryRun=All`)).status);
      // One schema in the other, written from the inside.
      const numberOf = (struct: string, name: string): number => types.struct(struct).byName.get(name)?.number ?? 0;
      const tag = varint((numberOf('apiextensions/v1.JSONSchemaProps', 'not') << 3) | 2);
      const shells: Buffer[] = [];
      for (let i = 0, length = 0; i < 300_000; i++) {
        const head = Buffer.from([...tag, ...varint(length)]);
        shells.push(head);
        length += head.length;
      }
      const schema = Buffer.concat(shells.reverse());
      const validation = field(numberOf('apiextensions/v1.CustomResourceValidation', 'openAPIV3Schema'), schema);
      const version = field(numberOf('apiextensions/v1.CustomResourceDefinitionVersion', 'schema'), validation);
      const spec = field(numberOf('apiextensions/v1.CustomResourceDefinitionSpec', 'versions'), version);
      const meta = field(
        1,
        Buffer.concat([
          field(1, Buffer.from('apiextensions.k8s.io/v1')),
          field(2, Buffer.from('CustomResourceDefinition')),
        ]),
      );
      const bomb = envelope(field(2, spec), meta);
      expect(bomb.length).toBeLessThan(3 * mebibyte);
      expect((await post(bomb, protobuf, definitions)).status).toBe(400);
    });
  });

  it('leaves the server as it was', async () => {
    const { text } = await client.send('GET', '/readyz');
    expect(text).toBe('ok');
    const there = await client.send('GET', `${maps}/there`);
    const { object } = createDecoder(kinds).normalize(there.body, {
      expected: { group: '', version: 'v1', kind: 'ConfigMap' },
      strict: true,
    });
    expect(stringifyObject(object['data'])).toBe('{"a":"1"}');
  });
});

import { type GroupVersionKind, StatusError } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { stringifyObject } from '../json/stringify-object';
import { createKindRegistry } from '../kind-registry';
import { openStructType } from '../open-struct';
import { createDecoder, type Decoded } from './decoder';
import { applyFieldValidation } from './field-validation';

const registry = createKindRegistry();
const decoder = createDecoder(registry);
const json = 'application/json';
const yaml = 'application/yaml';
const protobuf = 'application/vnd.kubernetes.protobuf';

const core = (kind: string): GroupVersionKind => ({ group: '', version: 'v1', kind });
const gvk = (group: string, version: string, kind: string): GroupVersionKind => ({ group, version, kind });

function decode(body: string | Buffer, kind: string | GroupVersionKind = 'ConfigMap', contentType = json): Decoded {
  const expected = typeof kind === 'string' ? core(kind) : kind;
  const decoded = decoder.decode(Buffer.from(body), { contentType, expected, strict: true });
  if (decoded instanceof Promise) throw new Error('decoded later');
  return decoded;
}

function refusal(body: string | Buffer, kind: string | GroupVersionKind = 'ConfigMap', contentType = json): string {
  try {
    return `accepted: ${stringifyObject(decode(body, kind, contentType).object)}`;
  } catch (error) {
    if (error instanceof StatusError) return `${String(error.status.code)} ${error.message}`;
    throw error;
  }
}

const unrecognized = (kind: string, why: string, body: string): string =>
  `400 the object provided is unrecognized (must be of type ${kind}): ${why} (${body})`;
const badJson = (why: string, body: string): string =>
  unrecognized('ConfigMap', `couldn't get version/kind; json parse error: ${why}`, body);
const unfit = (kind: string, why: string): string =>
  `400 ${kind} in version "v1" cannot be handled as a ${kind}: ${why}`;
const configMap = (rest: string): string => `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}${rest}}`;
const pod = (spec: string): string => `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":${spec}}`;

describe('decode: the canonical form', () => {
  it.each([
    [
      'fields in Go order, zero values in place, empty ones dropped',
      'Pod',
      '{"status":{},"spec":{"nodeName":"","containers":[{"image":"i","ports":[],"name":"c"}]},"metadata":{"labels":{},"name":"a"},"kind":"Pod","apiVersion":"v1"}',
      '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"i","resources":{}}]},"status":{}}',
    ],
    [
      'no kind, no version',
      'ConfigMap',
      '{"metadata":{"name":"a"}}',
      '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"}}',
    ],
    ['null', 'ConfigMap', 'null', '{"kind":"ConfigMap","apiVersion":"v1","metadata":{}}'],
    [
      'null for a map',
      'ConfigMap',
      configMap(',"data":null'),
      '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"}}',
    ],
    [
      'null in a map of strings',
      'ConfigMap',
      configMap(',"data":{"a":null}'),
      '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":{"a":""}}',
    ],
    [
      'map keys in order',
      'ConfigMap',
      configMap(',"data":{"b":"1","a":"2"}'),
      '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":{"a":"2","b":"1"}}',
    ],
    [
      'pointers keep their zero',
      'Secret',
      '{"apiVersion":"v1","kind":"Secret","metadata":{},"immutable":false,"data":{"a":"AAEC","b":null}}',
      '{"kind":"Secret","apiVersion":"v1","metadata":{},"immutable":false,"data":{"a":"AAEC","b":""}}',
    ],
    [
      'quantities',
      'Pod',
      pod('{"containers":[{"name":"c","resources":{"limits":{"cpu":1,"memory":"1024Mi","x":0.5}}}]}'),
      '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"},"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":"1","memory":"1Gi","x":"500m"}}}]},"status":{}}',
    ],
    [
      'times in UTC',
      'ConfigMap',
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"creationTimestamp":"2026-01-01T02:00:00.5+02:00","deletionTimestamp":null}}',
      '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"creationTimestamp":"2026-01-01T00:00:00Z"}}',
    ],
    [
      'times that are always shown',
      'Event',
      '{"apiVersion":"v1","kind":"Event","metadata":{},"involvedObject":{}}',
      '{"kind":"Event","apiVersion":"v1","metadata":{},"involvedObject":{},"source":{},"firstTimestamp":null,"lastTimestamp":null,"eventTime":null,"reportingComponent":"","reportingInstance":""}',
    ],
  ])('%s', (_, kind, body, expected) => {
    expect(stringifyObject(decode(body, kind).object)).toBe(expected);
  });

  it('keeps int64 values that a number cannot hold', () => {
    const body = pod('{"containers":null,"terminationGracePeriodSeconds":9223372036854775807}');
    const { object } = decode(body, 'Pod');
    expect(object['spec']).toMatchObject({ terminationGracePeriodSeconds: 9223372036854775807n });
    expect(stringifyObject(object)).toContain('"terminationGracePeriodSeconds":9223372036854775807}');
  });

  it('treats __proto__ as data', () => {
    const { object, strictErrors } = decode(configMap(',"data":{"__proto__":"x"},"__proto__":{"polluted":true}'));
    expect(strictErrors).toEqual(['unknown field "__proto__"']);
    expect(Object.hasOwn(object['data'] as object, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(stringifyObject(object)).toContain('"data":{"__proto__":"x"}');
  });

  it('replaces bytes that are not UTF-8 and halves of surrogate pairs', () => {
    const bytes = Buffer.concat([Buffer.from('{"data":{"a":"'), Buffer.from([0xff, 0xe2, 0x82]), Buffer.from('"}}')]);
    expect(decode(bytes).object['data']).toEqual({ a: '\ufffd\ufffd\ufffd' });
    expect(decode(String.raw`{"data":{"a":"\ud800x","b":"\ud83d\ude00"}}`).object['data']).toEqual({
      a: '\ufffdx',
      b: '😀',
    });
  });

  it('reads objects of kinds that appear at run time, keeping all their fields', () => {
    const live = createKindRegistry();
    const template = live.resource('', 'v1', 'configmaps')!;
    const widget = gvk('example.com', 'v1', 'Widget');
    live.add({ ...template, ...widget, resource: 'widgets', type: openStructType(live.types, 'Widget') });
    const body =
      '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"big":12345678901234567890,"f":1.5}}';
    const options = { contentType: json, expected: widget, strict: true };
    const { object, strictErrors } = createDecoder(live).decode(Buffer.from(body), options) as Decoded;
    expect(strictErrors).toEqual([]);
    expect(stringifyObject(object)).toBe(
      '{"kind":"Widget","apiVersion":"example.com/v1","metadata":{"name":"w"},"spec":{"big":12345678901234567890,"f":1.5}}',
    );
    live.remove('example.com', 'v1', 'widgets');
    expect(() => createDecoder(live).decode(Buffer.from(body), options)).toThrow('no kind "Widget" is registered');
  });
});

describe('decode: strict errors', () => {
  it.each([
    [
      'unknown and duplicate, in order',
      configMap(',"data":{"a":"1","a":"2"},"dta":{}'),
      ['duplicate field "data.a"', 'unknown field "dta"'],
    ],
    ['names are matched by case', configMap(',"Data":{}'), ['unknown field "Data"']],
    ['each text once', configMap(',"x":1,"x":2'), ['unknown field "x"']],
  ])('%s', (_, body, expected) => {
    expect(decode(body).strictErrors).toEqual(expected);
  });

  it('tell the place within lists and inlined structs', () => {
    const { strictErrors } = decode(
      pod(
        '{"containers":[{"name":"a"},{"name":"b","imge":"x","env":[{"nme":1}]}],"volumes":[{"name":"v","emptyDir":{"x":1},"name":"w"}],"containers":[{"name":"c"}]}',
      ),
      'Pod',
    );
    expect(strictErrors).toEqual([
      'unknown field "spec.containers[1].imge"',
      'unknown field "spec.containers[1].env[0].nme"',
      'unknown field "spec.volumes[0].emptyDir.x"',
      'duplicate field "spec.volumes[0].name"',
      'duplicate field "spec.containers"',
    ]);
  });

  it('a later null takes back a time, and leaves a text', () => {
    const meta = '"name":"a","creationTimestamp":"2026-01-02T03:04:05Z","name":null,"creationTimestamp":null';
    const { metadata } = decode(`{"kind":"ConfigMap","apiVersion":"v1","metadata":{${meta}}}`).object;
    expect([metadata.name, metadata.creationTimestamp ?? null]).toEqual(['a', null]);
  });

  it('a later duplicate is read over the earlier one', () => {
    expect(decode(configMap(',"data":{"a":"1","b":"2"},"data":{"a":"3"}')).object['data']).toEqual({ a: '3', b: '2' });
  });

  it('become warnings, a refusal, or nothing', () => {
    const decoded = decode(configMap(',"x":1,"y":2'));
    expect(applyFieldValidation(decoded, '')).toEqual(['unknown field "x"', 'unknown field "y"']);
    expect(applyFieldValidation(decoded, 'Warn')).toEqual(['unknown field "x"', 'unknown field "y"']);
    expect(applyFieldValidation(decoded, 'Ignore')).toEqual([]);
    expect(() => applyFieldValidation(decoded, 'Strict')).toThrow(
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "x", unknown field "y"',
    );
    const body = Buffer.from(configMap(',"x":1'));
    const lax = decoder.decode(body, { contentType: json, expected: core('ConfigMap'), strict: false }) as Decoded;
    expect(lax.strictErrors).toEqual([]);
  });
});

const goType = String.raw`Go value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;

describe('decode: refusals', () => {
  it.each([
    ['empty', '', badJson('unexpected end of JSON input', '<empty>')],
    [
      'cut off',
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"na',
      badJson('unexpected end of JSON input', '{"apiVersion":"v1","kind":"Con ...'),
    ],
    ['an array', '[]', badJson(`json: cannot unmarshal array into ${goType}`, '5b5d')],
    ['a string', '"x"', badJson(`json: cannot unmarshal string into ${goType}`, '227822')],
    [
      'a wrong type of kind',
      '{"kind":1}',
      badJson('json: cannot unmarshal number into Go struct field .kind of type string', '{"kind":1}'),
    ],
    ['no JSON', 'x', badJson("invalid character 'x' looking for beginning of value", '78')],
    ['more than one value', '{} {}', badJson("invalid character '{' after top-level value", '{} {}')],
    [
      'an apiVersion of three parts',
      '{"apiVersion":"a/b/c"}',
      unrecognized('ConfigMap', 'unexpected GroupVersion string: a/b/c', '{"apiVersion":"a/b/c"}'),
    ],
    [
      'another kind',
      '{"apiVersion":"v1","kind":"Secret"}',
      '400 Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion',
    ],
    [
      'another version',
      '{"apiVersion":"v2","kind":"ConfigMap"}',
      '400 ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    ],
    [
      'a number for a string',
      configMap(',"data":{"a":1}'),
      unfit('ConfigMap', 'json: cannot unmarshal number into Go struct field ConfigMap.data of type string'),
    ],
    [
      'a string for a struct',
      '{"metadata":"x"}',
      unfit('ConfigMap', 'json: cannot unmarshal string into Go struct field ConfigMap.metadata of type v1.ObjectMeta'),
    ],
    ['bad base64', configMap(',"binaryData":{"a":"***"}'), unfit('ConfigMap', 'illegal base64 data at input byte 0')],
    [
      'the first of two wrong types',
      configMap(',"data":1,"immutable":"x"'),
      unfit('ConfigMap', 'json: cannot unmarshal number into Go struct field ConfigMap.data of type map[string]string'),
    ],
    [
      'too deep',
      `{"metadata":{"x":${'['.repeat(2000)}`,
      badJson('exceeded max depth', `{"metadata":{"x":[[[[[[[[[[[[[ ...`),
    ],
  ])('%s', (_, body, expected) => {
    expect(refusal(body)).toBe(expected);
  });

  const field = (path: string, what: string, type: string): string =>
    unfit('Pod', `json: cannot unmarshal ${what} into Go struct field ${path} of type ${type}`);

  it.each([
    ['{"containers":{}}', field('PodSpec.spec.containers', 'object', '[]v1.Container')],
    ['{"containers":[{"name":{}}]}', field('Container.spec.containers.name', 'object', 'string')],
    [
      '{"containers":[{"ports":[{"containerPort":1.5}]}]}',
      field('ContainerPort.spec.containers.ports.containerPort', 'number 1.5', 'int32'),
    ],
    [
      '{"containers":[{"ports":[{"containerPort":99999999999}]}]}',
      field('ContainerPort.spec.containers.ports.containerPort', 'number 99999999999', 'int32'),
    ],
    ['{"restartPolicy":true}', field('PodSpec.spec.restartPolicy', 'bool', 'v1.RestartPolicy')],
    ['{"activeDeadlineSeconds":"x"}', field('PodSpec.spec.activeDeadlineSeconds', 'string', 'int64')],
    ['{"hostNetwork":[]}', field('PodSpec.spec.hostNetwork', 'array', 'bool')],
    ['{"nodeSelector":"x"}', field('PodSpec.spec.nodeSelector', 'string', 'map[string]string')],
    ['{"volumes":[{"emptyDir":1}]}', field('Volume.spec.volumes.emptyDir', 'number', 'v1.EmptyDirVolumeSource')],
    ['{"overhead":[]}', field('PodSpec.spec.overhead', 'array', 'v1.ResourceList')],
    [
      '{"containers":[{"resources":{"limits":{"cpu":"abc"}}}],"hostNetwork":"x"}',
      unfit('Pod', "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"),
    ],
    [
      '{"containers":[{"livenessProbe":{"httpGet":{"port":true}}}]}',
      field('HTTPGetAction.spec.containers.livenessProbe.httpGet.port', 'bool', 'int32'),
    ],
    [
      '{"containers":[{"livenessProbe":{"httpGet":{"port":1.5}}}]}',
      field('HTTPGetAction.spec.containers.livenessProbe.httpGet.port', 'number 1.5', 'int32'),
    ],
  ])('pod %s', (spec, expected) => {
    expect(refusal(pod(spec), 'Pod')).toBe(expected);
  });

  it('times say how they should look', () => {
    const lease = gvk('coordination.k8s.io', 'v1', 'Lease');
    expect(refusal('{"spec":{"renewTime":"yesterday"}}', lease)).toBe(
      unfit(
        'Lease',
        'parsing time "yesterday" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "yesterday" as "2006"',
      ),
    );
  });

  it('a version that shares the objects of the endpoint is named', () => {
    const events = gvk('events.k8s.io', 'v1', 'Event');
    expect(refusal('{"apiVersion":"v1","kind":"Event"}', events)).toBe(
      '400 the API version in the data (v1) does not match the expected API version (events.k8s.io/v1)',
    );
  });

  it.each(['text/plain', 'application/xml', 'application/cbor'])('%s is no format of ours', (contentType) => {
    expect(refusal('x', 'ConfigMap', contentType)).toBe(
      '415 the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    );
  });

  it.each([
    ['k8s\0garbage', 'proto: illegal wireType 7', '6b38730067617262616765'],
    [
      'garbage',
      'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
      '67617262616765',
    ],
    ['k8s\0', 'empty body', '6b387300'],
    ['', 'empty data', '<empty>'],
    ['k8s\0\x0a\x7f', 'unexpected EOF', '6b3873000a7f'],
  ])('protobuf %j', (body, why, shown) => {
    expect(refusal(Buffer.from(body, 'latin1'), 'ConfigMap', protobuf)).toBe(unrecognized('ConfigMap', why, shown));
  });
});

describe('decode: YAML', () => {
  const read = async (text: string): Promise<Decoded> =>
    decoder.decode(Buffer.from(text), { contentType: yaml, expected: core('ConfigMap'), strict: true });

  it('reads the first document with the rules of YAML 1.1', async () => {
    const { object } = await read(
      'metadata:\n  name: a\n  creationTimestamp: 2026-01-01T00:00:00Z\nimmutable: yes\ndata: {a: "1:30", b: "on"}\n---\nmetadata: {name: b}\n',
    );
    expect(object).toEqual({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' },
      immutable: true,
      data: { a: '1:30', b: 'on' },
    });
  });

  it('takes JSON too, and numbers written in octal', async () => {
    const pods = await decoder.decode(
      Buffer.from('spec:\n  containers: []\n  volumes:\n  - name: v\n    secret: {defaultMode: 0644}\n'),
      {
        contentType: yaml,
        expected: core('Pod'),
        strict: true,
      },
    );
    expect(pods.object['spec']).toEqual({ volumes: [{ name: 'v', secret: { defaultMode: 420 } }], containers: null });
    expect((await read('{"data":{"a":"b"}}')).object['data']).toEqual({ a: 'b' });
  });

  it('tells duplicates by line', async () => {
    const { object, strictErrors } = await read('data:\n  a: x\n  a: w\nz: 1\n');
    expect(object['data']).toEqual({ a: 'w' });
    expect(strictErrors).toEqual([
      'yaml: unmarshal errors:\n  line 3: key "a" already set in map',
      'unknown field "z"',
    ]);
  });

  it.each([
    ['data: [', /^the object provided is unrecognized \(must be of type ConfigMap\): yaml: line \d+: /],
    ['data: {a: 1}', /json: cannot unmarshal number into Go struct field ConfigMap\.data of type string$/],
    [
      `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
        .split('')
        .map((c, i) => `${c}: &${c} [${`*${'abcdefgh'[i] ?? ''},`.repeat(10)}]`)
        .join('\n')}`,
      /excessive aliasing/,
    ],
  ])('refuses %s', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });
});

describe('decodeDeleteOptions', () => {
  it('takes the options of any group, and nothing', () => {
    expect(decoder.decodeDeleteOptions(Buffer.alloc(0), json)).toBeUndefined();
    const body = '{"kind":"DeleteOptions","apiVersion":"apps/v1","propagationPolicy":"Orphan"}';
    expect(decoder.decodeDeleteOptions(Buffer.from(body), json)).toMatchObject({ propagationPolicy: 'Orphan' });
  });

  it('refuses another kind', () => {
    expect(() => decoder.decodeDeleteOptions(Buffer.from('{"kind":"ConfigMap","apiVersion":"v1"}'), json)).toThrow(
      'no kind "ConfigMap" is registered for version "v1" in scheme "pkg/apis/meta/internalversion/scheme/register.go:27"',
    );
  });
});

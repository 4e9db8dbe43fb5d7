import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Http2Client, http2Client } from './testing/http2-client.suite';
import { type Ask, startTestServer, type TestServer } from './testing/test-server.suite';

const maps = '/api/v1/namespaces/default/configmaps';

interface Case {
  readonly path: string;
  readonly ask?: Ask;
  readonly code: number;
  readonly reason?: string;
  readonly message: string | RegExp;
  readonly details?: 'none' | 'empty' | 'some';
}

const post = (body: string | Buffer, contentType = 'application/json'): Ask => ({
  method: 'POST',
  body,
  headers: { 'Content-Type': contentType },
});
const valid = '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"fine"}}';
const types = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
const notFound = 'the server could not find the requested resource';
const notAllowed = 'the server does not allow this method on the requested resource';

const cases: Readonly<Record<string, Case>> = {
  'truncated JSON': {
    path: maps,
    ask: post('{"kind":'),
    code: 400,
    reason: 'BadRequest',
    message: /unexpected end of JSON input/,
  },
  'an empty body': {
    path: maps,
    ask: post(''),
    code: 400,
    reason: 'BadRequest',
    message: /unexpected end of JSON input \(<empty>\)/,
  },
  'an array': { path: maps, ask: post('[]'), code: 400, reason: 'BadRequest', message: /cannot unmarshal array/ },
  'invalid UTF-8': {
    path: maps,
    ask: post(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
    code: 422,
    reason: 'Invalid',
    message: /name or generateName is required/,
  },
  'nesting beyond measure': {
    path: maps,
    ask: post(
      `{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"deep"},"x":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
    ),
    code: 400,
    reason: 'BadRequest',
    message: /exceeded max depth/,
  },
  'another kind': {
    path: maps,
    ask: post('{"kind":"Secret","apiVersion":"v1","metadata":{"name":"x"}}'),
    code: 400,
    reason: 'BadRequest',
    message: /^Secret in version "v1" cannot be handled as a ConfigMap/,
  },
  'text where JSON should be': {
    path: maps,
    ask: post('x', 'text/plain'),
    code: 415,
    reason: 'UnsupportedMediaType',
    message: `the body of the request was in an unknown format - accepted media types include: ${types}`,
    details: 'none',
  },
  'a content type that is none': {
    path: maps,
    ask: post('{}', ';;;'),
    code: 415,
    reason: 'UnsupportedMediaType',
    message: /unknown format/,
  },
  'protobuf that is none': {
    path: maps,
    ask: post('garbage', 'application/vnd.kubernetes.protobuf'),
    code: 400,
    reason: 'BadRequest',
    message: /expected prefix \[107 56 115 0\]/,
  },
  'a body over the limit': {
    path: maps,
    ask: post(`{"x":"${'x'.repeat(10_000_000)}"}`),
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: 'Request entity too large: limit is 3145728',
    details: 'none',
  },
  'an unknown field under Strict': {
    path: `${maps}?fieldValidation=Strict`,
    ask: post('{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"x"},"dta":{}}'),
    code: 400,
    reason: 'BadRequest',
    message: /strict decoding error: unknown field "dta"/,
  },
  'an unknown field validation': {
    path: `${maps}?fieldValidation=Nope`,
    ask: post(valid),
    code: 422,
    reason: 'Invalid',
    message: /fieldValidation: Unsupported value: "Nope"/,
    details: 'some',
  },
  'a dry run of some stage': {
    path: `${maps}?dryRun=Half`,
    ask: post(valid),
    code: 422,
    reason: 'Invalid',
    message: /dryRun: Unsupported value: \["Half"\]: supported values: "All"/,
    details: 'some',
  },
  'a limit that is no number': {
    path: `${maps}?limit=abc`,
    code: 400,
    reason: 'BadRequest',
    message: 'strconv.ParseInt: parsing "abc": invalid syntax',
    details: 'none',
  },
  'a selector that is none': {
    path: `${maps}?labelSelector=%21%21`,
    code: 400,
    reason: 'BadRequest',
    message: /unable to parse requirement/,
  },
  'a field that cannot be selected': {
    path: `${maps}?fieldSelector=data.x%3D1`,
    code: 400,
    reason: 'BadRequest',
    message: /"data.x" is not a known field selector/,
  },
  'a broken continue token': {
    path: `${maps}?continue=abc`,
    code: 400,
    reason: 'BadRequest',
    message: /continue key is not valid/,
  },
  'initial events of a list': {
    path: `${maps}?sendInitialEvents=true`,
    code: 422,
    reason: 'Invalid',
    message: /sendInitialEvents is forbidden for list/,
  },
  'a delete with a body of another kind': {
    path: `${maps}/x`,
    ask: { method: 'DELETE', body: '{"kind":"ConfigMap","apiVersion":"v1"}' },
    code: 400,
    reason: 'BadRequest',
    message: /no kind "ConfigMap" is registered for version "v1"/,
  },
  'an unknown propagation policy': {
    path: `${maps}/x?propagationPolicy=Nope`,
    ask: { method: 'DELETE' },
    code: 422,
    reason: 'Invalid',
    message: /propagationPolicy: Unsupported value: "Nope"/,
  },
  'POST to an object': {
    path: `${maps}/x`,
    ask: post('{}'),
    code: 405,
    reason: 'MethodNotAllowed',
    message: notAllowed,
    details: 'empty',
  },
  'PUT to a collection': {
    path: maps,
    ask: { method: 'PUT', body: '{}' },
    code: 405,
    reason: 'MethodNotAllowed',
    message: notAllowed,
    details: 'empty',
  },
  'POST across namespaces': {
    path: '/api/v1/pods',
    ask: post('{}'),
    code: 405,
    reason: 'MethodNotAllowed',
    message: notAllowed,
  },
  'DELETE of all namespaces': {
    path: '/api/v1/namespaces',
    ask: { method: 'DELETE' },
    code: 405,
    reason: 'MethodNotAllowed',
    message: notAllowed,
  },
  OPTIONS: { path: maps, ask: { method: 'OPTIONS' }, code: 405, reason: 'MethodNotAllowed', message: notAllowed },
  TRACE: { path: maps, ask: { method: 'TRACE' }, code: 405, reason: 'MethodNotAllowed', message: notAllowed },
  'a method of another protocol': {
    path: maps,
    ask: { method: 'PROPFIND' },
    code: 405,
    reason: 'MethodNotAllowed',
    message: notAllowed,
  },
  'a list of what is only created': {
    path: '/api/v1/bindings',
    code: 404,
    reason: 'NotFound',
    message: notFound,
    details: 'empty',
  },
  'a resource that is none': {
    path: '/api/v1/namespaces/default/nopes',
    code: 404,
    reason: 'NotFound',
    message: notFound,
    details: 'empty',
  },
  'a subresource that is none': {
    path: `${maps}/x/nope`,
    code: 404,
    reason: 'NotFound',
    message: notFound,
    details: 'empty',
  },
  'status of what has none': { path: `${maps}/x/status`, code: 404, reason: 'NotFound', message: notFound },
  'a path below a subresource': { path: '/api/v1/nodes/n/status/x', code: 404, reason: 'NotFound', message: notFound },
  'a cluster-scoped resource in a namespace': {
    path: '/api/v1/namespaces/default/nodes',
    code: 404,
    reason: 'NotFound',
    message: notFound,
  },
  'an object without its namespace': { path: '/api/v1/configmaps/x', code: 404, reason: 'NotFound', message: notFound },
  'a version that is none': { path: '/apis/apps/v9/deployments', code: 404, reason: 'NotFound', message: notFound },
  'a patch of an unknown type': {
    path: `${maps}/x`,
    ask: { method: 'PATCH', body: '{}', headers: { 'Content-Type': 'application/foo-patch' } },
    code: 415,
    reason: 'UnsupportedMediaType',
    message: '415: Unsupported Media Type',
    details: 'empty',
  },
  'server-side apply of nothing': {
    path: `${maps}/x?fieldManager=me`,
    ask: { method: 'PATCH', body: '{}', headers: { 'Content-Type': 'application/apply-patch+yaml' } },
    code: 400,
    reason: 'BadRequest',
    message: 'invalid object type: /, Kind=',
  },
  'server-side apply in CBOR': {
    path: `${maps}/x?fieldManager=me`,
    ask: { method: 'PATCH', body: '{}', headers: { 'Content-Type': 'application/apply-patch+cbor' } },
    code: 415,
    reason: 'UnsupportedMediaType',
    message: '415: Unsupported Media Type',
    details: 'empty',
  },
  'a patch that is cut off': {
    path: `${maps}/there`,
    ask: { method: 'PATCH', body: '{"a"', headers: { 'Content-Type': 'application/merge-patch+json' } },
    code: 400,
    reason: 'BadRequest',
    message: /unexpected end of JSON input/,
  },
  'XML asked for': {
    path: `${maps}/there`,
    ask: { headers: { Accept: 'application/xml' } },
    code: 406,
    reason: 'NotAcceptable',
    message: `406: Not Acceptable\n\nAvailable representations: ${types}`,
    details: 'empty',
  },
  'a Table of an unknown version': {
    path: `${maps}/there`,
    ask: { headers: { Accept: 'application/json;as=Table;v=v9;g=meta.k8s.io' } },
    code: 406,
    reason: 'NotAcceptable',
    message: `only the following media types are accepted: ${types}`,
    details: 'none',
  },
  'metadata of a list asked for as of one': {
    path: maps,
    ask: { headers: { Accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' } },
    code: 406,
    reason: 'NotAcceptable',
    message: /the requested object is a list/,
  },
  'an export': {
    path: `${maps}/there?export`,
    code: 400,
    reason: 'BadRequest',
    message: 'the export parameter, deprecated since v1.14, is no longer supported',
    details: 'none',
  },
  'a name that can be none': {
    path: `${maps}/a%25b`,
    code: 400,
    reason: 'BadRequest',
    message: `Name parameter invalid: "a%b": may not contain '%'`,
  },
  'a watch of one object that selects another': {
    path: '/api/v1/watch/namespaces/default/configmaps/there?fieldSelector=metadata.name%3Dother',
    code: 400,
    reason: 'BadRequest',
    message: "fieldSelector metadata.name doesn't match requested name",
  },
  'a watch of one object that selects by something else': {
    path: '/api/v1/watch/namespaces/default/configmaps/there?fieldSelector=metadata.namespace%3Ddefault',
    code: 400,
    reason: 'BadRequest',
    message: "fieldSelector metadata.name doesn't match requested name",
  },
  'a watch from a revision that is none': {
    path: `${maps}?watch=1&resourceVersion=abc`,
    code: 500,
    message: 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
    details: 'none',
  },
  'a delete of another state': {
    path: `${maps}/there?resourceVersion=1`,
    ask: { method: 'DELETE' },
    code: 409,
    reason: 'Conflict',
    message: /the ResourceVersion in the precondition \(1\) does not match/,
  },
  'an unknown includeObject': {
    path: `${maps}?includeObject=All`,
    ask: { headers: { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } },
    code: 400,
    reason: 'BadRequest',
    message: `Unable to convert to Table as requested: includeObject: Invalid value: "All": must be 'Metadata', 'Object', 'None', or empty`,
  },
  'a moment that is none': {
    path: `/at/yesterday${maps}`,
    code: 400,
    reason: 'BadRequest',
    message: /^invalid moment "yesterday"/,
  },
  'a moment of a day that no month has': {
    path: `/at/2026-02-30T00:00:00Z${maps}`,
    code: 400,
    reason: 'BadRequest',
    message: /^invalid moment "2026-02-30T00:00:00Z"/,
  },
  'a change of the past': {
    path: `/at/1${maps}`,
    ask: post(valid),
    code: 405,
    reason: 'MethodNotAllowed',
    message: /the past is read only/,
  },
};

describe.each(['HTTP/1.1', 'HTTP/2'])('bad input over %s', (protocol) => {
  let server: TestServer;
  let second: Http2Client | undefined;
  const ask: TestServer['ask'] = (path, what) => (second ?? server).ask(path, what);
  beforeAll(async () => {
    server = await startTestServer({ http2: {} });
    if (protocol === 'HTTP/2') second = await http2Client(server);
    await ask(maps, post('{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"there"}}'));
  });
  afterAll(async () => {
    await second?.close();
    await server.close();
  });

  it.each(Object.entries(cases))('%s is refused with a Status', async (_name, expected) => {
    const { status, headers, json, text } = await ask(expected.path, expected.ask);
    const body = json<{ kind: string; code: number; reason?: string; message: string; details?: object }>();
    expect([status, headers['content-type'], body.kind, body.code, body.reason]).toEqual([
      expected.code,
      'application/json',
      'Status',
      expected.code,
      expected.reason,
    ]);
    if (typeof expected.message === 'string') expect(body.message).toBe(expected.message);
    else expect(body.message).toMatch(expected.message);
    if (expected.details === 'none') expect(body.details).toBeUndefined();
    if (expected.details === 'empty') expect(body.details).toEqual({});
    if (expected.details === 'some') expect(Object.keys(body.details ?? {})).not.toHaveLength(0);
    expect(text).not.toMatch(/\.ts:\d+|node_modules/);
  });

  it('still serves after all of that', async () => {
    expect((await ask(`${maps}/there`)).status).toBe(200);
  });

  it.each([
    ['/nope'],
    ['/apis/nope'],
    ['/apis/nope/v1'],
    ['/apis/nope/v1/things'],
    ['/apis//v1/namespaces/default/configmaps'],
    ['/healthz/nope'],
    ['/metrics/nope'],
    ['/logs'],
    ['/openapi/v1'],
  ])('%s is no page', async (path) => {
    const { status, headers, text } = await ask(path);
    expect([status, headers['content-type'], text]).toEqual([404, 'text/plain; charset=utf-8', '404 page not found\n']);
  });

  it('HEAD has the status of the refusal and no body', async () => {
    const { status, body } = await ask(`${maps}/there`, { method: 'HEAD' });
    expect([status, body.length]).toEqual([405, 0]);
  });

  it('warns of unknown and duplicate fields, one header each, in order', async () => {
    const body =
      '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"warned","nmae":"é"},"data":{"a":"1","a":"2"},"dta":{}}';
    const { status, rawHeaders, json } = await ask(maps, post(body));
    expect(status).toBe(201);
    expect(rawHeaders.filter((_, i) => rawHeaders[i - 1]?.toLowerCase() === 'warning')).toEqual([
      '299 - "unknown field \\"metadata.nmae\\""',
      '299 - "duplicate field \\"data.a\\""',
      '299 - "unknown field \\"dta\\""',
    ]);
    expect(json().data).toEqual({ a: '2' });
  });

  it('leaves the prototype of objects alone', async () => {
    const body =
      '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"proto"},"data":{"__proto__":"x","constructor":"y"}}';
    const { status, text } = await ask(maps, post(body));
    expect([status, text.includes('"constructor":"y"')]).toEqual([201, true]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});

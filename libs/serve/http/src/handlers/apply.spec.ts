import fc from 'fast-check';
import type { KubeObject } from '@reckon/api/machinery';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, startTestServer, type TestServer } from '../testing/test-server.suite';

const maps = '/api/v1/namespaces/default/configmaps';
const events = '/apis/events.k8s.io/v1/namespaces/default/events';

describe('server-side apply', () => {
  let server: TestServer;
  let mayCreate = true;
  beforeAll(async () => {
    server = await startTestServer({
      authorize: ({ verb }) => ({ allowed: mayCreate || verb !== 'create', reason: 'no rule' }),
    });
  });
  afterAll(() => server.close());

  const apply = (path: string, body: string | object, contentType = 'application/apply-patch+yaml'): Promise<Answer> =>
    server.ask(path, {
      method: 'PATCH',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'Content-Type': contentType },
    });
  const map = (name: string, data: object, metadata: object = {}): object => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, ...metadata },
    data,
  });
  const refusal = async (answer: Promise<Answer>): Promise<[number, unknown]> => {
    const { status, json } = await answer;
    return [status, json()['message']];
  };

  it('creates what is not there, and writes nothing when nothing changes', async () => {
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: v # a comment\n';
    const created = await apply(`${maps}/a?fieldManager=me`, yaml);
    expect([created.status, created.json()['data']]).toEqual([201, { k: 'v' }]);
    const before = created.json<KubeObject>().metadata;
    expect(before.managedFields).toEqual([
      {
        manager: 'me',
        operation: 'Apply',
        apiVersion: 'v1',
        time: expect.any(String) as unknown,
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:k': {} } },
      },
    ]);
    const again = await apply(`${maps}/a?fieldManager=me`, map('a', { k: 'v' }));
    expect([again.status, again.json<KubeObject>().metadata]).toEqual([200, before]);
  });

  it('only says what it would do in a dry run', async () => {
    expect((await apply(`${maps}/dry?fieldManager=me&dryRun=All`, map('dry', { k: 'v' }))).status).toBe(201);
    expect((await server.ask(`${maps}/dry`)).status).toBe(404);
  });

  it('goes on after an update has reset the owners', async () => {
    await apply(`${maps}/reset?fieldManager=me`, map('reset', { k: 'v' }));
    await server.ask(`${maps}/reset`, {
      method: 'PATCH',
      body: '{"metadata":{"managedFields":[]}}',
      headers: { 'Content-Type': 'application/merge-patch+json' },
    });
    const next = await apply(`${maps}/reset?fieldManager=me&force=true`, map('reset', { k: 'w' }));
    expect(next.json<KubeObject>().metadata.managedFields?.map((e) => [e.manager, e.fieldsV1])).toEqual([
      ['me', { 'f:data': { 'f:k': {} } }],
      ['before-first-apply', { 'f:data': {} }],
    ]);
  });

  it('keeps apart what was written in another version of the same objects', async () => {
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e', namespace: 'default' },
      involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
      reason: 'R',
      message: 'one',
      type: 'Normal',
    };
    expect((await apply('/api/v1/namespaces/default/events/e?fieldManager=core', event)).status).toBe(201);
    const other = { apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name: 'e' }, note: 'two' };
    expect(await refusal(apply(`${events}/e?fieldManager=other`, other))).toEqual([
      409,
      'Apply failed with 1 conflict: conflict with "core": .message',
    ]);
    const taken = await apply(`${events}/e?fieldManager=other&force=true`, other);
    expect([taken.status, taken.json()['note']]).toEqual([200, 'two']);
    const fields = taken.json<KubeObject>().metadata.managedFields?.map((e) => [e.manager, e.apiVersion]);
    expect(fields).toEqual([
      ['core', 'v1'],
      ['other', 'events.k8s.io/v1'],
    ]);
  });

  const text = (body: object): string => JSON.stringify(body);
  it.each<[string, string, string, number, string]>([
    [
      'no manager',
      '',
      text(map('x', {})),
      422,
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    ],
    [
      'a list',
      '?fieldManager=me',
      '[]',
      400,
      'error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}',
    ],
    ['nothing', '?fieldManager=me', '', 400, 'invalid object type: /, Kind='],
    [
      'another kind',
      '?fieldManager=me',
      '{"apiVersion":"apps/v1","kind":"Deployment"}',
      400,
      'invalid object type: apps/v1, Kind=Deployment',
    ],
    [
      'owners',
      '?fieldManager=me',
      text(map('x', {}, { managedFields: [] })),
      400,
      'metadata.managedFields must be nil',
    ],
    [
      'another name',
      '?fieldManager=me',
      text(map('y', {})),
      400,
      'the name of the object (y) does not match the name on the URL (x)',
    ],
    [
      'a wrong type',
      '?fieldManager=me',
      text(map('x', { a: 1 }, { labels: [], finalizers: ['a', 'a'] })),
      500,
      'failed to create typed patch object (/x; /v1, Kind=ConfigMap): errors:\n  .metadata.labels: expected map, got &{[]}\n  .metadata.finalizers: duplicate entries for key [="a"]\n  .data.a: expected string, got &value.valueUnstructured{Value:1}',
    ],
    [
      'an unknown field',
      '?fieldManager=me',
      text({ ...map('x', {}), spek: 1 }),
      500,
      'failed to create typed patch object (/x; /v1, Kind=ConfigMap): .spek: field not declared in schema',
    ],
    [
      'a uid of nothing',
      '?fieldManager=me',
      text(map('x', {}, { uid: 'u' })),
      409,
      'Operation cannot be fulfilled on configmaps "x": uid mismatch: the provided object specified uid u, and no existing object was found',
    ],
    [
      'a key twice, strictly',
      '?fieldManager=me&fieldValidation=Strict',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: "1"}\ndata: {a: "2"}\n',
      400,
      'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 5: key "data" already set in map',
    ],
  ])('refuses %s', async (_what, query, body, code, message) => {
    expect(await refusal(apply(`${maps}/x${query}`, body))).toEqual([code, message]);
    expect((await server.ask(`${maps}/x`)).status).toBe(404);
  });

  it('refuses what does not fit although others own the object in another version', async () => {
    const path = '/api/v1/namespaces/default/events';
    const event = { apiVersion: 'v1', kind: 'Event', metadata: { name: 'odd' }, involvedObject: {}, reason: 'r' };
    expect((await apply(`${path}/odd?fieldManager=core`, event)).status).toBe(201);
    const odd = { apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name: 'odd' }, deprecatedCount: 1.5 };
    expect(await refusal(apply(`${events}/odd?fieldManager=me`, odd))).toEqual([
      500,
      'failed to convert new object: cannot convert float64 to int32',
    ]);
  });

  it('warns of a key that is there twice', async () => {
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: twice}\ndata: {a: "1"}\ndata: {a: "2"}\n';
    const answer = await apply(`${maps}/twice?fieldManager=me`, yaml);
    expect([answer.status, answer.headers['warning']]).toEqual([
      201,
      '299 - "line 5: key \\"data\\" already set in map"',
    ]);
  });

  it('creates nothing through a view of it', async () => {
    const path = '/apis/apps/v1/namespaces/default/deployments/none/status?fieldManager=me';
    const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'none' } };
    expect((await apply(path, body)).status).toBe(404);
  });

  it('needs the right to create what is not there', async () => {
    mayCreate = false;
    try {
      const [status, message] = await refusal(apply(`${maps}/secret?fieldManager=me`, map('secret', {})));
      expect([status, message]).toEqual([403, expect.stringContaining('cannot create resource "configmaps"')]);
      expect((await apply(`${maps}/a?fieldManager=me`, map('a', { k: 'v' }))).status).toBe(200);
    } finally {
      mayCreate = true;
    }
  });

  it('answers any body with a Status or an object', async () => {
    const base = map('any', { a: 'b' }, { labels: { l: '1' } });
    const shape = fc.oneof(
      fc.json().map((json) => json),
      fc.record({ metadata: fc.jsonValue(), data: fc.jsonValue() }).map((rest) => text({ ...base, ...rest })),
      fc
        .dictionary(fc.constantFrom('__proto__', 'constructor', 'a'), fc.jsonValue())
        .map((data) => text(map('any', data))),
    );
    await fc.assert(
      fc.asyncProperty(shape, async (body) => {
        const answer = await apply(`${maps}/any?fieldManager=me&force=true`, body);
        expect(['Status', 'ConfigMap']).toContain(answer.json()['kind']);
        expect([200, 201, 400, 409, 422, 500]).toContain(answer.status);
        if (answer.status === 500) expect(answer.json()['message']).toMatch(/^failed to (create|convert) /);
      }),
      { numRuns: 200 },
    );
    const deep = `{"apiVersion":"v1","kind":"ConfigMap","data":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`;
    expect((await apply(`${maps}/any?fieldManager=me`, deep)).status).toBe(400);
  });
});

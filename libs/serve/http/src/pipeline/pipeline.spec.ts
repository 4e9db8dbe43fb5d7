import { statusErrors } from '@reckon/api/machinery';
import type { AuthzAttributes } from '@reckon/serve/authz';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, startTestServer, type TestServer } from '../testing/test-server.suite';

const maps = '/api/v1/namespaces/rec/configmaps';

describe('the pipeline', () => {
  let server: TestServer;
  let asked: AuthzAttributes[] = [];
  beforeAll(async () => {
    server = await startTestServer({
      authenticate: async ({ authorization }) => {
        if (authorization === 'Bearer bad') throw statusErrors.unauthorized();
        return authorization === ''
          ? undefined
          : { user: { name: authorization.slice('Bearer '.length), groups: ['system:authenticated'] } };
      },
      authorize: (attributes) => {
        asked.push(attributes);
        const { user } = attributes;
        const allowed = user.name === 'admin';
        return { allowed, reason: allowed ? '' : user.name === 'node' ? 'No Object name found' : '' };
      },
    });
  });
  afterAll(async () => {
    await server.close();
  });

  const as = (
    user: string,
    path: string,
    headers: Record<string, string | string[]> = {},
    method = 'GET',
  ): Promise<Answer> => {
    asked = [];
    return server.ask(path, { method, headers: { Authorization: `Bearer ${user}`, ...headers } });
  };
  const messageOf = (answer: Answer): string => answer.json<{ message: string }>().message;

  it('tells authorization what many objects are limited to', async () => {
    await as('admin', `${maps}?fieldSelector=metadata.namespace%3Drec&labelSelector=a`);
    expect(asked).toMatchObject([
      {
        fieldSelector: [{ field: 'metadata.namespace', operator: '=', value: 'rec' }],
        labelSelector: [{ key: 'a', operator: 'exists', values: [] }],
      },
    ]);
    await as('admin', `${maps}/x?fieldSelector=metadata.namespace%3Drec`);
    await as('jane', maps);
    expect(asked[0]?.fieldSelector).toBeUndefined();
  });

  it('refuses an invalid credential with 401 and without a word more', async () => {
    const answer = await as('bad', maps);
    expect([answer.status, answer.json()]).toEqual([
      401,
      {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'Unauthorized',
        reason: 'Unauthorized',
        code: 401,
      },
    ]);
    expect((await server.ask('/healthz')).status).toBe(401);
  });

  it.each([
    [
      'jane',
      'GET',
      maps,
      'configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" in the namespace "rec"',
    ],
    [
      'jane',
      'GET',
      '/api/v1/nodes',
      'nodes is forbidden: User "jane" cannot list resource "nodes" in API group "" at the cluster scope',
    ],
    [
      'jane',
      'GET',
      `${maps}/s`,
      'configmaps "s" is forbidden: User "jane" cannot get resource "configmaps" in API group "" in the namespace "rec"',
    ],
    [
      'jane',
      'DELETE',
      maps,
      'configmaps is forbidden: User "jane" cannot deletecollection resource "configmaps" in API group "" in the namespace "rec"',
    ],
    [
      'jane',
      'POST',
      '/api/v1/namespaces/rec/pods/p/exec',
      'pods "p" is forbidden: User "jane" cannot create resource "pods/exec" in API group "" in the namespace "rec"',
    ],
    ['jane', 'GET', '/metrics', 'forbidden: User "jane" cannot get path "/metrics"'],
    [
      'node',
      'GET',
      maps,
      'configmaps is forbidden: User "node" cannot list resource "configmaps" in API group "" in the namespace "rec": No Object name found',
    ],
  ])('says what %s may not %s at %s', async (user, method, path, message) => {
    const answer = await as(user, path, {}, method);
    expect([answer.status, messageOf(answer)]).toEqual([403, message]);
  });

  it('asks before the body is read: a refused upload is not decoded', async () => {
    const answer = await server.ask(maps, {
      method: 'POST',
      body: 'garbage',
      headers: { Authorization: 'Bearer jane', 'Content-Type': 'text/plain' },
    });
    expect(answer.status).toBe(403);
  });

  it('gives every answer an audit id, the client\u2019s own if it brings one, however long', async () => {
    const own = await as('admin', maps, { 'Audit-Id': 'my-id' });
    expect([own.headers['audit-id'], own.headers['cache-control']]).toEqual(['my-id', 'no-cache, private']);
    const long = await as('jane', maps, { 'Audit-Id': 'x y '.repeat(40) + 'z' });
    expect(long.headers['audit-id']).toBe('x y '.repeat(40) + 'z');
    const made = await as('jane', maps, { 'Audit-Id': '' });
    expect(made.headers['audit-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a timeout of the query', () => {
  it('must be a duration, whoever asks and whatever for; streams have none', async () => {
    const server = await startTestServer();
    const refusal = async (query: string, headers = {}) => {
      const { status, json } = await server.ask(`${maps}?${query}`, { headers });
      return [status, json().message];
    };
    const why = 'invalid timeout specified in the request URL - time: ';
    expect(await refusal('timeout=soon')).toEqual([400, `${why}invalid duration "soon"`]);
    expect(await refusal('timeout=10')).toEqual([400, `${why}missing unit in duration "10"`]);
    expect(await refusal('limit=1&timeout=5x', { authorization: 'Bearer nobody' })).toEqual([
      400,
      `${why}unknown unit "x" in duration "5x"`,
    ]);
    for (const query of ['timeout=', 'timeout=32s', 'timeout=0', 'timeout=-1s', 'timeoutSeconds=5'])
      expect((await server.ask(`${maps}?${query}`)).status).toBe(200);
    const watch = await server.ask(`${maps}?watch=1&timeoutSeconds=1&timeout=soon`);
    expect(watch.status).toBe(200);
  });
});

describe('requests in flight', () => {
  it('are bounded: beyond the limit 429 with Retry-After', async () => {
    let go: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const server = await startTestServer({
      limits: { maxInFlight: 2 },
      authenticate: ({ authorization }) => ({
        user: { name: 'jane', groups: authorization === '' ? [] : ['system:masters'] },
      }),
      authorize: ({ path }) =>
        path === maps ? held.then(() => ({ allowed: true, reason: '' })) : { allowed: true, reason: '' },
    });
    const waiting = [server.ask(maps), server.ask(maps)];
    await new Promise((resolve) => setTimeout(resolve, 100));
    const refused = await server.ask(maps);
    expect([refused.status, refused.headers['retry-after'], refused.body.toString()]).toEqual([
      429,
      '1',
      'Too many requests, please try again later.\n',
    ]);
    expect(refused.headers['x-content-type-options']).toBe('nosniff');
    const master = await server.ask('/metrics', { headers: { Authorization: 'Bearer master' } });
    expect(master.text).toContain(
      'apiserver_request_terminations_total{verb="LIST",group="",version="v1",resource="configmaps",subresource="",scope="namespace",component="apiserver",code="429"} 1\n',
    );
    go();
    expect((await Promise.all(waiting)).map((a) => a.status)).toEqual([200, 200]);
    expect((await server.ask(maps)).status).toBe(200);
    await server.close();
  });
});

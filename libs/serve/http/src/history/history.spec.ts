import type { AuthzAttributes } from '@reckon/serve/authz';
import { type CompactionPlan, type Entry, type Revision, StorageError } from '@reckon/store/contract';
import { request } from 'node:https';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HistoryLog } from '../api-server-options';
import { Exchange } from '../exchange';
import { type Answer, startTestServer, type TestServer } from '../testing/test-server.suite';

const maps = '/api/v1/namespaces/rec/configmaps';

interface Line {
  readonly revision: number;
  readonly verb: string;
  readonly namespace: string;
  readonly name: string;
  readonly previous: number;
  readonly object: { readonly metadata: { readonly resourceVersion: string }; readonly data?: object };
  readonly [field: string]: unknown;
}

const linesOf = (answer: Answer): Line[] =>
  answer.text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
const brief = (answer: Answer): string[] => linesOf(answer).map((l) => `${l.verb} ${l.namespace}/${l.name}`);

describe('history', () => {
  let server: TestServer;
  let asked: AuthzAttributes[] = [];
  let first = 0;

  beforeAll(async () => {
    server = await startTestServer({
      authenticate: async ({ authorization }) => ({
        user: { name: authorization.replace('Bearer ', '') || 'admin', groups: [] },
      }),
      authorize: (attributes) => {
        asked.push(attributes);
        return { allowed: !attributes.user.name.startsWith('jane'), reason: '' };
      },
    });
    first = server.log.head;
    const as = (name: string): Record<string, string> => ({
      Authorization: `Bearer ${name}`,
      'User-Agent': `${name}-cli/1`,
    });
    const create = async (path: string, name: string, user: string): Promise<void> => {
      const { status, text } = await server.ask(path, {
        method: 'POST',
        json: { metadata: { name }, data: { v: '1' } },
        headers: as(user),
      });
      expect(status, text).toBe(201);
    };
    await create(maps, 'a', 'admin');
    await create(maps, 'ab', 'bob');
    await create('/api/v1/namespaces/other/configmaps', 'a', 'bob');
    await server.ask(`${maps}/a?fieldManager=hand`, {
      method: 'PATCH',
      body: '{"data":{"v":"2"}}',
      headers: { ...as('bob'), 'Content-Type': 'application/merge-patch+json' },
    });
    await server.ask(`${maps}/ab`, { method: 'DELETE', headers: as('admin') });
    await server.ask('/api/v1/namespaces/rec/events', {
      method: 'POST',
      json: {
        metadata: { name: 'e' },
        involvedObject: { namespace: 'rec' },
        reason: 'R',
        message: 'm',
        type: 'Normal',
      },
    });
  });
  afterAll(async () => {
    await server.close();
  });

  const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> => {
    asked = [];
    return server.ask(path, { headers });
  };
  const whole = (query = ''): Promise<Answer> => get(`/history?after=${String(first)}${query}`);

  it('tells every change of everything in order, with who made it', async () => {
    const answer = await whole();
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/x-ndjson']);
    expect(brief(answer)).toEqual([
      'create rec/a',
      'create rec/ab',
      'create other/a',
      'update rec/a',
      'delete rec/ab',
      'create rec/e',
    ]);
    const lines = linesOf(answer);
    expect(lines.map((l) => l.revision)).toEqual([1, 2, 3, 4, 5, 6].map((n) => first + n));
    expect(lines.map((l) => Number(l.object.metadata.resourceVersion))).toEqual(lines.map((l) => l.revision));
    expect(lines[3]).toMatchObject({
      group: '',
      version: 'v1',
      resource: 'configmaps',
      previous: first + 1,
      actor: 'bob',
      agent: 'bob-cli/1',
      manager: 'hand',
      object: { kind: 'ConfigMap', data: { v: '2' } },
    });
    expect(lines[3]?.['at']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(lines[3]?.['request']).toMatch(/^[0-9a-f-]{36}$/);
    expect(asked.map((a) => [a.verb, a.group, a.resource, a.namespace, a.name])).toEqual([['list', '*', '*', '', '']]);
    expect(answer.headers['reckon-log-head']).toBe(String(server.log.head));
    expect(answer.headers['reckon-log-id']).toBe(server.log.id);
    expect(answer.headers['reckon-log-floors']).toBe('[]');
  });

  it.each([
    [`/history${maps}`, ['create rec/a', 'create rec/ab', 'update rec/a', 'delete rec/ab'], 'list|rec|'],
    [`/history${maps}/a`, ['create rec/a', 'update rec/a'], 'get|rec|a'],
    ['/history/api/v1/configmaps', 5, 'list||'],
    [`/history${maps}?limit=2`, ['create rec/a', 'create rec/ab'], 'list|rec|'],
    [`/history${maps}?actor=admin`, ['create rec/a', 'delete rec/ab'], 'list|rec|'],
    [`/history${maps}?manager=hand`, ['update rec/a'], 'list|rec|'],
    [`/history${maps}?request=none`, [], 'list|rec|'],
    ['/history?namespace=other', ['create other/a'], 'list||'],
    [`/history${maps}?since=2020-01-01T00:00:00Z&until=2999-01-01T00:00:00%2B01:00`, 4, 'list|rec|'],
    [`/history${maps}?until=2020-01-01T00:00:00Z`, [], 'list|rec|'],
    ['/history/api/v1/pods', [], 'list||'],
    [`/history${maps}/none`, [], 'get|rec|none'],
  ])('%s', async (path, expected, guard) => {
    const answer = await get(path);
    expect(answer.status, answer.text).toBe(200);
    expect(typeof expected === 'number' ? linesOf(answer).length : brief(answer)).toEqual(expected);
    expect(asked.map((a) => [a.verb, a.namespace, a.name].join('|'))).toEqual([guard]);
  });

  it('takes a range of revisions, and ends where /at/ stands', async () => {
    const range = `after=${String(first + 1)}&to=${String(first + 3)}`;
    expect(brief(await get(`/history?${range}`))).toEqual(['create rec/ab', 'create other/a']);
    expect(brief(await get(`/at/${String(first + 1)}/history?after=${String(first)}`))).toEqual(['create rec/a']);
    expect(brief(await get(`/history?after=${String(first + 99)}`))).toEqual([]);
  });

  it('shows objects in the version of the path', async () => {
    const [line] = linesOf(await get('/history/apis/events.k8s.io/v1/namespaces/rec/events'));
    expect(line).toMatchObject({
      group: 'events.k8s.io',
      version: 'v1',
      object: { apiVersion: 'events.k8s.io/v1', note: 'm', metadata: { resourceVersion: String(first + 6) } },
    });
  });

  it.each([
    ['/history?after=x', 'invalid after "x": a resourceVersion, or "oldest"'],
    ['/history?to=-1', 'invalid to "-1": a resourceVersion'],
    ['/history?limit=many', 'invalid limit "many": a whole number'],
    ['/history?since=5m', 'invalid since "5m": an RFC 3339 time such as 2026-01-31T12:00:00Z'],
    ['/history?until=2026-13-01T00:00:00Z', 'invalid until "2026-13-01T00:00:00Z"'],
    ['/history?fieldSelector=metadata.name%3Da', 'unknown parameter "fieldSelector": history takes after, to,'],
    [`/history${maps}?namespace=x`, 'namespace is a parameter of /history alone'],
  ])('refuses %s', async (path, message) => {
    const answer = await get(path);
    expect([answer.status, answer.json()]).toEqual([
      400,
      expect.objectContaining({ kind: 'Status', reason: 'BadRequest', message: expect.stringContaining(message) }),
    ]);
  });

  it.each([
    ['GET', '/history/api/v1/nothing', 404],
    ['GET', `/history${maps}/a/status`, 404],
    ['GET', '/history/api/v1/watch/configmaps', 404],
    ['GET', '/history/api/v1/configmaps/a', 404],
    ['GET', '/history/healthz', 404],
    ['GET', '/history/history', 404],
    ['POST', '/history', 405],
    ['POST', `/history${maps}`, 405],
    ['DELETE', `/history${maps}/a`, 405],
    ['HEAD', `/history${maps}`, 405],
    ['HEAD', '/history', 405],
    ['GET', '/history', 406],
  ])('%s %s is %i', async (method, path, status) => {
    const headers: Record<string, string> = status === 406 ? { Accept: 'text/html' } : {};
    expect((await server.ask(path, { method, headers })).status).toBe(status);
  });

  it('is for those who may read the same things today', async () => {
    const jane = { Authorization: 'Bearer jane' };
    const refusals = await Promise.all([
      get('/history', jane),
      get(`/history${maps}`, jane),
      get(`/history${maps}/a`, jane),
      get(`/history${maps}/a?follow=true`, jane),
      // A selector must not turn a list into a get.
      get(`/history${maps}?fieldSelector=metadata.name%3Da`, jane),
    ]);
    expect(refusals.map((r) => [r.status, r.json()['message']])).toEqual([
      [403, '*.* is forbidden: User "jane" cannot list resource "*" in API group "*" at the cluster scope'],
      [
        403,
        'configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" in the namespace "rec"',
      ],
      [
        403,
        'configmaps "a" is forbidden: User "jane" cannot get resource "configmaps" in API group "" in the namespace "rec"',
      ],
      [
        403,
        'configmaps "a" is forbidden: User "jane" cannot watch resource "configmaps" in API group "" in the namespace "rec"',
      ],
      [
        403,
        'configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" in the namespace "rec"',
      ],
    ]);
  });

  it('follows the log until the client goes or the bound is reached', async () => {
    const secrets = '/api/v1/namespaces/rec/secrets';
    const seen: string[] = [];
    const ended = new Promise<void>((resolve, reject) => {
      const sent = request(
        { agent: server.agent, host: '127.0.0.1', port: server.port, path: `/history${secrets}?follow=true&limit=3` },
        (response) => {
          response.setEncoding('utf8');
          response.on('data', (text: string) => {
            seen.push(text);
            const { name } = JSON.parse(text) as Line;
            if (name === 's3') return;
            void server.ask(secrets, {
              method: 'POST',
              json: { metadata: { name: `s${String(Number(name.slice(1)) + 1)}` } },
            });
          });
          response.on('end', resolve);
        },
      );
      sent.on('error', reject);
      sent.end();
    });
    await server.ask(secrets, { method: 'POST', json: { metadata: { name: 's1' } } });
    await ended;
    expect(seen.map((text) => (JSON.parse(text) as Line).name)).toEqual(['s1', 's2', 's3']);

    const to = server.log.head + 1;
    const bounded = get(`/history?follow=true&after=${String(to - 1)}&to=${String(to)}`);
    await server.ask(secrets, { method: 'POST', json: { metadata: { name: 's4' } } });
    expect(brief(await bounded)).toEqual(['create rec/s4']);
  });

  it('zips long answers for peers that are far away', async () => {
    const isLocal = Object.getOwnPropertyDescriptor(Exchange.prototype, 'isLocalPeer');
    Object.defineProperty(Exchange.prototype, 'isLocalPeer', { configurable: true, get: () => false });
    const answer = await get(`/history${maps}`, { 'Accept-Encoding': 'gzip' });
    if (isLocal !== undefined) Object.defineProperty(Exchange.prototype, 'isLocalPeer', isLocal);
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(answer.body).toString().trim().split('\n')).toHaveLength(4);
    expect((await get(`/history${maps}`, { 'Accept-Encoding': 'gzip' })).headers['content-encoding']).toBeUndefined();
  });
});

describe('history that is compacted', () => {
  it('is refused, unless the oldest that is kept will do', async () => {
    const server = await startTestServer();
    const path = '/api/v1/namespaces/rec/configmaps';
    for (const name of ['a', 'b']) await server.ask(path, { method: 'POST', json: { metadata: { name } } });
    for (const v of ['1', '2', '3'])
      await server.ask(`${path}/a`, {
        method: 'PATCH',
        body: JSON.stringify({ data: { v } }),
        headers: { 'Content-Type': 'application/merge-patch+json' },
      });
    const floor = (server.log.head - 1) as CompactionPlan['floor'];
    await server.log.compact([{ prefix: '/core/configmaps/', floor }]);
    for (const query of ['', `?after=${String(floor - 1)}`, '?follow=true']) {
      const gone = await server.ask(`/history${path}${query}`);
      expect([gone.status, gone.json()['reason'], gone.json()['message']]).toEqual([
        410,
        'Expired',
        `too old resource version: ${query.startsWith('?after') ? String(floor - 1) : '0'} (${String(floor)})`,
      ]);
    }
    expect((await server.ask('/history')).status).toBe(410);
    expect(brief(await server.ask(`/history${path}?after=${String(floor)}`))).toEqual(['update rec/a']);
    const oldest = await server.ask(`/history${path}?after=oldest`);
    expect(brief(oldest)).toEqual(['create rec/b', 'update rec/a', 'update rec/a']);
    expect(oldest.headers['reckon-log-floors']).toBe(`[{"prefix":"/core/configmaps/","floor":${String(floor)}}]`);
    const kept = Number(linesOf(oldest)[1]?.revision);
    const one = await server.ask(`/history${path}/a?after=${String(kept - 1)}&to=${String(kept)}&gaps=true`);
    expect([brief(one), one.headers['reckon-log-to']]).toEqual([['update rec/a'], String(kept)]);
    expect(brief(await server.ask(`/history${path}?since=2020-01-01T00:00:00Z`))).toHaveLength(3);
    expect((await server.ask('/history/api/v1/pods')).status).toBe(200);
    await server.close();
  });
});

const entryOf = (n: number): Entry => ({
  revision: n as Revision,
  key: '/core/configmaps/rec/a',
  previous: (n - 1) as Revision,
  verb: n === 1 ? 'create' : 'update',
  object: Buffer.from('{"metadata":{}}'),
  at: 0,
  ...{ actor: '', agent: '', manager: '', request: '' },
});

describe('a history that cannot go on', () => {
  it('ends with the Status of what went wrong, after what was sent', async () => {
    const log: HistoryLog = {
      head: 2 as Revision,
      id: 'x',
      async *read() {
        yield [entryOf(1)];
        throw new StorageError('Compacted', 'gone', { data: { requested: 1 } });
      },
      revisionAt: async () => 0 as Revision,
      floorOf: () => 0 as Revision,
      onGrown: () => () => undefined,
    };
    const server = await startTestServer({ history: log });
    const lines = linesOf(await server.ask('/history'));
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatchObject({ kind: 'Status', code: 410, reason: 'Expired' });
    await server.close();
  });

  it('is read no faster than the client takes it', async () => {
    let reads = 0;
    const server = await startTestServer({
      history: {
        head: 1000 as Revision,
        id: 'x',
        async *read() {
          for (; reads < 1000; reads++)
            yield [{ ...entryOf(reads + 1), object: Buffer.from(JSON.stringify({ text: 'x'.repeat(500_000) })) }];
        },
        revisionAt: async () => 0 as Revision,
        floorOf: () => 0 as Revision,
        onGrown: () => () => undefined,
      },
    });
    await new Promise<void>((resolve, reject) => {
      const sent = request(
        { agent: server.agent, host: '127.0.0.1', port: server.port, path: '/history' },
        (response) => {
          response.pause();
          setTimeout(() => {
            sent.destroy();
            resolve();
          }, 300);
        },
      );
      sent.on('error', reject);
      sent.end();
    });
    // What the sockets of both ends hold, and the piece in hand.
    expect(reads).toBeLessThan(60);
    await server.close();
  });

  it('is no longer read when the client goes, and ends when the server stops', async () => {
    const server = await startTestServer();
    const path = '/api/v1/namespaces/rec/configmaps';
    const following = (signal?: AbortSignal): Promise<'ended' | 'cut off'> =>
      new Promise((resolve) => {
        const sent = request(
          {
            agent: server.agent,
            host: '127.0.0.1',
            port: server.port,
            path: '/history?follow=true',
            ...(signal === undefined ? {} : { signal }),
          },
          (response) => {
            response.resume();
            response.once('end', () => {
              resolve('ended');
            });
            response.once('error', () => {
              resolve('cut off');
            });
            opened();
          },
        );
        sent.on('error', () => {
          resolve('cut off');
        });
        sent.end();
      });
    let opened = (): void => undefined;
    const isOpen = (): Promise<void> =>
      new Promise((resolve) => {
        opened = resolve;
      });
    const controller = new AbortController();
    const open = isOpen();
    const gone = following(controller.signal);
    await open;
    controller.abort();
    expect(await gone).toBe('cut off');
    const openAgain = isOpen();
    const ended = following();
    await openAgain;
    await server.ask(path, { method: 'POST', json: { metadata: { name: 'a' } } });
    await server.server.stop();
    expect(await ended).toBe('ended');
    await server.close();
  });
});

describe('who follows the history', () => {
  it('comes back after a while, with the rights of then', async () => {
    const server = await startTestServer({ limits: { minWatchMs: 200 } });
    const path = '/api/v1/namespaces/rec/configmaps';
    await server.ask(path, { method: 'POST', json: { metadata: { name: 'a' } } });
    const open = await server.ask(`/history${path}?follow=true&after=oldest`);
    expect([open.status, brief(open)]).toEqual([200, ['create rec/a']]);
    const bounded = await server.ask(`/history${path}?follow=true&after=oldest&to=99999`);
    expect(
      bounded.text
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { reason?: string }).reason),
    ).toEqual([undefined, 'Timeout']);
    const done = await server.ask(`/history${path}?follow=true&after=oldest&to=${String(server.log.head)}`);
    expect(brief(done)).toEqual(['create rec/a']);
    await server.close();
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { Kubectl, RawClient, type ReckonProcess, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Http2Reply, sendByFrames } from './http2-request';

const folder = mkdtempSync(join(tmpdir(), 'reckon-raw-'));
let reckon: ReckonProcess;
let admin: RawClient;

beforeAll(async () => {
  writeFileSync(join(folder, 'tokens.csv'), 'root-token,root,1,"system:masters"\neve-token,eve,2\n');
  reckon = await startReckon({ flags: ['--http2', '--nodes', '0', '--token-auth-file', join(folder, 'tokens.csv')] });
  admin = RawClient.of(reckon.kubeconfig);
  const kubectl = new Kubectl(reckon.kubeconfig);
  await kubectl.run('create role looker --verb=get --resource=pods,pods/exec,pods/attach,pods/portforward');
  await kubectl.run('create rolebinding looker --role=looker --user=eve');
  await kubectl.run('create role asker --verb=create --resource=localsubjectaccessreviews.authorization.k8s.io');
  await kubectl.run('create rolebinding asker --role=asker --user=eve');
  await kubectl.run('create secret generic hidden --from-literal=key=treasure-91ab');
});
afterAll(async () => {
  admin.close();
  await reckon.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** Everything that the server answers to these bytes until it ends the connection. */
const answerTo = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = '';
    const { hostname: host, port } = admin.url;
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
      socket.write(text, 'latin1');
    });
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => {
      resolve(answer);
    });
  });

const review = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
type Line = readonly [name: string, value: string];

/** Who the server takes the sender of these lines for, or the status; `reset` where it answers nothing. */
const whoSends = {
  'HTTP/1.1': async (lines: readonly Line[]): Promise<string> => {
    const head = [`POST ${review} HTTP/1.1`, 'Host: x', 'Content-Type: application/json', 'Content-Length: 2'];
    const written = lines.map(([name, value]) => `${name}: ${value}`);
    const answer = await answerTo(`${[...head, 'Connection: close', ...written].join('\r\n')}\r\n\r\n{}`);
    return /"username":"([^"]*)"/.exec(answer)?.[1] ?? answer.slice('HTTP/1.1 '.length, 12);
  },
  'HTTP/2': async (lines: readonly Line[]): Promise<string> => {
    const written = lines.map(([name, value]) => [name.toLowerCase(), value] as const);
    const reply = await overHttp2([['content-type', 'application/json'], ...written], { method: 'POST', path: review });
    return userOf(reply);
  },
};
const userOf = ({ body, isReset }: Http2Reply): string =>
  isReset ? 'reset' : (/"username":"([^"]*)"/.exec(body)?.[1] ?? /"code":(\d+)/.exec(body)?.[1] ?? body);
const overHttp2 = (
  headers: readonly Line[],
  { method = 'GET', path = '/api/v1/secrets' }: { readonly method?: string; readonly path?: string } = {},
): Promise<Http2Reply> =>
  sendByFrames(admin.url, {
    headers: [[':method', method], [':scheme', 'https'], [':path', path], [':authority', 'x'], ...headers],
    body: method === 'POST' ? '{}' : '',
  });
const root: Line = ['Authorization', 'Bearer root-token'];
const eve: Line = ['Authorization', 'Bearer eve-token'];

describe.each(['HTTP/1.1', 'HTTP/2'] as const)('heads that say two things, over %s', (protocol) => {
  it.each<readonly [string, readonly Line[], string]>([
    ['the first of two credentials counts', [eve, root], 'eve'],
    ['a bad first one is not mended by a good second', [['Authorization', 'Bearer nobodys'], root], '401'],
    ['nor is one of another kind', [['Authorization', 'Basic eDp5'], root], '403'],
    ['two in one are none', [['Authorization', 'Bearer eve-token, Bearer root-token']], '401'],
    ['an empty word is no token', [['Authorization', 'Bearer  root-token']], '403'],
    ['other blanks divide nothing', [['Authorization', 'Bearer\u00a0root-token']], '403'],
    ['nobody acts as somebody else without the right to', [eve, ['Impersonate-User', 'root']], '403'],
    [
      'nor as themselves with more groups',
      [eve, ['Impersonate-User', 'eve'], ['Impersonate-Group', 'system:masters']],
      '403',
    ],
    ['nor with groups alone', [eve, ['Impersonate-Group', 'system:masters']], '400'],
    [
      'the first of two names counts, even an empty one',
      [eve, ['Impersonate-User', ''], ['Impersonate-User', 'root']],
      'eve',
    ],
    ['underscores are no dashes', [eve, ['Impersonate_User', 'root'], ['X_Remote_User', 'root']], 'eve'],
    [
      'headers of a proxy are nothing without its certificate',
      [eve, ['X-Remote-User', 'root'], ['X-Remote-Group', 'system:masters']],
      'eve',
    ],
  ])('%s', async (_, lines, expected) => {
    expect(await whoSends[protocol](lines)).toBe(expected);
  });

  // Over HTTP/2 node leaves out a field that cannot be one, and the rest counts without it.
  it.each<readonly [string, readonly Line[], Readonly<Record<typeof protocol, string>>]>([
    ['values of two lines', [['Authorization', 'Bearer\r\n root-token']], { 'HTTP/1.1': '400', 'HTTP/2': '403' }],
    [
      'names that end before the colon',
      [['Authorization ', 'Bearer root-token']],
      { 'HTTP/1.1': '400', 'HTTP/2': '403' },
    ],
    ['credentials with a NUL', [['Authorization', 'Bearer root-token\0']], { 'HTTP/1.1': '400', 'HTTP/2': '403' }],
    ['values with a NUL', [eve, ['X-A', 'a\0b']], { 'HTTP/1.1': '400', 'HTTP/2': 'eve' }],
    ['names with a NUL', [eve, ['X-A\0', 'a']], { 'HTTP/1.1': '400', 'HTTP/2': 'eve' }],
    [
      'a value with a head in it',
      [eve, ['X-A', 'a\r\nImpersonate-User: root\r\nX-B: b']],
      { 'HTTP/1.1': '403', 'HTTP/2': 'eve' },
    ],
  ])('%s bring nobody in as somebody else', async (_, lines, expected) => {
    expect(await whoSends[protocol](lines)).toBe(expected[protocol]);
  });
});

describe('heads that HTTP/2 does not allow', () => {
  const pseudo = (path: string): readonly Line[] => [
    [':method', 'GET'],
    [':scheme', 'https'],
    [':path', path],
    [':authority', 'x'],
  ];
  const [secrets, lowerRoot] = ['/api/v1/secrets', ['authorization', 'Bearer root-token'] as const];

  it.each<readonly [string, readonly Line[]]>([
    ['a second path', [...pseudo('/livez'), [':path', secrets], lowerRoot]],
    ['a second method', [...pseudo(secrets), [':method', 'DELETE'], lowerRoot]],
    ['no path', [...pseudo(secrets).filter(([name]) => name !== ':path'), lowerRoot]],
    ['an empty path', [...pseudo(''), lowerRoot]],
    ['a pseudo-header after others', [lowerRoot, ...pseudo(secrets)]],
    ['one that nobody knows', [...pseudo(secrets), [':user', 'root'], lowerRoot]],
    ['one of answers', [...pseudo(secrets), [':status', '200'], lowerRoot]],
    ['names in capitals', [...pseudo(secrets), ['Authorization', 'Bearer root-token']]],
    ['a connection of its own', [...pseudo(secrets), ['connection', 'authorization'], lowerRoot]],
    ['an odd coding', [...pseudo(secrets), ['transfer-encoding', 'chunked'], lowerRoot]],
    ['two lengths', [...pseudo(secrets), ['content-length', '0'], ['content-length', '5'], lowerRoot]],
    ['a length that is none', [...pseudo(secrets), ['content-length', '+0'], lowerRoot]],
    ['a length that is not the body’s', [...pseudo(secrets), ['content-length', '7'], lowerRoot]],
  ])('%s: the stream is taken back', async (_, headers) => {
    expect(await sendByFrames(admin.url, { headers })).toEqual({ body: '', isReset: true });
  });

  it('the same in order is answered', async () => {
    const reply = await sendByFrames(admin.url, { headers: [...pseudo(secrets), lowerRoot] });
    expect(reply.isReset).toBe(false);
    expect(reply.body).toContain(Buffer.from('treasure-91ab').toString('base64'));
  });
});

describe('lengths and targets', () => {
  it.each([
    ['two lengths', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'],
    ['two different lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n'],
    ['an odd coding', 'Transfer-Encoding: chunked, identity\r\n'],
    ['a NUL', 'X-A: a\0b\r\n'],
  ])('%s are refused, and hide no second request', async (_, lines) => {
    const second = `GET /api/v1/secrets HTTP/1.1\r\nHost: x\r\n${root.join(': ')}\r\nConnection: close\r\n\r\n`;
    const answer = await answerTo(
      `POST ${review} HTTP/1.1\r\nHost: x\r\n${eve.join(': ')}\r\n${lines}\r\n0\r\n\r\n${second}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).not.toContain(Buffer.from('treasure-91ab').toString('base64'));
  });

  it('a target with a host leads nowhere, nor does one without a slash', async () => {
    for (const target of ['http://elsewhere/api/v1/secrets', '*', 'api/v1/secrets', '\\api\\v1\\secrets']) {
      const answer = await answerTo(
        `GET ${target} HTTP/1.1\r\nHost: x\r\n${eve.join(': ')}\r\nConnection: close\r\n\r\n`,
      );
      expect([target, /^HTTP\/1\.1 40[034] /.test(answer)]).toEqual([target, true]);
      const second = await overHttp2([['authorization', 'Bearer eve-token']], { path: target });
      expect([target, second.isReset || /40[034]/.test(userOf(second))]).toEqual([target, true]);
      expect(second.body).not.toContain(Buffer.from('treasure-91ab').toString('base64'));
    }
  });
});

describe('rights of two verbs', () => {
  it.each(['exec', 'attach', 'portforward'])('%s is not for who may only look', async (sub) => {
    const client = admin.as({ token: 'eve-token' });
    const path = '/api/v1/namespaces/default/pods/p';
    expect((await client.send('GET', path)).status).toBe(404);
    const reply = await client.send('GET', `${path}/${sub}?command=sh`, {
      headers: { connection: 'Upgrade', upgrade: 'websocket' },
    });
    expect([reply.status, reply.body]).toMatchObject([
      403,
      { message: expect.stringContaining(`User "eve" cannot create resource "pods/${sub}"`) as string },
    ]);
    client.close();
  });
});

describe('a review of a namespace', () => {
  it('is of the namespace of its path, whether or not it says so', async () => {
    const client = admin.as({ token: 'eve-token' });
    const path = '/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews';
    const ask = (metadata: object, namespace = 'default') =>
      client.send('POST', path, {
        body: { metadata, spec: { user: 'eve', resourceAttributes: { namespace, verb: 'get', resource: 'pods' } } },
      });
    expect((await ask({})).body).toMatchObject({ metadata: { namespace: 'default' }, status: { allowed: true } });
    expect((await ask({ namespace: 'default' })).status).toBe(201);
    const other = await ask({ namespace: 'kube-system' }, 'kube-system');
    expect([other.status, other.body]).toMatchObject([
      400,
      { message: 'the namespace of the provided object does not match the namespace sent on the request' },
    ]);
    expect((await ask({}, 'kube-system')).status).toBe(422);
    client.close();
  });
});

describe('a timeout that is none', () => {
  it('is refused, whoever asks, but not of a watch', async () => {
    const nobody = admin.as({});
    const path = '/api/v1/namespaces/default/configmaps';
    const reply = await nobody.send('GET', `${path}?timeout=soon`);
    expect([reply.status, reply.body]).toMatchObject([
      400,
      { message: 'invalid timeout specified in the request URL - time: invalid duration "soon"' },
    ]);
    expect((await admin.send('GET', `${path}?timeout=5s`)).status).toBe(200);
    expect((await admin.send('GET', `${path}?watch=1&timeoutSeconds=1&timeout=soon`)).status).toBe(200);
    nobody.close();
  });
});

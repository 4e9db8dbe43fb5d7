import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { Kubectl, RawClient, type ReckonProcess, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'reckon-raw-'));
let reckon: ReckonProcess;
let admin: RawClient;

beforeAll(async () => {
  writeFileSync(join(folder, 'tokens.csv'), 'root-token,root,1,"system:masters"\neve-token,eve,2\n');
  reckon = await startReckon({ flags: ['--nodes', '0', '--token-auth-file', join(folder, 'tokens.csv')] });
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
/** Who the server takes the sender of these lines for, or the status. */
async function whoSends(...lines: readonly string[]): Promise<string> {
  const head = [`POST ${review} HTTP/1.1`, 'Host: x', 'Content-Type: application/json', 'Content-Length: 2'];
  const answer = await answerTo(`${[...head, 'Connection: close', ...lines].join('\r\n')}\r\n\r\n{}`);
  return /"username":"([^"]*)"/.exec(answer)?.[1] ?? answer.slice('HTTP/1.1 '.length, 12);
}
const root = 'Authorization: Bearer root-token';
const eve = 'Authorization: Bearer eve-token';

describe('heads that say two things', () => {
  it.each<readonly [string, readonly string[], string]>([
    ['the first of two credentials counts', [eve, root], 'eve'],
    ['a bad first one is not mended by a good second', ['Authorization: Bearer nobodys', root], '401'],
    ['nor is one of another kind', ['Authorization: Basic eDp5', root], '403'],
    ['two in one are none', ['Authorization: Bearer eve-token, Bearer root-token'], '401'],
    ['an empty word is no token', ['Authorization: Bearer  root-token'], '403'],
    ['other blanks divide nothing', ['Authorization: Bearer\u00a0root-token'], '403'],
    ['lines are not folded', ['Authorization: Bearer', ' root-token'], '400'],
    ['names end before the colon', ['Authorization : Bearer root-token'], '400'],
    ['nobody acts as somebody else without the right to', [eve, 'Impersonate-User: root'], '403'],
    ['nor as themselves with more groups', [eve, 'Impersonate-User: eve', 'Impersonate-Group: system:masters'], '403'],
    ['nor with groups alone', [eve, 'Impersonate-Group: system:masters'], '400'],
    ['the first of two names counts, even an empty one', [eve, 'Impersonate-User: ', 'Impersonate-User: root'], 'eve'],
    ['underscores are no dashes', [eve, 'Impersonate_User: root', 'X_Remote_User: root'], 'eve'],
    [
      'headers of a proxy are nothing without its certificate',
      [eve, 'X-Remote-User: root', 'X-Remote-Group: system:masters'],
      'eve',
    ],
  ])('%s', async (_, lines, expected) => {
    expect(await whoSends(...lines)).toBe(expected);
  });

  it.each([
    ['two lengths', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'],
    ['two different lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n'],
    ['an odd coding', 'Transfer-Encoding: chunked, identity\r\n'],
    ['a NUL', 'X-A: a\0b\r\n'],
  ])('%s are refused, and hide no second request', async (_, lines) => {
    const second = `GET /api/v1/secrets HTTP/1.1\r\nHost: x\r\n${root}\r\nConnection: close\r\n\r\n`;
    const answer = await answerTo(`POST ${review} HTTP/1.1\r\nHost: x\r\n${eve}\r\n${lines}\r\n0\r\n\r\n${second}`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).not.toContain(Buffer.from('treasure-91ab').toString('base64'));
  });

  it('a target with a host leads nowhere, nor does one without a slash', async () => {
    for (const target of ['http://elsewhere/api/v1/secrets', '*', 'api/v1/secrets', '\\api\\v1\\secrets']) {
      const answer = await answerTo(`GET ${target} HTTP/1.1\r\nHost: x\r\n${eve}\r\nConnection: close\r\n\r\n`);
      expect([target, /^HTTP\/1\.1 40[034] /.test(answer)]).toEqual([target, true]);
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

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createProxy, type Server as Proxy } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  RawClient,
  type ReckonProcess,
  eventually,
  foreignAuthority,
  reckonProgram,
  run,
  startReckon,
} from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whoAmI } from './who-am-i';

const folder = mkdtempSync(join(tmpdir(), 'reckon-webhook-credentials-'));
const authority = foreignAuthority('webhooks-ca');
/** `Authorization` of each call, by path. */
const seen = new Map<string, Set<string>>();
const tunnels = new Set<string>();
let webhooks: Server;
let proxy: Proxy;
let reckon: ReckonProcess;
let admin: RawClient;

const portOf = (server: Server | Proxy): number => (server.address() as AddressInfo).port;
const file = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
/** A kubeconfig of a webhook at this path, whose host only the proxy knows. */
const kubeconfig = (path: string, user: object, cluster: object = {}): string =>
  file(`${path}.kubeconfig`, {
    'current-context': 'c',
    clusters: [
      {
        name: 'c',
        cluster: {
          server: `https://hooks.example.com/${path}`,
          'certificate-authority-data': Buffer.from(authority.certPem).toString('base64'),
          'proxy-url': `http://jane:secret@127.0.0.1:${String(portOf(proxy))}`,
          ...cluster,
        },
      },
    ],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  });

beforeAll(async () => {
  const { certPem, keyPem } = authority.issue({ commonName: 'h', dnsNames: ['hooks.example.com'], usages: ['server'] });
  webhooks = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    request.on('end', () => {
      const [path = ''] = (request.url ?? '').split('?');
      seen.set(path, (seen.get(path) ?? new Set()).add(request.headers.authorization ?? ''));
      const { apiVersion, kind } = JSON.parse(text) as { apiVersion: string; kind: string };
      const status = { authenticated: true, user: { username: 'from-webhook' } };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(kind === 'TokenReview' ? JSON.stringify({ apiVersion, kind, status }) : '');
    });
  });
  proxy = createProxy();
  proxy.on('connect', (request, socket) => {
    tunnels.add(`${request.url ?? ''} ${request.headers['proxy-authorization'] ?? ''}`);
    const target = connect(portOf(webhooks), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
    socket.on('error', () => target.destroy());
  });
  for (const server of [webhooks, proxy]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  file('token', 'of-the-file\n');
  const policy = file('policy.yaml', {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    rules: [{ level: 'Metadata', users: ['from-webhook'] }, { level: 'None' }],
  });
  const flags = [
    ['--authentication-token-webhook-config-file', kubeconfig('tokens', { username: 'api', password: 'p:w' })],
    ['--audit-webhook-config-file', kubeconfig('audit', { tokenFile: 'token', token: 'old' })],
    ['--audit-policy-file', policy, '--nodes', '0'],
  ].flat();
  reckon = await startReckon({ flags });
  admin = RawClient.of(reckon.kubeconfig);
});
afterAll(async () => {
  admin.close();
  await reckon.dispose();
  for (const server of [webhooks, proxy]) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

describe('kubeconfigs of webhooks', () => {
  it('lead through a proxy, with a password or a token from a file', async () => {
    const client = admin.as({ token: 'anything' });
    expect(await whoAmI(client)).toMatchObject({ username: 'from-webhook' });
    // A batch goes out when it is full, long before its time.
    for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 25 }, () => whoAmI(client)));
    client.close();
    await eventually(() => {
      expect(seen.get('/audit')).toEqual(new Set(['Bearer of-the-file']));
    });
    expect(seen.get('/tokens')).toEqual(new Set([`Basic ${Buffer.from('api:p:w').toString('base64')}`]));
    const basic = Buffer.from('jane:secret').toString('base64');
    expect(tunnels).toEqual(new Set([`hooks.example.com:443 Basic ${basic}`]));
  });

  it.each<[string, object, object, string]>([
    [
      'two ways to say who we are',
      { username: 'a', token: 't' },
      {},
      'more than one authentication method found for u',
    ],
    ['a program that says nothing of itself', { exec: { command: 'x' } }, {}, 'apiVersion must be specified for u'],
    ['a token that is not there', { tokenFile: 'nowhere' }, {}, `cannot read ${join(folder, 'nowhere')}`],
    ['a proxy that is none', {}, { 'proxy-url': 'socks5://u:hidden@p' }, 'proxy-url "socks5://p" names no proxy'],
  ])('are refused at the start for %s', async (_, user, cluster, message) => {
    const config = kubeconfig('broken', user, cluster);
    const flag = '--authentication-token-webhook-config-file';
    const ran = await run(reckonProgram, ['up', '--data-dir', join(folder, 'none'), '--port', '0', flag, config]);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain(`${flag}: `);
    expect(ran.stderr).toContain(message);
    expect(ran.stderr).not.toContain('hidden');
  });
});

import { chmodSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { fakeClock } from '@reckon/kernel';
import { foreignAuthority } from '@reckon/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadKubeconfig } from '../kubeconfig';
import type { CredentialSource } from './credential-source';
import { credentialsOf } from './credentials-of';
import { RestClient } from '../rest-client';

const authority = foreignAuthority('webhooks');
const users = foreignAuthority('users');
let folder: string;
let server: TlsServer;
let proxy: Server;
let url: string;
let proxyUrl: string;
/** What the server saw of each request, and the proxy of each connection. */
let seen: { authorization: string; by: string; impersonates: string[] }[];
let tunnels: { to: string; authorization: string }[];
/** `Authorization` of whoever is let in; undefined: everybody. */
let wanted: string | undefined;

const portOf = (of: Server | TlsServer): string => String((of.address() as AddressInfo).port);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reckon-credentials-'));
  const { certPem, keyPem } = authority.issue({ commonName: 'a', dnsNames: ['api.example.com'], usages: ['server'] });
  server = createTlsServer(
    { cert: certPem, key: keyPem, ca: users.certPem, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      if (!(request.socket instanceof TLSSocket)) throw new Error('a connection without TLS');
      const { subject } = request.socket.getPeerCertificate() as { readonly subject?: { readonly CN?: string } };
      const impersonates = request.rawHeaders.flatMap((name, i, all) =>
        i % 2 === 0 && name.startsWith('impersonate-') ? [`${name}: ${all[i + 1] ?? ''}`] : [],
      );
      seen.push({ authorization: request.headers.authorization ?? '', by: subject?.CN ?? '', impersonates });
      response.writeHead(wanted === undefined || wanted === request.headers.authorization ? 200 : 401).end('{}');
    },
  );
  proxy = createHttpServer();
  proxy.on('connect', (request, socket) => {
    tunnels.push({ to: request.url ?? '', authorization: request.headers['proxy-authorization'] ?? '' });
    const target = connect(Number(portOf(server)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
    socket.on('error', () => target.destroy());
  });
  for (const one of [server, proxy]) await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${portOf(server)}`;
  proxyUrl = `http://127.0.0.1:${portOf(proxy)}`;
});
afterAll(() => {
  server.close();
  proxy.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  [seen, tunnels, wanted] = [[], [], undefined];
});

/** A kubeconfig with this user and cluster. */
function kubeconfig(user: object, cluster: object = {}): string {
  const file = join(folder, 'kubeconfig');
  const caData = Buffer.from(authority.certPem).toString('base64');
  const usual = { server: url, 'certificate-authority-data': caData, 'tls-server-name': 'api.example.com' };
  writeFileSync(
    file,
    stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { ...usual, ...cluster } }],
      users: [{ name: 'u', user }],
    }),
  );
  return file;
}
const load = (user: object, cluster?: object) => loadKubeconfig(kubeconfig(user, cluster), { userAgent: 'test' });
function client(user: object, cluster?: object, clock = fakeClock()): RestClient {
  return new RestClient(load(user, cluster), { clock, timers: clock });
}
async function ask(rest: RestClient, times = 1): Promise<void> {
  try {
    for (let i = 0; i < times; i++) await rest.request('GET', '/');
  } finally {
    await rest.close();
  }
}

/** A program that counts its runs, keeps what it was told, and prints this. */
function program(name: string, output: string): string {
  const file = join(folder, name);
  writeFileSync(
    file,
    `#!/bin/sh\ncd '${folder}'\necho run >> ${name}.runs\nprintf '%s' "$KUBERNETES_EXEC_INFO" > ${name}.info\n` +
      `printf '%s' "$WHO $1" > ${name}.who\ncat <<END\n${output}\nEND\n`,
  );
  chmodSync(file, 0o755);
  rmSync(`${file}.runs`, { force: true });
  return file;
}
const runsOf = (name: string): number =>
  readFileSync(join(folder, `${name}.runs`), 'utf8')
    .trim()
    .split('\n').length;
const apiVersion = 'client.authentication.k8s.io/v1';
const credential = (status: unknown, version = apiVersion): string =>
  JSON.stringify({ apiVersion: version, kind: 'ExecCredential', ...(status === undefined ? {} : { status }) });
const exec = (command: string, more: object = {}): object => ({
  exec: { command, apiVersion, interactiveMode: 'Never', ...more },
});

describe('a cluster of a kubeconfig', () => {
  it('is trusted by the name that it is said to have', async () => {
    await ask(client({}));
    expect(seen).toHaveLength(1);
    await expect(ask(client({}, { 'tls-server-name': 'other.example.com' }))).rejects.toThrow(/other\.example\.com/);
    await expect(ask(client({}, { 'tls-server-name': '' }))).rejects.toThrow(/127\.0\.0\.1/);
    expect(seen).toHaveLength(1);
  });

  it('is reached through its proxy, to which its server stays secret', async () => {
    const withUser = proxyUrl.replace('//', '//jane:p%40ss@');
    await ask(client({ token: 't' }, { 'proxy-url': withUser, server: 'https://api.example.com' }), 2);
    const basic = `Basic ${Buffer.from('jane:p@ss').toString('base64')}`;
    expect(new Set(tunnels.map(({ to, authorization }) => `${to} ${authorization}`))).toEqual(
      new Set([`api.example.com:443 ${basic}`]),
    );
    expect(seen.map(({ authorization }) => authorization)).toEqual(['Bearer t', 'Bearer t']);
    await expect(ask(client({}, { 'proxy-url': proxyUrl, 'tls-server-name': 'other.example.com' }))).rejects.toThrow(
      /other\.example\.com/,
    );
  });

  it('is not reached past a proxy that refuses or is none', async () => {
    await expect(ask(client({}, { 'proxy-url': url.replace('https', 'http') }))).rejects.toThrow(/proxyconnect to/);
    await expect(ask(client({}, { 'proxy-url': 'socks5://u:secret@127.0.0.1:1' }))).rejects.toThrow(
      /^proxy-url "socks5:\/\/127.0.0.1:1" names no proxy/,
    );
    expect(seen).toEqual([]);
  });
});

describe('a user of a kubeconfig', () => {
  it('has a name and a password', async () => {
    await ask(client({ username: 'jane', password: 'p:w' }));
    expect(seen[0]?.authorization).toBe(`Basic ${Buffer.from('jane:p:w').toString('base64')}`);
  });

  it('is refused where it is two at once, or cannot be understood', () => {
    expect(() => load({ username: 'a', token: 't' })).toThrow(
      'more than one authentication method found for u; found [token basicAuth], only one is allowed',
    );
    expect(() => load({ 'auth-provider': { name: 'gcp' } })).toThrow(/auth-provider is not supported/);
    expect(() => load({ 'client-certificate-data': 'eA==' })).toThrow(/of no use without each other/);
    const needs = (what: string): string => `${what} must be specified for u to use exec authentication plugin`;
    expect(() => load({ exec: { apiVersion } })).toThrow(needs('command'));
    expect(() => load({ exec: { command: 'x' } })).toThrow(needs('apiVersion'));
    expect(() => load({ exec: { command: 'x', apiVersion } })).toThrow(needs('interactiveMode'));
    expect(() => load(exec('x', { env: [{ value: 'a' }] }))).toThrow(needs('env variable name'));
    expect(() => load(exec('x', { interactiveMode: 'Maybe' }))).toThrow('invalid interactiveMode for u: "Maybe"');
    expect(() => load(exec('x', { apiVersion: 'v1' }))).toThrow('exec plugin: invalid apiVersion "v1"');
  });
});

describe('a program for credentials', () => {
  it('is run once while what it gave holds, and again when that has ended or was refused', async () => {
    const clock = fakeClock();
    const expirationTimestamp = new Date(clock.nowMs() + 60_000).toISOString();
    const command = program('giver', credential({ token: 'one', expirationTimestamp }));
    const rest = client(exec(command), undefined, clock);
    await Promise.all([rest.request('GET', '/'), rest.request('GET', '/')]);
    expect(runsOf('giver')).toBe(1);
    program('giver', credential({ token: 'two' }));
    await clock.advance(60_001);
    await rest.request('GET', '/');
    await rest.request('GET', '/');
    expect(runsOf('giver')).toBe(1);
    wanted = 'Bearer three';
    program('giver', credential({ token: 'three' }));
    await expect(rest.request('GET', '/')).rejects.toThrow();
    await ask(rest);
    expect(runsOf('giver')).toBe(1);
    expect(seen.map(({ authorization }) => authorization)).toEqual(
      ['one', 'one', 'two', 'two', 'two', 'three'].map((token) => `Bearer ${token}`),
    );
  });

  it('may give a certificate, and is told of the cluster when it wants to know', async () => {
    const { certPem, keyPem } = users.issue({ commonName: 'robot', usages: ['client'] });
    program('cert', credential({ clientCertificateData: certPem, clientKeyData: keyPem }));
    const more = { args: ['say'], env: [{ name: 'WHO', value: 'me' }], provideClusterInfo: true };
    // Relative to the kubeconfig.
    await ask(client(exec('./cert', more)), 2);
    expect(seen).toMatchObject([
      { authorization: '', by: 'robot' },
      { authorization: '', by: 'robot' },
    ]);
    expect(runsOf('cert')).toBe(1);
    expect(readFileSync(join(folder, 'cert.who'), 'utf8')).toBe('me say');
    expect(JSON.parse(readFileSync(join(folder, 'cert.info'), 'utf8'))).toEqual({
      kind: 'ExecCredential',
      apiVersion,
      spec: {
        interactive: false,
        cluster: {
          server: url,
          'tls-server-name': 'api.example.com',
          'certificate-authority-data': Buffer.from(authority.certPem).toString('base64'),
          config: null,
        },
      },
    });
  });

  it('says what keeps it, and nothing that may be secret', async () => {
    const failure = (user: object) => ask(client(user)).then(() => 'none', String);
    const output = (text: string) => failure(exec(program('odd', text)));
    const said = (why: string): string => `ExecPluginError: getting credentials: ${why}`;
    expect(await output('s3cret')).toBe(said('decoding stdout: it is no JSON'));
    expect(await output('{"token":"s3cret"}')).toBe(said('decoding stdout: kind, apiVersion cannot be used'));
    expect(await output(credential(undefined))).toBe(said("exec plugin didn't return a status field"));
    expect(await output(credential({}))).toBe(said("exec plugin didn't return a token or cert/key pair"));
    expect(await output(credential({ token: 't', clientKeyData: 'k' }))).toBe(
      said('exec plugin returned only certificate or key, not both'),
    );
    expect(await output(credential({ token: 't' }, 'client.authentication.k8s.io/v1beta1'))).toBe(
      said(
        'exec plugin is configured to use API version client.authentication.k8s.io/v1, plugin returned version client.authentication.k8s.io/v1beta1',
      ),
    );
    expect(await failure(exec('no-such-program'))).toBe(said('exec: executable no-such-program not found'));
    expect(await failure(exec('false'))).toBe(said('exec: executable false failed with exit code 1'));
    expect(await failure(exec('true', { interactiveMode: 'Always' }))).toMatch(/standard input is not a terminal$/);
    expect(seen).toEqual([]);
  });
});

describe('a certificate in files', () => {
  const pairs = ['one', 'two', 'three'].map((commonName) => users.issue({ commonName, usages: ['client'] }));
  const put = (cert: string | undefined, key: string | undefined): void => {
    if (cert !== undefined) writeFileSync(join(folder, 'client.crt'), cert);
    if (key !== undefined) writeFileSync(join(folder, 'client.key'), key);
  };
  const shown = async (source: CredentialSource | undefined): Promise<number> => {
    const credentials = await source?.current();
    return pairs.findIndex(({ certPem, keyPem }) => certPem === credentials?.certPem && keyPem === credentials.keyPem);
  };

  it('is read again every five minutes, whole or not at all, with what stands beside it', async () => {
    const clock = fakeClock();
    put(pairs[0]?.certPem, pairs[0]?.keyPem);
    writeFileSync(join(folder, 'token'), 'beside');
    const user = { 'client-certificate': 'client.crt', 'client-key': 'client.key', tokenFile: 'token' };
    const credentials = credentialsOf(load(user), { clock });
    const source = 'source' in credentials ? credentials.source : undefined;
    expect(await shown(source)).toBe(0);
    expect(await source?.current()).toMatchObject({ token: 'beside' });
    put(pairs[1]?.certPem, undefined);
    await clock.advance(300_000);
    expect(await shown(source)).toBe(0);
    put(undefined, pairs[1]?.keyPem);
    expect(await shown(source)).toBe(0);
    await clock.advance(300_000);
    expect(await shown(source)).toBe(1);
    rmSync(join(folder, 'client.crt'));
    await clock.advance(300_000);
    expect(await shown(source)).toBe(1);
    // A refusal reaches whoever gave the other half.
    writeFileSync(join(folder, 'token'), 'newer');
    await clock.advance(1);
    source?.refused(await source.current());
    expect(await source?.current()).toMatchObject({ token: 'newer', certPem: pairs[1]?.certPem });
  });

  it('stays where it is written into the kubeconfig, and gives way to that of a program', async () => {
    const data = (pem = ''): string => Buffer.from(pem).toString('base64');
    const inline = { 'client-certificate-data': data(pairs[0]?.certPem), 'client-key-data': data(pairs[0]?.keyPem) };
    const clock = fakeClock();
    expect(credentialsOf(load({ ...inline, token: 't' }), { clock })).toEqual({
      fixed: { certPem: pairs[0]?.certPem, keyPem: pairs[0]?.keyPem, token: 't' },
    });
    const status = { clientCertificateData: pairs[2]?.certPem, clientKeyData: pairs[2]?.keyPem };
    const both = credentialsOf(load({ ...inline, ...exec(program('own', credential(status))) }), { clock });
    expect(await shown('source' in both ? both.source : undefined)).toBe(2);
  });
});

describe('a user who is to be another', () => {
  it('says so with each request', async () => {
    const other = {
      as: 'jane',
      'as-uid': '7',
      'as-groups': ['dev', 'a,b'],
      'as-user-extra': { 'example.com/Scope%': ['x', 'y'] },
    };
    await ask(client({ token: 't', ...other }));
    await ask(client({ token: 't', as: 'joe' }));
    await ask(client({ token: 't', as: '' }));
    expect(seen.map(({ impersonates }) => impersonates)).toEqual([
      [
        'impersonate-user: jane',
        'impersonate-uid: 7',
        'impersonate-group: dev',
        'impersonate-group: a,b',
        'impersonate-extra-example.com%2FScope%25: x',
        'impersonate-extra-example.com%2FScope%25: y',
      ],
      ['impersonate-user: joe'],
      [],
    ]);
    expect(seen.map(({ authorization }) => authorization)).toEqual(['Bearer t', 'Bearer t', 'Bearer t']);
  });

  it.each([{ 'as-uid': '7' }, { 'as-groups': ['dev'] }, { 'as-user-extra': { a: ['b'] } }])(
    'must be named: %j is not enough',
    (user) => {
      expect(() => load(user)).toThrow('requesting uid, groups or user-extra for u without impersonating a user');
    },
  );
});

describe('a token file', () => {
  it('goes before a token', async () => {
    writeFileSync(join(folder, 'token'), 'from-file\n');
    utimesSync(join(folder, 'token'), 0, 0);
    await ask(client({ token: 'inline', tokenFile: 'token' }));
    expect(seen[0]?.authorization).toBe('Bearer from-file');
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { type FakeClock, fakeClock } from '@reckon/kernel';
import { foreignAuthority } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inClusterConfig } from '../in-cluster';
import { readKubeconfig } from '../kubeconfig';
import { RestClient } from '../rest-client';

const [first, second] = [foreignAuthority('first'), foreignAuthority('second')];
const users = foreignAuthority('users');
const serving = [first, second].map((authority) =>
  authority.issue({ commonName: 'a', dnsNames: ['api.example.com'], ipAddresses: ['127.0.0.1'], usages: ['server'] }),
);
const jane = users.issue({ commonName: 'jane', usages: ['client'] });
const joe = users.issue({ commonName: 'joe', usages: ['client'] });
const fiveMinutes = 5 * 60_000;

let folder: string;
let server: Server;
/** Who asked. */
let asked: string[];
let held: ServerResponse[];
let clock: FakeClock;
let rest: RestClient | undefined;

const file = (name: string): string => join(folder, name);
const portOf = (of: { address: () => unknown }): number => (of.address() as AddressInfo).port;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reckon-pems-'));
  [asked, held, clock] = [[], [], fakeClock()];
  server = createServer(
    {
      cert: serving[0]?.certPem,
      key: serving[0]?.keyPem,
      ca: users.certPem,
      requestCert: true,
      rejectUnauthorized: false,
    },
    ({ socket, url }, response) => {
      if (!(socket instanceof TLSSocket)) throw new Error('a connection without TLS');
      const { subject } = socket.getPeerCertificate() as { readonly subject?: { readonly CN?: string } };
      asked.push(subject?.CN ?? '');
      if (url === '/held') {
        held.push(response);
        response.writeHead(200).write('begun');
      } else response.end('{}');
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  writeFileSync(file('ca.crt'), first.certPem);
});
afterEach(async () => {
  await rest?.close();
  rest = undefined;
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

const configOf = (cluster: object = { 'certificate-authority': 'ca.crt' }, user: object = {}) =>
  readKubeconfig(
    {
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: `https://127.0.0.1:${String(portOf(server))}`, ...cluster } }],
      users: [{ name: 'u', user }],
    },
    file('kubeconfig'),
    { userAgent: 'test' },
  );
function start(config = configOf()): RestClient {
  rest = new RestClient(config, { clock, timers: clock });
  return rest;
}
async function reached(): Promise<string> {
  try {
    await rest?.request('GET', '/');
    return 'reached';
  } catch (error) {
    return (error as { code?: string }).code ?? '';
  }
}
/** The certificate of new connections. */
function serveAs(index: 0 | 1): void {
  const { certPem: cert, keyPem: key } = serving[index] ?? jane;
  server.setSecureContext({ cert, key, ca: users.certPem });
}

describe('the authority of a kubeconfig', () => {
  it('is read again after five minutes, when somebody asks', async () => {
    start();
    expect(await reached()).toBe('reached');
    serveAs(1);
    server.closeAllConnections();
    writeFileSync(file('ca.crt'), second.certPem);
    clock.jump(fiveMinutes - 1);
    expect(await reached()).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    clock.jump(1);
    expect(await reached()).toBe('reached');
  });

  it('holds for connections that were made before, too', async () => {
    start();
    expect([await reached(), await reached()]).toEqual(['reached', 'reached']);
    writeFileSync(file('ca.crt'), second.certPem);
    clock.jump(fiveMinutes);
    expect(await reached()).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    expect(asked).toHaveLength(2);
  });

  it('does not end what is under way', async () => {
    const texts: string[] = [];
    const stream = (async () => {
      for await (const chunk of start().stream('/held')) texts.push(chunk.toString());
    })();
    while (texts.length === 0) await new Promise((resolve) => setImmediate(resolve));
    writeFileSync(file('ca.crt'), `${first.certPem}${second.certPem}`);
    serveAs(1);
    clock.jump(fiveMinutes);
    expect(await reached()).toBe('reached');
    held[0]?.end(' and done');
    await stream;
    expect(texts.join('')).toBe('begun and done');
  });

  it.each([
    ['empty', ''],
    ['no PEM', 'nonsense'],
    ['half written', first.certPem.slice(0, 200)],
    ['no certificate', jane.keyPem],
  ])('stays when its file is %s', async (_, text) => {
    start();
    writeFileSync(file('ca.crt'), text);
    clock.jump(fiveMinutes);
    expect(await reached()).toBe('reached');
    rmSync(file('ca.crt'));
    clock.jump(fiveMinutes);
    expect(await reached()).toBe('reached');
    writeFileSync(file('ca.crt'), second.certPem);
    clock.jump(fiveMinutes);
    expect(await reached()).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  it('is not read again where it stands in the kubeconfig itself, which goes before the file', async () => {
    start(
      configOf({
        'certificate-authority': 'ca.crt',
        'certificate-authority-data': Buffer.from(first.certPem).toString('base64'),
      }),
    );
    writeFileSync(file('ca.crt'), second.certPem);
    clock.jump(fiveMinutes);
    expect(await reached()).toBe('reached');
  });

  it('is followed by way of a proxy, too', async () => {
    const proxy = createHttpServer();
    proxy.on('connect', (_, socket) => {
      const target = connect(portOf(server), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        target.pipe(socket).pipe(target);
      });
      target.on('error', () => socket.destroy());
      socket.on('error', () => target.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    try {
      start(configOf({ 'certificate-authority': 'ca.crt', 'proxy-url': `http://127.0.0.1:${String(portOf(proxy))}` }));
      expect(await reached()).toBe('reached');
      writeFileSync(file('ca.crt'), second.certPem);
      clock.jump(fiveMinutes);
      expect(await reached()).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    } finally {
      await rest?.close();
      proxy.close();
    }
  });

  it('of a file that is empty is nobody, not whom the machine trusts', async () => {
    writeFileSync(file('ca.crt'), '');
    const config = configOf();
    expect(config.caPem).toBe('');
    start(config);
    expect(await reached()).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  it('may stand among what cannot be read', async () => {
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    writeFileSync(file('ca.crt'), `# ours\n${broken}${jane.keyPem}${first.certPem}`);
    start();
    expect(await reached()).toBe('reached');
  });

  it.each([
    ['nonsense', 'unable to load root certificates: unable to parse bytes as PEM block'],
    [
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      'unable to load root certificates: failed to parse certificate: ',
    ],
    [jane.keyPem, 'unable to load root certificates: no valid certificate authority data seen'],
  ])('is refused at once when it is none (%#)', (text, problem) => {
    writeFileSync(file('ca.crt'), text);
    expect(() => configOf()).toThrow(problem);
    expect(() => configOf({ 'certificate-authority-data': Buffer.from(text).toString('base64') })).toThrow(problem);
  });

  it('is missed by its name', () => {
    expect(() => configOf({ 'certificate-authority': 'gone.crt' })).toThrow(
      `unable to read certificate-authority ${file('gone.crt')} for c due to `,
    );
  });

  it('is followed in a pod', async () => {
    const serviceAccount = 'var/run/secrets/kubernetes.io/serviceaccount';
    mkdirSync(join(folder, serviceAccount), { recursive: true });
    for (const [name, text] of [
      ['token', 't'],
      ['namespace', 'default'],
      ['ca.crt', first.certPem],
    ] as const)
      writeFileSync(join(folder, serviceAccount, name), text);
    const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(portOf(server)) };
    start(inClusterConfig({ userAgent: 'test', env, root: folder }));
    expect(await reached()).toBe('reached');
    writeFileSync(join(folder, serviceAccount, 'ca.crt'), second.certPem);
    clock.jump(fiveMinutes);
    expect(await reached()).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });
});

describe('the certificate of a kubeconfig', () => {
  const keep = (pair: { readonly certPem: string; readonly keyPem: string }): void => {
    writeFileSync(file('client.crt'), pair.certPem);
    writeFileSync(file('client.key'), pair.keyPem);
  };
  const files = { 'client-certificate': 'client.crt', 'client-key': 'client.key' };

  it('is read again after five minutes, whole or not at all', async () => {
    keep(jane);
    start(configOf(undefined, files));
    await reached();
    writeFileSync(file('client.crt'), joe.certPem);
    clock.jump(fiveMinutes);
    await reached();
    keep(joe);
    clock.jump(fiveMinutes);
    await reached();
    expect(asked).toEqual(['jane', 'jane', 'joe']);
  });
});

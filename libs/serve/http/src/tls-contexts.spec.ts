import { type PeerCertificate, connect } from 'node:tls';
import { systemClock } from '@reckon/kernel';
import { type Credential, createAuthority, issue } from '@reckon/pki';
import { describe, expect, it } from 'vitest';
import { startTestServer } from './testing/test-server.suite';
import { certificatesByName, forName, tlsContexts } from './tls-contexts';

const authority = createAuthority({ commonName: 'names', clock: systemClock });
const leaf = (commonName: string, ...dnsNames: string[]): Credential =>
  issue(authority, { commonName, dnsNames, ipAddresses: ['127.0.0.1'], usages: ['server'], clock: systemClock });
const pem = ({ certPem, keyPem }: Credential): { cert: string; key: string } => ({ cert: certPem, key: keyPem });

describe('which certificate a name gets', () => {
  const certificates = (...rows: (readonly [Credential, string, ...string[]])[]) =>
    certificatesByName(rows.map(([{ certPem }, value, ...names]) => ({ cert: certPem, value, names })));

  it.each([
    ['foo.example.com', 'exact'],
    ['FOO.Example.Com', 'exact'],
    ['foo.example.com.', 'exact'],
    ['bar.example.com', 'pattern'],
    ['a.bar.example.com', undefined],
    ['example.com', undefined],
    ['', undefined],
    ['127.0.0.1', undefined],
  ])('%s: %s', (name, expected) => {
    const byName = certificates([leaf('x', '*.example.com'), 'pattern'], [leaf('y', 'foo.example.com'), 'exact']);
    expect(forName(byName, name)).toBe(expected);
  });

  it('is the earlier of two for the same name', () => {
    const byName = certificates([leaf('x', 'a.test'), 'first'], [leaf('x', 'a.test'), 'second']);
    expect(forName(byName, 'a.test')).toBe('first');
  });

  it('is one that was given before one that a certificate names, whatever the order', () => {
    const byName = certificates([leaf('x', 'a.test', 'b.test'), 'found'], [leaf('other'), 'given', 'a.test']);
    expect([forName(byName, 'a.test'), forName(byName, 'b.test')]).toEqual(['given', 'found']);
  });

  it('is none for the names of a certificate that was given others', () => {
    const byName = certificates([leaf('x', 'a.test'), 'given', 'b.test', '*.c.test']);
    expect(['a.test', 'b.test', 'd.c.test'].map((name) => forName(byName, name))).toEqual([
      undefined,
      'given',
      'given',
    ]);
  });

  it('counts a common name that is a domain, and none that is an address or a sentence', () => {
    const byName = certificates(
      [leaf('cn.test'), 'cn'],
      [leaf('10.0.0.1'), 'address'],
      [leaf('Some Body'), 'sentence'],
    );
    expect([...byName.keys()]).toEqual(['cn.test']);
  });
});

describe('contexts of TLS', () => {
  const good = leaf('good');
  it.each([
    ['another key', { cert: good.certPem, key: leaf('other').keyPem }],
    ['no certificate', { cert: 'nothing', key: good.keyPem }],
    ['half a certificate', { cert: good.certPem.slice(0, 300), key: good.keyPem }],
    [
      'an authority that is none',
      { ...pem(good), clientCa: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' },
    ],
    ['another key for a name', { ...pem(good), named: [{ cert: good.certPem, key: leaf('x').keyPem, names: [] }] }],
    ['no authority at all', { ...pem(good), clientCa: 'nothing' }],
    ['unknown suites', { ...pem(good), ciphers: 'ROT13' }],
    ['unknown groups', { ...pem(good), ecdhCurve: 'P-12' }],
  ])('are refused with %s', (_, material) => {
    expect(() => tlsContexts(material)).toThrow();
  });
});

describe('rotation', () => {
  const seen = (port: number, servername?: string): Promise<PeerCertificate> =>
    new Promise((resolve, reject) => {
      const socket = connect(
        {
          host: '127.0.0.1',
          port,
          ca: authority.certPem,
          rejectUnauthorized: false,
          ...(servername === undefined ? {} : { servername }),
        },
        () => {
          resolve(socket.getPeerCertificate());
          socket.destroy();
        },
      );
      socket.on('error', reject);
    });
  const commonName = async (port: number, servername?: string): Promise<unknown> =>
    (await seen(port, servername)).subject.CN;

  it('shows new connections the new certificates, by name too, and keeps what it had when new ones are broken', async () => {
    const named = { ...pem(leaf('named', 'n.test')), names: [] };
    const first = { ...pem(leaf('first')), clientCa: authority.certPem, named: [named] };
    const { server, port, close } = await startTestServer({ tls: first });
    expect([await commonName(port), await commonName(port, 'n.test'), await commonName(port, 'o.test')]).toEqual([
      'first',
      'named',
      'first',
    ]);
    server.useTls({ ...first, ...pem(leaf('second')), named: [{ ...pem(leaf('renamed')), names: ['n.test'] }] });
    expect([await commonName(port), await commonName(port, 'n.test')]).toEqual(['second', 'renamed']);
    expect(() => {
      server.useTls({ ...first, key: leaf('x').keyPem });
    }).toThrow();
    expect([await commonName(port), await commonName(port, 'n.test')]).toEqual(['second', 'renamed']);
    await close();
  });

  it('leaves open connections alone, and asks new ones for certificates of the new authorities', async () => {
    const next = createAuthority({ commonName: 'next', clock: systemClock });
    const client = issue(next, { commonName: 'client', usages: ['client'], clock: systemClock });
    const tls = { ...pem(leaf('server')), clientCa: authority.certPem };
    const verdicts: (boolean | undefined)[] = [];
    const { server, port, close } = await startTestServer({
      tls,
      authenticate: ({ peerCertificate }) => {
        verdicts.push(peerCertificate?.verified);
        return { user: { name: 'admin', groups: ['system:masters'] } };
      },
    });
    const open = () =>
      new Promise<ReturnType<typeof connect>>((resolve) => {
        const socket = connect(
          { host: '127.0.0.1', port, ca: authority.certPem, cert: client.certPem, key: client.keyPem },
          () => {
            resolve(socket);
          },
        );
      });
    const answer = (socket: ReturnType<typeof connect>): Promise<string> =>
      new Promise((resolve) => {
        socket.once('data', (chunk: Buffer) => {
          resolve(chunk.toString().split('\r\n', 1)[0] ?? '');
        });
        socket.write('GET /api/v1/namespaces HTTP/1.1\r\nHost: x\r\n\r\n');
      });
    const before = await open();
    expect(await answer(before)).toBe('HTTP/1.1 200 OK');
    server.useTls({ ...tls, clientCa: `${authority.certPem}${next.certPem}` });
    const after = await open();
    expect([await answer(after), await answer(before)]).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK']);
    expect(verdicts).toEqual([false, true, false]);
    before.destroy();
    after.destroy();
    await close();
  });
});

describe('strict transport security', () => {
  it('is told with every answer, refusals too, when it is asked for', async () => {
    const { ask, close } = await startTestServer({ strictTransportSecurity: 'max-age=31536000; includeSubDomains' });
    for (const path of ['/api/v1/namespaces', '/api/v1/nothing', '/version'])
      expect((await ask(path)).headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
    await close();
  });

  it('is not told otherwise', async () => {
    const { ask, close } = await startTestServer({});
    expect((await ask('/version')).headers['strict-transport-security']).toBeUndefined();
    await close();
  });
});

import { X509Certificate } from 'node:crypto';
import { fakeClock, MetricsRegistry, systemClock } from '@reckon/kernel';
import { createAuthority, type Credential, issue, type LeafRequest } from '@reckon/pki';
import { describe, expect, it } from 'vitest';
import type { AuthnRequest, PeerCertificate } from '../authenticator';
import { frontProxy } from '../front-proxy/front-proxy';
import { x509Authenticator } from '../x509-authenticator';
import { certificatePool } from './certificate-pool';
import { handshakeVerifier, poolVerifier } from './client-verifier';
import { expirationMetric } from './expiration-metric';

const clock = systemClock;
const authority = (commonName: string): Credential => createAuthority({ commonName, clock });
const users = authority('users');
const proxies = authority('proxies');
/** Another key under the same name. */
const impostor = authority('proxies');

const certificate = (by: Credential, commonName: string, more: Partial<LeafRequest> = {}): Credential =>
  issue(by, { commonName, usages: ['client'], clock, ...more });

function peer({ certPem }: Credential, beside: readonly Credential[] = [], organizations?: string[]): PeerCertificate {
  const leaf = new X509Certificate(certPem);
  const CN = /CN=(.*)/.exec(leaf.subject)?.[1] ?? '';
  return {
    raw: leaf.raw,
    subject: { CN, ...(organizations === undefined ? {} : { O: organizations }) },
    verified: false,
    notBeforeMs: Date.parse(leaf.validFrom),
    notAfterMs: Date.parse(leaf.validTo),
    intermediates: () => beside.map(({ certPem: pem }) => new X509Certificate(pem).raw),
  };
}

const request = (peerCertificate: PeerCertificate | undefined, ...rawHeaders: string[]): AuthnRequest => ({
  authorization: '',
  peerCertificate,
  path: '/api',
  headers: {},
  rawHeaders,
});
const outcome = (attempt: () => unknown): unknown => {
  try {
    return attempt();
  } catch (error) {
    return (error as Error).message;
  }
};

describe('a pool of authorities', () => {
  const pool = certificatePool(`# two of them\n${users.certPem}${proxies.certPem}`);
  const verifier = poolVerifier({ authorities: () => pool, clock });
  const verdict = (of: PeerCertificate): unknown => outcome(() => verifier.demand(of));

  it('knows the certificates of each, and no others', () => {
    expect(verdict(peer(certificate(users, 'ann')))).toBeUndefined();
    expect(verdict(peer(certificate(proxies, 'ann')))).toBeUndefined();
    expect(verdict(peer(certificate(impostor, 'ann')))).toBe('x509: certificate signed by unknown authority');
    expect(verdict(peer(certificate(impostor, 'ann'), [impostor, users]))).toBe(
      'x509: certificate signed by unknown authority',
    );
  });

  it('does not take a certificate that may not sign for an authority', () => {
    const leaf = certificate(users, 'not-an-authority');
    const below = issue(leaf, { commonName: 'root', organizations: ['system:masters'], usages: ['client'], clock });
    expect(verdict(peer(below, [leaf]))).toBe('x509: certificate signed by unknown authority');
  });

  it('knows what a certificate may be used for, and when', () => {
    expect(verdict(peer(certificate(users, 'a server', { usages: ['server'] })))).toBe(
      'x509: certificate specifies an incompatible key usage',
    );
    const time = fakeClock(clock.wallMs());
    const now = poolVerifier({ authorities: () => pool, clock: time });
    const short = peer(certificate(users, 'ann', { days: 1 }));
    expect(outcome(() => now.demand(short))).toBeUndefined();
    time.jump(2 * 24 * 3600_000);
    expect(outcome(() => now.demand(short))).toBe('x509: certificate has expired or is not yet valid');
    time.jump(-9 * 24 * 3600_000);
    expect(outcome(() => now.demand(short))).toBe('x509: certificate has expired or is not yet valid');
    const shaken = { ...short, verified: true };
    expect(outcome(() => handshakeVerifier(time).demand(shaken))).toBe(
      'x509: certificate has expired or is not yet valid',
    );
    expect(outcome(() => handshakeVerifier(clock).demand(shaken))).toBeUndefined();
  });

  it('may change under an open connection', () => {
    let current = certificatePool(users.certPem);
    const following = poolVerifier({ authorities: () => current, clock });
    const ann = peer(certificate(users, 'ann'));
    expect(outcome(() => following.demand(ann))).toBeUndefined();
    current = certificatePool(proxies.certPem);
    expect(outcome(() => following.demand(ann))).toBe('x509: certificate signed by unknown authority');
  });

  it('holds for other connections that show the same certificate as for the first', () => {
    let current = certificatePool(users.certPem);
    const time = fakeClock(clock.wallMs());
    const following = poolVerifier({ authorities: () => current, clock: time });
    const unread = (): never => {
      throw new Error('read for nothing');
    };
    const ann = certificate(users, 'ann', { days: 1 });
    const connect = (): unknown => outcome(() => following.demand({ ...peer(ann), intermediates: unread }));
    expect([connect(), connect()]).toEqual([undefined, undefined]);
    time.jump(2 * 24 * 3600_000);
    expect(connect()).toBe('x509: certificate has expired or is not yet valid');
    time.jump(-2 * 24 * 3600_000);
    expect(connect()).toBeUndefined();
    current = certificatePool(proxies.certPem);
    expect(outcome(() => following.demand(peer(ann)))).toBe('x509: certificate signed by unknown authority');
    current = certificatePool(users.certPem);
    expect(connect()).toBeUndefined();
  });

  it('is read from PEM, and must hold something', () => {
    for (const text of ['', 'x', '-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----'])
      expect(() => certificatePool(text)).toThrow('data does not contain any valid RSA or ECDSA certificates');
    expect(() => certificatePool('-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----')).toThrow('malformed');
  });
});

describe('a front proxy', () => {
  const pool = certificatePool(proxies.certPem);
  const proxy = frontProxy({
    verifier: poolVerifier({ authorities: () => pool, clock }),
    allowedNames: ['front', 'other-front'],
    headers: {
      username: ['X-Remote-User', 'X-Other-User'],
      uid: ['X-Remote-Uid'],
      group: ['X-Remote-Group'],
      extraPrefix: ['X-Remote-Extra-'],
    },
  });
  const front = peer(certificate(proxies, 'front'));
  const said = (...headers: string[]): unknown => outcome(() => proxy.authenticate(request(front, ...headers)));

  it('says who the user is', () => {
    expect(
      said(
        ...['x-remote-user', 'ann', 'X-Remote-Group', 'dev', 'X-REMOTE-GROUP', 'a,b', 'X-Remote-Group', ''],
        ...[
          'X-Remote-Uid',
          '7',
          'X-Remote-Extra-Acme.io%2Froles',
          'x',
          'X-Remote-Extra-Acme.io%2Froles',
          'y',
          'X-Remote-Extra-%zz',
          'z',
        ],
      ),
    ).toEqual({
      user: {
        name: 'ann',
        uid: '7',
        groups: ['dev', 'a,b', 'system:authenticated'],
        extra: { 'acme.io/roles': ['x', 'y'], '%zz': ['z'] },
      },
    });
    expect(said('X-Other-User', 'bob')).toMatchObject({ user: { name: 'bob' } });
    expect(said('X-Remote-User', '', 'X-Remote-User', 'root', 'X-Other-User', 'bob')).toMatchObject({
      user: { name: 'bob' },
    });
    expect(said('X-Remote-User', 'ann', 'X-Remote-User', 'root')).toMatchObject({ user: { name: 'ann' } });
    expect(said('X-Remote-User', Buffer.from('zoë').toString('latin1'))).toMatchObject({ user: { name: 'zoë' } });
    expect(said('X-Remote-User', 'system:anonymous')).toEqual({ user: { name: 'system:anonymous', groups: [] } });
    expect(said('X-Remote-Extra-__proto__', 'x', 'X-Remote-User', 'ann')).toMatchObject({ user: { name: 'ann' } });
  });

  it('says nothing where it names nobody', () => {
    for (const headers of [[], ['X-Remote-Group', 'system:masters'], ['X_Remote_User', 'root'], ['X-Remote-User', '']])
      expect(said(...headers)).toBeUndefined();
  });

  it.each([
    ['no certificate', undefined, undefined],
    ['a certificate of a user', peer(certificate(users, 'front')), 'x509: certificate signed by unknown authority'],
    [
      'a certificate of an authority of the same name',
      peer(certificate(impostor, 'front')),
      'x509: certificate signed by unknown authority',
    ],
    ['another name', peer(certificate(proxies, 'mallory')), 'x509: subject with cn=mallory is not in the allowed list'],
    [
      'a name that only looks the same',
      peer(certificate(proxies, 'frоnt')),
      'x509: subject with cn=frоnt is not in the allowed list',
    ],
    [
      'a name in capitals',
      peer(certificate(proxies, 'FRONT')),
      'x509: subject with cn=FRONT is not in the allowed list',
    ],
    [
      'a certificate for servers',
      peer(certificate(proxies, 'front', { usages: ['server'] })),
      'x509: certificate specifies an incompatible key usage',
    ],
  ])('is not believed with %s', (_, certificate_, why) => {
    const answer = outcome(() =>
      proxy.authenticate(request(certificate_, 'X-Remote-User', 'root', 'X-Remote-Group', 'system:masters')),
    );
    expect(answer).toBe(why);
  });

  it('may have any name where none is listed', () => {
    const any = frontProxy({
      verifier: poolVerifier({ authorities: () => pool, clock }),
      allowedNames: [],
      headers: { username: ['X-Remote-User'], uid: [], group: [], extraPrefix: [] },
    });
    const mallory = peer(certificate(proxies, 'mallory'));
    expect(any.authenticate(request(mallory, 'X-Remote-User', 'ann', 'X-Remote-Group', 'root'))).toEqual({
      user: { name: 'ann', groups: ['system:authenticated'] },
    });
  });
});

describe('users by certificate', () => {
  it('are not proxies, and proxies are no users', () => {
    const pool = certificatePool(users.certPem);
    const x509 = x509Authenticator(poolVerifier({ authorities: () => pool, clock }));
    expect(x509.authenticate(request(peer(certificate(users, 'ann'), [], ['dev'])))).toMatchObject({
      user: { name: 'ann', groups: ['dev', 'system:authenticated'] },
    });
    expect(outcome(() => x509.authenticate(request(peer(certificate(proxies, 'ann')))))).toBe(
      'x509: certificate signed by unknown authority',
    );
    expect(x509.authenticate(request(undefined))).toBeUndefined();
  });

  it('are counted by how long their certificates will hold, whether or not these are good', () => {
    const metrics = new MetricsRegistry();
    const pool = certificatePool(users.certPem);
    const verifier = poolVerifier({ authorities: () => pool, clock });
    const x509 = x509Authenticator(verifier, expirationMetric(metrics, clock));
    for (const by of [users, proxies])
      outcome(() => x509.authenticate(request(peer(certificate(by, 'ann', { days: 3 })))));
    const lines = metrics.render().split('\n');
    expect(lines).toContain('apiserver_client_certificate_expiration_seconds_bucket{le="172800"} 0');
    expect(lines).toContain('apiserver_client_certificate_expiration_seconds_bucket{le="345600"} 2');
  });

  it('may have a uid in their subject, one and no more', () => {
    const pool = certificatePool(users.certPem);
    const x509 = x509Authenticator(poolVerifier({ authorities: () => pool, clock }));
    const userWith = (...uids: string[]): unknown =>
      outcome(() => {
        const furtherParts = uids.map((uid) => ['1.3.6.1.4.1.57683.2', uid] as const);
        return x509.authenticate(request(peer(certificate(users, 'ann', { furtherParts }))));
      });
    expect(userWith()).not.toHaveProperty('user.uid');
    expect(userWith('1234')).toMatchObject({ user: { uid: '1234' } });
    expect(userWith('')).toBe('UID cannot be an empty string');
    expect(userWith('a', 'b')).toBe('expected 1 UID, but found multiple: [a b]');
  });
});

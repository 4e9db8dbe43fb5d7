import { StatusError } from '@reckon/api/machinery';
import { fakeClock } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import type { AuthnRequest, AuthnResult, PeerCertificate } from './authenticator';
import { handshakeVerifier } from './certificates/client-verifier';
import { createAuthenticator } from './create-authenticator';
import { staticTokens } from './static-tokens';
import { tokenUnion } from './token-union';
import { TokenError } from './token-authenticator';
import { x509Authenticator } from './x509-authenticator';

const tokens = staticTokens([{ token: 'right', user: { name: 'ann', uid: '7', groups: ['dev'] } }], ['api']);
const clock = fakeClock();
const requests = [x509Authenticator(handshakeVerifier(clock))];
const union = createAuthenticator({ requests, tokens, anonymous: true });

const request = (parts: Partial<AuthnRequest>): AuthnRequest => ({
  authorization: '',
  peerCertificate: undefined,
  path: '/api',
  headers: {},
  rawHeaders: [],
  ...parts,
});
const ask = (
  parts: Partial<AuthnRequest>,
  authenticator = union,
): AuthnResult | undefined | Promise<AuthnResult | undefined> => authenticator.authenticate(request(parts));
const codeOf = async (attempt: () => unknown): Promise<string> => {
  try {
    await attempt();
    return 'accepted';
  } catch (error) {
    return error instanceof StatusError ? `${error.status.code} ${error.message}` : String(error);
  }
};
const certificate = (parts: Partial<PeerCertificate> = {}): PeerCertificate => ({
  raw: Buffer.from('der'),
  subject: { CN: 'carol', O: ['ops', 'dev'] },
  verified: true,
  notBeforeMs: clock.wallMs() - 1000,
  notAfterMs: clock.wallMs() + 1000,
  intermediates: () => [],
  ...parts,
});

describe('the union of authenticators', () => {
  it('knows a static token without a promise and adds the group of all who are known', () => {
    expect(ask({ authorization: 'Bearer right' })).toEqual({
      user: { name: 'ann', uid: '7', groups: ['dev', 'system:authenticated'] },
      audiences: ['api'],
    });
    expect(ask({ authorization: 'bEaReR right' })).toBe(ask({ authorization: 'Bearer right' }));
  });

  it('refuses what is presented and wrong, never taking it for nobody', async () => {
    expect(await codeOf(() => ask({ authorization: 'Bearer wrong' }))).toBe('401 Unauthorized');
    expect(await codeOf(() => ask({ peerCertificate: certificate({ verified: false }) }))).toBe('401 Unauthorized');
  });

  it('takes who presents nothing for anonymous, unless that is switched off', () => {
    const nobody = { user: { name: 'system:anonymous', groups: ['system:unauthenticated'] } };
    for (const authorization of ['', 'Bearer', 'Bearer  ', 'Negotiate abc', 'Basic eDp5'])
      expect(ask({ authorization })).toEqual(nobody);
    expect(ask({}, createAuthenticator({ requests, tokens, anonymous: false }))).toBeUndefined();
  });

  it('tells who sends a space too many that the token was not read', () => {
    const warnings = ['the provided Authorization header contains extra space before the bearer token, and is ignored'];
    for (const authorization of ['Bearer  right', ' bearer   right '])
      expect(ask({ authorization })).toMatchObject({ user: { name: 'system:anonymous' }, warnings });
    expect(ask({ authorization: 'Basic  x' })).not.toHaveProperty('warnings');
  });

  it('reads user and groups from a client certificate, once per connection', () => {
    const peerCertificate = certificate();
    const result = ask({ peerCertificate }) as AuthnResult;
    expect(result.user.name).toBe('carol');
    expect(result.user.groups).toEqual(['ops', 'dev', 'system:authenticated']);
    expect(result.user.extra?.['authentication.kubernetes.io/credential-id']?.[0]).toMatch(/^X509SHA256=[0-9a-f]{64}$/);
    expect(ask({ peerCertificate })).toBe(result);
    expect(ask({ peerCertificate: certificate({ subject: { O: 'dev' } }) })).toMatchObject({
      user: { name: 'system:anonymous' },
    });
  });

  it('prefers the certificate, and lets a right token stand beside a wrong certificate', () => {
    const authorization = 'Bearer right';
    expect(ask({ authorization, peerCertificate: certificate() })).toMatchObject({ user: { name: 'carol' } });
    const peerCertificate = certificate({ verified: false });
    expect(ask({ authorization, peerCertificate })).toMatchObject({ user: { name: 'ann' } });
  });

  it('answers 401 for a refusal that comes later, and passes other errors on', async () => {
    const late = (error: Error) =>
      createAuthenticator({ requests, tokens: { authenticateToken: () => Promise.reject(error) }, anonymous: true });
    expect(await codeOf(() => ask({ authorization: 'Bearer x' }, late(new TokenError('gone'))))).toBe(
      '401 Unauthorized',
    );
    expect(await codeOf(() => ask({ authorization: 'Bearer x' }, late(new Error('bug'))))).toBe('Error: bug');
    const unknown = createAuthenticator({
      requests,
      tokens: { authenticateToken: () => Promise.resolve(undefined) },
      anonymous: true,
    });
    expect(await codeOf(() => ask({ authorization: 'Bearer x' }, unknown))).toBe('401 Unauthorized');
  });
});

describe('a refusal', () => {
  it('is told to whoever keeps the log, and to nobody else', async () => {
    const told: string[] = [];
    const strict = createAuthenticator({ requests, tokens, anonymous: true, refused: (why) => told.push(why) });
    const peerCertificate = certificate({ verified: false });
    await codeOf(() => ask({ authorization: 'Bearer wrong' }, strict));
    await codeOf(() => ask({ authorization: 'Bearer wrong', peerCertificate }, strict));
    await codeOf(() => ask({ authorization: 'Bearer right', peerCertificate }, strict));
    await codeOf(() => ask({}, strict));
    expect(told).toEqual([
      'invalid bearer token',
      '[x509: certificate signed by unknown authority, invalid bearer token]',
    ]);
  });
});

describe('what a refused token has to say of itself', () => {
  const saying = (why: string, late: boolean) => ({
    authenticateToken: () => {
      const error = new TokenError(why, { audit: { [why]: 'said' } });
      if (late) return Promise.reject(error);
      throw error;
    },
  });
  const silent = {
    authenticateToken: () => {
      throw new TokenError('silent');
    },
  };
  const webSocket = { connection: 'Upgrade', upgrade: 'websocket' };
  it.each([
    ['at once', false, 'Bearer x', {}],
    ['later', true, 'Bearer x', {}],
    [
      'of a WebSocket',
      true,
      '',
      { ...webSocket, 'sec-websocket-protocol': 'base64url.bearer.authorization.k8s.io.eA, v4' },
    ],
  ])('is told of its request, %s', async (_, isLate, authorization, headers) => {
    const told: string[][] = [];
    const authenticator = createAuthenticator({
      requests: [],
      tokens: tokenUnion([saying('one', isLate), silent, saying('two', isLate)]),
      anonymous: true,
    });
    const annotate = (...pair: [string, string]) => told.push(pair);
    expect(await codeOf(() => ask({ authorization, headers, annotate }, authenticator))).toBe('401 Unauthorized');
    expect(told).toEqual([
      ['one', 'said'],
      ['two', 'said'],
    ]);
  });
});

describe('the union of token authenticators', () => {
  const token = { text: 't', digest: 'd' };
  const refusing = (message: string) => ({ authenticateToken: () => Promise.reject(new TokenError(message)) });
  const result: AuthnResult = { user: { name: 'u', groups: [] } };

  it('asks the next after a refusal, and tells every refusal if none knows the token', async () => {
    const knowing = { authenticateToken: () => result };
    const members = [refusing('a'), { authenticateToken: () => undefined }, knowing];
    expect(await tokenUnion(members).authenticateToken(token, undefined)).toBe(result);
    const sync = {
      authenticateToken: () => {
        throw new TokenError('b');
      },
    };
    const all = tokenUnion([refusing('a'), sync, refusing('a')]);
    await expect(Promise.resolve(all.authenticateToken(token, undefined))).rejects.toThrow('[a, b]');
  });
});

import { describe, expect, it } from 'vitest';
import type { AuthnRequest } from './authenticator';
import { createAuthenticator } from './create-authenticator';
import { staticTokens } from './static-tokens';

const tokens = staticTokens([{ token: 'right', user: { name: 'ann', groups: [] } }], ['api']);
const union = createAuthenticator({ requests: [], tokens, anonymous: { paths: ['/healthz'] } });
const protocol = (token: string): string =>
  `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`;
const asked = (protocols: string, more: Partial<AuthnRequest> = {}): AuthnRequest => ({
  authorization: '',
  peerCertificate: undefined,
  path: '/healthz',
  headers: { upgrade: 'websocket', connection: 'keep-alive, Upgrade', 'sec-websocket-protocol': protocols },
  rawHeaders: [],
  ...more,
});
const outcome = async (request: AuthnRequest): Promise<string> => {
  try {
    return (await union.authenticate(request))?.user.name ?? 'nobody';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('a token among the protocols of a WebSocket', () => {
  it('is a credential, and is taken out of them', async () => {
    const request = asked(`v5.channel.k8s.io, ${protocol('right')},v4.channel.k8s.io`);
    expect(await outcome(request)).toBe('ann');
    expect(request.headers['sec-websocket-protocol']).toBe('v5.channel.k8s.io,v4.channel.k8s.io');
  });

  it.each([
    ['wrong', `a, ${protocol('wrong')}`],
    ['alone', protocol('right')],
    ['there twice', `a, ${protocol('right')}, ${protocol('right')}`],
    ['no base64', 'a, base64url.bearer.authorization.k8s.io.cmlnaHQ='],
    ['no UTF-8', 'a, base64url.bearer.authorization.k8s.io._w'],
  ])('is refused if it is %s, never taken for nobody', async (_, protocols) => {
    expect(await outcome(asked(protocols))).toBe('Unauthorized');
  });

  it('is nothing without an upgrade, and nothing if it is empty', async () => {
    const plain = asked(`a, ${protocol('right')}`);
    expect(await outcome({ ...plain, headers: { 'sec-websocket-protocol': `a, ${protocol('right')}` } })).toBe(
      'system:anonymous',
    );
    expect(await outcome(asked(`a, ${protocol('')}`))).toBe('system:anonymous');
  });
});

describe('strangers', () => {
  it('are let in on the paths of a list, compared whole', async () => {
    const at = (path: string): Promise<string> => outcome(asked('', { headers: {}, path }));
    expect(await at('/healthz')).toBe('system:anonymous');
    for (const path of ['/healthz/', '/healthz/ping', '/Healthz', '//healthz', '/api', '/healthz;x', ''])
      expect(await at(path), path).toBe('nobody');
  });
});

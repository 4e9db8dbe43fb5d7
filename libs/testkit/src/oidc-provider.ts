import {
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@reckon/kernel';
import { foreignAuthority } from './foreign-authority';

/** A key that a provider publishes and signs with. */
export interface ProviderKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: KeyObject;
}

export interface TokenOptions {
  /** Default: the provider's first key. */
  readonly key?: ProviderKey;
  /** What the header says instead of what is true. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** Signs with a shared secret, as HS256 does. */
  readonly secret?: string | Buffer;
  /** No signature at all. */
  readonly isUnsigned?: boolean;
}

/** An OpenID Connect provider over real HTTPS, as far as tokens are concerned: discovery, keys, and endpoints of further claims. */
export interface OidcProvider {
  readonly issuer: string;
  readonly caPem: string;
  /** Published from the first to the last; may be changed. */
  keys: ProviderKey[];
  /** What discovery answers beside or instead of the usual; may be changed. */
  discovery: Readonly<Record<string, unknown>>;
  /** Documents at further paths. */
  readonly documents: Map<string, string>;
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[];
  /** A token of these claims; `iss`, `iat` and `exp` are added where they are missing. */
  token(claims: Readonly<Record<string, unknown>>, options?: TokenOptions): string;
  close(): Promise<void>;
}

let made = 0;

export function providerKey(alg: 'RS256' | 'PS256' | 'ES256' = 'RS256'): ProviderKey {
  const { privateKey } =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { kid: `key-${String(++made)}`, alg, privateKey };
}

export async function startOidcProvider(options: { readonly path?: string } = {}): Promise<OidcProvider> {
  const authority = foreignAuthority('oidc-authority');
  const { certPem, keyPem } = authority.issue({
    commonName: 'oidc',
    dnsNames: ['localhost'],
    ipAddresses: ['127.0.0.1'],
    usages: ['server'],
  });
  const asked: string[] = [];
  const server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const document = documentAt(path);
    response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(document ?? '{}');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const base = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const path = options.path ?? '';

  const provider: OidcProvider = {
    issuer: `${base}${path}`,
    caPem: authority.certPem,
    keys: [providerKey()],
    discovery: {},
    documents: new Map(),
    asked,
    token(claims, { key = provider.keys[0], header, secret, isUnsigned } = {}) {
      if (key === undefined) throw new Error('the provider has no key');
      const now = Math.floor(systemClock.wallMs() / 1000);
      const body = { iss: provider.issuer, iat: now, exp: now + 600, ...claims };
      const head = { alg: key.alg, kid: key.kid, typ: 'JWT', ...header };
      const text = `${encoded(JSON.stringify(head))}.${encoded(JSON.stringify(body))}`;
      if (isUnsigned === true) return `${text}.`;
      const signature = secret === undefined ? signed(text, key) : createHmac('sha256', secret).update(text).digest();
      return `${text}.${signature.toString('base64url')}`;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  function documentAt(at: string): string | undefined {
    if (at === `${path}/.well-known/openid-configuration`)
      return JSON.stringify({ issuer: provider.issuer, jwks_uri: `${base}${path}/keys`, ...provider.discovery });
    if (at === `${path}/keys`) return JSON.stringify({ keys: provider.keys.map(publicForm) });
    return provider.documents.get(at);
  }
  return provider;
}

const encoded = (text: string): string => Buffer.from(text).toString('base64url');

const publicForm = ({ kid, alg, privateKey }: ProviderKey): object => ({
  kid,
  alg,
  use: 'sig',
  ...createPublicKey(createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }))).export({ format: 'jwk' }),
});

function signed(text: string, { alg, privateKey: key }: ProviderKey): Buffer {
  const data = Buffer.from(text);
  switch (alg) {
    case 'ES256':
      return sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
    case 'PS256':
      return sign('sha256', data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
    default:
      return sign('sha256', data, key);
  }
}

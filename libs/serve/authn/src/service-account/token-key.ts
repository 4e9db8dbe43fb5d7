import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

export type TokenAlgorithm = 'RS256' | 'ES256' | 'ES384' | 'ES512';

/** A public key that tokens may be signed with. */
export interface TokenKey {
  /** The `kid` of headers and of the key set: derived from the key, so that every server of a cluster gives the same. */
  readonly id: string;
  readonly algorithm: TokenAlgorithm;
  readonly key: KeyObject;
}

export interface SigningKey extends TokenKey {
  readonly privateKey: KeyObject;
}

/** A key that cannot sign or verify tokens. */
export class TokenKeyError extends Error {
  readonly code = 'UnusableTokenKey';
  readonly hint = 'service account keys are PEM files of RSA keys, or of EC keys on P-256, P-384 or P-521';

  constructor(message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.name = 'TokenKeyError';
  }
}

/** From PEM (PKCS #1, SEC 1, PKCS #8, or a public key of any form; a private key gives its public half) or from a key. */
export function tokenKey(key: string | Buffer | KeyObject): TokenKey {
  const publicKey = read(() => (isKey(key) && key.type === 'public' ? key : createPublicKey(key)));
  const id = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  return { id, algorithm: algorithmOf(publicKey), key: publicKey };
}

/** All keys of a PEM text, which may hold several. */
export function tokenKeys(pem: string): TokenKey[] {
  const blocks = pem.match(/-----BEGIN ([^-]+)-----[\s\S]*?-----END \1-----/g) ?? [];
  // Parameters of a curve, which openssl writes before the key, are no key.
  const keys = blocks.filter((block) => !block.startsWith('-----BEGIN EC PARAMETERS'));
  if (keys.length === 0) throw new TokenKeyError('the service account key cannot be read');
  return keys.map((block) => tokenKey(block));
}

export function signingKey(key: string | Buffer | KeyObject): SigningKey {
  const privateKey = read(() => (isKey(key) ? key : createPrivateKey(key)));
  if (privateKey.type !== 'private')
    throw new TokenKeyError('tokens are signed with a private key, and this is not one');
  return { ...tokenKey(privateKey), privateKey };
}

const isKey = (key: string | Buffer | KeyObject): key is KeyObject => typeof key !== 'string' && !Buffer.isBuffer(key);

function read(attempt: () => KeyObject): KeyObject {
  try {
    return attempt();
  } catch (cause) {
    throw new TokenKeyError('the service account key cannot be read', { cause });
  }
}

const curves: ReadonlyMap<string | undefined, TokenAlgorithm> = new Map([
  ['prime256v1', 'ES256'],
  ['secp384r1', 'ES384'],
  ['secp521r1', 'ES512'],
]);

function algorithmOf(key: KeyObject): TokenAlgorithm {
  if (key.asymmetricKeyType === 'rsa') return 'RS256';
  const algorithm = key.asymmetricKeyType === 'ec' ? curves.get(key.asymmetricKeyDetails?.namedCurve) : undefined;
  if (algorithm === undefined)
    throw new TokenKeyError(`tokens cannot be signed with ${String(key.asymmetricKeyType)} keys`);
  return algorithm;
}

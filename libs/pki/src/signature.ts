import { type KeyObject, sign } from 'node:crypto';
import { der, oid, sequence } from './der';

interface Scheme {
  /** AlgorithmIdentifier in DER. */
  readonly algorithm: Buffer;
  /** Null for keys that know their own. */
  readonly hash: string | null;
}

const nul = der(0x05);
const ecdsa = {
  prime256v1: { algorithm: sequence(oid('1.2.840.10045.4.3.2')), hash: 'sha256' },
  secp384r1: { algorithm: sequence(oid('1.2.840.10045.4.3.3')), hash: 'sha384' },
  secp521r1: { algorithm: sequence(oid('1.2.840.10045.4.3.4')), hash: 'sha512' },
} satisfies Record<string, Scheme>;

/** The scheme that crypto/x509 takes for a key where none is asked for. */
function schemeOf(key: KeyObject): Scheme {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'rsa') return { algorithm: sequence(oid('1.2.840.113549.1.1.11'), nul), hash: 'sha256' };
  if (type === 'ed25519') return { algorithm: sequence(oid('1.3.101.112')), hash: null };
  const curve = details?.namedCurve ?? '';
  if (type === 'ec' && Object.hasOwn(ecdsa, curve)) return ecdsa[curve as keyof typeof ecdsa];
  throw new TypeError(`a key of type ${type ?? 'unknown'} ${curve} cannot sign certificates`);
}

export const algorithmOf = (key: KeyObject): Buffer => schemeOf(key).algorithm;
export const signatureOf = (key: KeyObject, bytes: Buffer): Buffer => sign(schemeOf(key).hash, bytes, key);

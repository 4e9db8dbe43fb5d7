import { createHash, type KeyObject, randomBytes } from 'node:crypto';
import { bitString, explicit, integer, octets, oid, sequence, time, yes } from './der';
import { DerReader, derTags } from './der-reader';
import { pemText } from './pem-text';
import { algorithmOf, signatureOf } from './signature';

export interface CertificateContent {
  /** Names in DER. */
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly extensions: readonly Buffer[];
}

/** TBSCertificate of RFC 5280, then its signature; PEM. */
export function signedCertificate(key: KeyObject, content: CertificateContent): string {
  const version3 = explicit(0, integer(Buffer.from([2])));
  const algorithm = algorithmOf(key);
  const body = sequence(
    version3,
    integer(serialNumber()),
    algorithm,
    content.issuer,
    sequence(time(content.notBeforeMs), time(content.notAfterMs)),
    content.subject,
    content.publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...content.extensions)),
  );
  return pemText('CERTIFICATE', sequence(body, algorithm, bitString(signatureOf(key, body))));
}

export const extension = (id: string, value: Buffer): Buffer => sequence(oid(id), octets(value));
export const criticalExtension = (id: string, value: Buffer): Buffer => sequence(oid(id), yes, octets(value));

/** SHA-1 of the key's bits (RFC 5280, 4.2.1.2), as everybody does. */
export function keyIdentifier(publicKey: KeyObject): Buffer {
  const info = new DerReader(publicKey.export({ type: 'spki', format: 'der' }));
  const parts = new DerReader(info.take(derTags.sequence, 'publicKeyInfo').content);
  parts.take(derTags.sequence, 'AlgorithmIdentifier');
  const bits = parts.take(derTags.bitString, 'BitString').content;
  return createHash('sha1').update(bits.subarray(1)).digest();
}

/** 127 random bits, positive and with no leading zero byte. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

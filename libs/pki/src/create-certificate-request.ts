import type { KeyObject } from 'node:crypto';
import { createPublicKey } from 'node:crypto';
import { bitString, explicit, implicit, integer, ipBytes, octets, oid, sequence, set } from './der';
import { distinguishedName } from './distinguished-name';
import { pemText } from './pem-text';
import { algorithmOf, signatureOf } from './signature';

export interface CertificateWish {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
}

/** A PKCS #10 request (RFC 2986) in PEM, signed by the key that it is for. */
export function createCertificateRequest(privateKey: KeyObject, wish: CertificateWish): string {
  const names = [
    ...(wish.dnsNames ?? []).map((name) => implicit(2, Buffer.from(name, 'latin1'))),
    ...(wish.ipAddresses ?? []).map((ip) => implicit(7, ipBytes(ip))),
  ];
  const extensions = sequence(sequence(oid('2.5.29.17'), octets(sequence(...names))));
  const attribute = sequence(oid('1.2.840.113549.1.9.14'), set(extensions));
  const body = sequence(
    integer(Buffer.from([0])),
    distinguishedName([
      ...(wish.organizations ?? []).map((name) => ['2.5.4.10', name] as const),
      ['2.5.4.3', wish.commonName],
    ]),
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    explicit(0, names.length === 0 ? Buffer.alloc(0) : attribute),
  );
  return pemText(
    'CERTIFICATE REQUEST',
    sequence(body, algorithmOf(privateKey), bitString(signatureOf(privateKey, body))),
  );
}

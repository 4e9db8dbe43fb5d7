import { createPrivateKey } from 'node:crypto';
import type { WallClock } from '@reckon/kernel';
import { readAuthority } from './authority-certificate';
import type { Credential } from './certificate';
import { bitString, implicit, ipBytes, oid, sequence } from './der';
import { distinguishedName } from './distinguished-name';
import type { InspectedRequest } from './inspect-certificate-request';
import { criticalExtension, extension, signedCertificate } from './signed-certificate';

const backdateMs = 5 * 60 * 1000;
/** What lives shorter than this is not shortened by the backdating. */
const shortMs = 8 * 60 * 60 * 1000;

/** Bits of the key usage extension, counted from the first. */
const keyUsageBits: Readonly<Record<string, number>> = {
  signing: 0,
  'digital signature': 0,
  'content commitment': 1,
  'key encipherment': 2,
  'data encipherment': 3,
  'key agreement': 4,
  'cert sign': 5,
  'crl sign': 6,
  'encipher only': 7,
  'decipher only': 8,
};

/** In the order in which they stand in a certificate. */
const extendedUsages: readonly (readonly [name: string, id: string])[] = [
  ['any', '2.5.29.37.0'],
  ['server auth', '1.3.6.1.5.5.7.3.1'],
  ['client auth', '1.3.6.1.5.5.7.3.2'],
  ['code signing', '1.3.6.1.5.5.7.3.3'],
  ['email protection', '1.3.6.1.5.5.7.3.4'],
  ['s/mime', '1.3.6.1.5.5.7.3.4'],
  ['ipsec end system', '1.3.6.1.5.5.7.3.5'],
  ['ipsec tunnel', '1.3.6.1.5.5.7.3.6'],
  ['ipsec user', '1.3.6.1.5.5.7.3.7'],
  ['timestamping', '1.3.6.1.5.5.7.3.8'],
  ['ocsp signing', '1.3.6.1.5.5.7.3.9'],
  ['microsoft sgc', '1.3.6.1.4.1.311.10.3.3'],
  ['netscape sgc', '2.16.840.1.113730.4.1'],
];

/** What goes from a subject into a certificate, in the order of a certificate (crypto/x509/pkix.Name). */
const subjectParts = [
  '2.5.4.6',
  '2.5.4.10',
  '2.5.4.11',
  '2.5.4.7',
  '2.5.4.8',
  '2.5.4.9',
  '2.5.4.17',
  '2.5.4.3',
  '2.5.4.5',
];
/** Of these the last one counts. */
const singleParts: readonly string[] = ['2.5.4.3', '2.5.4.5'];

export interface SigningTerms {
  /** By the names of the certificates API. */
  readonly usages: readonly string[];
  readonly lifetimeMs: number;
  readonly clock: WallClock;
}

/**
 * The certificate (PEM) for a request (pkg/controller/certificates/authority `PermissiveSigningPolicy`): its subject and its
 * alternative names as they were asked for, no authority, the usages of the terms, never longer than the authority lives. Throws
 * `CertificateProblem` when the request was not signed by its own key, `Error` when the authority has expired.
 */
export function signRequest(authority: Credential, request: InspectedRequest, terms: SigningTerms): string {
  request.checkSignature();
  const issuer = readAuthority(authority.certPem);
  const nowMs = terms.clock.wallMs();
  if (nowMs >= issuer.notAfterMs)
    throw new Error(
      `refusing to sign a certificate that expired in the past: NotAfter=${new Date(issuer.notAfterMs).toISOString()}`,
    );
  const endMs = nowMs + terms.lifetimeMs - (terms.lifetimeMs < shortMs ? 0 : backdateMs);
  const names = [
    ...request.dnsNames.map((name) => implicit(2, Buffer.from(name, 'latin1'))),
    ...request.emailAddresses.map((name) => implicit(1, Buffer.from(name, 'latin1'))),
    ...request.ipAddresses.map((ip) => implicit(7, ipBytes(ip))),
    ...request.uris.map((uri) => implicit(6, Buffer.from(uri, 'latin1'))),
  ];
  const usages = extendedUsages.filter(([name]) => terms.usages.includes(name)).map(([, id]) => id);
  const subject = subjectParts.flatMap((id) => {
    const texts = request.subject.filter(([other]) => other === id).map(([, text]) => text);
    return (singleParts.includes(id) ? texts.slice(-1) : texts).map((text) => [id, text] as const);
  });
  return signedCertificate(createPrivateKey(authority.keyPem), {
    issuer: issuer.subject,
    subject: distinguishedName(subject),
    publicKey: request.publicKey,
    notBeforeMs: nowMs - backdateMs,
    notAfterMs: Math.min(endMs, issuer.notAfterMs),
    extensions: [
      ...keyUsage(terms.usages),
      ...(usages.length === 0 ? [] : [extension('2.5.29.37', sequence(...[...new Set(usages)].map(oid)))]),
      criticalExtension('2.5.29.19', sequence()),
      extension('2.5.29.35', sequence(implicit(0, issuer.keyIdentifier))),
      ...(names.length === 0 ? [] : [extension('2.5.29.17', sequence(...names))]),
    ],
  });
}

function keyUsage(usages: readonly string[]): Buffer[] {
  const bits = usages.flatMap((usage) => (Object.hasOwn(keyUsageBits, usage) ? [keyUsageBits[usage] ?? 0] : []));
  if (bits.length === 0) return [];
  const highest = Math.max(...bits);
  const bytes = Buffer.alloc(highest < 8 ? 1 : 2);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return [criticalExtension('2.5.29.15', bitString(bytes, bytes.length * 8 - 1 - highest))];
}

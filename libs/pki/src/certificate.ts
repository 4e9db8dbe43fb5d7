import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import type { WallClock } from '@reckon/kernel';
import { bitString, explicit, implicit, integer, ipBytes, octets, oid, sequence, set, time, utf8, yes } from './der';
import { newKeyPair, privateKeyPem } from './key-pair';

const dayMs = 24 * 60 * 60 * 1000;
/** Valid a little before it was made, for clients whose clocks are behind. */
const backdateMs = 5 * 60 * 1000;
const authorityDays = 3650;
const leafDays = 365;

/** A certificate and its key, PEM. */
export interface Credential {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface AuthorityRequest {
  readonly commonName: string;
  readonly clock: WallClock;
  readonly days?: number;
}

export type CertificateUsage = 'server' | 'client';

export interface LeafRequest {
  readonly commonName: string;
  /** Kubernetes groups of a client certificate. */
  readonly organizations?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly usages: readonly CertificateUsage[];
  readonly clock: WallClock;
  readonly days?: number;
}

const ids = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

const signatureAlgorithm = sequence(oid(ids.ecdsaWithSha256));

/** A self-signed P-256 authority. */
export function createAuthority(request: AuthorityRequest): Credential {
  const { privateKey, publicKey } = newKeyPair();
  const now = request.clock.wallMs();
  const subject = distinguishedName([[ids.commonName, request.commonName]]);
  const certPem = signed(privateKey, {
    issuer: subject,
    subject,
    publicKey,
    notBeforeMs: now - backdateMs,
    notAfterMs: now + (request.days ?? authorityDays) * dayMs,
    extensions: [
      criticalExtension(ids.basicConstraints, sequence(yes)),
      // digitalSignature, keyCertSign, cRLSign
      criticalExtension(ids.keyUsage, bitString(Buffer.from([0b1000_0110]), 1)),
      extension(ids.subjectKeyIdentifier, octets(keyIdentifier(publicKey))),
    ],
  });
  return { certPem, keyPem: privateKeyPem(privateKey) };
}

/** A P-256 certificate for a server or a client, signed by `authority`, with a new key. */
export function issue(authority: Credential, request: LeafRequest): Credential {
  const { privateKey, publicKey } = newKeyPair();
  return { certPem: issueFor(authority, publicKey, request), keyPem: privateKeyPem(privateKey) };
}

/** The same for a key whose private half is elsewhere; the certificate's PEM. */
export function issueFor(authority: Credential, publicKey: KeyObject, request: LeafRequest): string {
  const issuer = new X509Certificate(authority.certPem);
  const now = request.clock.wallMs();
  const names = [
    ...(request.dnsNames ?? []).map((name) => implicit(2, Buffer.from(name, 'latin1'))),
    ...(request.ipAddresses ?? []).map((ip) => implicit(7, ipBytes(ip))),
  ];
  return signed(createPrivateKey(authority.keyPem), {
    issuer: subjectOf(issuer),
    subject: distinguishedName([
      ...(request.organizations ?? []).map((name) => [ids.organization, name] as const),
      [ids.commonName, request.commonName],
    ]),
    publicKey,
    notBeforeMs: Math.max(now - backdateMs, Date.parse(issuer.validFrom)),
    // No leaf outlives its authority: clients would refuse it anyway, and less clearly.
    notAfterMs: Math.min(now + (request.days ?? leafDays) * dayMs, Date.parse(issuer.validTo)),
    extensions: [
      criticalExtension(ids.basicConstraints, sequence()),
      // digitalSignature, keyEncipherment
      criticalExtension(ids.keyUsage, bitString(Buffer.from([0b1010_0000]), 5)),
      extension(
        ids.extendedKeyUsage,
        sequence(...request.usages.map((usage) => oid(usage === 'server' ? ids.serverAuth : ids.clientAuth))),
      ),
      extension(ids.authorityKeyIdentifier, sequence(implicit(0, keyIdentifier(issuer.publicKey)))),
      ...(names.length === 0 ? [] : [extension(ids.subjectAlternativeName, sequence(...names))]),
    ],
  });
}

interface Content {
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly extensions: readonly Buffer[];
}

/** TBSCertificate of RFC 5280, then its signature. */
function signed(key: KeyObject, content: Content): string {
  const version3 = explicit(0, integer(Buffer.from([2])));
  const body = sequence(
    version3,
    integer(serialNumber()),
    signatureAlgorithm,
    content.issuer,
    sequence(time(content.notBeforeMs), time(content.notAfterMs)),
    content.subject,
    content.publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...content.extensions)),
  );
  const certificate = sequence(body, signatureAlgorithm, bitString(sign('sha256', body, key)));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

const extension = (id: string, value: Buffer): Buffer => sequence(oid(id), octets(value));
const criticalExtension = (id: string, value: Buffer): Buffer => sequence(oid(id), yes, octets(value));

function distinguishedName(parts: readonly (readonly [id: string, value: string])[]): Buffer {
  return sequence(...parts.map(([id, value]) => set(sequence(oid(id), utf8(value)))));
}

/** Only an authority of ours is asked: its subject has one common name and perhaps organizations. */
function subjectOf(certificate: X509Certificate): Buffer {
  const parts = certificate.subject.split('\n').map((line): readonly [string, string] => {
    const equals = line.indexOf('=');
    return [line.slice(0, equals) === 'O' ? ids.organization : ids.commonName, line.slice(equals + 1)];
  });
  return distinguishedName(parts);
}

/** SHA-1 of the key's bits (RFC 5280, 4.2.1.2), as everybody does. */
function keyIdentifier(publicKey: KeyObject): Buffer {
  const spki = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({
    type: 'spki',
    format: 'der',
  });
  // The point of a P-256 key is the last 65 bytes.
  return createHash('sha1').update(spki.subarray(-65)).digest();
}

/** 127 random bits, positive and with no leading zero byte. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

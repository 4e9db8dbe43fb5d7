import { createPrivateKey } from 'node:crypto';
import type { WallClock } from '@reckon/kernel';
import { readAuthority } from './authority-certificate';
import { bitString, implicit, ipBytes, octets, oid, sequence, yes } from './der';
import { distinguishedName } from './distinguished-name';
import { newKeyPair, privateKeyPem } from './key-pair';
import { criticalExtension, extension, keyIdentifier, signedCertificate } from './signed-certificate';

const dayMs = 24 * 60 * 60 * 1000;
/**
 * Valid before it was made: certificates are looked at on each request, and the clock of a machine may be put back under a cluster that
 * has just begun.
 */
const backdateMs = dayMs;
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
  /** Further parts of the subject: identifier and text. */
  readonly furtherParts?: readonly (readonly [oid: string, text: string])[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly usages: readonly CertificateUsage[];
  readonly clock: WallClock;
  readonly days?: number;
}

const ids = {
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

/** A self-signed P-256 authority. */
export function createAuthority(request: AuthorityRequest): Credential {
  const { privateKey, publicKey } = newKeyPair();
  const now = request.clock.wallMs();
  const subject = distinguishedName([[ids.commonName, request.commonName]]);
  const certPem = signedCertificate(privateKey, {
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
  const issuer = readAuthority(authority.certPem);
  const now = request.clock.wallMs();
  const names = [
    ...(request.dnsNames ?? []).map((name) => implicit(2, Buffer.from(name, 'latin1'))),
    ...(request.ipAddresses ?? []).map((ip) => implicit(7, ipBytes(ip))),
  ];
  const certPem = signedCertificate(createPrivateKey(authority.keyPem), {
    issuer: issuer.subject,
    subject: distinguishedName([
      ...(request.organizations ?? []).map((name) => [ids.organization, name] as const),
      [ids.commonName, request.commonName],
      ...(request.furtherParts ?? []),
    ]),
    publicKey,
    notBeforeMs: Math.max(now - backdateMs, issuer.notBeforeMs),
    // No leaf outlives its authority: clients would refuse it anyway, and less clearly.
    notAfterMs: Math.min(now + (request.days ?? leafDays) * dayMs, issuer.notAfterMs),
    extensions: [
      criticalExtension(ids.basicConstraints, sequence()),
      // digitalSignature, keyEncipherment
      criticalExtension(ids.keyUsage, bitString(Buffer.from([0b1010_0000]), 5)),
      extension(
        ids.extendedKeyUsage,
        sequence(...request.usages.map((usage) => oid(usage === 'server' ? ids.serverAuth : ids.clientAuth))),
      ),
      extension(ids.authorityKeyIdentifier, sequence(implicit(0, issuer.keyIdentifier))),
      ...(names.length === 0 ? [] : [extension(ids.subjectAlternativeName, sequence(...names))]),
    ],
  });
  return { certPem, keyPem: privateKeyPem(privateKey) };
}

import { type CertificateParts, DerReader, derTags, oidText } from '@reckon/pki';
import { generalNames, nameConstraints } from './general-names';

/** As crypto/x509 reads them; any other that is critical, whoever verifies must refuse (RFC 5280, 4.2). */
export const extensionIds = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
} as const;

const known: ReadonlySet<string> = new Set(Object.values(extensionIds));

/** Whether it holds a critical extension that says nothing to us (crypto/x509 `UnhandledCriticalExtensions`). */
export const hasUnhandledCritical = ({ extensions }: CertificateParts): boolean =>
  extensions.some(({ id, isCritical, value }) => {
    if (!isCritical) return false;
    if (id === extensionIds.subjectAlternativeName) return generalNames(value).every(({ kind }) => kind === 'other');
    if (id === extensionIds.nameConstraints) {
      const { permitted, excluded } = nameConstraints(value);
      return [...permitted, ...excluded].some(({ kind }) => kind === 'other');
    }
    return !known.has(id);
  });

const boolean = 0x01;

/** How many authorities may stand between it and the certificate at the end; undefined where it does not say. */
export function pathLengthOf({ extensions }: CertificateParts): number | undefined {
  const found = extensions.find(({ id }) => id === extensionIds.basicConstraints);
  if (found === undefined) return undefined;
  const fields = new DerReader(new DerReader(found.value).take(derTags.sequence, 'basicConstraints').content);
  while (!fields.isAtEnd) {
    const { tag, content } = fields.next();
    if (tag === derTags.integer) return content.reduce((length, byte) => length * 256 + byte, 0);
    if (tag !== boolean) return undefined;
  }
  return undefined;
}

const soundSignatures: ReadonlySet<string> = new Set([
  // RSA, then ECDSA, with SHA-256, SHA-384 and SHA-512; Ed25519.
  ...['1.2.840.113549.1.1.11', '1.2.840.113549.1.1.12', '1.2.840.113549.1.1.13'],
  ...['1.2.840.10045.4.3.2', '1.2.840.10045.4.3.3', '1.2.840.10045.4.3.4'],
  '1.3.101.112',
]);
const rsaPss = '1.2.840.113549.1.1.10';
const soundHashes: ReadonlySet<string> = new Set([
  ...['2.16.840.1.101.3.4.2.1', '2.16.840.1.101.3.4.2.2', '2.16.840.1.101.3.4.2.3'],
]);

/** Neither MD5 nor SHA-1: others could be given the same signature (crypto/x509 `CheckSignatureFrom`). */
export const isSoundlySigned = ({ signature }: CertificateParts): boolean =>
  signature.algorithm === rsaPss
    ? soundHashes.has(pssHash(signature.parameters))
    : soundSignatures.has(signature.algorithm);

/** Where nothing is said, it is SHA-1 (RFC 4055, 3.1). */
function pssHash(parameters: Buffer): string {
  const sha1 = '1.3.14.3.2.26';
  if (parameters.length === 0) return sha1;
  const fields = new DerReader(new DerReader(parameters).take(derTags.sequence, 'pssParameters').content);
  if (fields.isAtEnd) return sha1;
  const { tag, content } = fields.next();
  if (tag !== 0xa0) return sha1;
  const hash = new DerReader(new DerReader(content).take(derTags.sequence, 'AlgorithmIdentifier').content);
  return oidText(hash.take(derTags.oid, 'ObjectIdentifier').content);
}

import { X509Certificate } from 'node:crypto';
import { type CertificateExtension, certificateParts } from './certificate-parts';
import { DerReader, derTags } from './der-reader';
import { keyIdentifier } from './signed-certificate';

export interface AuthorityCertificate {
  /** As it stands in the certificate, byte for byte: whoever verifies compares bytes. */
  readonly subject: Buffer;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly keyIdentifier: Buffer;
}

const subjectKeyIdentifier = '2.5.29.14';

/** What a certificate of somebody's authority says that goes into those that it signs. Throws where it is no certificate. */
export function readAuthority(certPem: string): AuthorityCertificate {
  const certificate = new X509Certificate(certPem);
  const { subject, extensions } = certificateParts(certificate.raw);
  return {
    subject,
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
    keyIdentifier: identifierIn(extensions) ?? keyIdentifier(certificate.publicKey),
  };
}

function identifierIn(extensions: readonly CertificateExtension[]): Buffer | undefined {
  const found = extensions.find(({ id }) => id === subjectKeyIdentifier);
  return found === undefined
    ? undefined
    : new DerReader(found.value).take(derTags.octets, 'subjectKeyIdentifier').content;
}

import { X509Certificate } from 'node:crypto';
import { CertificateProblem } from './inspect-certificate-request';
import { pemBlocks } from './pem-blocks';

/** What the API demands of a chain of certificates in PEM. Throws `CertificateProblem`. */
export function checkCertificates(pem: string): void {
  const blocks = pemBlocks(pem);
  for (const { type, hasHeaders, bytes } of blocks) {
    if (type !== 'CERTIFICATE')
      throw new CertificateProblem(`only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`);
    if (hasHeaders) throw new CertificateProblem('no PEM block headers are permitted');
    if (bytes.length === 0) throw new CertificateProblem('found CERTIFICATE PEM block containing 0 certificates');
    try {
      new X509Certificate(bytes);
    } catch (cause) {
      throw new CertificateProblem('x509: malformed certificate', { cause });
    }
  }
  if (blocks.length === 0) throw new CertificateProblem('must contain at least one CERTIFICATE PEM block');
}

import { X509Certificate } from 'node:crypto';

/** Authorities that a certificate may come from. */
export interface CertificatePool {
  readonly certificates: readonly X509Certificate[];
}

/** A text that names no authorities. */
export class CertificatePoolError extends Error {
  readonly code = 'InvalidCertificates';
  readonly hint = 'name a PEM file with the certificates of one or more authorities';

  constructor(message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.name = 'CertificatePoolError';
  }
}

const block = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** From PEM; what stands around the certificates is passed over. Throws `CertificatePoolError`. */
export function certificatePool(pem: string): CertificatePool {
  const certificates = (pem.match(block) ?? []).map((text) => {
    try {
      return new X509Certificate(text);
    } catch (cause) {
      throw new CertificatePoolError('a certificate in it is malformed', { cause });
    }
  });
  if (certificates.length === 0)
    throw new CertificatePoolError('data does not contain any valid RSA or ECDSA certificates');
  return { certificates };
}

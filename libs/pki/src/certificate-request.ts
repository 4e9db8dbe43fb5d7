import { createPublicKey, type KeyObject } from 'node:crypto';
import { PkiError } from './pki-error';

/** What a PKCS #10 request asks for, its own signature checked. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly publicKey: KeyObject;
}

/**
 * Reads the `spec.request` of a CertificateSigningRequest (PEM). Comes from outside, so a proven library reads it, loaded at
 * the first request. Throws `PkiError`.
 */
export async function readCertificateRequest(pem: string): Promise<CertificateRequest> {
  await import('./reflect-metadata');
  const x509 = await import('@peculiar/x509');
  try {
    const request = new x509.Pkcs10CertificateRequest(pem);
    if (!(await request.verify())) throw new Error('its signature does not match its key');
    const extension = request.extensions.find((e) => e instanceof x509.SubjectAlternativeNameExtension);
    const names = extension instanceof x509.SubjectAlternativeNameExtension ? extension.names.items : [];
    return {
      commonName: request.subjectName.getField('CN')[0] ?? '',
      organizations: request.subjectName.getField('O'),
      dnsNames: names.filter((n) => n.type === 'dns').map((n) => n.value),
      ipAddresses: names.filter((n) => n.type === 'ip').map((n) => n.value),
      publicKey: createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' }),
    };
  } catch (error) {
    throw new PkiError('the certificate request cannot be read', 'Make one with openssl req -new.', { cause: error });
  }
}

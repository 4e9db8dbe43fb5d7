import { X509Certificate } from 'node:crypto';

const block = /-----BEGIN CERTIFICATE-----\r?\n[\s\S]*?-----END CERTIFICATE-----/g;

/** apiserver/pkg/util/webhook `ValidateCABundle`: why a server could not take its roots from this (in base64). */
export function bundleProblem(bundle: string): string | undefined {
  const blocks = Buffer.from(bundle, 'base64').toString('latin1').match(block) ?? [];
  if (blocks.length === 0)
    return 'unable to load root certificates: data does not contain any valid RSA or ECDSA certificates';
  return blocks.every(isCertificate) ? undefined : 'unable to load root certificates: x509: malformed certificate';
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    // Whatever OpenSSL says of it, it is none.
    return false;
  }
}

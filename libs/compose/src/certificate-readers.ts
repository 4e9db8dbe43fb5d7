import { CertificateProblem, checkCertificates, inspectCertificateRequest } from '@reckon/pki';
import type { CertificateReaders } from '@reckon/registry/kinds';

/** How the registry, which knows nothing of X.509, looks into certificate signing requests. */
export const certificateReaders: CertificateReaders = {
  requestProblem: (pem) => problemOf(() => inspectCertificateRequest(pem).checkSignature()),
  certificatesProblem: (pem) => problemOf(() => checkCertificates(pem)),
};

function problemOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof CertificateProblem) return error.message;
    throw error;
  }
}

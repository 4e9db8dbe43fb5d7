import { X509Certificate } from 'node:crypto';
import type { PeerCertificate } from '../authenticator';
import { TokenError } from '../token-authenticator';
import type { CertificatePool } from './certificate-pool';

const longestChain = 8;
const clientAuth = '1.3.6.1.5.5.7.3.2';
const anyUsage = '2.5.29.37.0';

/** The time in which every certificate of a chain holds, in ms since 1970. */
export interface ChainTimes {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/**
 * Finds a way from a client's certificate to one of the authorities: names, signatures, `CA:TRUE`, usage for clients. Not OpenSSL's
 * word at the handshake, which knows one pool only and says nothing of which authority it was. Times are for the caller to compare,
 * on each request. Throws `TokenError`.
 */
export function verifyChain(peer: PeerCertificate, pool: CertificatePool): ChainTimes {
  const leaf = new X509Certificate(peer.raw);
  const intermediates = peer.intermediates().map((der) => new X509Certificate(der));
  const path = pathToRoot(leaf, intermediates, pool.certificates, longestChain);
  if (path === undefined) throw new TokenError('x509: certificate signed by unknown authority');
  if (!isForClients(path)) throw new TokenError('x509: certificate specifies an incompatible key usage');
  return {
    notBeforeMs: Math.max(...path.map(({ validFrom }) => Date.parse(validFrom))),
    notAfterMs: Math.min(...path.map(({ validTo }) => Date.parse(validTo))),
  };
}

function pathToRoot(
  certificate: X509Certificate,
  intermediates: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  left: number,
): readonly X509Certificate[] | undefined {
  for (const root of roots) {
    if (root.raw.equals(certificate.raw)) return [certificate];
    if (isIssuedBy(certificate, root)) return [certificate, root];
  }
  if (left === 0) return undefined;
  for (const next of intermediates) {
    if (!isIssuedBy(certificate, next)) continue;
    const others = intermediates.filter((other) => other !== next);
    const rest = pathToRoot(next, others, roots, left - 1);
    if (rest !== undefined) return [certificate, ...rest];
  }
  return undefined;
}

/** The cheap questions first: what a stranger sends costs a signature check only where the names fit. */
const isIssuedBy = (certificate: X509Certificate, authority: X509Certificate): boolean =>
  authority.ca && certificate.checkIssued(authority) && certificate.verify(authority.publicKey);

/** Every certificate that limits its usages must name that of clients; node calls the extended usages `keyUsage`. */
const isForClients = (path: readonly X509Certificate[]): boolean =>
  path.every(({ keyUsage }) => {
    const usages = keyUsage as readonly string[] | undefined;
    return usages === undefined || usages.includes(clientAuth) || usages.includes(anyUsage);
  });

import type { PeerCertificate } from '../authenticator';

/** Of several the last, as Go's pkix.Name keeps it; '' without one. */
export function commonNameOf({ subject }: PeerCertificate): string {
  const { CN } = subject;
  return Array.isArray(CN) ? (CN.at(-1) ?? '') : (CN ?? '');
}

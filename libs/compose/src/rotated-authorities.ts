import type { WallClock } from '@reckon/kernel';
import {
  type CertificatePool,
  type ClientVerifier,
  certificatePool,
  handshakeVerifier,
  poolVerifier,
} from '@reckon/serve/authn';

/**
 * By what TLS found at the handshake, until the authorities change for the first time: from then on a connection may be of any of their
 * states, and each certificate is looked at by the authorities of now.
 */
export function unlessRotated(clientCaPem: () => string, clock: WallClock): ClientVerifier {
  const first = clientCaPem();
  const handshake = handshakeVerifier(clock);
  const pool = poolVerifier({ authorities: readOnce(clientCaPem), clock });
  let hasChanged = false;
  return {
    demand(peer) {
      hasChanged ||= clientCaPem() !== first;
      (hasChanged ? pool : handshake).demand(peer);
    },
  };
}

/** The pool of a text that seldom changes. */
export function readOnce(pemOf: () => string): () => CertificatePool {
  let pem: string | undefined;
  let pool: CertificatePool | undefined;
  return () => {
    const now = pemOf();
    if (pool === undefined || now !== pem) pool = certificatePool(now);
    pem = now;
    return pool;
  };
}

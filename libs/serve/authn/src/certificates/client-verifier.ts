import type { WallClock } from '@reckon/kernel';
import type { PeerCertificate } from '../authenticator';
import { TokenError } from '../token-authenticator';
import type { CertificatePool } from './certificate-pool';
import { type ChainTimes, verifyChain } from './verify-chain';

/** Decides on client certificates, again on each request: a connection may outlive its certificate and its authorities. */
export interface ClientVerifier {
  /** Throws `TokenError`. */
  demand(peer: PeerCertificate): void;
}

interface Verified extends ChainTimes {
  readonly pool: CertificatePool;
}

/**
 * By authorities of its own: `authorities` is asked each time, another pool than before has the chain looked at anew. Looking costs
 * signatures, so that it is done once per connection and pool; from then on only times are compared.
 */
export function poolVerifier(options: {
  readonly authorities: () => CertificatePool;
  readonly clock: WallClock;
}): ClientVerifier {
  const known = new WeakMap<PeerCertificate, Verified>();
  return {
    demand(peer) {
      const pool = options.authorities();
      let verified = known.get(peer);
      if (verified?.pool !== pool) known.set(peer, (verified = { ...verifyChain(peer, pool), pool }));
      demandTime(verified, options.clock.wallMs());
    },
  };
}

/** By what TLS found at the handshake, where it knows the same authorities. */
export function handshakeVerifier(clock: WallClock): ClientVerifier {
  return {
    demand(peer) {
      if (!peer.verified) throw new TokenError('x509: certificate signed by unknown authority');
      demandTime(peer, clock.wallMs());
    },
  };
}

function demandTime({ notBeforeMs, notAfterMs }: ChainTimes, nowMs: number): void {
  if (nowMs > notAfterMs || nowMs < notBeforeMs)
    throw new TokenError('x509: certificate has expired or is not yet valid');
}

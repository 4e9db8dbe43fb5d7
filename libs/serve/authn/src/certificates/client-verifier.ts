import type { WallClock } from '@reckon/kernel';
import type { PeerCertificate } from '../authenticator';
import { BoundedMap } from '../bounded-map';
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

/** Certificates of programs that come again and again with new connections. */
const maxDirect = 1024;

/**
 * By authorities of its own: `authorities` is asked each time, another pool than before has the chain looked at anew. Looking costs
 * signatures, so that it is done once per connection and pool, and for certificates that come directly from an authority once per
 * pool: what else a connection shows makes no difference to those. From then on only times are compared.
 */
export function poolVerifier(options: {
  readonly authorities: () => CertificatePool;
  readonly clock: WallClock;
}): ClientVerifier {
  const known = new WeakMap<PeerCertificate, Verified>();
  const direct = new WeakMap<CertificatePool, BoundedMap<string, Verified>>();

  const look = (peer: PeerCertificate, pool: CertificatePool): Verified => {
    const name = peer.raw.toString('latin1');
    let ofPool = direct.get(pool);
    const before = ofPool?.get(name);
    if (before !== undefined) return before;
    const { isDirect, ...times } = verifyChain(peer, pool);
    const verified = { ...times, pool };
    if (!isDirect) return verified;
    if (ofPool === undefined) direct.set(pool, (ofPool = new BoundedMap(maxDirect)));
    ofPool.set(name, verified);
    return verified;
  };

  return {
    demand(peer) {
      const pool = options.authorities();
      let verified = known.get(peer);
      if (verified?.pool !== pool) known.set(peer, (verified = look(peer, pool)));
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

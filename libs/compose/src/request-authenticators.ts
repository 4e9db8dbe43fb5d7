import type { MetricsRegistry, WallClock } from '@reckon/kernel';
import {
  type Authenticator,
  type CertificatePool,
  type ClientVerifier,
  certificatePool,
  expirationMetric,
  frontProxy,
  handshakeVerifier,
  poolVerifier,
  x509Authenticator,
} from '@reckon/serve/authn';
import type { FurtherAuthentication } from './read-authentication';

export interface RequestAuthenticatorParts {
  readonly further: Pick<FurtherAuthentication, 'frontProxy'> & { readonly basic: Authenticator | undefined };
  /** PEM of the authorities of users' certificates; asked each time, it may change. */
  readonly clientCaPem: () => string;
  /** The same of front proxies, where there may be any. */
  readonly frontProxyCaPem: () => string;
  readonly clock: WallClock;
  readonly metrics: MetricsRegistry;
}

/**
 * Who is known by certificates and headers, in upstream's order: front proxy, password, X.509. TLS verifies against one pool of
 * authorities: where there are two, of users and of front proxies, each certificate is looked at again here, so that neither counts
 * for the other.
 */
export function requestAuthenticators({
  further,
  clientCaPem,
  frontProxyCaPem,
  clock,
  metrics,
}: RequestAuthenticatorParts): Authenticator[] {
  const { frontProxy: proxy } = further;
  const basic = further.basic === undefined ? [] : [further.basic];
  const shown = expirationMetric(metrics, clock);
  if (proxy === undefined) return [...basic, x509Authenticator(unlessRotated(clientCaPem, clock), shown)];
  const { allowedNames, headers } = proxy;
  return [
    frontProxy({
      verifier: poolVerifier({ authorities: readOnce(frontProxyCaPem), clock }),
      allowedNames,
      headers,
    }),
    ...basic,
    x509Authenticator(poolVerifier({ authorities: readOnce(clientCaPem), clock }), shown),
  ];
}

/**
 * By what TLS found at the handshake, until the authorities change for the first time: from then on a connection may be of any of their
 * states, and each certificate is looked at by the authorities of now.
 */
function unlessRotated(clientCaPem: () => string, clock: WallClock): ClientVerifier {
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
function readOnce(pemOf: () => string): () => CertificatePool {
  let pem: string | undefined;
  let pool: CertificatePool | undefined;
  return () => {
    const now = pemOf();
    if (pool === undefined || now !== pem) pool = certificatePool(now);
    pem = now;
    return pool;
  };
}

import type { MetricsRegistry, WallClock } from '@reckon/kernel';
import { type Authenticator, expirationMetric, frontProxy, poolVerifier, x509Authenticator } from '@reckon/serve/authn';
import type { FurtherAuthentication } from './read-authentication';
import { readOnce, unlessRotated } from './rotated-authorities';

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

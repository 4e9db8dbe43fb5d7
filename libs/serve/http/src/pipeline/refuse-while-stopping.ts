import type { Exchange } from '../exchange';
import { PlainError } from '../response/respond-error';

/** Who watches over the server itself is answered to the end (k8s.io/apiserver/pkg/server/filters `isRequestExemptFromRetryAfter`). */
const exempt = ['/readyz', '/livez', '/healthz', '/metrics'];

/** A server that is going away sends clients to another one, and ends their connections (filters `WithRetryAfter`). */
export function refuseWhileStopping(exchange: Exchange): void {
  if (exchange.server.shutdown.phase !== 'refusing') return;
  const { info, userAgent } = exchange;
  if (userAgent.startsWith('kube-apiserver/') || exempt.some((prefix) => info.path.startsWith(prefix))) return;
  throw new PlainError(429, 'The apiserver is shutting down, please try again later.\n', [
    'Retry-After',
    '5',
    'Connection',
    'close',
    'X-Content-Type-Options',
    'nosniff',
  ]);
}

import type { Exchange } from '../exchange';

const longest = 64;

/** A client may bring its own (`Audit-ID`), as with k8s.io/apiserver/pkg/endpoints/filters `WithAuditInit`. */
export function assignAuditId(exchange: Exchange): void {
  const given = exchange.request.headers['audit-id'];
  exchange.requestId =
    typeof given === 'string' && given !== '' && given.length <= longest && /^[\x21-\x7e]+$/.test(given)
      ? given
      : exchange.server.random.uuid();
}

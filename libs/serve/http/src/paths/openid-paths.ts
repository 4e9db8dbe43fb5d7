import type { ApiServerOptions } from '../api-server-options';
import type { Exchange } from '../exchange';
import { demandType } from '../response/negotiate';
import { respond } from '../response/respond';
import type { PathHandler } from './path-table';

/** The two documents by which others verify our service account tokens (k8s.io/kubernetes/pkg/routes `OpenIDMetadataServer`). */
export function openidPaths(openid: ApiServerOptions['openid']): [string, PathHandler][] {
  if (openid === undefined) return [];
  return [
    ['/.well-known/openid-configuration', (exchange) => document(exchange, 'application/json', openid.configuration)],
    ['/openid/v1/jwks', (exchange) => document(exchange, 'application/jwk-set+json', openid.keys)],
  ];
}

async function document(exchange: Exchange, type: string, make: () => object | Promise<object>): Promise<void> {
  demandType(exchange, type);
  await respond(exchange, 200, type, JSON.stringify(await make()), { cacheControl: 'public, max-age=3600' });
}

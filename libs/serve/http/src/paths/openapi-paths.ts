import { createOpenapi, type KindRegistry } from '@reckon/api/kinds';
import type { ApiServerOptions } from '../api-server-options';
import type { Exchange } from '../exchange';
import { noSuchResource } from '../response/respond-error';
import { respond } from '../response/respond';
import type { PathHandler } from './path-table';

/**
 * OpenAPI v3: an index of documents, one per group version, each under a URL that names its hash and can therefore be kept for ever
 * (k8s.io/kube-openapi/pkg/handler3). There is no v2.
 */
export function openapiPaths(kinds: KindRegistry, describe: ApiServerOptions['describe']): [string, PathHandler][] {
  const openapi = createOpenapi(kinds, describe === undefined ? {} : { describe });
  const index: PathHandler = (exchange) => {
    const { bytes, etag } = openapi.index();
    // Upstream lets Go guess the type of this one.
    return respondTagged(exchange, 'text/plain; charset=utf-8', bytes, etag, 'no-cache, private');
  };
  const document: PathHandler = (exchange) => {
    const path = exchange.info.path.slice('/openapi/v3/'.length);
    if (path === '') return index(exchange);
    const found = openapi.document(path);
    if (found === undefined) throw noSuchResource();
    const hash = exchange.query.get('hash');
    if (hash !== null && hash !== found.hash)
      return respond(exchange, 301, 'text/plain; charset=utf-8', '', {
        headers: ['Location', `/openapi/v3/${path}?hash=${found.hash}`],
      });
    const cacheControl = hash === null ? 'no-cache, private' : 'public, immutable';
    return respondTagged(exchange, 'application/json', found.bytes, `"${found.hash}"`, cacheControl);
  };
  return [
    ['/openapi/v3', index],
    ['/openapi/v3/', document],
  ];
}

function respondTagged(
  exchange: Exchange,
  type: string,
  bytes: Buffer,
  etag: string,
  cacheControl: string,
): void | Promise<void> {
  const extra = { cacheControl, headers: ['ETag', etag, 'Vary', 'Accept'] };
  if (exchange.header('if-none-match') === etag) return respond(exchange, 304, type, '', extra);
  return respond(exchange, 200, type, bytes, extra);
}

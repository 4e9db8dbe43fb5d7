import { createOpenapi } from '@reckon/api/kinds';
import { createOpenapiV2 } from '@reckon/serve/discovery';
import type { ApiServerOptions } from '../api-server-options';
import type { Exchange } from '../exchange';
import { noSuchResource } from '../response/respond-error';
import { respond } from '../response/respond';
import { openapiV2Path } from './openapi-v2-path';
import type { PathHandler } from './path-table';
import { versionInfo } from './version';

type Options = Pick<ApiServerOptions, 'kinds' | 'describe' | 'openid'>;

/**
 * OpenAPI v3: an index of documents, one per group version and one for each path that is no resource, each under a URL that names its
 * hash and can therefore be kept for ever (k8s.io/kube-openapi/pkg/handler3). And v2 for who knows no other.
 */
export function openapiPaths({ kinds, describe, openid }: Options): [string, PathHandler][] {
  const options = { hasOpenid: openid !== undefined, ...(describe === undefined ? {} : { describe }) };
  const openapi = createOpenapi(kinds, options);
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
  const version = versionInfo.gitVersion.replace(/[+-].*$/, '');
  return [
    ['/openapi/v2', openapiV2Path(createOpenapiV2(kinds, { ...options, version }))],
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

import { createOpenapi } from '@reckon/api/kinds';
import { createOpenapiV2 } from '@reckon/serve/discovery';
import type { ApiServerOptions } from '../api-server-options';
import type { Exchange } from '../exchange';
import { noSuchResource } from '../response/respond-error';
import { respond } from '../response/respond';
import { chosenOffer, jsonOffer, refuseTypes } from './openapi-offer';
import { openapiV2Path } from './openapi-v2-path';
import type { PathHandler } from './path-table';
import { versionInfo } from './version';

type Options = Pick<ApiServerOptions, 'kinds' | 'describe' | 'openid'>;

/**
 * OpenAPI v3: an index of documents, one per group version and one for each path that is no resource, each under a URL that names its
 * hash and can therefore be kept for ever (k8s.io/kube-openapi/pkg/handler3). And v2 for who knows no other.
 */
export function openapiPaths({ kinds, describe, openid }: Options): [string, PathHandler][] {
  const options = {
    hasOpenid: openid !== undefined,
    // The version whose behaviour is shown, without its patch (k8s.io/apiserver/pkg/server `completeOpenAPIV3`).
    version: `${versionInfo.emulationMajor}.${versionInfo.emulationMinor}`,
    ...(describe === undefined ? {} : { describe }),
  };
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
    if (chosenOffer(exchange, [jsonOffer]) === undefined) return refuseTypes(exchange);
    const hash = exchange.query.get('hash') ?? '';
    if (hash !== '' && hash !== found.hash)
      return respond(exchange, 301, 'text/plain; charset=utf-8', '', {
        headers: ['Location', `/openapi/v3/${path}?hash=${found.hash}`],
      });
    const tag = `"${found.hash}"`;
    if (hash === '') return respondTagged(exchange, 'application/json', found.bytes, tag, 'no-cache, private');
    return respondTagged(exchange, 'application/json', found.bytes, tag, 'public, immutable', [
      'Expires',
      inOneYear(exchange.nowMs),
    ]);
  };
  return [
    ['/openapi/v2', openapiV2Path(createOpenapiV2(kinds, options))],
    ['/openapi/v3', index],
    ['/openapi/v3/', document],
  ];
}

/** As far ahead as a cache may be told to keep what never changes. */
function inOneYear(nowMs: number): string {
  const date = new Date(nowMs);
  date.setUTCFullYear(date.getUTCFullYear() + 1);
  return date.toUTCString();
}

function respondTagged(
  exchange: Exchange,
  type: string,
  bytes: Buffer,
  etag: string,
  cacheControl: string,
  further: readonly string[] = [],
): void | Promise<void> {
  const extra = { cacheControl, headers: ['ETag', etag, 'Vary', 'Accept', ...further] };
  if (exchange.header('if-none-match') === etag) return respond(exchange, 304, type, '', extra);
  return respond(exchange, 200, type, bytes, extra);
}

import type { AggregatedDocument } from '@reckon/serve/discovery';
import { parseObject } from '@reckon/api/kinds';
import { parseAccept, stringifyJson } from '@reckon/api/machinery';
import type { Exchange } from '../exchange';
import { noSuchResource, pageNotFound } from '../response/respond-error';
import { isPretty, protobufType } from '../response/negotiate';
import { respond } from '../response/respond';
import { respondDocument } from '../response/respond-object';
import type { PathHandler } from './path-table';

const aggregatedForm = ';g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const aggregatedTypes: Readonly<Record<string, string>> = {
  json: 'application/json',
  'vnd.kubernetes.protobuf': protobufType,
};

/** `/api`, `/apis` and what is under them; unknown versions of known groups are a Status, unknown groups are not. */
export function discoveryPaths(): [string, PathHandler][] {
  return [
    ['/api', (exchange) => topDocument(exchange, 'api')],
    ['/apis', (exchange) => topDocument(exchange, 'apis')],
    ['/api/', (exchange) => document(exchange, '', segmentsOf(exchange, '/api/'))],
    [
      '/apis/',
      (exchange) => {
        const [group = '', ...rest] = segmentsOf(exchange, '/apis/');
        return document(exchange, group, rest);
      },
    ],
  ];
}

const segmentsOf = (exchange: Exchange, prefix: string): string[] =>
  exchange.info.path
    .slice(prefix.length)
    .split('/')
    .filter((s) => s !== '');

function topDocument(exchange: Exchange, prefix: 'api' | 'apis'): void | Promise<void> {
  const { discovery } = exchange.server;
  const wanted = wantedAggregated(exchange);
  if (wanted !== undefined) return respondAggregated(exchange, discovery.aggregated(prefix), wanted);
  return respondBytes(exchange, prefix === 'api' ? discovery.apiVersions() : discovery.groupList());
}

function document(exchange: Exchange, group: string, rest: readonly string[]): void | Promise<void> {
  const { discovery } = exchange.server;
  if (group !== '' && !discovery.servesGroup(group)) throw pageNotFound();
  const [version, more] = rest;
  const found =
    more !== undefined
      ? undefined
      : version === undefined
        ? discovery.group(group)
        : discovery.resourceList(group, version);
  if (found === undefined) throw noSuchResource();
  return respondBytes(exchange, found);
}

function respondBytes(exchange: Exchange, bytes: Buffer): void | Promise<void> {
  const representation = exchange.server.negotiator.negotiate(exchange, 'plain');
  if (representation.format === 'json' && !isPretty(exchange, representation))
    return respond(exchange, 200, 'application/json', bytes);
  return respondDocument(exchange, 200, parseObject(bytes), representation);
}

/** The media type in which the aggregated form is wanted; undefined when the plain documents are. */
function wantedAggregated(exchange: Exchange): string | undefined {
  const accept = exchange.header('accept');
  if (!accept.includes('APIGroupDiscoveryList')) return undefined;
  // The first entry that could be given decides: a client that prefers the plain form gets it.
  for (const { subtype, parameters } of parseAccept(accept)) {
    const type = Object.hasOwn(aggregatedTypes, subtype) ? aggregatedTypes[subtype] : undefined;
    if (type === undefined) continue;
    const as = parameters.get('as');
    if (as === undefined) return undefined;
    const isServed = parameters.get('g') === 'apidiscovery.k8s.io' && parameters.get('v') === 'v2';
    if (as === 'APIGroupDiscoveryList' && isServed) return type;
  }
  return undefined;
}

function respondAggregated(exchange: Exchange, { body, etag }: AggregatedDocument, type: string): void | Promise<void> {
  const extra = { cacheControl: 'public', headers: ['ETag', etag, 'Vary', 'Accept'] };
  const contentType = type + aggregatedForm;
  if (exchange.header('if-none-match') === etag) return respond(exchange, 304, contentType, '', extra);
  if (type !== protobufType) {
    const isForPeople = isPretty(exchange, { pretty: false });
    return respond(exchange, 200, contentType, isForPeople ? stringifyJson(parseObject(body), 2) : body, extra);
  }
  const { protobuf, types } = exchange.server.kinds;
  const meta = { apiVersion: 'apidiscovery.k8s.io/v2', kind: 'APIGroupDiscoveryList' };
  const struct = types.struct('apidiscovery/v2.APIGroupDiscoveryList');
  return respond(exchange, 200, contentType, protobuf.body(meta, struct, { ...parseObject(body) }), extra);
}

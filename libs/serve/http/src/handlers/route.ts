import type { ResourceRow } from '@reckon/api/kinds';
import type { ResourceStore } from '@reckon/registry/generic';
import type { ConnectHandler, SubresourceHandler } from '../api-server-options';
import type { Exchange } from '../exchange';
import { methodNotAllowed, noSuchResource, pageNotFound } from '../response/respond-error';
import { connect } from './connect';
import { create } from './create';
import { deleteCollection } from './delete-collection';
import { deleteObject } from './delete';
import { get } from './get';
import { list } from './list';
import { patch } from './patch';
import { createBySubresource, getBySubresource, patchBySubresource, updateBySubresource } from './subresource';
import { update } from './update';
import { watch } from './watch';

/** Where a request leads. */
export interface Route {
  readonly row: ResourceRow;
  readonly store: ResourceStore | undefined;
  /** Answers a subresource, or a resource that is not stored, in place of the store. */
  readonly custom: SubresourceHandler | undefined;
  readonly connect: ConnectHandler | undefined;
  readonly handle: Handler;
}

/** Answers, or throws what the client is told. */
export type Handler = (exchange: Exchange, route: Route) => void | Promise<void>;

type Verb = 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

const collectionVerbs: Readonly<Record<string, Verb>> = { GET: 'list', POST: 'create', DELETE: 'deletecollection' };
const listVerbs: Readonly<Record<string, Verb>> = { GET: 'list' };
const itemVerbs: Readonly<Record<string, Verb>> = { GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

const stored: Readonly<Record<Verb, Handler>> = {
  get,
  // What cannot be watched is listed all the same.
  list: (exchange, route) =>
    exchange.info.verb === 'watch' && route.row.verbs.includes('watch')
      ? watch(exchange, route)
      : list(exchange, route),
  create,
  update,
  patch,
  delete: deleteObject,
  deletecollection: deleteCollection,
};

/** Handlers of what answers itself; nothing of the kind can be listed or deleted. */
const customised: Readonly<Partial<Record<Verb, Handler>>> = {
  get: getBySubresource,
  create: createBySubresource,
  update: updateBySubresource,
  patch: patchBySubresource,
};

/** Throws 404 when no method has a handler at this path and 405 when others do, as upstream's routes would. */
export function routeOf(exchange: Exchange): Route {
  const { info, server } = exchange;
  // The core group has a path of its own only.
  const isMisplaced = info.prefix === 'apis' && info.group === '';
  const row = isMisplaced ? undefined : server.kinds.resource(info.group, info.version, info.resource);
  if (row === undefined) {
    // Groups that nobody serves have no error texts of their own either.
    throw isMisplaced || (info.prefix === 'apis' && !server.discovery.servesGroup(info.group))
      ? pageNotFound()
      : noSuchResource();
  }
  // Rights were asked for in that namespace: what is in none, Namespaces among it, must not be reached by them.
  if (info.isInNamespace && !row.namespaced) throw noSuchResource();
  const inNamespace = info.isInNamespace && info.namespace !== '';
  if (info.legacyWatch) return legacyWatchRoute(exchange, row);
  if (info.subresource !== '') return subresourceRoute(exchange, row, inNamespace);
  if (info.verb === 'proxy') throw noSuchResource();

  const isItem = info.pathName !== '';
  // Across namespaces there is only the list.
  if (isItem && row.namespaced && !inNamespace) throw noSuchResource();
  const across = row.namespaced && !inNamespace && !isItem;
  const here = across ? listVerbs : isItem ? itemVerbs : collectionVerbs;
  const verb = here[exchange.request.method ?? ''];
  if (verb === undefined || !row.verbs.includes(verb))
    throw Object.values(here).some((other) => row.verbs.includes(other)) ? methodNotAllowed() : noSuchResource();

  const custom = server.subresource?.(row, '');
  const handle = custom === undefined ? stored[verb] : customised[verb];
  const store = server.store(row);
  if (handle === undefined || (custom === undefined && store === undefined)) throw noSuchResource();
  return { row, store, custom, connect: undefined, handle };
}

function legacyWatchRoute(exchange: Exchange, row: ResourceRow): Route {
  if (!row.verbs.includes('watch') || exchange.info.subresource !== '') throw noSuchResource();
  if (exchange.request.method !== 'GET') throw methodNotAllowed();
  return { row, store: exchange.server.store(row), custom: undefined, connect: undefined, handle: watch };
}

const connectMethods: Readonly<Record<string, string>> = {
  GET: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

function subresourceRoute(exchange: Exchange, row: ResourceRow, inNamespace: boolean): Route {
  const { info, server } = exchange;
  if (row.namespaced && !inNamespace) throw noSuchResource();
  const sub = row.subresources.find((s) => s.name === info.subresource);
  if (sub === undefined || (info.parts.length > 3 && sub.name !== 'proxy')) throw noSuchResource();
  const method = exchange.request.method ?? '';
  const connectHandler = server.connect?.(row, sub.name);
  if (connectHandler !== undefined) {
    const isProxied = sub.name === 'proxy' && (method === 'HEAD' || method === 'OPTIONS');
    if (!isProxied && !sub.verbs.includes(connectMethods[method] ?? '')) throw methodNotAllowed();
    return { row, store: server.store(row), custom: undefined, connect: connectHandler, handle: connect };
  }
  const verb = method === 'POST' ? 'create' : itemVerbs[method];
  if (verb === undefined || !sub.verbs.includes(verb)) throw methodNotAllowed();
  const custom = server.subresource?.(row, sub.name);
  const store = server.store(row);
  const handle = custom === undefined ? stored[verb] : customised[verb];
  if (handle === undefined) throw noSuchResource();
  // Without a handler of its own a subresource can only be a view of the object with its own strategy.
  const isView = store !== undefined && verb !== 'create' && sub.kind === row.kind;
  if (custom === undefined && !isView) throw noSuchResource();
  return { row, store, custom, connect: undefined, handle };
}

/** The store of a route that was checked to have one. */
export function storeOf(route: Route): ResourceStore {
  if (route.store === undefined) throw noSuchResource();
  return route.store;
}

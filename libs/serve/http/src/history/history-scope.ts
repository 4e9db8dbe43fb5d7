import type { ResourceRow } from '@reckon/api/kinds';
import { keyText, parseKey, resourcePrefix } from '@reckon/store/contract';
import type { Exchange } from '../exchange';
import { routeOf } from '../handlers/route';
import { methodNotAllowed, noSuchResource } from '../response/respond-error';

/** Whose history a path names. */
export interface HistoryScope {
  /** Keys that the log is asked for. */
  readonly prefix: string;
  /** Of those, which are meant. */
  has(key: string): boolean;
  /** What the objects are shown as; undefined: each as it is stored. */
  readonly row: ResourceRow | undefined;
}

/** Throws the 404 and 405 that the resource's own path would. */
export function historyScope(exchange: Exchange, namespace: string): HistoryScope {
  const { info, request } = exchange;
  if (info.resource === '*') {
    if (request.method !== 'GET') throw methodNotAllowed();
    return { prefix: '', row: undefined, has: (key) => namespace === '' || parseKey(key).namespace === namespace };
  }
  if (info.legacyWatch || info.subresource !== '' || info.verb === 'proxy') throw noSuchResource();
  const { row } = routeOf(exchange);
  if (request.method !== 'GET') throw methodNotAllowed();
  const { group, resource } = row.storage;
  if (info.pathName !== '') {
    const key = keyText({ group, resource, namespace: row.namespaced ? info.namespace : '', name: info.pathName });
    return { prefix: key, row, has: (other) => other === key };
  }
  const inNamespace = row.namespaced && info.namespace !== '' ? `${info.namespace}/` : '';
  return { prefix: resourcePrefix(row.storage) + inNamespace, row, has: () => true };
}

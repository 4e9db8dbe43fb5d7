import type { Exchange } from '../exchange';
import { noSuchResource } from '../response/respond-error';
import type { Route } from './route';

/** Hands a stream (log, exec, attach, portforward, proxy) to its handler. */
export async function connect(exchange: Exchange, route: Route): Promise<void> {
  const { info, request, upgrade } = exchange;
  if (route.connect === undefined) throw noSuchResource();
  await route.connect({
    ctx: exchange,
    row: route.row,
    subresource: info.subresource,
    namespace: route.row.namespaced ? info.namespace : '',
    name: info.pathName,
    method: request.method ?? '',
    path: info.parts.slice(3).join('/'),
    query: exchange.query,
    request,
    response: upgrade === undefined ? exchange.response : undefined,
    upgrade,
  });
}

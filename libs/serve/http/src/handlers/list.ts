import type { ListResult } from '@reckon/registry/generic';
import type { Exchange } from '../exchange';
import { respondList } from '../response/respond-list';
import { listQuery } from './query-options';
import { type Route, storeOf } from './route';

/** GET of a collection. */
export function list(exchange: Exchange, route: Route): void | Promise<void> {
  const representation = exchange.server.negotiator.negotiate(exchange, 'list');
  const result = storeOf(route).list(listQuery(exchange, route));
  const send = (found: ListResult): void | Promise<void> => respondList(exchange, route.row, found, representation);
  return result instanceof Promise ? result.then(send) : send(result);
}

import { apiVersionOf } from '@reckon/api/machinery';
import type { Exchange } from '../exchange';
import { respondList } from '../response/respond-list';
import { deleteOptions, listQuery } from './query-options';
import { RequestAdmission } from './request-admission';
import { type Route, storeOf } from './route';

/** DELETE of a collection: answers what was deleted as a list. */
export async function deleteCollection(exchange: Exchange, route: Route): Promise<void> {
  const representation = exchange.server.negotiator.negotiate(exchange, 'object');
  const query = listQuery(exchange, route);
  const options = await deleteOptions(exchange);
  const result = await storeOf(route).deleteCollection(exchange, query, options.delete, {
    dryRun: options.dryRun,
    admission: new RequestAdmission(exchange, route, 'DELETE', options.dryRun, options.admission),
    apiVersion: apiVersionOf(route.row),
  });
  await respondList(exchange, route.row, result, representation);
}

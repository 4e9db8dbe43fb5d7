import { type QueryValues, queryFlag, statusErrors } from '@reckon/api/machinery';
import type { StoredObject } from '@reckon/store/contract';
import type { Exchange } from '../exchange';
import { respondObject } from '../response/respond-object';
import { servedBytes } from '../response/served-form';
import { type Route, storeOf } from './route';

const plain = { resourceVersion: '' };

/** GET of one object, or of a view of it that has a strategy (`status`): the stored bytes. */
export function get(exchange: Exchange, route: Route): void | Promise<void> {
  const { info } = exchange;
  const representation = exchange.server.negotiator.negotiate(exchange, 'object');
  if (info.subresource === '' && info.query.includes('export')) refuseExport(exchange.query);
  const resourceVersion = info.query.includes('resourceVersion') ? (exchange.query.get('resourceVersion') ?? '') : '';
  const options =
    exchange.at === undefined
      ? resourceVersion === ''
        ? plain
        : { resourceVersion }
      : { resourceVersion, at: exchange.at };
  const namespace = route.row.namespaced ? info.namespace : '';
  const found = storeOf(route).get(namespace, info.pathName, options);
  const send = (stored: StoredObject): void | Promise<void> =>
    respondObject(exchange, route.row, 200, servedBytes(exchange.server, route.row, stored), representation);
  return found instanceof Promise ? found.then(send) : send(found);
}

/** endpoints/handlers `GetResource` */
function refuseExport(query: QueryValues): void {
  if (queryFlag(query, 'export') === true)
    throw statusErrors.badRequest('the export parameter, deprecated since v1.14, is no longer supported');
}

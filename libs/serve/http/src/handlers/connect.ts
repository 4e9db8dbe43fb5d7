import { statusErrors } from '@reckon/api/machinery';
import type { AdmissionAttributes } from '@reckon/serve/admission';
import type { Exchange } from '../exchange';
import { noSuchResource } from '../response/respond-error';
import { connectOptions } from './connect-options';
import type { Route } from './route';

/** Hands a stream (log, exec, attach, portforward, proxy) to its handler. */
export async function connect(exchange: Exchange, route: Route): Promise<void> {
  const { info, request, upgrade } = exchange;
  if (route.connect === undefined) throw noSuchResource();
  if (info.subresource !== 'log' && exchange.query.has('dryRun'))
    throw statusErrors.badRequest('dryRun is not supported');
  await admitConnection(exchange, route);
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

/** endpoints/handlers `ConnectResource`; reading a log is a read like any other. */
async function admitConnection(exchange: Exchange, { row }: Route): Promise<void> {
  const { info, server, query } = exchange;
  const { subresource } = info;
  const kind = row.subresources.find(({ name }) => name === subresource);
  if (subresource === 'log' || kind === undefined) return;
  const path = info.parts.slice(3).join('/');
  const attributes: AdmissionAttributes = {
    ctx: exchange,
    operation: 'CONNECT',
    row,
    subresource,
    namespace: row.namespaced ? info.namespace : '',
    name: info.pathName,
    object: connectOptions(server, kind, { query, path }),
    oldObject: undefined,
    dryRun: false,
    options: {},
  };
  await server.admission.admit(attributes);
  await server.admission.validate(attributes);
}

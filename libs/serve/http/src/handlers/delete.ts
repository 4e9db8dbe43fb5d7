import { apiVersionOf, type GroupResource } from '@reckon/api/machinery';
import type { Exchange } from '../exchange';
import { respondDocument, respondObject } from '../response/respond-object';
import { servedBytes } from '../response/served-form';
import { deleteOptions } from './query-options';
import { RequestAdmission } from './request-admission';
import { type Route, storeOf } from './route';

/** DELETE of one object. Answers it while it lingers, mostly a Status once it is gone. */
export async function deleteObject(exchange: Exchange, route: Route): Promise<void> {
  const { server, info } = exchange;
  const { row } = route;
  const representation = server.negotiator.negotiate(exchange, 'object');
  const options = await deleteOptions(exchange);
  const result = await storeOf(route).delete(
    exchange,
    row.namespaced ? info.namespace : '',
    info.pathName,
    options.delete,
    {
      dryRun: options.dryRun,
      admission: new RequestAdmission(exchange, route, 'DELETE', options.dryRun, options.admission),
      apiVersion: apiVersionOf(row),
    },
  );
  // A cascade that was asked for and is not done yet is "accepted" (k8s.io/apiserver/pkg/endpoints/handlers `DeleteResource`).
  const code = !result.gone && options.delete.orphanDependents === false ? 202 : 200;
  if (result.answer === 'object')
    return respondObject(exchange, row, code, servedBytes(server, row, result), representation);
  return respondDocument(exchange, code, success(row, info.pathName, result.uid), representation);
}

/** Without a code, as upstream's. */
const success = (resource: GroupResource, name: string, uid: string): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  details: {
    name,
    ...(resource.group === '' ? {} : { group: resource.group }),
    kind: resource.resource,
    ...(uid === '' ? {} : { uid }),
  },
});

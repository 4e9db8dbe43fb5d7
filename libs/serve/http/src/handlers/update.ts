import { apiVersionOf, type KubeObject } from '@reckon/api/machinery';
import { dedupOwnerReferences, matchName, matchNamespace } from '@reckon/registry/generic';
import type { Exchange } from '../exchange';
import { respondObject } from '../response/respond-object';
import { servedBytes, toStored } from '../response/served-form';
import { decodeBody } from './decode-body';
import { updateOptions } from './query-options';
import { readBody } from './read-body';
import { RequestAdmission } from './request-admission';
import { type Route, storeOf } from './route';

/** PUT of an object or of a view of it that has a strategy (`status`). */
export async function update(exchange: Exchange, route: Route): Promise<void> {
  const { server, info } = exchange;
  const { row } = route;
  const representation = server.negotiator.negotiate(exchange, 'object');
  const body = await readBody(exchange);
  const options = updateOptions(exchange);
  const decode = async (): Promise<KubeObject> => {
    const object = toStored(server, row, await decodeBody(exchange, body, row, options.fieldValidation));
    dedupOwnerReferences(exchange, object.metadata, 'request');
    return object;
  };
  // The registry changes what it gets: a retry after a lost race decodes the body again.
  let first: KubeObject | undefined = await decode();
  const { uid } = first.metadata;
  const namespace = row.namespaced ? info.namespace : '';
  // A body for another object is 400 even where there is none to update.
  matchNamespace(first.metadata, namespace);
  matchName(first.metadata, info.pathName);
  const result = await storeOf(route).update(
    exchange,
    namespace,
    info.pathName,
    info.subresource,
    {
      operation: 'Update',
      mayCreate: info.subresource === '',
      ...(uid === undefined ? {} : { uid }),
      leavesCurrent: true,
      next: () => {
        const object = first ?? decode();
        first = undefined;
        return object;
      },
    },
    {
      dryRun: options.dryRun,
      admission: new RequestAdmission(exchange, route, 'UPDATE', options.dryRun, options.admission),
      apiVersion: apiVersionOf(row),
    },
  );
  await respondObject(exchange, row, result.created ? 201 : 200, servedBytes(server, row, result), representation);
}

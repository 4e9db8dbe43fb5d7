import { apiVersionOf } from '@reckon/api/machinery';
import type { UpdateIntent } from '@reckon/registry/generic';
import type { Exchange } from '../exchange';
import { respondObject } from '../response/respond-object';
import { servedBytes, toServed, toStored } from '../response/served-form';
import { applied, readApplication } from './apply';
import { applyOptions, patchOptions, type WriteQuery } from './query-options';
import { patchTypeOf, readPatch } from './read-patch';
import { RequestAdmission } from './request-admission';
import { type Route, storeOf } from './route';

/** PATCH of an object or of a view of it that has a strategy (`status`). Applied to whatever is newest, again after a lost race. */
export async function patch(exchange: Exchange, route: Route): Promise<void> {
  const { server, info } = exchange;
  const { row } = route;
  // As a route of upstream's: what it takes is looked at before what it gives.
  const type = patchTypeOf(exchange, row);
  const representation = server.negotiator.negotiate(exchange, 'object');
  let options: WriteQuery;
  let intent: UpdateIntent;
  if (type === 'apply') {
    const query = applyOptions(exchange);
    options = query;
    // Nothing is created through a view of it.
    const mayCreate = info.subresource === '';
    intent = { operation: 'Apply', mayCreate, next: applied(await readApplication(exchange, row, query)) };
  } else {
    options = patchOptions(exchange);
    const apply = await readPatch(exchange, type, row, options.fieldValidation);
    intent = {
      operation: 'Update',
      mayCreate: false,
      leavesCurrent: true,
      next: (current) => {
        // `mayCreate: false`: the registry asks only when there is one.
        if (current === undefined) throw new Error('a patch of nothing');
        return toStored(server, row, apply(toServed(server, row, current)));
      },
    };
  }
  const result = await storeOf(route).update(
    exchange,
    row.namespaced ? info.namespace : '',
    info.pathName,
    info.subresource,
    intent,
    {
      dryRun: options.dryRun,
      admission: new RequestAdmission(exchange, route, 'UPDATE', options.dryRun, options.admission),
      apiVersion: apiVersionOf(row),
    },
  );
  await respondObject(exchange, row, result.created ? 201 : 200, servedBytes(server, row, result), representation);
}

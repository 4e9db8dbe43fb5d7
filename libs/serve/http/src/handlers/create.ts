import { apiVersionOf } from '@reckon/api/machinery';
import type { Exchange } from '../exchange';
import { respondObject } from '../response/respond-object';
import { servedBytes, toStored } from '../response/served-form';
import { decodeBody } from './decode-body';
import { createOptions } from './query-options';
import { readBody } from './read-body';
import { RequestAdmission } from './request-admission';
import { type Route, storeOf } from './route';

/** POST to a collection. */
export async function create(exchange: Exchange, route: Route): Promise<void> {
  const { server, info } = exchange;
  const { row } = route;
  const representation = server.negotiator.negotiate(exchange, 'object');
  const body = await readBody(exchange);
  const options = createOptions(exchange);
  const decoding = decodeBody(exchange, body, row, options.fieldValidation);
  const object = decoding instanceof Promise ? await decoding : decoding;
  const result = await storeOf(route).create(
    exchange,
    row.namespaced ? info.namespace : '',
    toStored(server, row, object),
    {
      dryRun: options.dryRun,
      admission: new RequestAdmission(exchange, route, 'CREATE', options.dryRun, options.admission),
      apiVersion: apiVersionOf(row),
    },
  );
  await respondObject(exchange, row, 201, servedBytes(server, row, result), representation);
}

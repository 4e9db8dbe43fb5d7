import { apiVersionOf, type GroupVersionKind, type KubeObject } from '@reckon/api/machinery';
import type { Application, SubresourceAnswer, SubresourceCall } from '../api-server-options';
import type { Exchange } from '../exchange';
import { noSuchResource } from '../response/respond-error';
import { respondDocument, respondObject } from '../response/respond-object';
import { decodeBody } from './decode-body';
import { readApplication } from './apply';
import { applyOptions, patchOptions, createOptions, updateOptions, type WriteQuery } from './query-options';
import { readBody } from './read-body';
import { patchTypeOf, readPatch } from './read-patch';
import { RequestAdmission } from './request-admission';
import type { Route } from './route';

/** What the columns of a Scale are found by. */
const scaleKind = { group: 'autoscaling', version: 'v1', resource: 'scales', kind: 'Scale' };

/** The kind that a call takes and gives: the subresource's, or the row's for a create-only resource. */
function kindOf(exchange: Exchange, route: Route): GroupVersionKind {
  const { subresource } = exchange.info;
  return subresource === '' ? route.row : (route.row.subresources.find((s) => s.name === subresource) ?? route.row);
}

export function getBySubresource(exchange: Exchange, route: Route): Promise<void> {
  return call(exchange, route, 'get', undefined, undefined, createOptions(exchange));
}

export async function createBySubresource(exchange: Exchange, route: Route): Promise<void> {
  const body = await readBody(exchange);
  const options = createOptions(exchange);
  const object = await decodeBody(exchange, body, kindOf(exchange, route), options.fieldValidation);
  await call(exchange, route, 'create', object, undefined, options);
}

export async function updateBySubresource(exchange: Exchange, route: Route): Promise<void> {
  const body = await readBody(exchange);
  const options = updateOptions(exchange);
  const object = await decodeBody(exchange, body, kindOf(exchange, route), options.fieldValidation);
  await call(exchange, route, 'update', object, undefined, options);
}

export async function patchBySubresource(exchange: Exchange, route: Route): Promise<void> {
  const kind = kindOf(exchange, route);
  const type = patchTypeOf(exchange, kind);
  if (type === 'apply') {
    const options = applyOptions(exchange);
    const application = await readApplication(exchange, route.row, options);
    application.finish();
    await call(exchange, route, 'patch', undefined, undefined, options, application);
    return;
  }
  const options = patchOptions(exchange);
  const patch = await readPatch(exchange, type, kind, options.fieldValidation);
  await call(exchange, route, 'patch', undefined, patch, options);
}

async function call(
  exchange: Exchange,
  route: Route,
  verb: SubresourceCall['verb'],
  object: KubeObject | undefined,
  patch: SubresourceCall['patch'],
  options: WriteQuery,
  application?: Application,
): Promise<void> {
  const { server, info } = exchange;
  const { row, custom } = route;
  if (custom === undefined) throw noSuchResource();
  const representation = server.negotiator.negotiate(exchange, info.subresource === 'scale' ? 'object' : 'unlisted');
  const answer: SubresourceAnswer = await custom({
    ctx: exchange,
    row,
    subresource: info.subresource,
    namespace: row.namespaced ? info.namespace : '',
    name: info.pathName,
    verb,
    object,
    patch,
    ...(application === undefined ? {} : { application }),
    options: {
      dryRun: options.dryRun,
      admission: new RequestAdmission(
        exchange,
        route,
        verb === 'create' ? 'CREATE' : 'UPDATE',
        options.dryRun,
        options.admission,
      ),
      apiVersion: apiVersionOf(row),
    },
  });
  if (info.subresource !== 'scale')
    return respondDocument(exchange, answer.code, answer.object, { ...representation, as: 'object' });
  const bytes = Buffer.from(`${JSON.stringify(answer.object)}\n`);
  await respondObject(exchange, { ...row, ...scaleKind }, answer.code, bytes, representation);
}

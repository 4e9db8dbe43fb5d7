import {
  deleteOptionsFromObject,
  type DeleteOptionsObject,
  type FieldValidation,
  parseCreateOptions,
  parseDeleteOptions,
  parseListOptions,
  parsePatchOptions,
  parseUpdateOptions,
  statusErrors,
  fieldSelectorOf,
  type FieldSelector,
  type ListOptions,
} from '@reckon/api/machinery';
import type { DeleteOptions, ListQuery, WatchQuery } from '@reckon/registry/generic';
import type { Exchange } from '../exchange';
import { readBody } from './read-body';
import type { Route } from './route';

export interface WriteQuery {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  /** The options as admission sees them. */
  readonly admission: Readonly<Record<string, unknown>>;
}

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'DeleteOptions';

const metaOf = (kind: OptionsKind): Record<string, unknown> => ({ kind, apiVersion: 'meta.k8s.io/v1' });
const without = (kind: OptionsKind): WriteQuery => ({ dryRun: false, fieldValidation: '', admission: metaOf(kind) });
const noCreateOptions = without('CreateOptions');
const noUpdateOptions = without('UpdateOptions');

export const createOptions = (exchange: Exchange): WriteQuery =>
  exchange.info.query === '' ? noCreateOptions : writeQuery('CreateOptions', parseCreateOptions(exchange.query));
export const updateOptions = (exchange: Exchange): WriteQuery =>
  exchange.info.query === '' ? noUpdateOptions : writeQuery('UpdateOptions', parseUpdateOptions(exchange.query));
/** Admission sees a patch as the update that comes of it (endpoints/handlers `patchToUpdateOptions`). */
export const patchOptions = (exchange: Exchange): WriteQuery =>
  exchange.info.query === ''
    ? noUpdateOptions
    : writeQuery('UpdateOptions', parsePatchOptions(exchange.query, 'other'));

/** Of a server-side apply, which must name its manager. */
export function applyOptions(exchange: Exchange): WriteQuery & { readonly isForced: boolean } {
  const options = parsePatchOptions(exchange.query, 'apply');
  return { ...writeQuery('UpdateOptions', options), isForced: options.force };
}

function writeQuery(kind: OptionsKind, options: ReturnType<typeof parseCreateOptions>): WriteQuery {
  const { isDryRun, fieldManager, fieldValidation } = options;
  return {
    dryRun: isDryRun,
    fieldValidation,
    admission: {
      ...metaOf(kind),
      ...(isDryRun ? { dryRun: ['All'] } : {}),
      ...(fieldManager === '' ? {} : { fieldManager }),
      ...(fieldValidation === '' ? {} : { fieldValidation }),
    },
  };
}

export interface DeleteQuery {
  readonly dryRun: boolean;
  readonly delete: DeleteOptions;
  readonly admission: Readonly<Record<string, unknown>>;
}

/** From the body if there is one, else from the query, as upstream. */
export async function deleteOptions(exchange: Exchange): Promise<DeleteQuery> {
  const body = await readBody(exchange);
  const object = await exchange.server.decoder.decodeDeleteOptions(body, exchange.request.headers['content-type']);
  if (object !== undefined) exchange.audit?.requestObject(object);
  const options =
    object === undefined
      ? parseDeleteOptions(exchange.query)
      : deleteOptionsFromObject(object as unknown as DeleteOptionsObject);
  const { gracePeriodSeconds, preconditions, propagationPolicy, orphanDependents, isDryRun } = options;
  const known: DeleteOptions = {
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(preconditions.uid === undefined && preconditions.resourceVersion === undefined ? {} : { preconditions }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(orphanDependents === undefined ? {} : { orphanDependents }),
    ...(isDryRun ? { dryRun: ['All'] } : {}),
  };
  return { dryRun: isDryRun, delete: known, admission: { ...metaOf('DeleteOptions'), ...known } };
}

/** What a list asks for. A watch of the same collection goes another way, so that `watch` in the query is not looked at. */
export function listQuery(exchange: Exchange, route: Route): ListQuery {
  const namespace = route.row.namespaced ? exchange.info.namespace : '';
  const at = exchange.at === undefined ? {} : { at: exchange.at };
  if (exchange.info.query === '')
    return { namespace, limit: 0, continueToken: '', resourceVersion: '', resourceVersionMatch: '', ...at };
  const options = parseListOptions(exchange.query);
  return {
    namespace,
    ...selectorsOf(exchange, options),
    limit: options.limit,
    continueToken: options.continue,
    resourceVersion: options.resourceVersion,
    resourceVersionMatch: options.resourceVersionMatch as ListQuery['resourceVersionMatch'],
    ...at,
  };
}

export interface TimedWatch {
  readonly query: WatchQuery;
  readonly timeoutMs: number;
}

/** What a watch asks for, and how long it may last. */
export function watchQuery(exchange: Exchange, route: Route): TimedWatch {
  const { server } = exchange;
  const options = parseListOptions(exchange.query, { isWatchPath: true });
  const seconds = options.timeoutSeconds ?? 0;
  // Spread over time, so that clients which came together do not come again together.
  const timeoutMs = seconds !== 0 ? Math.max(0, seconds * 1000) : server.limit.minWatchMs * (1 + server.random.float());
  return {
    query: {
      namespace: route.row.namespaced ? exchange.info.namespace : '',
      ...selectorsOf(exchange, options),
      resourceVersion: options.resourceVersion,
      resourceVersionMatch: options.resourceVersionMatch as WatchQuery['resourceVersionMatch'],
      allowWatchBookmarks: options.allowWatchBookmarks,
      sendInitialEvents: options.sendInitialEvents,
      endsInMs: timeoutMs,
      ...(exchange.at === undefined ? {} : { at: exchange.at }),
    },
    timeoutMs,
  };
}

function selectorsOf(exchange: Exchange, options: ListOptions): Pick<ListQuery, 'labels' | 'fields'> {
  const { labelSelector, fieldSelector } = options;
  const { pathName } = exchange.info;
  const fields = pathName === '' ? fieldSelector : ofOne(pathName, fieldSelector);
  return {
    ...(labelSelector.empty ? {} : { labels: labelSelector }),
    ...(fields.empty ? {} : { fields }),
  };
}

/** A collection verb on a named path (`/watch/…/pods/x`) is about that object alone (endpoints/handlers `listOpts`). */
function ofOne(name: string, fields: FieldSelector): FieldSelector {
  if (fields.empty) return fieldSelectorOf([{ field: 'metadata.name', operator: '=', value: name }]);
  if (fields.exactValue('metadata.name') !== name)
    throw statusErrors.badRequest("fieldSelector metadata.name doesn't match requested name");
  return fields;
}

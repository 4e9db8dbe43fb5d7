import { failure, parseTime, StatusError, statusErrors, TimeError } from '@reckon/api/machinery';
import { storageToStatus } from '@reckon/registry/generic';
import { type Revision, StorageError, parseRevision } from '@reckon/store/contract';
import type { Exchange } from '../exchange';

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** Milliseconds of an RFC 3339 time; undefined if it is none. */
export function rfc3339Ms(text: string): number | undefined {
  if (!rfc3339.test(text)) return undefined;
  try {
    return parseTime(text);
  } catch (error) {
    // Of days that no month has, `Date.parse` makes others.
    if (error instanceof TimeError) return undefined;
    throw error;
  }
}

export interface Departure {
  /** Path and query without the prefix. */
  readonly rest: string;
  /** What stands between `/at/` and the next slash, decoded. */
  readonly moment: string;
}

/** Takes `/at/<revision|RFC 3339 time>` off a path; undefined if there is none. */
export function departure(pathAndQuery: string): Departure | undefined {
  if (!pathAndQuery.startsWith('/at/')) return undefined;
  const match = /^\/at\/([^/?]+)([/?].*)?$/.exec(pathAndQuery);
  if (match === null) return undefined;
  const rest = match[2] ?? '/';
  let moment = match[1] ?? '';
  try {
    moment = decodeURIComponent(moment);
  } catch {
    // Not an escape: the moment is refused as it stands.
  }
  return { moment, rest: rest.startsWith('?') ? `/${rest}` : rest };
}

/** Sets what moment the exchange reads. Throws 400 for a moment that is none and 405 for a method that would change it. */
export function setMoment(exchange: Exchange): void {
  const { moment } = exchange;
  if (moment === undefined) return;
  if (exchange.request.method !== 'GET' && exchange.request.method !== 'HEAD')
    throw new StatusError(
      failure({
        reason: 'MethodNotAllowed',
        message: 'the past is read only: only GET is served under /at/',
        details: {},
      }),
    );
  const revision = parseRevision(moment);
  if (revision !== undefined && revision > 0) {
    exchange.at = revision;
    return;
  }
  const timeMs = rfc3339Ms(moment);
  if (timeMs === undefined)
    throw statusErrors.badRequest(
      `invalid moment ${JSON.stringify(moment)}: /at/ takes a resourceVersion or an RFC 3339 time such as 2026-01-31T12:00:00Z`,
    );
  exchange.atTimeMs = timeMs;
}

/** A time becomes the newest revision at or before it. What is no object is there only up to now; objects are refused by their reads. */
export function resolveTime(exchange: Exchange): void | Promise<void> {
  if (exchange.at !== undefined && !exchange.info.isResource) demandPast(exchange, exchange.at);
  if (exchange.atTimeMs === undefined) return;
  return exchange.server.storage.revisionAt(exchange.atTimeMs).then(
    (revision) => {
      exchange.at = revision;
    },
    (error: unknown) => {
      throw storageToStatus(error, exchange.info, exchange.info.name);
    },
  );
}

function demandPast({ server: { storage }, info }: Exchange, requested: Revision): void {
  const current = storage.revision;
  if (requested <= current) return;
  const tooLarge = new StorageError('TooLarge', 'this revision is still to come', { data: { requested, current } });
  throw storageToStatus(tooLarge, info, info.name);
}

import { isStatus, reasonOf, StatusError } from '@reckon/api/machinery';
import { discover, linesOf, type RestClient, resourcePath } from '@reckon/client/rest';
import type { Timers } from '@reckon/kernel';
import { parsedEntries, revisionOf } from './entry-lines';
import type { Floor, HistoryRequest, HistoryScope, HistorySource, LogPosition } from './history-source';
import type { ResourceInfo } from './resource-names';

/** Past any revision: an answer that has only headers. */
const nothing = Number.MAX_SAFE_INTEGER;

/** The history of a running cluster, with the rights of the caller. */
export function apiHistory(rest: RestClient, { timers }: { readonly timers: Timers }): HistorySource {
  let resources: Promise<readonly ResourceInfo[]> | undefined;

  async function headersOf(
    scope: HistoryScope | undefined,
    query: Record<string, string | number>,
  ): Promise<Readonly<Record<string, string>>> {
    let found: Readonly<Record<string, string>> = {};
    const onHeaders = (headers: Readonly<Record<string, string>>): void => {
      found = headers;
    };
    const body = rest.stream(pathOf(scope), { query: { after: nothing, ...query }, accept, onHeaders });
    while ((await body.next()).done !== true);
    return found;
  }

  return {
    resources: () => (resources ??= discover(rest)),
    lines: (request) => linesFrom(rest, timers, request),
    entries: (request) => parsedEntries(linesFrom(rest, timers, request)),
    async position(scope) {
      const headers = await headersOf(scope, {});
      return positionOf(headers);
    },
    async revisionAt(timeMs, scope) {
      const headers = await headersOf(scope, { until: new Date(timeMs).toISOString() });
      return Number(headers['reckon-log-to']);
    },
    close: () => rest.close(),
  };
}

const accept = 'application/x-ndjson, application/json';

function positionOf(headers: Readonly<Record<string, string>>): LogPosition {
  const id = headers['reckon-log-id'];
  if (id === undefined) throw new Error('the server has no history: it is not Reckon');
  return {
    id,
    head: Number(headers['reckon-log-head']),
    floors: JSON.parse(headers['reckon-log-floors'] ?? '[]') as Floor[],
  };
}

function pathOf(scope: HistoryScope | undefined): string {
  return scope === undefined ? '/history' : `/history${resourcePath(scope.resource, scope.namespace, scope.name)}`;
}

const timeOf = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();

/** A follower waits this often for a server that is not there, a little longer each time. */
const patience = 8;
const firstWaitMs = 100;
const longestWaitMs = 10_000;

/**
 * A connection that breaks (a reader who paused for long) is opened anew where it was; one that follows also outlives a server that
 * restarts.
 */
async function* linesFrom(rest: RestClient, timers: Timers, request: HistoryRequest): AsyncGenerator<Buffer> {
  // Only the server knows when a time is reached, and an end by revision may come without an entry.
  const goesOn = request.follow === true && request.to === undefined && request.untilMs === undefined;
  let seen = 0;
  let last: number | undefined;
  for (let failures = 0; ;) {
    const before = seen;
    try {
      const options = {
        query: queryOf(request, last, seen),
        accept,
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      };
      for await (const lines of linesOf(rest.stream(pathOf(request.scope), options)))
        for (const line of lines) {
          const revision = revisionOf(line);
          if (revision === undefined) throw refusalIn(line);
          last = revision;
          seen++;
          yield line;
          if (seen === request.limit) return;
        }
      if (!goesOn || request.signal?.aborted === true) return;
    } catch (error) {
      if (request.signal?.aborted === true) return;
      const isLasting = seen === before && (!goesOn || last === undefined || failures >= patience);
      if (reasonOf(error) !== undefined || isLasting) throw error;
    }
    failures = seen === before ? failures + 1 : 0;
    if (failures > 0) await timers.sleep(Math.min(longestWaitMs, firstWaitMs * 2 ** failures), request.signal);
  }
}

/** An answer that failed on its way ends with a Status; one that was cut off, in the middle of a line. */
function refusalIn(line: Buffer): Error {
  try {
    const parsed: unknown = JSON.parse(line.toString('utf8'));
    if (isStatus(parsed)) return new StatusError(parsed);
  } catch {
    // Not JSON, so certainly no Status.
  }
  return new Error('the connection was cut off');
}

function queryOf(
  request: HistoryRequest,
  last: number | undefined,
  seen: number,
): Record<string, string | number | boolean | undefined> {
  const { namespace, to, limit = 0, follow, actor, manager } = request;
  const fromOldest = request.after === undefined && request.sinceMs === undefined;
  return {
    after: last ?? (fromOldest ? 'oldest' : request.after),
    gaps: last !== undefined || request.gaps === true ? true : undefined,
    to,
    since: last === undefined ? timeOf(request.sinceMs) : undefined,
    until: timeOf(request.untilMs),
    limit: limit === 0 ? undefined : limit - seen,
    follow: follow === true ? true : undefined,
    namespace: request.scope === undefined && namespace !== '' ? namespace : undefined,
    actor,
    manager,
    request: request.request,
  };
}

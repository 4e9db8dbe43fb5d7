import { type Status, StatusError, statusErrors } from '@reckon/api/machinery';
import { storageToStatus } from '@reckon/registry/generic';
import {
  type Entry,
  LogGrowth,
  noRevision,
  type ReadRange,
  resourcePrefix,
  type Revision,
  StorageError,
} from '@reckon/store/contract';
import type { HistoryLog } from '../api-server-options';
import type { Exchange } from '../exchange';
import { demandType } from '../response/negotiate';
import { noSuchResource, statusOf } from '../response/respond-error';
import { historyLine } from './history-lines';
import { type HistoryQuery, historyQuery } from './history-query';
import { type HistoryScope, historyScope } from './history-scope';
import { HistoryStream } from './history-stream';

/**
 * GET of `/history[/<path of a resource>]`: what happened, one entry a line (`history-lines.ts`), in order of revision. Headers say
 * which log it is, its newest revision when the answer began, the end of the range, and the floors below which history is compacted.
 *
 * A range that begins below a floor is 410, unless `after=oldest` or `gaps=true` says that what is left will do. An error after the first line is a last line
 * that is a Status.
 */
export async function answerHistory(exchange: Exchange): Promise<void> {
  const { history: log } = exchange.server;
  if (log === undefined) throw noSuchResource();
  const scope = historyScope(exchange, exchange.query.get('namespace') ?? '');
  exchange.isRouted = scope.row !== undefined;
  demandType(exchange, 'application/x-ndjson');
  const stream = { current: undefined as HistoryStream | undefined };
  try {
    const query = await historyQuery(exchange, log);
    stream.current = new HistoryStream(exchange, {
      follows: query.follow,
      headers: positionHeaders(exchange, log, query),
    });
    await (query.follow ? sendForAWhile : send)(exchange, { log, scope, query, stream: stream.current });
    if (!exchange.response.destroyed) stream.current.end();
  } catch (error) {
    const told = asStatus(exchange, log, scope, error);
    if (stream.current?.isOpen !== true) throw told;
    if (exchange.response.destroyed) return;
    await stream.current.write(Buffer.from(`${JSON.stringify(lastLine(exchange, told))}\n`));
    stream.current.end();
  } finally {
    exchange.server.watches.delete(exchange);
  }
}

interface Sending {
  readonly log: HistoryLog;
  readonly scope: HistoryScope;
  readonly query: HistoryQuery;
  readonly stream: HistoryStream;
}

/**
 * Whoever follows comes back after a while with the rights and the credential of then, as whoever watches. One who wants to know when the
 * end of a range has come is told that it has not.
 */
async function sendForAWhile(exchange: Exchange, sending: Sending): Promise<void> {
  const { timers, limit, random } = exchange.server;
  let isOver = false;
  const cancel = timers.after(limit.minWatchMs * (1 + random.float()), () => {
    isOver = true;
    exchange.abort();
  });
  try {
    await send(exchange, sending);
  } finally {
    cancel();
  }
  if (isOver && sending.query.to !== undefined)
    throw statusErrors.timeout('the end of the range did not come while it was followed: go on after the last line', 1);
}

async function send(exchange: Exchange, { log, scope, query, stream }: Sending): Promise<void> {
  const { signal, server } = exchange;
  const growth = query.follow ? new LogGrowth(log, signal) : undefined;
  if (growth !== undefined) server.watches.add(exchange);
  let left = query.limit === 0 ? Infinity : query.limit;
  let after = query.after;
  try {
    for (;;) {
      const head = log.head;
      const to = query.to === undefined || query.to > head ? head : query.to;
      const range: ReadRange = {
        after,
        to,
        prefix: scope.prefix,
        ...(query.acrossCompacted ? { acrossCompacted: true } : {}),
      };
      // Before anything is read, for a range that is compacted is refused even when it is empty.
      if (!query.acrossCompacted) demandKept(log, scope, after);
      if (to > after)
        for await (const chunk of log.read(range)) {
          const wanted = chunk.filter((entry) => matches(entry, scope, query)).slice(0, left);
          left -= wanted.length;
          if (wanted.length > 0) {
            const piece = Buffer.concat(wanted.map((entry) => historyLine(server, scope, entry)));
            if (!(await stream.write(piece))) return;
          }
          if (left === 0 || signal.aborted) return;
        }
      after = Math.max(after, to) as Revision;
      if (growth === undefined || (query.to !== undefined && after >= query.to)) return;
      stream.open();
      await growth.past(after);
      if (signal.aborted) return;
    }
  } finally {
    growth?.stop();
  }
}

function matches(entry: Entry, scope: HistoryScope, { actor, manager, request }: HistoryQuery): boolean {
  return (
    scope.has(entry.key) &&
    (actor === '' || entry.actor === actor) &&
    (manager === '' || entry.manager === manager) &&
    (request === '' || entry.request === request)
  );
}

function demandKept(log: HistoryLog, { prefix }: HistoryScope, after: Revision): void {
  const floor = log.floorOf(prefix);
  if (after < floor)
    throw new StorageError('Compacted', 'the requested revision has been compacted', {
      data: { requested: after, floor, prefix },
    });
}

/** Which log this is and how far it goes; what a program needs that copies it. */
function positionHeaders(exchange: Exchange, log: HistoryLog, { to }: HistoryQuery): string[] {
  const floors = new Map<string, Revision>();
  for (const { storage } of exchange.server.kinds.resources()) {
    const prefix = resourcePrefix(storage);
    const floor = log.floorOf(prefix);
    if (floor > noRevision) floors.set(prefix, floor);
  }
  return [
    'Reckon-Log-Id',
    log.id,
    'Reckon-Log-Head',
    String(log.head),
    'Reckon-Log-To',
    String(to === undefined || to > log.head ? log.head : to),
    'Reckon-Log-Floors',
    JSON.stringify([...floors].map(([prefix, floor]) => ({ prefix, floor }))),
  ];
}

function asStatus(exchange: Exchange, log: HistoryLog, scope: HistoryScope, error: unknown): unknown {
  if (error instanceof StorageError && error.code === 'Compacted')
    return statusErrors.expired(
      `too old resource version: ${String(error.data['requested'])} (${String(log.floorOf(scope.prefix))})`,
    );
  return storageToStatus(error, exchange.info, exchange.info.name);
}

const lastLine = (exchange: Exchange, error: unknown): Status =>
  error instanceof StatusError ? error.status : statusOf(error, exchange);

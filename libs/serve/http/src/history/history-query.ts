import { queryFlag, statusErrors } from '@reckon/api/machinery';
import { noRevision, parseRevision, type Revision } from '@reckon/store/contract';
import type { HistoryLog } from '../api-server-options';
import type { Exchange } from '../exchange';
import { rfc3339Ms } from '../pipeline/time-travel';

/** Which entries are asked for, apart from whose they are. */
export interface HistoryQuery {
  /** Entries after this revision. */
  readonly after: Revision;
  /** `gaps=true`, or `after=oldest`: what compaction left is given out; else a range that it has reached is refused. */
  readonly acrossCompacted: boolean;
  /** Up to this revision; undefined: the newest. */
  readonly to: Revision | undefined;
  /** At most so many entries; 0: all. */
  readonly limit: number;
  readonly follow: boolean;
  readonly namespace: string;
  readonly actor: string;
  readonly manager: string;
  readonly request: string;
}

const known: ReadonlySet<string> = new Set([
  'after',
  'to',
  'since',
  'until',
  'gaps',
  'limit',
  'follow',
  'namespace',
  'actor',
  'manager',
  'request',
  // What any request may say.
  'pretty',
  'timeout',
]);

/** Throws 400 for what it does not know: a filter that is not applied would be an answer to another question. */
export async function historyQuery(exchange: Exchange, log: HistoryLog): Promise<HistoryQuery> {
  const { query } = exchange;
  for (const name of query.keys())
    if (!known.has(name))
      throw statusErrors.badRequest(
        `unknown parameter ${JSON.stringify(name)}: history takes ${[...known].slice(0, -2).join(', ')}`,
      );
  if (query.has('namespace') && exchange.info.resource !== '*')
    throw statusErrors.badRequest('namespace is a parameter of /history alone; name it in the path');
  const isOldest = query.get('after') === 'oldest';
  const after = isOldest ? noRevision : revisionIn(query, 'after');
  const since = await timeIn(query, 'since', (ms) => log.revisionAt(ms - 1));
  const to = revisionIn(query, 'to');
  // An end that is still to come bounds nothing yet.
  const until = await timeIn(query, 'until', async (ms) => (ms > exchange.nowMs ? undefined : log.revisionAt(ms)));
  // Under `/at/…` the history ends there.
  const ends = [to, until, exchange.at].filter((r) => r !== undefined);
  return {
    after: Math.max(after ?? 0, since ?? 0) as Revision,
    // A time names no revision that a client could have been promised.
    acrossCompacted: isOldest || queryFlag(query, 'gaps') === true || (after === undefined && since !== undefined),
    to: ends.length === 0 ? undefined : (Math.min(...ends) as Revision),
    limit: wholeIn(query, 'limit') ?? 0,
    follow: queryFlag(query, 'follow') ?? false,
    namespace: query.get('namespace') ?? '',
    actor: query.get('actor') ?? '',
    manager: query.get('manager') ?? '',
    request: query.get('request') ?? '',
  };
}

function revisionIn(query: URLSearchParams, name: string): Revision | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const revision = parseRevision(text);
  if (revision === undefined)
    throw statusErrors.badRequest(
      `invalid ${name} ${JSON.stringify(text)}: a resourceVersion${name === 'after' ? ', or "oldest"' : ''}`,
    );
  return revision;
}

function wholeIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw statusErrors.badRequest(`invalid ${name} ${JSON.stringify(text)}: a whole number`);
  return Number(text);
}

async function timeIn(
  query: URLSearchParams,
  name: string,
  resolve: (ms: number) => Promise<Revision | undefined>,
): Promise<Revision | undefined> {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const ms = rfc3339Ms(text);
  if (ms === undefined)
    throw statusErrors.badRequest(
      `invalid ${name} ${JSON.stringify(text)}: an RFC 3339 time such as 2026-01-31T12:00:00Z`,
    );
  return resolve(ms);
}

import type { Entry, Head, ReadRange, Revision } from '@reckon/store/contract';
import { tooLarge } from './log-error';
import { unpackEntries, unpackHeads } from './packed-rows';
import type { ReadAnswer, ReaderRequests } from './worker/protocol';

type Answer<T> = T | Promise<T>;

/** Where history comes from, one short transaction per call: a reader thread, or a connection of this thread. */
export interface HistorySource {
  /** Throws `Closed`. */
  demandOpen(): void;
  /** Throws `Compacted` when what followed `after` may be gone; counts for every answer that was given before the call. */
  demandRetained(prefix: string, after: number): void;
  read(ask: ReaderRequests['read']['ask']): Answer<ReadAnswer>;
  listAt(ask: ReaderRequests['listAt']['ask']): Answer<ReaderRequests['listAt']['answer']>;
}

/** `LogReader.read`; `head` is the head at the call. */
export function entriesIn(source: HistorySource, head: Revision, range: ReadRange): AsyncIterable<readonly Entry[]> {
  return readBetween(source, range, range.to === undefined || range.to > head ? head : range.to);
}

async function* readBetween(
  source: HistorySource,
  { after: first, prefix = '', acrossCompacted }: ReadRange,
  to: Revision,
): AsyncGenerator<readonly Entry[]> {
  const demandRetained = (after: number): void => {
    if (acrossCompacted !== true) source.demandRetained(prefix, after);
  };
  source.demandOpen();
  demandRetained(first);
  let after: number = first;
  let window = 0;
  while (after < to) {
    source.demandOpen();
    const answer = await source.read({ after, to, prefix, window });
    demandRetained(after);
    after = answer.upTo;
    window = answer.window;
    if (answer.entries.rows.length > 0) yield unpackEntries(answer.entries);
  }
}

interface ListAt {
  readonly at: Revision;
  readonly prefix: string;
  readonly startKey?: string;
  readonly limit: number;
}

/** `LogReader.listAt`; `head` is the head at the call. */
export async function headsAt(source: HistorySource, head: Revision, list: ListAt): Promise<Head[]> {
  const { at, prefix } = list;
  source.demandOpen();
  source.demandRetained(prefix, at);
  if (at > head) throw tooLarge(at, head);
  const found: Head[] = [];
  let startKey: string | undefined = list.startKey ?? '';
  while (startKey !== undefined) {
    source.demandOpen();
    const limit = list.limit === 0 ? 0 : list.limit - found.length;
    const answer: ReaderRequests['listAt']['answer'] = await source.listAt({ at, prefix, startKey, limit });
    // A floor that rose meanwhile may have taken what this transaction should have seen.
    source.demandRetained(prefix, at);
    for (const each of unpackHeads(answer.heads)) found.push(each);
    startKey = answer.nextKey;
  }
  return found;
}

import type { Database } from 'better-sqlite3';
import { misfit, problemOfRow } from '../check-row';
import { checksum, rowPart } from '../checksum';
import { damaged } from '../damage';
import type { EncryptionOptions } from '../encryption/encryption-options';
import { SealedEntries } from '../encryption/sealed-entries';
import { endOfPrefix } from '../key-range';
import { packEntries, packHeads } from '../packed-rows';
import type { EntryRow } from '../packed-rows';
import { isDamage } from '../sqlite-failure';
import { readerStatements } from '../statements';
import type { ReaderStatements } from '../statements';
import type { ReadAnswer, ReaderRequests } from './protocol';

/** Size of one answer. */
const answerBytes = 512 * 1024;
/** Revisions looked at in one transaction when all must be walked. */
const walkedRevisions = 8192;
/** With fewer keys than this, a prefix is read key by key, in windows that grow while they find little. */
const fewKeys = 512;
const firstWindow = 8192;
const largestWindow = 2 ** 40;

/** Every method is one short read transaction: a long one would keep the WAL from being copied back. */
export class Reader {
  private readonly sql: ReaderStatements;
  private sealed: SealedEntries;

  constructor(
    private readonly db: Database,
    private readonly file: string,
    encryption: EncryptionOptions | undefined,
  ) {
    this.sql = readerStatements(db);
    this.sealed = new SealedEntries(db, file, encryption?.keys ?? []);
  }

  /** Reads with these keys from now on. */
  decrypt({ keys }: EncryptionOptions): void {
    this.sealed = new SealedEntries(this.db, this.file, keys);
  }

  read({ after, to, prefix, window }: ReaderRequests['read']['ask']): ReadAnswer {
    return this.undamaged(() => {
      const end = endOfPrefix(prefix);
      const isSparse = prefix !== '' && (this.sql.countKeys.get(prefix, end, fewKeys) as number) < fewKeys;
      const until = Math.min(to, after + (isSparse ? Math.max(window, firstWindow) : walkedRevisions));
      const found =
        prefix === ''
          ? this.sql.entriesBetween.iterate(after, until)
          : (isSparse ? this.sql.entriesOfFewKeys : this.sql.entriesBetweenOfPrefix).iterate(after, until, prefix, end);
      const { rows, isComplete } = this.take(found as IterableIterator<EntryRow>, {
        limit: 0,
        problemOf: problemOfRow,
      });
      return {
        entries: packEntries(rows),
        upTo: isComplete ? until : (rows.at(-1)?.[0] ?? until),
        window:
          isComplete && rows.length < 64 ? Math.min(largestWindow, Math.max(window, firstWindow) * 8) : firstWindow,
      };
    });
  }

  listAt({ at, prefix, startKey, limit }: ReaderRequests['listAt']['ask']): ReaderRequests['listAt']['answer'] {
    return this.undamaged(() => {
      const start = startKey > prefix ? startKey : prefix;
      const found = this.sql.stateAt.iterate(at, start, endOfPrefix(prefix)) as IterableIterator<EntryRow>;
      const { rows, isComplete } = this.take(found, { limit, problemOf: problemOfState });
      const isEnough = isComplete || (limit > 0 && rows.length >= limit);
      return { heads: packHeads(rows), nextKey: isEnough ? undefined : `${rows.at(-1)?.[1] ?? ''}\u0000` };
    });
  }

  /** Times never go back along the log, so this is a search by halves over the revisions, holes or not. */
  revisionAt({ timeMs, head }: ReaderRequests['revisionAt']['ask']): number {
    return this.undamaged(() => {
      let low = 0;
      let high = head;
      // Every entry up to `low` is in time, none above `high` is. `newestUpTo(middle)` may answer a revision below `low` when
      // those between were removed; then `low` may rise to `middle` just the same.
      while (low < high) {
        const middle = low + Math.ceil((high - low) / 2);
        const newest = this.sql.newestUpTo.get(middle) as [revision: number, at: number] | undefined;
        if (newest === undefined || newest[0] <= low || newest[1] <= timeMs) low = middle;
        else high = newest[0] - 1;
      }
      return (this.sql.newestUpTo.get(low) as [revision: number, at: number] | undefined)?.[0] ?? 0;
    });
  }

  private take(
    found: IterableIterator<EntryRow>,
    { limit, problemOf }: { readonly limit: number; readonly problemOf: (row: EntryRow) => string | undefined },
  ): { rows: EntryRow[]; isComplete: boolean } {
    const rows: EntryRow[] = [];
    let bytes = 0;
    for (const row of found) {
      const [revision, key, previous, verb, at, actor, agent, manager, request, sum, stored] = row;
      const problem = problemOf(row);
      if (problem !== undefined) throw damaged(this.file, revision, problem);
      const object = this.sealed.open({ revision, key: key ?? '' }, stored);
      rows.push(
        object === stored ? row : [revision, key, previous, verb, at, actor, agent, manager, request, sum, object],
      );
      bytes += object.length + 256;
      if (bytes >= answerBytes || rows.length === limit) return { rows, isComplete: false };
    }
    return { rows, isComplete: true };
  }

  private undamaged<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw isDamage(error) ? damaged(this.file, undefined, String(error)) : error;
    }
  }
}

/** Of a row without who made it. */
function problemOfState([revision, key, previous, verb, at, , , , request, sum, stored]: EntryRow): string | undefined {
  if (key === null) return 'its key is missing';
  return checksum({ revision, key, previous, verb, at, request }, stored) === rowPart(sum) ? undefined : misfit;
}

import type { Database, Statement } from 'better-sqlite3';
import { isTorn, problemOfRow, tornRow } from '../check-row';
import { SealedEntries } from '../encryption/sealed-entries';
import { isSealed } from '../encryption/sealed-object';
import type { EntryRow } from '../packed-rows';
import { isDamage } from '../sqlite-failure';
import { once, readerStatements } from '../statements';
import type { CheckedStep, ReaderRequests } from './protocol';

/** A step takes a millisecond or two: reads of others on this thread wait no longer. */
const stepEntries = 64;
const stepBytes = 256 * 1024;

/**
 * Goes through history in steps, each one short read transaction: whether every entry is there, or in the ledger, and as it was
 * written. Of what is encrypted it looks at what is stored, and so needs no keys. `checkLog` proves more, at once.
 */
export class HistoryInspector {
  private readonly entries: Statement;
  private readonly rangeAt: Statement;
  private readonly sealed: SealedEntries;

  constructor(
    private readonly db: Database,
    file: string,
  ) {
    this.entries = readerStatements(db).entriesBetween;
    this.rangeAt = db.prepare(once.rangeAt).pluck();
    this.sealed = new SealedEntries(db, file, []);
  }

  step(ask: ReaderRequests['check']['ask']): CheckedStep {
    this.db.exec('BEGIN');
    try {
      return this.look(ask);
    } finally {
      // Not COMMIT, which fails once a page could not be read.
      if (this.db.inTransaction) this.db.exec('ROLLBACK');
    }
  }

  private look({ after, to }: ReaderRequests['check']['ask']): CheckedStep {
    let last = after;
    let looked = 0;
    let bytes = 0;
    let damaged = 0;
    let first: CheckedStep['first'];
    const note = (revision: number, problem: string): void => {
      damaged++;
      first ??= { revision, problem };
    };
    const told = (upTo: number): CheckedStep => ({ upTo, damaged, ...(first === undefined ? {} : { first }) });
    // Behind what cannot be read nothing is found in this order: the rest is not looked at.
    const giveUp = (problem: string): CheckedStep => {
      note(this.firstMissing(last + 1, to + 1) ?? last + 1, problem);
      return told(to);
    };
    try {
      for (const row of this.entries.iterate(after, to) as IterableIterator<EntryRow>) {
        const [revision] = row;
        if (isTorn(row) || revision <= last) return giveUp(tornRow);
        const missing = this.firstMissing(last + 1, revision);
        if (missing !== undefined) note(missing, 'it is missing and not in the ledger');
        const problem = problemOfRow(row) ?? this.problemOfDataKey(row);
        if (problem !== undefined) note(revision, problem);
        last = revision;
        bytes += row[10].length;
        if (++looked >= stepEntries || bytes >= stepBytes) return told(revision);
      }
    } catch (error) {
      if (!isDamage(error)) throw error;
      return giveUp(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
    const missing = this.firstMissing(last + 1, to + 1);
    if (missing !== undefined) note(missing, 'it is missing and not in the ledger');
    return told(to);
  }

  private problemOfDataKey([revision, key, , , , , , , , , object]: EntryRow): string | undefined {
    if (key === null || !isSealed(object)) return undefined;
    const opened = this.sealed.tryOpen({ revision, key }, object);
    return Buffer.isBuffer(opened) || opened.missingKey !== undefined ? undefined : opened.problem;
  }

  /** The first revision of [from, to) that the ledger does not say was removed. */
  private firstMissing(from: number, to: number): number | undefined {
    let at = from;
    while (at < to) {
      const last = this.rangeAt.get(at) as number | null | undefined;
      if ((last ?? 0) < at) return at;
      at = (last ?? 0) + 1;
    }
    return undefined;
  }
}

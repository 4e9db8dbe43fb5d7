import { failpoint } from '@reckon/kernel';
import type { Monotonic, Timers } from '@reckon/kernel';
import type { Database } from 'better-sqlite3';
import { isKnownNotWritten } from '../sqlite-failure';
import type { CommitPhase } from '../sqlite-failure';
import type { WriterStatements } from '../statements';
import type { EntrySealer } from './entry-sealer';
import { wrappedRow } from './entry-sealer';
import { nameOfKey, unwrapKey } from './wrapping-key';

export interface RewrapOptions {
  readonly db: Database;
  readonly sql: WriterStatements;
  readonly sealer: EntrySealer;
  /** Ends the work after the step underway; it goes on with the next start. */
  readonly isStopping: () => boolean;
  readonly monotonic: Monotonic;
  readonly timers: Timers;
}

/** As a step of compaction: batches that wait get their turn in between. */
const stepMs = 3;
const stepRows = 64;

/**
 * Wraps the data keys of retired keys by the key that their entries would be written with now. Entries stay as they are. Steps are
 * transactions of their own, without fsync but for the last: when this resolves, no crash brings the old rows back. Resolves with how
 * many were rewrapped; a full disk ends it, and the next start goes on.
 */
export async function rewrap(options: RewrapOptions): Promise<number> {
  const { sealer } = options;
  const secrets = new Map(sealer.options.keys.map((key) => [nameOfKey(key), key]));
  let rewrapped = 0;
  for (const { id, name } of sealer.retired()) {
    const old = secrets.get(name);
    let after = 0;
    while (old !== undefined) {
      const rows = sealer.sql.wrappedBy.all(id, after, stepRows) as Row[];
      if (rows.length === 0) break;
      let inStep = 0;
      const done = inTransaction(options, 'NORMAL', () => {
        const started = options.monotonic.elapsedMs();
        for (const [revision, key, wrapped] of rows) {
          if (options.monotonic.elapsedMs() - started > stepMs) break;
          after = revision;
          const target = sealer.target(key);
          const dataKey = target === undefined ? undefined : unwrapKey(old, wrapped);
          // What the old key does not open is damaged: it stays for those who read it to find.
          if (target === undefined || dataKey === undefined) continue;
          sealer.sql.rewrapDataKey.run(target.id, ...wrappedRow(revision, target, dataKey), revision);
          inStep++;
        }
        failpoint('log.rewrapBeforeCommit');
      });
      if (done) rewrapped += inStep;
      if (!done || options.isStopping()) return rewrapped;
      await options.timers.sleep(1);
    }
  }
  inTransaction(options, 'FULL', () => {
    for (const { name } of sealer.retired()) sealer.sql.deleteUnusedWrappingKey.run(name);
  });
  return rewrapped;
}

type Row = readonly [revision: number, key: string, wrapped: Buffer];

/** False if there was no room for it. */
function inTransaction({ db, sql }: RewrapOptions, synchronous: 'NORMAL' | 'FULL', work: () => void): boolean {
  let phase: CommitPhase = 'before-commit';
  db.pragma(`synchronous = ${synchronous}`);
  try {
    sql.begin.run();
    work();
    phase = 'commit';
    sql.commit.run();
    return true;
  } catch (error) {
    if (db.inTransaction) sql.rollback.run();
    if (isKnownNotWritten(error, phase)) return false;
    throw error;
  } finally {
    db.pragma('synchronous = FULL');
  }
}

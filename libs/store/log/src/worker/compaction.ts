import { failpoint } from '@reckon/kernel';
import type { Monotonic, Timers } from '@reckon/kernel';
import type { CompactionPlan } from '@reckon/store/contract';
import type { Database } from 'better-sqlite3';
import { endOfPrefix } from '../key-range';
import { putMetaChecksum } from '../meta-checksum';
import { isKnownNotWritten, logWriteFailed } from '../sqlite-failure';
import type { CommitPhase } from '../sqlite-failure';
import type { WriterStatements } from '../statements';

export interface CompactionOptions {
  readonly db: Database;
  readonly sql: WriterStatements;
  readonly plan: readonly CompactionPlan[];
  /** Takes away the data key of an encrypted entry; undefined: there are none. */
  readonly dropDataKey?: ((revision: number) => void) | undefined;
  /** Newest revision now; its entry always stays, so that numbering never starts again below it. */
  readonly newest: () => number;
  /** Ends the compaction after the step underway; it can be asked for again. */
  readonly isStopping: () => boolean;
  readonly monotonic: Monotonic;
  readonly timers: Timers;
}

/** A step holds the writer this long, then batches that wait get their turn. */
const stepMs = 3;
/** A step never removes more entries, so that the ledger work at its end stays within the same order of time. */
const stepEntries = 128;
/** Keys fetched at once. */
const keyPage = 256;

/**
 * Removes history below the floors. Each step is a transaction of its own that writes the ledger, then removes what the ledger
 * now covers, oldest first per key: a crash between steps leaves a log that is sound and only less compacted.
 *
 * ```
 *   key a:  3 create   7 update   9 update   12 update        floor 10
 *           removed    removed    kept (a is live at 10, 9 is its newest ≤ 10)
 *   key b:  4 create   8 delete                              both removed
 *   ledger: [3,4] [7,8]
 * ```
 */
export async function compact(options: CompactionOptions): Promise<number> {
  const { sql, plan } = options;
  inTransaction(options, () => {
    for (const { prefix, floor } of plan) sql.raiseFloor.run(prefix, floor);
    if (plan.length > 0) putMetaChecksum(options.db);
  });
  let removed = 0;
  for (const { prefix, floor } of plan) {
    let start = prefix;
    for (;;) {
      const keys = sql.keysFrom.all(start, endOfPrefix(prefix), keyPage) as [keyId: number, key: string][];
      for (let next = 0; next < keys.length;) {
        const step = { from: next, removed: 0 };
        inTransaction(options, () => {
          next = removeStep(options, keys, step, floor);
        });
        removed += step.removed;
        if (options.isStopping()) return removed;
        await options.timers.sleep(1);
      }
      const last = keys.at(-1);
      if (last === undefined || keys.length < keyPage) break;
      start = `${last[1]}\u0000`;
    }
  }
  return removed;
}

/** Works on keys from `step.from` until the step's time or size is used up; returns the key to go on with. */
function removeStep(
  options: CompactionOptions,
  keys: readonly (readonly [number, string])[],
  step: { from: number; removed: number },
  floor: number,
): number {
  const { sql, monotonic } = options;
  const started = monotonic.elapsedMs();
  const goes: number[] = [];
  const emptied: number[] = [];
  let i = step.from;
  for (; i < keys.length && goes.length < stepEntries && monotonic.elapsedMs() - started < stepMs; i++) {
    const keyId = keys[i]?.[0] ?? 0;
    const room = stepEntries - goes.length;
    const versions = sql.versionsUpTo.all(keyId, floor, room + 1) as number[];
    if (versions.length > room) {
      // More than fits: the newest is not among the first `room`, so they all go, and the key comes again.
      goes.push(...versions.slice(0, room));
      break;
    }
    const base = versions.at(-1);
    if (base === undefined) continue;
    if (base !== options.newest() && sql.verbOf.get(base) === 'delete') emptied.push(keyId);
    else versions.pop();
    goes.push(...versions);
  }
  if (goes.length > 0) remove(options, goes, emptied);
  step.removed = goes.length;
  failpoint('log.compactionBeforeCommit');
  return i;
}

function remove(
  { sql, dropDataKey }: CompactionOptions,
  revisions: readonly number[],
  emptied: readonly number[],
): void {
  for (const [first, last] of runsOf(revisions)) addToLedger(sql, first, last);
  for (const revision of revisions) {
    sql.deleteEntry.run(revision);
    dropDataKey?.(revision);
  }
  for (const keyId of emptied) sql.deleteUnusedKey.run(keyId);
}

/** Joins the range with its neighbours, so that every gap of the log is exactly one row. */
function addToLedger(sql: WriterStatements, first: number, last: number): void {
  const before = sql.ledgerEndingAt.get(first - 1, first - 1) as number | undefined;
  const after = sql.ledgerStartingAt.get(last + 1) as number | undefined;
  if (after !== undefined) sql.deleteLedger.run(last + 1);
  sql.putLedger.run(before ?? first, after ?? last);
}

function* runsOf(revisions: readonly number[]): Iterable<readonly [first: number, last: number]> {
  const sorted = [...revisions].sort((a, b) => a - b);
  let first: number | undefined;
  for (const [i, r] of sorted.entries()) {
    first ??= r;
    if (sorted[i + 1] === r + 1) continue;
    yield [first, r];
    first = undefined;
  }
}

/**
 * A compaction that could not be written is given up and can be asked for again; anything else is fatal. Its commits are not
 * fsynced: one that is lost was only not needed, and none can survive an earlier one, since the WAL is read up to its first gap.
 */
function inTransaction({ db, sql }: CompactionOptions, work: () => void): void {
  let phase: CommitPhase = 'before-commit';
  db.pragma('synchronous = NORMAL');
  try {
    sql.begin.run();
    work();
    phase = 'commit';
    sql.commit.run();
  } catch (error) {
    if (db.inTransaction) sql.rollback.run();
    throw isKnownNotWritten(error, phase) ? logWriteFailed(error) : error;
  } finally {
    db.pragma('synchronous = FULL');
  }
}

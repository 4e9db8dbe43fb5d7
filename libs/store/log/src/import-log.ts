import { rmSync } from 'node:fs';
import { noRevision, StorageError } from '@reckon/store/contract';
import type { CompactionPlan, Entry, Revision } from '@reckon/store/contract';
import { checksum, whoChecksum } from './checksum';
import type { EncryptionOptions } from './encryption/encryption-options';
import { EntrySealer } from './encryption/entry-sealer';
import { findProblems } from './check-log';
import { putMetaChecksum } from './meta-checksum';
import { writerStatements } from './statements';
import { openDatabase } from './worker/open-database';

/** A log file that is written from a copy of another log. Nothing reads it before `finish`. */
export interface LogImport {
  /**
   * The next entry. Throws `Conflict` for one that no log holds there: a hole that was not named, a `previous` that is not the key's
   * newest, a time that goes back.
   */
  add(entry: Entry): void;
  /** These revisions were compacted away. Throws `Conflict` unless they come next. */
  skip(first: Revision, last: Revision): void;
  /** Proves the whole file as `checkLog` does, and closes it. Throws `LogUnusable` with the first problem. */
  finish(floors: readonly CompactionPlan[]): void;
  /** Closes the file, which is of no use then. */
  abandon(): void;
}

/** Entries per transaction. */
const batch = 2000;

interface Known {
  readonly keyId: number | bigint;
  readonly newest: Revision;
  readonly isLive: boolean;
}

/** Writes a log with the id and the revisions of another into a file that does not exist. */
export function importLog(options: {
  readonly file: string;
  readonly id: string;
  readonly encryption?: EncryptionOptions;
}): LogImport {
  const { file, id, encryption } = options;
  const encrypted = encryption === undefined ? {} : { encryption };
  const { db } = openDatabase({ file, newId: id, failpoints: '', maxPages: undefined, ...encrypted });
  const sql = writerStatements(db);
  const sealer = encryption === undefined ? undefined : new EntrySealer(db, encryption);
  const keys = new Map<string, Known>();
  const who = new Map<string, { readonly id: number | bigint; readonly sum: number }>();
  /** Removed so far, in order. */
  const ranges: { readonly first: number; readonly last: number }[] = [];
  let last = 0;
  let at = 0;
  let count = 0;
  sql.begin.run();

  const wasRemoved = (revision: number): boolean => {
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ranges[middle]?.last ?? 0) < revision) low = middle + 1;
      else high = middle;
    }
    return (ranges[low]?.first ?? Infinity) <= revision;
  };

  function problemOf({ revision, previous, verb, at: time, key }: Entry): string | undefined {
    if (revision !== last + 1)
      return `revision ${revision} follows ${last}: ${revision > last ? 'entries between them are missing' : 'it comes too late'}`;
    if (time < at) return 'its time is before that of the entry before it';
    const known = keys.get(key);
    if (verb === 'create') {
      if (previous !== noRevision) return `it creates ${key}, but names the entry ${previous} before it`;
      return known?.isLive === true ? `it creates ${key}, which is there since ${known.newest}` : undefined;
    }
    if (known?.isLive === true)
      return previous === known.newest
        ? undefined
        : `it follows ${previous}, but ${known.newest} is the newest of ${key}`;
    if (known !== undefined) return `it changes ${key}, which was deleted at ${known.newest}`;
    return wasRemoved(previous) ? undefined : `it follows ${previous}, which is neither there nor removed`;
  }

  function madeBy({ actor, agent, manager }: Entry): { readonly id: number | bigint; readonly sum: number } {
    const name = `${actor}\u0000${agent}\u0000${manager}`;
    let found = who.get(name);
    if (found === undefined) {
      const { lastInsertRowid: id } = sql.insertWho.run(actor, agent, manager);
      who.set(name, (found = { id, sum: whoChecksum(actor, agent, manager) }));
    }
    return found;
  }

  return {
    add(entry) {
      const problem = problemOf(entry);
      if (problem !== undefined) throw new StorageError('Conflict', problem, { data: { revision: entry.revision } });
      const { revision, key, previous, verb, request } = entry;
      const object = sealer === undefined ? entry.object : sealer.seal(revision, key, entry.object);
      const keyId = keys.get(key)?.keyId ?? sql.insertKey.run(key).lastInsertRowid;
      const made = madeBy(entry);
      const sum = checksum({ revision, key, previous, verb, at: entry.at, request }, object) + made.sum;
      sql.insertEntry.run(revision, keyId, previous, verb, entry.at, made.id, request, sum, object);
      keys.set(key, { keyId, newest: revision, isLive: verb !== 'delete' });
      last = revision;
      ({ at } = entry);
      if (++count % batch === 0) {
        sql.commit.run();
        sql.begin.run();
      }
    },

    skip(first, to) {
      if (first !== last + 1 || to < first)
        throw new StorageError('Conflict', `the removed revisions ${first} to ${to} do not follow ${last}`, {
          data: { revision: first },
        });
      const before = ranges.at(-1);
      // A range that touches the one before it is one with it.
      if (before !== undefined && before.last === first - 1)
        ranges[ranges.length - 1] = { first: before.first, last: to };
      else ranges.push({ first, last: to });
      last = to;
    },

    finish(floors) {
      for (const range of ranges) sql.putLedger.run(range.first, range.last);
      for (const { prefix, floor } of floors) sql.raiseFloor.run(prefix, floor);
      putMetaChecksum(db);
      for (const { keyId, newest, isLive } of keys.values()) if (isLive) sql.insertHead.run(keyId, newest);
      sql.commit.run();
      db.close();
      const [problem] = findProblems(file, {
        atMost: 1,
        ...(encryption === undefined ? {} : { keys: encryption.keys }),
      }).problems;
      // SQLite leaves these behind one who only reads.
      for (const suffix of ['-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
      if (problem !== undefined)
        throw new StorageError('LogUnusable', `revision ${problem.revision}: ${problem.problem}`, {
          data: { ...problem },
        });
    },

    abandon() {
      if (db.open) db.close();
    },
  };
}

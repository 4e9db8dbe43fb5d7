import { StorageError } from '@reckon/store/contract';
import type { CompactionPlan } from '@reckon/store/contract';
import type { Database } from 'better-sqlite3';
import { damaged, unusable } from '../damage';
import { metaProblem } from '../meta-checksum';
import { schemaDifference } from '../schema-difference';
import { isDamage, sqliteCode } from '../sqlite-failure';
import { applicationId, formatVersion, once } from '../statements';
import type { Opened } from './protocol';

/** Throws if the file is not ours or not sound; true if it is an empty database (a birth cut short). */
export function inspectDatabase(db: Database, file: string): boolean {
  // One state is looked at, even if somebody writes.
  return db.transaction(() => inspectState(db, file))();
}

function inspectState(db: Database, file: string): boolean {
  const application = db.pragma('application_id', { simple: true });
  const version = db.pragma('user_version', { simple: true }) as number;
  const tables = db.prepare(once.schema).all() as { name: string; sql: string | null }[];
  if (application === 0 && version === 0 && tables.length === 0) return true;
  if (application !== applicationId) throw unusable(file, 'it is a SQLite database of another program');
  if (version > formatVersion)
    throw new StorageError(
      'LogUnusable',
      `${file} was written by a newer Reckon (format ${version}, this one knows ${formatVersion})`,
      {
        hint: 'Use the newer version, or another data directory.',
        data: { file, version },
      },
    );
  if (version < 1) throw unusable(file, `there is no format ${version}`);
  const difference = schemaDifference(tables, version);
  if (difference !== undefined) throw unusable(file, difference);
  const { head } = readState(db);
  const newestHead = db.prepare(once.newestHead).pluck().get() as number | null;
  const newestLedger = db.prepare(once.newestLedger).pluck().get() as number | null;
  if ((newestHead ?? 0) > head || (newestLedger ?? 0) > head)
    throw damaged(file, head + 1, 'its newest entries are missing');
  const meta = metaProblem(db);
  if (meta !== undefined) throw damaged(file, undefined, meta);
  return false;
}

export function readState(db: Database): Opened {
  const newest = db.prepare(once.newest).raw().get() as [number, number] | undefined;
  return {
    id: (db.prepare(once.id).pluck().get() as string | undefined) ?? '',
    head: newest?.[0] ?? 0,
    lastAt: newest?.[1] ?? 0,
    floors: db.prepare(once.floors).all() as CompactionPlan[],
  };
}

/** What an error of opening means to a person. */
export function asUnusable(file: string, error: unknown): unknown {
  if (error instanceof StorageError) return error;
  if (isDamage(error)) return damaged(file, undefined, error instanceof Error ? error.message : '');
  const code = sqliteCode(error);
  if (code?.startsWith('SQLITE_BUSY') === true)
    return unusable(file, 'another process has it open', 'Stop the other process, or use another data directory.');
  if (code !== undefined || error instanceof TypeError)
    return unusable(
      file,
      `it cannot be opened (${error instanceof Error ? error.message : String(error)})`,
      'Check that the directory exists, is writable, and that the disk has room.',
    );
  return error;
}

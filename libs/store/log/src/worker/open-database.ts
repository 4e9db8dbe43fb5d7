import { existsSync, statSync } from 'node:fs';
import { StorageError } from '@reckon/store/contract';
import type { CompactionPlan } from '@reckon/store/contract';
import Database from 'better-sqlite3';
import { damaged, unusable } from '../damage';
import { schemaDifference } from '../schema-difference';
import { isDamage, sqliteCode } from '../sqlite-failure';
import { applicationId, birthPragmas, formatVersion, once, schema, writerPragmas } from '../statements';
import type { Opened, WriterData } from './protocol';

export interface OpenedDatabase {
  readonly db: Database.Database;
  readonly opened: Opened;
}

/**
 * Opens or creates the file. A file that is not a sound log of this format is left exactly as it is: it is looked at through a
 * read-only connection before any other touches it. Costs the same however long the history is.
 */
export function openDatabase(data: WriterData): OpenedDatabase {
  try {
    const isNew = sizeOf(data.file) === 0;
    if (isNew && sizeOf(`${data.file}-wal`) > 0)
      throw unusable(data.file, 'its write-ahead log is there but the database itself is missing or empty');
    const isUnborn = isNew || inspect(data.file);
    const db = new Database(data.file, { timeout: busyMs });
    try {
      if (isUnborn) for (const pragma of birthPragmas) db.pragma(pragma);
      for (const pragma of writerPragmas) db.pragma(pragma);
      if (isUnborn) giveBirth(db, data.newId);
      return { db, opened: readState(db) };
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    throw asUnusable(data.file, error);
  }
}

/** Only another process's connection can make us wait; the lock file should have kept it out. */
const busyMs = 2000;

const sizeOf = (file: string): number => (existsSync(file) ? statSync(file).size : 0);

/** Throws if the file is not ours or not sound; true if it is an empty database (a birth cut short). */
function inspect(file: string): boolean {
  const db = new Database(file, { readonly: true, fileMustExist: true, timeout: busyMs });
  try {
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
    const difference = schemaDifference(tables);
    if (difference !== undefined) throw unusable(file, difference);
    const { head } = readState(db);
    const newestHead = db.prepare(once.newestHead).pluck().get() as number | null;
    const newestLedger = db.prepare(once.newestLedger).pluck().get() as number | null;
    if ((newestHead ?? 0) > head || (newestLedger ?? 0) > head)
      throw damaged(file, head + 1, 'its newest entries are missing');
    return false;
  } finally {
    db.close();
  }
}

function readState(db: Database.Database): Opened {
  const newest = db.prepare(once.newest).raw().get() as [number, number] | undefined;
  return {
    id: (db.prepare(once.id).pluck().get() as string | undefined) ?? '',
    head: newest?.[0] ?? 0,
    lastAt: newest?.[1] ?? 0,
    floors: db.prepare(once.floors).all() as CompactionPlan[],
  };
}

/** All or nothing: a crash leaves an empty database or a log. */
function giveBirth(db: Database.Database, id: string): void {
  db.transaction(() => {
    db.pragma(`application_id = ${applicationId}`);
    db.pragma(`user_version = ${formatVersion}`);
    for (const sql of Object.values(schema)) db.exec(sql);
    db.prepare(once.insertId).run(id);
  })();
}

function asUnusable(file: string, error: unknown): unknown {
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

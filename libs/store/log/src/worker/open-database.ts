import { existsSync, statSync } from 'node:fs';
import { failpoint } from '@reckon/kernel';
import type { StorageError } from '@reckon/store/contract';
import Database from 'better-sqlite3';
import { wrongLength } from '../wrong-length';
import { damaged, unusable } from '../damage';
import { demandKeys } from '../encryption/sealed-entries';
import { putMetaChecksum } from '../meta-checksum';
import {
  applicationId,
  birthPragmas,
  encryptingPragmas,
  encryptionSchema,
  firstFormatWithPointed,
  formatVersion,
  isEncryptedFormat,
  once,
  plainFormatVersion,
  schema,
  writerPragmas,
} from '../statements';
import { asUnusable, inspectDatabase, readState } from './inspect-database';
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
    // SQLite takes a file of one byte for an empty one.
    const isNew = sizeOf(data.file) <= 1;
    if (isNew && sizeOf(`${data.file}-wal`) > 0)
      throw unusable(data.file, 'its write-ahead log is there but the database itself is missing or empty');
    const isUnborn = isNew || inspect(data.file);
    if (isUnborn && data.wasBorn === true) throw lost(data.file);
    const db = new Database(data.file, { timeout: busyMs });
    try {
      if (isUnborn) for (const pragma of birthPragmas) db.pragma(pragma);
      for (const pragma of writerPragmas) db.pragma(pragma);
      if (isUnborn) giveBirth(db, data.newId);
      demandKeys(db, data.file, data.encryption?.keys);
      raiseFormat(db);
      if (data.encryption !== undefined) prepareToEncrypt(db);
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

/** What was in it is not there any more: a new log in its place would look like the old one. */
const lost = (file: string): StorageError =>
  unusable(
    file,
    `it is ${existsSync(file) ? 'empty' : 'missing'}, but it was in use`,
    'Nothing was changed. Restore the file from a copy; to begin a new cluster, use another data directory, or remove `log.born` and `kubeconfig` from this one.',
  );

/** As `inspectDatabase`, through a connection of its own. */
function inspect(file: string): boolean {
  const db = new Database(file, { readonly: true, fileMustExist: true, timeout: busyMs });
  try {
    const isUnborn = inspectDatabase(db, file);
    const length = wrongLength(db, file);
    if (length !== undefined && !isUnborn) throw damaged(file, undefined, length);
    return isUnborn;
  } finally {
    db.close();
  }
}

/** All or nothing: a crash leaves an empty database or a log. */
function giveBirth(db: Database.Database, id: string): void {
  db.transaction(() => {
    db.pragma(`application_id = ${applicationId}`);
    db.pragma(`user_version = ${plainFormatVersion}`);
    for (const sql of Object.values(schema)) db.exec(sql);
    db.prepare(once.insertId).run(id);
    putMetaChecksum(db);
    failpoint('log.beforeBirth');
  })();
}

/** Entries of before stay as they are: their checksums cover less. */
function raiseFormat(db: Database.Database): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version >= firstFormatWithPointed) return;
  db.transaction(() => {
    putMetaChecksum(db);
    db.pragma(`user_version = ${isEncryptedFormat(version) ? formatVersion : plainFormatVersion}`);
  })();
}

/** From the first time on, nothing that was deleted can be read in the file. What is plain and still there stays plain. */
function prepareToEncrypt(db: Database.Database): void {
  for (const pragma of encryptingPragmas) db.pragma(pragma);
  if (db.pragma('user_version', { simple: true }) === plainFormatVersion) {
    // What compaction removed lies about in free pages: the file is written anew, once.
    if (db.prepare(once.newestLedger).pluck().get() !== null) {
      db.pragma('temp_store = FILE');
      db.exec('VACUUM');
      db.pragma('temp_store = MEMORY');
    }
    db.transaction(() => {
      for (const sql of Object.values(encryptionSchema)) db.exec(sql);
      db.pragma(`user_version = ${formatVersion}`);
    })();
  }
  // Frames of before stay in the write-ahead log until it is cut.
  db.pragma('wal_checkpoint(TRUNCATE)');
}

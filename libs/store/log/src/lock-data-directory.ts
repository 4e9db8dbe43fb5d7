import path from 'node:path';
import { StorageError } from '@reckon/store/contract';
import Database from 'better-sqlite3';
import { sqliteCode } from './sqlite-failure';

export interface DataDirectoryLock {
  /** Gives the directory back; calling it again does nothing. */
  release(): void;
}

/**
 * Takes a data directory for this process, by an exclusive transaction on `lock.db`: the kernel drops it with the process,
 * however that ends. Throws `LogUnusable` if another has it. The directory must exist. Nobody may open `lock.db` with
 * `node:fs`: closing it would drop SQLite's lock.
 */
export function lockDataDirectory(directory: string): DataDirectoryLock {
  const file = path.join(directory, 'lock.db');
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { timeout: 0 });
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    throw refusal(directory, file, error);
  }
  const held = db;
  const release = (): void => {
    process.removeListener('exit', release);
    held.close();
  };
  // Also keeps the connection from being collected, which would close it.
  process.once('exit', release);
  return { release };
}

function refusal(directory: string, file: string, error: unknown): unknown {
  const code = sqliteCode(error);
  if (code?.startsWith('SQLITE_BUSY') === true)
    return new StorageError('LogUnusable', `the data directory ${directory} is in use by another Reckon`, {
      hint: 'Stop the other one, or choose another directory with --data-dir.',
      data: { directory },
    });
  if (code === undefined && !(error instanceof TypeError)) return error;
  return new StorageError(
    'LogUnusable',
    `${file} cannot be locked: ${error instanceof Error ? error.message : (code ?? '')}`,
    {
      hint: 'Check that the directory exists, is writable, and that the disk has room.',
      data: { directory },
      cause: error,
    },
  );
}

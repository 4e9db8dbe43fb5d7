import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemRandom } from '@reckon/kernel';
import Database from 'better-sqlite3';
import type { EventLog } from '@reckon/store/contract';
import { openSqliteLog } from '../sqlite-log';
import type { SqliteLog, SqliteLogOptions } from '../sqlite-log';
import { workers } from './worker-bundle';

export interface SqliteFixture {
  readonly log: SqliteLog;
  readonly file: string;
  /** Where the newest crash left its copy. */
  newestFile(): string;
  reopen(): Promise<EventLog>;
  crash(): Promise<EventLog>;
  failCommits(): Promise<() => Promise<void>>;
  dispose(): Promise<void>;
}

/** The log in a file, with threads that run this source and not `dist/`. */
export const openBundledLog = (file: string, more: Partial<SqliteLogOptions> = {}): Promise<SqliteLog> =>
  openSqliteLog({ file, workers, random: systemRandom, ...more });

/** A log in a scratch folder, as `LogFixture` wants it. A crash is a copy of the files as they lie there, opened beside. */
export async function sqliteFixture(more: Partial<SqliteLogOptions> = {}): Promise<SqliteFixture> {
  const folder = mkdtempSync(path.join(tmpdir(), 'reckon-log-'));
  const file = path.join(folder, 'log.db');
  let current = file;
  const open = (at: string): Promise<SqliteLog> => openBundledLog(at, more);
  const opened = [await open(file)];
  const newest = (): SqliteLog => opened.at(-1) ?? log;
  const log = newest();
  const add = async (at: string): Promise<SqliteLog> => {
    opened.push(await open(at));
    return newest();
  };
  return {
    log,
    file,
    newestFile: () => current,
    async reopen() {
      await newest().close();
      return add(current);
    },
    async crash() {
      const copy = path.join(folder, `crashed-${opened.length}.db`);
      // Another process, since reading the files with node:fs here would drop the locks that SQLite holds on them.
      for (const suffix of ['', '-wal'])
        if (existsSync(current + suffix)) execFileSync('cp', [current + suffix, copy + suffix]);
      current = copy;
      return add(copy);
    },
    async failCommits() {
      // No page more than there is: the next large object finds the disk full.
      await newest().limitPages(1);
      return () => newest().limitPages(undefined);
    },
    async dispose() {
      for (const each of opened) await each.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a question answers of a file that nobody writes, row by row. */
export function rows(file: string, sql: string): unknown[] {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare(sql).raw().all();
  } finally {
    db.close();
  }
}

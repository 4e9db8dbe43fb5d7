import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { armFailpoint, systemClock, systemTimers } from '@reckon/kernel';
import { revision } from '@reckon/store/contract';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writerStatements } from '../statements';
import { compact } from './compaction';
import { openDatabase } from './open-database';

/** Durable rests on these: better-sqlite3 would acknowledge before the fsync if nobody asked it not to. */
describe("the writer's connection", () => {
  let folder: string;
  let db: Database;
  const open = () =>
    openDatabase({ file: path.join(folder, 'log.db'), failpoints: '', newId: 'id-1', maxPages: undefined });
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'reckon-open-'));
    ({ db } = open());
  });
  afterEach(() => {
    db.close();
    rmSync(folder, { recursive: true });
  });
  const pragma = (name: string): unknown => db.pragma(name, { simple: true });

  it('fsyncs every commit, at birth and later', () => {
    expect([pragma('journal_mode'), pragma('synchronous')]).toEqual(['wal', 2]);
    db.close();
    ({ db } = open());
    expect([pragma('journal_mode'), pragma('synchronous')]).toEqual(['wal', 2]);
    if (process.platform === 'darwin') expect([pragma('fullfsync'), pragma('checkpoint_fullfsync')]).toEqual([1, 1]);
  });

  it('fsyncs again after a compaction, also after one that failed', async () => {
    const sql = writerStatements(db);
    const plan = [{ prefix: '/core/', floor: revision(1) }];
    sql.insertKey.run('/core/pods/a/b');
    const run = () =>
      compact({
        db,
        sql,
        plan,
        newest: () => 1,
        isStopping: () => false,
        monotonic: systemClock,
        timers: systemTimers,
      });
    expect(await run()).toBe(0);
    expect(pragma('synchronous')).toBe(2);
    const disarm = armFailpoint('log.compactionBeforeCommit', () => {
      throw new Error('fault');
    });
    await expect(run()).rejects.toMatchObject({ code: 'LogWriteFailed' });
    disarm();
    expect(pragma('synchronous')).toBe(2);
    expect(db.inTransaction).toBe(false);
  });

  it('has pages of 8 KiB, a bounded WAL and triggers that REPLACE cannot go around', () => {
    expect(pragma('page_size')).toBe(8192);
    expect(pragma('wal_autocheckpoint')).toBe(1000);
    expect(pragma('journal_size_limit')).toBe(64 * 1024 * 1024);
    expect(pragma('recursive_triggers')).toBe(1);
  });

  it('is born as a whole or not at all', () => {
    db.close();
    const file = path.join(folder, 'other.db');
    const born = () => openDatabase({ file, failpoints: '', newId: 'id-3', maxPages: undefined });
    const disarm = armFailpoint('log.beforeBirth', () => {
      throw new Error('fault');
    });
    expect(born).toThrow('fault');
    disarm();
    const left = new SqliteDatabase(file, { readonly: true });
    expect(left.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()).toBe(0);
    left.close();
    const taken = born();
    ({ db } = taken);
    expect(taken.opened.id).toBe('id-3');
  });

  it('keeps the id of the first opening', () => {
    db.close();
    const again = openDatabase({
      file: path.join(folder, 'log.db'),
      failpoints: '',
      newId: 'id-2',
      maxPages: undefined,
    });
    ({ db } = again);
    expect(again.opened).toEqual({ id: 'id-1', head: 0, lastAt: 0, floors: [] });
  });
});

describe('a log that was born before', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'reckon-open-'));
    file = path.join(folder, 'log.db');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const open = () => openDatabase({ file, failpoints: '', newId: 'id-1', maxPages: undefined, wasBorn: true });
  const refusal = (why: string) => expect.objectContaining({ code: 'LogUnusable', message: `${file} ${why}` }) as Error;

  it('is refused when its file is missing, and not made', () => {
    expect(open).toThrow(refusal('cannot be used: it is missing, but it was in use'));
    expect(existsSync(file)).toBe(false);
  });

  it.each([
    ['is empty', ''],
    ['is one byte long', 'S'],
  ])('is refused when its file %s, and left as it is', (_what, content) => {
    writeFileSync(file, content);
    expect(open).toThrow(refusal('cannot be used: it is empty, but it was in use'));
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it('is refused when only an empty database is there', () => {
    const empty = new SqliteDatabase(file);
    empty.pragma('journal_mode = WAL');
    empty.close();
    const before = readFileSync(file);
    expect(open).toThrow(refusal('cannot be used: it is empty, but it was in use'));
    expect(readFileSync(file)).toEqual(before);
  });

  it('is refused when only its write-ahead log is there', () => {
    writeFileSync(file, 'S');
    writeFileSync(`${file}-wal`, 'frames');
    expect(open).toThrow('its write-ahead log is there but the database itself is missing or empty');
  });
});

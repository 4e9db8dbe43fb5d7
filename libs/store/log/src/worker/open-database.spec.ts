import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { armFailpoint, systemClock, systemTimers } from '@reckon/kernel';
import { revision } from '@reckon/store/contract';
import type { Database } from 'better-sqlite3';
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

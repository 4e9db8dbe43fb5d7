import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { noRevision, StorageError } from '@reckon/store/contract';
import { collect, Drafter, pod } from '@reckon/store/contract/suites';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { checkLog, findProblems } from './check-log';
import { openBundledLog, sqliteFixture } from './testing/sqlite-fixture';

const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** 200 entries of 2 KB, closed; damaged; opened (and its heads and history read). The error, after checking that nothing was written. */
async function errorAfter(
  damage: (file: string) => void,
  read: 'heads' | 'history' = 'heads',
  fileName?: string,
): Promise<StorageError> {
  const fixture = await sqliteFixture();
  const { file } = fixture;
  try {
    const draft = new Drafter(0);
    for (let i = 0; i < 20; i++)
      await fixture.log.append(
        draft.entries(...Array.from({ length: 10 }, (_, j) => ({ key: pod(`p${j}`), text: `${i}-`.repeat(600) }))),
      );
    await fixture.log.close();
    damage(file);
    const before = existsSync(file) ? digest(file) : '';
    let caught: unknown;
    try {
      const log = await openBundledLog(file, fileName === undefined ? {} : { fileName });
      try {
        if (read === 'heads') await collect(log.heads());
        else await collect(log.read({ after: noRevision }));
      } finally {
        await log.close();
      }
    } catch (error) {
      caught = error;
    }
    expect(existsSync(file) ? digest(file) : '').toBe(before);
    expect(caught).toBeInstanceOf(StorageError);
    const error = caught as StorageError;
    expect(error.code).toBe('LogUnusable');
    expect(error.message).toContain(fileName ?? file);
    if (fileName !== undefined) expect(`${error.message} ${JSON.stringify(error.data)}`).not.toContain(file);
    expect(error.hint).toBeTruthy();
    return error;
  } finally {
    rmSync(file, { force: true });
    await fixture.dispose();
  }
}

/** Flips one bit in the middle of a text that stands in the file. */
function flipIn(file: string, text: string): void {
  const bytes = readFileSync(file);
  const at = bytes.indexOf(text);
  expect(at).toBeGreaterThan(0);
  const fd = openSync(file, 'r+');
  writeSync(fd, Buffer.from([(bytes[at + 8] ?? 0) ^ 1]), 0, 1, at + 8);
  closeSync(fd);
}

const alter = (sql: string) => (file: string) => {
  const db = new Database(file);
  db.exec(sql);
  db.close();
};

const stamped = (n: number): string => `{"metadata":{"resourceVersion":"${n}"},`;

describe('a damaged database', () => {
  it('is refused when its end is missing', async () => {
    const error = await errorAfter((file) => {
      truncateSync(file, Math.floor(readFileSync(file).length / 8192 / 2) * 8192);
    });
    expect(error.message).toMatch(/is damaged, first bad revision \d+: cannot be read/);
    expect(error.data['revision']).toBeGreaterThan(1);
  });

  it.each([
    ['a page of zeros', Buffer.alloc(8192), 'it is 8192 bytes longer than the'],
    ['many pages of zeros', Buffer.alloc(40 * 8192), 'it is 327680 bytes longer than the'],
    ['pages of something', Buffer.alloc(2 * 8192, 'x'), 'it is 16384 bytes longer than the'],
    ['zeros that are no page', Buffer.alloc(4096), 'its last page is cut short'],
  ])('is refused when %s came to its end, and so told by a check', async (_what, tail, says) => {
    let told: readonly { readonly revision: number; readonly problem: string }[] = [];
    const error = await errorAfter((file) => {
      appendFileSync(file, tail);
      ({ problems: told } = findProblems(file, { atMost: 100 }));
    });
    expect(told).toEqual([{ revision: 0, problem: expect.stringContaining(says) as string }]);
    expect(error.message).toContain(`is damaged: ${says}`);
  });

  it('is refused when only its first page is left', async () => {
    const error = await errorAfter((file) => truncateSync(file, 8192));
    expect(error.message).toContain('is damaged, first bad revision 1: cannot be read');
  });

  it('is refused when it is empty but its write-ahead log is not', async () => {
    const error = await errorAfter((file) => {
      truncateSync(file, 0);
      writeFileSync(`${file}-wal`, 'frames');
    });
    expect(error.message).toContain('the database itself is missing or empty');
  });

  it('is refused when a bit of a live object is flipped', async () => {
    const error = await errorAfter((file) => flipIn(file, stamped(195)));
    expect(error.message).toContain('is damaged, first bad revision 195: its checksum does not fit its content');
    expect(error.data).toMatchObject({ revision: 195 });
  });

  it('opens when only history is damaged, and refuses to read that', async () => {
    const error = await errorAfter((file) => flipIn(file, stamped(57)), 'history');
    expect(error.message).toContain('first bad revision 57');
  });

  it.each([
    ['on opening', (file: string) => truncateSync(file, 8192), 'heads'],
    ['in what is there now', (file: string) => flipIn(file, stamped(195)), 'heads'],
    ['in history', (file: string) => flipIn(file, stamped(57)), 'history'],
  ] as const)('is told of in the name of the file that it is a copy of, %s', async (_where, damage, read) => {
    const error = await errorAfter(damage, read, '/where/it/came/from/log.db');
    expect(error.data).toMatchObject({ file: '/where/it/came/from/log.db' });
  });

  it('opens when somebody who made history is another, and refuses to read that', async () => {
    const error = await errorAfter(alter(`UPDATE who SET actor = 'nobody'`), 'history');
    expect(error.message).toContain('first bad revision 1: its checksum does not fit who made it');
  });

  it.each([
    ['its id is another', `UPDATE meta SET value = 'x' WHERE name = 'id'`, 'do not fit their checksum'],
    ['it has another floor', `INSERT INTO floors VALUES ('/core/', 7)`, 'do not fit their checksum'],
    ['the checksum of its id is missing', `DELETE FROM meta WHERE name = 'check_sum'`, 'floors is missing'],
    ['its format went back', 'PRAGMA user_version = 1', 'its format is older than what is in it'],
  ])('is refused when %s', async (_what, sql, says) => {
    const error = await errorAfter(alter(sql));
    expect(error.message).toContain('is damaged: ');
    expect(error.message).toContain(says);
  });

  it('is refused when there is no such format', async () => {
    expect((await errorAfter(alter('PRAGMA user_version = 0'))).message).toContain('there is no format 0');
  });

  it('is refused when pages are overwritten', async () => {
    const error = await errorAfter((file) => {
      const fd = openSync(file, 'r+');
      for (let page = 4; page < 16; page++) writeSync(fd, Buffer.alloc(8192, 0xa5), 0, 8192, page * 8192);
      closeSync(fd);
    });
    expect(error.message).toMatch(/is damaged/);
  });

  it('is refused when it is no database', async () => {
    const error = await errorAfter((file) => writeFileSync(file, 'Dear diary,\n'.repeat(2000)));
    expect(error.message).toContain('file is not a database');
  });

  it('is refused when it is a database of another program', async () => {
    const error = await errorAfter((file) => {
      rmSync(file);
      const db = new Database(file);
      db.exec('CREATE TABLE bookmarks (url TEXT)');
      db.close();
    });
    expect(error.message).toContain('of another program');
  });

  it('is refused when it was written by a newer Reckon', async () => {
    const error = await errorAfter((file) => {
      const db = new Database(file);
      db.pragma('user_version = 99');
      db.close();
    });
    expect(error.message).toContain('newer Reckon (format 99, this one knows 4)');
  });

  it('is refused when a table was added or a trigger removed', async () => {
    expect((await errorAfter(alter('CREATE TABLE extra (a)'))).message).toContain(
      "it holds extra, which is not Reckon's",
    );
    expect((await errorAfter(alter('DROP TRIGGER entries_stay'))).message).toContain(
      'its trigger entries_stay is missing',
    );
  });

  it('says so when the directory is missing', async () => {
    await expect(openBundledLog('/nonexistent/log.db')).rejects.toMatchObject({
      code: 'LogUnusable',
      hint: 'Check that the directory exists, is writable, and that the disk has room.',
    });
  });
});

describe('a database that was cut', () => {
  const rowOf = (db: Database.Database, n: number): unknown => {
    try {
      return db
        .prepare('SELECT * FROM entries JOIN keys USING (key_id) JOIN who USING (who_id) WHERE revision = ?')
        .raw()
        .get(n);
    } catch (error) {
      return String(error);
    }
  };

  it('is told by the first revision that is bad, wherever the cut is', async () => {
    const fixture = await sqliteFixture();
    const { file } = fixture;
    try {
      const draft = new Drafter(0);
      for (let i = 0; i < 200; i++)
        await fixture.log.append(draft.entries({ key: pod(`p${i % 40}`), text: 'y'.repeat((i * 97) % 1700) }));
      await fixture.log.close();
      const sound = new Database(file);
      const rows = Array.from({ length: 200 }, (_, i) => rowOf(sound, i + 1));
      sound.close();
      const { size } = statSync(file);
      const cut = `${file}.cut`;
      let torn = 0;
      for (let end = size - 1000; end > 8192; end -= 3 * 4096 - 500) {
        copyFileSync(file, cut);
        truncateSync(cut, end);
        const db = new Database(cut, { readonly: true });
        db.unsafeMode();
        db.pragma('writable_schema = ON');
        const first = rows.findIndex((row, i) => JSON.stringify(row) !== JSON.stringify(rowOf(db, i + 1))) + 1;
        db.close();
        const { problems } = await checkLog(cut);
        const told = problems.map(({ revision }) => revision as number);
        const bad = told.filter((revision) => revision > 0);
        expect([...bad].sort((a, b) => a - b)).toEqual(told.slice(0, bad.length));
        expect(problems.slice(bad.length).length).toBeLessThanOrEqual(3);
        expect(JSON.stringify(problems)).not.toContain('null');
        if (first > 0) expect([end, told[0]]).toEqual([end, first]);
        else expect(problems).not.toEqual([]);
        if (problems.some(({ problem }) => problem.includes('torn'))) torn++;
        await expect(openBundledLog(cut), String(end)).rejects.toMatchObject({
          code: 'LogUnusable',
          data: { revision: told[0] },
        });
      }
      expect(torn).toBeGreaterThan(0);
    } finally {
      await fixture.dispose();
    }
  }, 60_000);
});

describe('a birth cut short', () => {
  it('is taken up where an empty database was left', async () => {
    const fixture = await sqliteFixture();
    const file = `${fixture.file}.new`;
    const db = new Database(file);
    db.pragma('page_size = 8192');
    db.pragma('journal_mode = WAL');
    db.close();
    const log = await openBundledLog(file);
    await log.append(new Drafter(0).entries({ key: pod('a') }));
    await log.close();
    await fixture.dispose();
  });
});

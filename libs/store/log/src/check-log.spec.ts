import { revision } from '@reckon/store/contract';
import type { CheckReport } from '@reckon/store/contract';
import { Drafter, lease, leasesPrefix, objectOf, pod } from '@reckon/store/contract/suites';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { checkLog } from './check-log';
import { checksum, pointedPart } from './checksum';
import { schema } from './statements';
import { sqliteFixture } from './testing/sqlite-fixture';

/** A compacted log of 40 entries: pods 1 to 10, then leases and pods in turn; tampered with and then checked. */
async function checkAfter(tamper: (db: Database.Database) => void): Promise<CheckReport> {
  const fixture = await sqliteFixture();
  try {
    const draft = new Drafter(0);
    for (let i = 0; i < 10; i++) await fixture.log.append(draft.entries({ key: pod(`p${i}`) }));
    for (let i = 0; i < 15; i++)
      await fixture.log.append(draft.entries({ key: lease('n') }, { key: pod(`p${i % 10}`), text: 'changed' }));
    await fixture.log.compact([{ prefix: leasesPrefix, floor: revision(30) }]);
    await fixture.log.close();
    const db = new Database(fixture.file);
    tamper(db);
    db.close();
    return await checkLog(fixture.file);
  } finally {
    await fixture.dispose();
  }
}

/** Changes entries behind the triggers' back and puts those up again. */
function behindTriggers(db: Database.Database, change: () => void): void {
  db.exec('DROP TRIGGER entries_stay; DROP TRIGGER entries_are_final');
  change();
  db.exec(`${schema['entries_stay'] ?? ''}; ${schema['entries_are_final'] ?? ''}`);
}

describe('checkLog', () => {
  it('finds nothing wrong with a sound, compacted log', async () => {
    const report = await checkAfter(() => undefined);
    expect(report).toEqual({ entries: 31, head: 40, problems: [] });
  });

  const edits: readonly { readonly name: string; readonly sql: string; readonly at: number; readonly says: RegExp }[] =
    [
      {
        name: 'an entry that is gone',
        sql: 'DELETE FROM entries WHERE revision = 14',
        at: 14,
        says: /missing and not in the ledger/,
      },
      {
        name: 'another object',
        sql: `UPDATE entries SET object = CAST('{"metadata":{"resourceVersion":"5"}}' AS BLOB) WHERE revision = 5`,
        at: 5,
        says: /checksum/,
      },
      {
        name: 'another request id',
        sql: `UPDATE entries SET request = 'x' WHERE revision = 6`,
        at: 6,
        says: /checksum/,
      },
      { name: 'another key', sql: 'UPDATE entries SET key_id = 1 WHERE revision = 7', at: 7, says: /live since 1/ },
      {
        name: 'a broken chain',
        sql: 'UPDATE entries SET previous = 2 WHERE revision = 12',
        at: 12,
        says: /1 is its key's newest/,
      },
      {
        name: 'an update of nothing',
        sql: `UPDATE entries SET verb = 'update' WHERE revision = 3`,
        at: 3,
        says: /neither there/,
      },
      {
        name: 'time going back',
        sql: 'UPDATE entries SET at = 5 WHERE revision = 20',
        at: 20,
        says: /time 5 is before/,
      },
      { name: 'a name that is gone', sql: 'DELETE FROM keys WHERE key_id = 3', at: 3, says: /key is missing/ },
      {
        name: 'somebody who is another',
        sql: `UPDATE who SET actor = actor || 'x'`,
        at: 1,
        says: /does not fit who made it/,
      },
      {
        name: 'an agent that is another',
        sql: `UPDATE who SET agent = agent || 'x'`,
        at: 1,
        says: /does not fit who made it/,
      },
      {
        name: 'an entry that is told of another',
        sql: `INSERT INTO who VALUES (9, 'mallory', 'a', 'm'); UPDATE entries SET who_id = 9 WHERE revision = 8`,
        at: 8,
        says: /does not fit who made it/,
      },
      {
        name: 'an entry whose checksum says nothing of who made it',
        sql: 'UPDATE entries SET check_sum = check_sum % 4294967296 WHERE revision = 9',
        at: 9,
        says: /does not cover who made it/,
      },
      { name: 'people who are gone', sql: 'DELETE FROM who', at: 1, says: /who made it/ },
      {
        name: 'a head that was moved',
        sql: 'UPDATE heads SET revision = 1 WHERE key_id = 1',
        at: 1,
        says: /instead of 32/,
      },
      { name: 'a head that is gone', sql: 'DELETE FROM heads WHERE key_id = 2', at: 34, says: /without a head/ },
      {
        name: 'a ledger that claims what is there',
        sql: 'UPDATE ledger SET last = 12 WHERE first = 11',
        at: 12,
        says: /although the ledger/,
      },
      {
        name: 'a ledger that forgot',
        sql: 'DELETE FROM ledger WHERE first = 13',
        at: 13,
        says: /missing and not in the ledger/,
      },
      { name: 'a lost tail', sql: `INSERT INTO ledger VALUES (41, 45)`, at: 41, says: /newest entries are missing/ },
    ];
  for (const { name, sql, at, says } of edits)
    it(`names the first bad revision of ${name}`, async () => {
      const { problems } = await checkAfter((db) => {
        behindTriggers(db, () => db.exec(sql));
      });
      expect(problems[0]?.revision).toBe(at);
      expect(problems[0]?.problem).toMatch(says);
    });

  it('reads the stamp inside the object', async () => {
    const { problems } = await checkAfter((db) => {
      const [key, keyId, previous, at, request, before] = db
        .prepare(
          `SELECT key, key_id, previous, at, request, check_sum FROM entries JOIN keys USING (key_id)
           WHERE revision = 40`,
        )
        .raw()
        .get() as [string, number, number, number, string, number];
      const object = objectOf(99, 'x');
      const sum = checksum({ revision: 40, key, previous, verb: 'update', at, request }, object) + pointedPart(before);
      behindTriggers(db, () => {
        db.exec('DELETE FROM entries WHERE revision = 40');
        db.prepare(`INSERT INTO entries VALUES (40, ?, ?, 'update', ?, 1, ?, ?, ?)`).run(
          keyId,
          previous,
          at,
          request,
          sum,
          object,
        );
      });
    });
    expect(problems).toEqual([{ revision: 40, problem: 'its object is stamped 99' }]);
  });

  it('misses the triggers', async () => {
    const { problems } = await checkAfter((db) => db.exec('DROP TRIGGER entries_stay'));
    expect(problems).toEqual([{ revision: 0, problem: 'its trigger entries_stay is missing' }]);
  });

  it('refuses a file that is not there, and does not make it', async () => {
    await expect(checkLog('/nonexistent/log.db')).rejects.toMatchObject({ code: 'LogUnusable' });
  });
});

describe('the triggers on entries', () => {
  it('refuse every update, and every delete that the ledger does not cover', async () => {
    await checkAfter((db) => {
      expect(() => db.exec('UPDATE entries SET at = at')).toThrow('an entry never changes');
      expect(() => db.exec('DELETE FROM entries WHERE revision = 40')).toThrow('only when the ledger says so');
      db.pragma('recursive_triggers = ON');
      expect(() => db.exec('INSERT OR REPLACE INTO entries SELECT * FROM entries WHERE revision = 40')).toThrow(
        'ledger',
      );
      db.exec('INSERT INTO ledger VALUES (40, 40); DELETE FROM entries WHERE revision = 40');
    });
  });
});

import { copyFileSync } from 'node:fs';
import { revision } from '@reckon/store/contract';
import { Drafter, lease, leasesPrefix, pod } from '@reckon/store/contract/suites';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { checkLog } from './check-log';
import type { EncryptionOptions } from './encryption/encryption-options';
import { sqliteFixture } from './testing/sqlite-fixture';

const encryption: EncryptionOptions = {
  rules: [
    {
      resources: [{ group: '', resource: 'pods' }],
      writeKey: { provider: 'aesgcm', name: 'one', secret: Buffer.alloc(32, 7) },
    },
  ],
  keys: [],
};

type Value = string | number | Buffer;

/** The value with one bit of it flipped, in several places. None of an integer gives a number that is in use. */
function flipped(value: Value): Value[] {
  if (typeof value === 'number') return [10, 33, 40].map((bit) => value + (isSet(value, bit) ? -1 : 1) * 2 ** bit);
  const bytes = Buffer.from(value);
  const places = new Set([0, bytes.length >> 1, bytes.length - 1]);
  return [...places].map((place) => {
    const copy = Buffer.from(bytes);
    copy[place] = (copy[place] ?? 0) ^ 1;
    return typeof value === 'string' ? copy.toString() : copy;
  });
}

const isSet = (value: number, bit: number): boolean => Math.floor(value / 2 ** bit) % 2 === 1;

describe('a bit that was flipped', () => {
  it('is found in any column of any table, without keys and with all indexes put right', async () => {
    const keys = encryption.rules.flatMap(({ writeKey }) => writeKey ?? []);
    const fixture = await sqliteFixture({ encryption: { ...encryption, keys } });
    const { log, file } = fixture;
    try {
      const draft = new Drafter(0);
      await log.append(draft.entries({ key: pod('alpha') }, { key: lease('n') }, { key: lease('n') }));
      await log.append(draft.entries({ key: pod('beta') }, { key: lease('n'), actor: 'bob' }));
      await log.append(draft.entries({ key: pod('alpha'), verb: 'delete' }));
      await log.compact([{ prefix: leasesPrefix, floor: revision(5) }]);
      await log.close();
      expect(await checkLog(file)).toMatchObject({ entries: 4, problems: [] });

      const sound = new Database(file, { readonly: true });
      const tables = sound
        .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name`)
        .pluck()
        .all() as string[];
      const copy = `${file}.flipped`;
      const columns: string[] = [];
      const covered = new Set<string>();
      const missed: string[] = [];
      for (const table of tables)
        for (const { name } of sound.pragma(`table_info(${table})`) as { name: string }[]) {
          columns.push(`${table}.${name}`);
          for (const [rowId, value] of sound.prepare(`SELECT rowid, ${name} FROM ${table}`).raw().all() as [
            number,
            Value,
          ][])
            for (const bad of flipped(value)) {
              copyFileSync(file, copy);
              const db = new Database(copy);
              db.pragma('ignore_check_constraints = ON');
              const triggers = db.prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`).all() as {
                name: string;
                sql: string;
              }[];
              for (const trigger of triggers) db.exec(`DROP TRIGGER ${trigger.name}`);
              db.prepare(`UPDATE ${table} SET ${name} = ? WHERE rowid = ?`).run(bad, rowId);
              for (const trigger of triggers) db.exec(trigger.sql);
              db.close();
              const { problems } = await checkLog(copy);
              if (problems.length === 0) missed.push(`${table}.${name} of row ${rowId}: ${String(bad)}`);
              covered.add(`${table}.${name}`);
            }
        }
      sound.close();
      expect(missed).toEqual([]);
      // Each had a value to flip.
      expect([...covered]).toEqual(columns);
      expect(columns).toEqual(expect.arrayContaining(['entries.who_id', 'who.actor', 'meta.value', 'floors.floor']));
    } finally {
      await fixture.dispose();
    }
  }, 60_000);
});

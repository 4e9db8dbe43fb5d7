import { readFileSync } from 'node:fs';
import { noRevision, revision } from '@reckon/store/contract';
import { collect, Drafter, leasesPrefix, lease, pod } from '@reckon/store/contract/suites';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { checkLog } from './check-log';
import type { EncryptionOptions } from './encryption/encryption-options';
import { openLogReader } from './open-log-reader';
import { makeOlder } from './testing/older-format';
import { openBundledLog, sqliteFixture, rows } from './testing/sqlite-fixture';

const key = { provider: 'aesgcm', name: 'one', secret: Buffer.alloc(32, 7) } as const;
const encryption: EncryptionOptions = {
  rules: [{ resources: [{ group: '', resource: 'pods' }], writeKey: key }],
  keys: [key],
};

describe.each([
  ['plain', 1, {}],
  ['encrypted', 2, { encryption }],
])('a log of the older %s format', (_what, format, options) => {
  const inOlder = async (test: (file: string, draft: Drafter) => Promise<void>): Promise<void> => {
    const fixture = await sqliteFixture(options);
    try {
      const draft = new Drafter(0);
      for (let i = 0; i < 10; i++) await fixture.log.append(draft.entries({ key: pod(`p${i}`) }, { key: lease('n') }));
      await fixture.log.compact([{ prefix: leasesPrefix, floor: revision(12) }]);
      await fixture.log.close();
      expect(makeOlder(fixture.file)).toBe(format);
      await test(fixture.file, draft);
    } finally {
      await fixture.dispose();
    }
  };
  const change = (file: string, sql: string): void => {
    const db = new Database(file);
    db.exec(sql);
    db.close();
  };

  it('is sound, and read without being changed', () =>
    inOlder(async (file) => {
      const before = readFileSync(file);
      expect(await checkLog(file, { keys: [key] })).toEqual({ entries: 15, head: 20, problems: [] });
      const reader = await openLogReader({ file, ...options });
      const read = await collect(reader.read({ after: noRevision, acrossCompacted: true }));
      expect(read.map(({ actor, agent }) => [actor, agent])).toEqual(read.map(() => ['alice', 'suite/1.0']));
      expect([read.length, reader.floorOf(leasesPrefix)]).toEqual([15, 12]);
      await reader.close();
      expect(readFileSync(file)).toEqual(before);
    }));

  it('is raised by who writes; entries of before stay as they are, those after it are covered as a whole', () =>
    inOlder(async (file, draft) => {
      const all = 'SELECT * FROM entries ORDER BY revision';
      const before = rows(file, all);
      const log = await openBundledLog(file, options);
      await log.append(draft.entries({ key: pod('new'), actor: 'bob' }, { key: pod('p1') }));
      expect(await collect(log.heads())).toHaveLength(12);
      await log.close();
      expect(rows(file, 'PRAGMA user_version')).toEqual([[format + 2]]);
      expect(rows(file, all).slice(0, before.length)).toEqual(before);
      expect(await checkLog(file, { keys: [key] })).toEqual({ entries: 17, head: 22, problems: [] });

      change(file, `UPDATE who SET actor = 'eve' WHERE actor = 'bob'`);
      const report = await checkLog(file, { keys: [key] });
      expect(report.problems).toEqual([{ revision: 21, problem: 'its checksum does not fit who made it' }]);
      const again = await openBundledLog(file, options);
      expect(await collect(again.read({ after: revision(0), to: revision(20), acrossCompacted: true }))).toHaveLength(
        15,
      );
      await expect(collect(again.read({ after: revision(20) }))).rejects.toThrow('first bad revision 21');
      await again.close();
    }));

  it('is refused when its id or its floors have changed since it was raised', () =>
    inOlder(async (file) => {
      await (await openBundledLog(file, options)).close();
      change(file, 'UPDATE floors SET floor = floor + 4');
      const problem = 'its id and its floors do not fit their checksum';
      expect((await checkLog(file, { keys: [key] })).problems).toEqual([{ revision: 0, problem }]);
      await expect(openBundledLog(file, options)).rejects.toMatchObject({
        code: 'LogUnusable',
        message: `${file} is damaged: ${problem}`,
      });
      await expect(openLogReader({ file })).rejects.toMatchObject({ code: 'LogUnusable' });
    }));

  it('is left as it is when it cannot be raised', () =>
    inOlder(async (file) => {
      const damaged = format === 2 ? 'DROP TABLE data_keys' : 'DROP TRIGGER entries_stay';
      change(file, damaged);
      const before = readFileSync(file);
      await expect(openBundledLog(file, options)).rejects.toMatchObject({ code: 'LogUnusable' });
      expect(readFileSync(file)).toEqual(before);
    }));
});

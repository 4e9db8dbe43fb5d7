import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { systemTimers } from '@reckon/kernel';
import type { Timers } from '@reckon/kernel';
import { noRevision, revision } from '@reckon/store/contract';
import { Drafter, lease, leasesPrefix, pod } from '@reckon/store/contract/suites';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { checkHistory } from './check-history';
import type { DamagedEntry } from './check-history';
import { checkLog } from './check-log';
import type { EncryptionOptions } from './encryption/encryption-options';
import { openBundledLog, sqliteFixture } from './testing/sqlite-fixture';
import type { CheckedStep } from './worker/protocol';

/** Sleeps no longer than it must, and writes down for how long it should have. */
function hurried(): Timers & { readonly slept: number[] } {
  const slept: number[] = [];
  return {
    ...systemTimers,
    slept,
    sleep: async (ms, signal) => {
      slept.push(ms);
      await systemTimers.sleep(0, signal);
    },
  };
}

const endless = new AbortController().signal;

describe('the way through history', () => {
  const step = (upTo: number, bad?: DamagedEntry): CheckedStep => ({
    upTo,
    damaged: bad === undefined ? 0 : 2,
    ...(bad === undefined ? {} : { first: bad }),
  });

  it('goes in steps with pauses between them, and tells what is damaged as soon as it is found', async () => {
    const timers = hurried();
    const asked: number[] = [];
    const told: unknown[] = [];
    const answers = [
      step(10),
      step(20, { revision: revision(12), problem: 'x' }),
      step(30, { revision: revision(25), problem: 'y' }),
    ];
    const upTo = await checkHistory({
      timers,
      signal: endless,
      to: 30,
      isBusy: () => false,
      ask: async ({ after }) => {
        asked.push(after);
        return answers.shift()!;
      },
      onDamage: (damaged, first) => told.push([asked.length, damaged, first.revision]),
    });
    expect([upTo, asked, timers.slept]).toEqual([30, [0, 10, 20], [25, 25, 25]]);
    expect(told).toEqual([
      [2, 2, 12],
      [3, 4, 12],
    ]);
  });

  it('leaves more time to others while anything is being written', async () => {
    const timers = hurried();
    const busy = [true, false, true];
    await checkHistory({
      timers,
      signal: endless,
      to: 30,
      isBusy: () => busy.shift() ?? false,
      ask: async ({ after }) => step(after + 10),
      onDamage: () => undefined,
    });
    expect(timers.slept).toEqual([250, 25, 250]);
  });

  it('comes to its end under a load that never pauses', async () => {
    const timers = hurried();
    let looked = 0;
    const upTo = await checkHistory({
      timers: {
        ...timers,
        // A check that only waited would do so for ever.
        sleep: (ms, signal) =>
          timers.slept.length > 10 ? Promise.reject(new Error('it only waits')) : timers.sleep(ms, signal),
      },
      signal: endless,
      to: 40,
      isBusy: () => true,
      ask: async ({ after }) => {
        looked++;
        return step(after + 10);
      },
      onDamage: () => undefined,
    });
    expect([upTo, looked, timers.slept]).toEqual([40, 4, [250, 250, 250, 250]]);
  });

  it('ends when it is told to', async () => {
    const ending = new AbortController();
    const upTo = await checkHistory({
      timers: hurried(),
      signal: ending.signal,
      to: 100,
      isBusy: () => false,
      ask: async ({ after }) => {
        if (after === 20) ending.abort();
        return step(after + 10);
      },
      onDamage: () => undefined,
    });
    expect(upTo).toBe(30);
  });
});

const key = { provider: 'aesgcm', name: 'one', secret: Buffer.alloc(32, 7) } as const;
const encryption: EncryptionOptions = {
  rules: [{ resources: [{ group: '', resource: 'pods' }], writeKey: key }],
  keys: [key],
};

/** A compacted log of 400 entries, encrypted in part; damaged while nobody has it, opened again and gone through. */
async function foundAfter(
  damage: (file: string) => void,
): Promise<{ readonly upTo: number; readonly damaged: number; readonly first?: number; readonly told: number[] }> {
  const fixture = await sqliteFixture({ encryption });
  try {
    const draft = new Drafter(0);
    for (let i = 0; i < 100; i++)
      await fixture.log.append(
        draft.entries(
          { key: pod(`p${i % 10}`), text: 'x'.repeat(500) },
          { key: lease('n') },
          { key: `/core/configmaps/default/c${i % 7}`, text: 'y'.repeat(700) },
          { key: lease('m'), actor: `bob-${i}` },
        ),
      );
    await fixture.log.compact([{ prefix: leasesPrefix, floor: revision(200) }]);
    await fixture.log.close();
    damage(fixture.file);
    const { problems } = await checkLog(fixture.file, { keys: [key] });
    const log = await openBundledLog(fixture.file, { encryption });
    try {
      let found: { damaged: number; first?: number } = { damaged: 0 };
      const upTo = await log.checkHistory({
        timers: hurried(),
        signal: endless,
        onDamage: (damaged, first) => {
          found = { damaged, first: first.revision };
        },
      });
      return { upTo, ...found, told: problems.map(({ revision: each }) => each) };
    } finally {
      await log.close();
    }
  } finally {
    await fixture.dispose();
  }
}

const edit =
  (sql: string) =>
  (file: string): void => {
    const db = new Database(file);
    const triggers = db.prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`).all() as {
      name: string;
      sql: string;
    }[];
    for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
    db.exec(sql);
    for (const trigger of triggers) db.exec(trigger.sql);
    db.close();
  };

describe('history that is looked through while the log is in use', () => {
  it('is as it was written, holes of the ledger and encrypted entries too', async () => {
    expect(await foundAfter(() => undefined)).toEqual({ upTo: 400, damaged: 0, told: [] });
  });

  it.each([
    ['an object', `UPDATE entries SET object = zeroblob(20) WHERE revision IN (103, 107)`, 103, 2],
    ['who made it', `UPDATE who SET actor = 'eve' WHERE actor = 'bob-70'`, 284, 1],
    ['a key', `DELETE FROM keys WHERE key LIKE '%c3'`, 15, 14],
    ['an entry that is gone', `DELETE FROM entries WHERE revision BETWEEN 211 AND 213`, 211, 1],
    ['a ledger that forgot', `DELETE FROM ledger WHERE first = 10`, 10, 1],
    ['a data key', `UPDATE data_keys SET wrapped = zeroblob(60) WHERE revision = 305`, 305, 1],
    ['a data key that is gone', `DELETE FROM data_keys WHERE revision = 17`, 17, 1],
  ])('is damaged in %s, and told by the revision that a check names', async (_what, sql, first, damaged) => {
    const found = await foundAfter(edit(sql));
    expect(found).toMatchObject({ upTo: 400, first, damaged });
    expect(found.told[0]).toBe(first);
  });

  it('is damaged from a page on that cannot be read', async () => {
    let page = 0;
    const found = await foundAfter((file) => {
      const bytes = readFileSync(file);
      // A leaf of the table of entries that holds an object of the middle of history.
      page = Math.floor(bytes.indexOf('"resourceVersion":"111"') / 8192);
      bytes.fill(0xa5, page * 8192, (page + 1) * 8192);
      writeFileSync(file, bytes);
    });
    expect(page).toBeGreaterThan(0);
    expect(found.upTo).toBe(400);
    expect(found.damaged).toBe(1);
    expect(found.first).toBe(found.told[0]);
    expect(found.first).toBeLessThanOrEqual(111);
  });

  it('is none in a new log: nothing is started for it', async () => {
    const { log, dispose } = await sqliteFixture();
    await log.append(new Drafter(0).entries({ key: pod('a') }));
    const unused = { sleep: () => Promise.reject(new Error('nobody waits')) } as unknown as Timers;
    expect(await log.checkHistory({ timers: unused, signal: endless, onDamage: () => undefined })).toBe(noRevision);
    await dispose();
  });

  it('is not taken for damaged where compaction goes on meanwhile', async () => {
    const fixture = await sqliteFixture();
    const draft = new Drafter(0);
    for (let i = 0; i < 60; i++)
      await fixture.log.append(
        draft.entries(...Array.from({ length: 20 }, (_, j) => ({ key: j % 3 === 0 ? pod(`p${j}`) : lease(`l${j}`) }))),
      );
    const log = await fixture.reopen();
    if (!('checkHistory' in log)) throw new Error('not the log in a file');
    const found: unknown[] = [];
    const check = (log as typeof fixture.log).checkHistory({
      timers: hurried(),
      signal: endless,
      onDamage: (...told) => found.push(told),
    });
    for (let floor = 50; floor <= 1200; floor += 50)
      await log.compact([{ prefix: leasesPrefix, floor: revision(floor) }]);
    expect([await check, found]).toEqual([1200, []]);
    await fixture.dispose();
  });

  it('is let go when the log is closed, which leaves one file', async () => {
    const fixture = await sqliteFixture();
    const draft = new Drafter(0);
    for (let i = 0; i < 20; i++) await fixture.log.append(draft.entries(...Array(20).fill({ key: pod('a') })));
    await fixture.log.close();
    const log = await openBundledLog(fixture.file);
    const check = log.checkHistory({ timers: systemTimers, signal: endless, onDamage: () => undefined });
    await log.close();
    expect(await check).toBeLessThan(400);
    expect(existsSync(`${fixture.file}-wal`)).toBe(false);
    await fixture.dispose();
  });
});

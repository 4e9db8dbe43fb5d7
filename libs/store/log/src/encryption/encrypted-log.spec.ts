import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { noRevision, revision } from '@reckon/store/contract';
import type { Entry, LogReader } from '@reckon/store/contract';
import { codeOf, collect, Drafter, eventLogGuarantees, pod } from '@reckon/store/contract/suites';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { checkLog } from '../check-log';
import { checksum, dataKeyChecksum, pointedPart } from '../checksum';
import { importLog } from '../import-log';
import { openLogReader } from '../open-log-reader';
import type { SqliteLogOptions } from '../sqlite-log';
import { openBundledLog, sqliteFixture, rows } from '../testing/sqlite-fixture';
import type { EncryptionOptions, WrappingKey } from './encryption-options';

const newKey = (provider: WrappingKey['provider'], name: string): WrappingKey => ({
  provider,
  name,
  secret: randomBytes(32),
});
const [first, second, third] = [
  newKey('aesgcm', 'one'),
  newKey('secretbox', 'two'),
  newKey('aescbc', 'three'),
] as const;

/** Secrets are written with the first key, everything is read with all of them. */
const secretsWith = (...keys: readonly WrappingKey[]): EncryptionOptions => ({
  rules: [{ resources: [{ group: '', resource: 'secrets' }], writeKey: keys[0] }],
  keys,
});
const everything: EncryptionOptions = {
  rules: [{ resources: [{ group: '*', resource: '*' }], writeKey: first }],
  keys: [first],
};

const secret = (name: string): string => `/core/secrets/default/${name}`;
const secretsPrefix = '/core/secrets/';
/** What nobody may find on the disk. */
const hidden = 'cGFzc3dvcmQtb2YtdGhlLXN1aXRl';

/** True if any file beside the log holds the text. Read by another process: closing them here would drop SQLite's locks. */
function isReadable(file: string, text = hidden): boolean {
  const folder = path.dirname(file);
  const bytes = execFileSync(
    'cat',
    readdirSync(folder).map((name) => path.join(folder, name)),
    { maxBuffer: 2 ** 28 },
  );
  return bytes.includes(text);
}

async function inFolder(test: (file: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'reckon-encrypted-'));
  try {
    await test(path.join(folder, 'log.db'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const objects = (entries: readonly Entry[]): string[] => entries.map(({ object }) => object.toString());
const all = async (log: LogReader, prefix = ''): Promise<Entry[]> => [
  ...(await collect(log.read({ after: noRevision, prefix }))),
];
const rewrappedBy = async (file: string, encryption: EncryptionOptions): Promise<number> => {
  let count = 0;
  let told = (): void => undefined;
  const done = new Promise<void>((resolve) => (told = resolve));
  const log = await openBundledLog(file, {
    encryption,
    onRewrapped(n) {
      count = n;
      told();
    },
  });
  await done;
  await log.close();
  return count;
};

describe('openSqliteLog that encrypts everything', () => {
  for (const [name, test] of Object.entries(eventLogGuarantees))
    describe(name, () => {
      test(() => sqliteFixture({ encryption: everything }));
    });
});

describe('encryption at rest', () => {
  it('leaves no byte of a Secret in any file: after writes, compaction, a crash, and clean', () =>
    inFolder(async (file) => {
      const log = await openBundledLog(file, { encryption: secretsWith(first) });
      const draft = new Drafter(0);
      for (let i = 0; i < 30; i++)
        await log.append(
          draft.entries({ key: secret(`s${i % 3}`), text: `${hidden}${i}` }, { key: pod('p'), text: `plain${i}` }),
        );
      expect([isReadable(file), isReadable(file, 'plain17')]).toEqual([false, true]);
      const entries = await all(log);
      expect(objects(entries).filter((o) => o.includes(hidden))).toHaveLength(30);

      await log.compact([{ prefix: secretsPrefix, floor: revision(50) }]);
      expect(isReadable(file)).toBe(false);
      expect(objects(await collect(log.read({ after: revision(50) }))).filter((o) => o.includes(hidden))).toHaveLength(
        5,
      );

      // What a process leaves that is killed.
      const crashed = path.join(path.dirname(file), 'crashed.db');
      for (const suffix of ['', '-wal']) execFileSync('cp', [`${file}${suffix}`, `${crashed}${suffix}`]);
      const again = await openBundledLog(crashed, { encryption: secretsWith(first) });
      const heads = await collect(again.heads());
      expect(
        heads.filter(({ key }) => key.startsWith(secretsPrefix)).map(({ object }) => object.includes(hidden)),
      ).toEqual([true, true, true]);
      await again.close();
      await log.close();
      expect(isReadable(file)).toBe(false);
      expect((await checkLog(file, { keys: [first] })).problems).toEqual([]);
      expect((await checkLog(file, { keys: [first] })).unread).toBeUndefined();
      expect(await checkLog(file)).toMatchObject({ problems: [], unread: [{ key: 'the aesgcm key "one"' }] });
    }));

  it('reads a Secret at any revision, by the log and beside it', async () => {
    const { log, file, dispose } = await sqliteFixture({ encryption: secretsWith(second) });
    const draft = new Drafter(0);
    for (const text of ['old', 'new']) await log.append(draft.entries({ key: secret('a'), text: `${hidden}${text}` }));
    const beside = await openLogReader({ file, encryption: secretsWith(second) });
    for (const reader of [log, beside]) {
      expect(objects(await all(reader)).map((o) => o.includes(hidden))).toEqual([true, true]);
      const [then] = await reader.listAt(revision(1), secretsPrefix, { limit: 0 });
      expect(then?.object.toString()).toContain(`${hidden}old`);
    }
    await beside.close();
    await dispose();
  });

  it('is switched on over a plain log: new entries are encrypted, old ones stay until compaction removes every byte', () =>
    inFolder(async (file) => {
      const plain = await openBundledLog(file);
      const draft = new Drafter(0);
      await plain.append(draft.entries({ key: secret('a'), text: `${hidden}-old` }, { key: secret('b'), text: 'x' }));
      await plain.append(draft.entries({ key: secret('b'), text: `${hidden}-gone` }, { key: pod('p') }));
      await plain.append(draft.entries({ key: secret('b'), text: 'y' }));
      await plain.compact([{ prefix: secretsPrefix, floor: revision(5) }]);
      await plain.close();
      const log = await openBundledLog(file, { encryption: secretsWith(first) });
      // What would be encrypted now, and is not; pods never would.
      expect([await log.isStale(secret('a'), revision(1)), await log.isStale(pod('p'), revision(4))]).toEqual([
        true,
        false,
      ]);
      // Compacted before the switch: gone from free pages too.
      expect([isReadable(file, `${hidden}-gone`), isReadable(file, `${hidden}-old`)]).toEqual([false, true]);
      await log.append(draft.entries({ key: secret('a'), text: `${hidden}-new` }));
      expect(await log.isStale(secret('a'), log.head)).toBe(false);
      expect(isReadable(file, `${hidden}-new`)).toBe(false);
      expect(isReadable(file)).toBe(true);
      await log.compact([{ prefix: secretsPrefix, floor: log.head }]);
      expect(isReadable(file)).toBe(false);
      await log.close();
      expect((await checkLog(file, { keys: [first] })).problems).toEqual([]);
    }));

  it('writes plain again when identity comes first, and still reads what was encrypted', () =>
    inFolder(async (file) => {
      const draft = new Drafter(0);
      const log = await openBundledLog(file, { encryption: secretsWith(first) });
      await log.append(draft.entries({ key: secret('a'), text: 'sealed' }));
      await log.close();
      const off: EncryptionOptions = { rules: [{ ...everything.rules[0]!, writeKey: undefined }], keys: [first] };
      const again = await openBundledLog(file, { encryption: off });
      await again.append(draft.entries({ key: secret('a'), text: 'open-again' }));
      expect([isReadable(file, 'sealed'), isReadable(file, 'open-again')]).toEqual([false, true]);
      expect(objects(await all(again))).toHaveLength(2);
      await again.close();
    }));
});

describe('rotation', () => {
  const filled = async (file: string, options: Partial<SqliteLogOptions>, count = 200): Promise<void> => {
    const log = await openBundledLog(file, options);
    const draft = new Drafter(log.head);
    draft.at += log.lastAt;
    for (let i = 0; i < count; i += 50)
      await log.append(
        Array.from({ length: 50 }, (_, j) => draft.entry({ key: secret(`s${String(log.head)}-${j}`), text: hidden })),
      );
    await log.close();
  };

  it('rewraps the data keys by the new first key and leaves the entries as they are; then the old key can go', () =>
    inFolder(async (file) => {
      await filled(file, { encryption: secretsWith(first) });
      const before = rows(file, 'SELECT revision, object, check_sum FROM entries ORDER BY revision');
      const wrapped = rows(file, 'SELECT wrapped FROM data_keys');
      expect(await rewrappedBy(file, secretsWith(second, first))).toBe(200);
      expect(rows(file, 'SELECT revision, object, check_sum FROM entries ORDER BY revision')).toEqual(before);
      expect(rows(file, 'SELECT name FROM wrapping_keys')).toEqual([[expect.stringContaining('secretbox:two:')]]);
      const bytes = readFileSync(file);
      expect(wrapped.some((row) => bytes.includes((row as [Buffer])[0]))).toBe(false);

      const log = await openBundledLog(file, { encryption: secretsWith(second) });
      expect(await log.wrappingKeys()).toEqual([
        { name: expect.stringContaining('secretbox:two:') as string, entries: 200 },
      ]);
      expect(objects(await all(log)).every((o) => o.includes(hidden))).toBe(true);
      await log.close();
      expect((await checkLog(file, { keys: [second] })).problems).toEqual([]);
    }));

  it.each([
    ['without a configuration', undefined, 'Name the file of the keys with --encryption-provider-config.'],
    ['without the old key', secretsWith(second), 'Put the keys back'],
    ['with another secret of the same name', secretsWith({ ...first, secret: randomBytes(32) }), 'Put the keys back'],
  ])('is refused at the start %s, with the count', (_, encryption, hint) =>
    inFolder(async (file) => {
      await filled(file, { encryption: secretsWith(first) }, 50);
      const refused: unknown = await openBundledLog(file, encryption === undefined ? {} : { encryption }).catch(
        (error: unknown) => error,
      );
      expect(refused).toMatchObject({
        code: 'LogUnusable',
        message: `${file} holds encrypted entries whose keys are not there: 50 entries with the aesgcm key "one"`,
        hint: expect.stringContaining(hint) as string,
      });
    }),
  );

  it('happens in a running log: new keys write, a key still in use cannot go, a reader thread follows', () =>
    inFolder(async (file) => {
      let told = (): void => undefined;
      const done = new Promise<void>((resolve) => (told = resolve));
      const log = await openBundledLog(file, { encryption: secretsWith(first), onRewrapped: () => told() });
      const draft = new Drafter(0);
      await log.append(draft.entries({ key: secret('a'), text: hidden }));
      expect(await all(log)).toHaveLength(1);
      await expect(log.encrypt(secretsWith(second))).rejects.toMatchObject({
        code: 'LogUnusable',
        message: expect.stringContaining('1 entries with the aesgcm key "one"') as string,
      });
      expect(objects(await all(log))[0]).toContain(hidden);
      await log.encrypt(secretsWith(third, first));
      await log.append(draft.entries({ key: secret('b'), text: hidden }));
      await done;
      await log.encrypt(secretsWith(third));
      expect(await log.wrappingKeys()).toEqual([
        { name: expect.stringContaining('aescbc:three:') as string, entries: 2 },
      ]);
      expect(objects(await all(log)).map((o) => o.includes(hidden))).toEqual([true, true]);
      await log.close();
      expect(isReadable(file)).toBe(false);
    }));

  it('goes on at the next start when it could not be written', () =>
    inFolder(async (file) => {
      await filled(file, { encryption: secretsWith(first) }, 300);
      const dying = await openBundledLog(file, {
        encryption: secretsWith(second, first),
        failpoints: 'log.rewrapBeforeCommit=throw',
      });
      const draft = new Drafter(0);
      await draft.resume(dying);
      await dying.append(draft.entries({ key: secret('new'), text: hidden }));
      expect((await dying.wrappingKeys()).map(({ entries }) => entries)).toEqual([300, 1]);
      await dying.close();
      expect((await checkLog(file, { keys: [first, second] })).problems).toEqual([]);
      expect(await rewrappedBy(file, secretsWith(second, first))).toBe(300);
      const log = await openBundledLog(file, { encryption: secretsWith(second) });
      expect(await all(log)).toHaveLength(301);
      await log.close();
    }));

  it('leaves what another rule still writes with a key', () =>
    inFolder(async (file) => {
      const both: EncryptionOptions = {
        rules: [
          { resources: [{ group: '', resource: 'secrets' }], writeKey: second },
          { resources: [{ group: '', resource: 'pods' }], writeKey: first },
        ],
        keys: [second, first],
      };
      await filled(file, { encryption: secretsWith(first) }, 50);
      const log = await openBundledLog(file, { encryption: both });
      const draft = new Drafter(0);
      await draft.resume(log);
      await log.append(draft.entries({ key: pod('p') }, { key: secret('z') }));
      expect((await log.wrappingKeys()).map(({ entries }) => entries)).toEqual([51, 1]);
      await log.close();
    }));
});

describe('a log whose keys are not there', () => {
  it('is read as far as nothing encrypted is met, and says what it cannot read', async () => {
    const { log, file, dispose } = await sqliteFixture({ encryption: secretsWith(first) });
    await log.append(new Drafter(0).entries({ key: pod('p') }, { key: secret('a'), text: hidden }));
    const beside = await openLogReader({ file });
    expect(await all(beside, '/core/pods/')).toHaveLength(1);
    const refused: unknown = await all(beside).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'LogUnusable',
      message: `${file}: revision 2 (${secret('a')}): it is encrypted with the aesgcm key "one"`,
      hint: 'Name a file that holds the key with --encryption-provider-config.',
    });
    beside.decrypt(secretsWith(first));
    expect(await all(beside)).toHaveLength(2);
    await beside.close();
    await dispose();
  });
});

describe('a log that was tampered with', () => {
  const tampered = (change: (db: Database.Database) => void, expected: RegExp): Promise<void> =>
    inFolder(async (file) => {
      const log = await openBundledLog(file, { encryption: secretsWith(first) });
      await log.append(new Drafter(0).entries({ key: secret('a'), text: 'a' }, { key: secret('b'), text: 'b' }));
      await log.close();
      const db = new Database(file);
      change(db);
      db.close();
      const { problems } = await checkLog(file, { keys: [first] });
      expect(problems[0]?.problem).toMatch(expected);
      const opened = await openBundledLog(file, { encryption: secretsWith(first) });
      expect(await codeOf(all(opened))).toBe(expected.source.includes('no such entry') ? 'no error' : 'LogUnusable');
      await opened.close();
    });

  it('is found out by a data key that was taken away', () =>
    tampered((db) => db.exec('DELETE FROM data_keys WHERE revision = 1'), /its data key is missing/));

  it('is found out by a data key that was changed', () =>
    tampered(
      (db) => db.exec(`UPDATE data_keys SET wrapped = zeroblob(60) WHERE revision = 2`),
      /checksum of its data key does not fit/,
    ));

  it('is found out by data keys that were exchanged, with checksums that fit', () =>
    tampered((db) => {
      const [one, two] = db.prepare('SELECT wrapped FROM data_keys ORDER BY revision').pluck().all() as [
        Buffer,
        Buffer,
      ];
      const put = db.prepare('UPDATE data_keys SET wrapped = ?, check_sum = ? WHERE revision = ?');
      put.run(two, dataKeyChecksum(1, two), 1);
      put.run(one, dataKeyChecksum(2, one), 2);
    }, /does not open it/));

  it('is found out by an encrypted object of another entry, with its data key and checksums that fit', () =>
    tampered((db) => {
      const row = db.prepare('SELECT object FROM entries WHERE revision = 1').pluck().get() as Buffer;
      const wrapped = db.prepare('SELECT wrapped FROM data_keys WHERE revision = 1').pluck().get() as Buffer;
      const trigger = db
        .prepare(`SELECT sql FROM sqlite_schema WHERE name = 'entries_are_final'`)
        .pluck()
        .get() as string;
      db.exec('DROP TRIGGER entries_are_final');
      const [at, request, before] = db
        .prepare('SELECT at, request, check_sum FROM entries WHERE revision = 2')
        .raw()
        .get() as [number, string, number];
      const fields = { revision: 2, key: secret('b'), previous: 0, verb: 'create' as const, at, request };
      db.prepare('UPDATE entries SET object = ?, check_sum = ? WHERE revision = 2').run(
        row,
        checksum(fields, row) + pointedPart(before),
      );
      db.prepare('UPDATE data_keys SET wrapped = ?, check_sum = ? WHERE revision = 2').run(
        wrapped,
        dataKeyChecksum(2, wrapped),
      );
      db.exec(trigger);
    }, /does not open it/));

  it('is found out by a data key without an entry', () =>
    tampered((db) => db.exec(`INSERT INTO data_keys VALUES (77, 1, 0, x'00')`), /there is no such entry/));
});

describe('an import', () => {
  it('encrypts as the configuration says', () =>
    inFolder(async (file) => {
      const target = importLog({ file, id: 'id', encryption: secretsWith(first) });
      for (const entry of new Drafter(0).entries({ key: secret('a'), text: hidden }, { key: pod('p'), text: 'plain' }))
        target.add(entry);
      target.finish([]);
      expect([isReadable(file), isReadable(file, 'plain')]).toEqual([false, true]);
      const log = await openBundledLog(file, { encryption: secretsWith(first) });
      expect(objects(await all(log))[0]).toContain(hidden);
      await log.close();
    }));
});

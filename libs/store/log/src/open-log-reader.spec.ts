import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fakeClock } from '@reckon/kernel';
import { noRevision, revision } from '@reckon/store/contract';
import type { Entry, Revision } from '@reckon/store/contract';
import { codeOf, collect, Drafter, lease, leasesPrefix, plain, plainHead, pod } from '@reckon/store/contract/suites';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLogReader } from './open-log-reader';
import { sqliteFixture } from './testing/sqlite-fixture';
import type { SqliteFixture } from './testing/sqlite-fixture';

let fixture: SqliteFixture;
let draft: Drafter;
beforeEach(async () => {
  fixture = await sqliteFixture();
  draft = new Drafter(0);
});
afterEach(() => fixture.dispose());

function someEntries(count: number): Entry[] {
  return Array.from({ length: count }, (_, i) =>
    draft.entry({ key: i % 3 === 0 ? lease(`n${i % 2}`) : pod(`p${i % 50}`), text: String(i) }),
  );
}

describe('openLogReader beside a writer', () => {
  it('reads what the log itself reads, and sees what is appended once it looks', async () => {
    const { log, file } = fixture;
    const first = someEntries(700);
    await log.append(first);
    const reader = await openLogReader({ file });
    expect([reader.id, reader.head]).toEqual([log.id, 700]);
    const later = someEntries(300);
    await log.append(later);
    expect(reader.head).toBe(700);
    reader.refresh();
    expect(reader.head).toBe(1000);
    expect((await collect(reader.read({ after: noRevision }))).map(plain)).toEqual([...first, ...later].map(plain));
    for (const at of [1, 350, 1000] as Revision[])
      for (const prefix of ['', leasesPrefix]) {
        const page = { limit: 20, startKey: `${leasesPrefix}kube-node-lease/n1` };
        expect((await reader.listAt(at, prefix, page)).map(plainHead)).toEqual(
          (await log.listAt(at, prefix, page)).map(plainHead),
        );
      }
    expect(await codeOf(reader.listAt(revision(1001), '', { limit: 0 }))).toBe('TooLarge');
    for (const { at, revision: stamp } of [first[17], later[200]] as Entry[]) {
      expect(await reader.revisionAt(at)).toBe(stamp);
      expect(await log.revisionAt(at)).toBe(stamp);
    }
    await reader.close();
    await reader.close();
    expect(await codeOf(collect(reader.read({ after: noRevision })))).toBe('Closed');
    expect(await codeOf(reader.revisionAt(1))).toBe('Closed');
  });

  it('tells at its polls that the log has grown, and polls only while somebody listens', async () => {
    const { log, file } = fixture;
    const clock = fakeClock();
    const reader = await openLogReader({ file, timers: clock, pollMs: 25 });
    const heads: number[] = [];
    await log.append(someEntries(2));
    await clock.advance(100);
    expect(reader.head).toBe(0);
    const end = reader.onGrown(() => heads.push(reader.head));
    await clock.advance(25);
    await clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
    expect(heads).toEqual([2]);
    end();
    await log.append(someEntries(1));
    await clock.advance(100);
    expect(reader.head).toBe(2);
    await reader.close();
  });

  it('refuses what the log has compacted meanwhile, unless it is to read across that', async () => {
    const { log, file } = fixture;
    const all = someEntries(900);
    await log.append(all);
    const reader = await openLogReader({ file });
    const slow = reader.read({ after: noRevision })[Symbol.asyncIterator]();
    await log.compact([{ prefix: leasesPrefix, floor: revision(800) }]);
    expect(await codeOf(slow.next())).toBe('Compacted');
    expect(await codeOf(collect(reader.read({ after: revision(799) })))).toBe('Compacted');
    expect(reader.floorOf(leasesPrefix)).toBe(800);
    const kept = await collect(reader.read({ after: noRevision, acrossCompacted: true }));
    expect(kept.map(plain)).toEqual((await collect(log.read({ after: noRevision, acrossCompacted: true }))).map(plain));
    expect(kept.length).toBeLessThan(all.length);
    expect((await collect(reader.read({ after: revision(800) }))).length).toBe(100);
    await reader.close();
  });

  it('does not keep the writer from copying its write-ahead log back', async () => {
    const { log, file } = fixture;
    const reader = await openLogReader({ file });
    for (let i = 0; i < 30; i++) {
      await log.append(draft.entries({ key: pod('large'), text: 'x'.repeat(1_000_000) }));
      reader.refresh();
      expect((await collect(reader.read({ after: revision(i) }))).length).toBe(1);
    }
    expect(Number(execFileSync('stat', ['-c', '%s', `${file}-wal`]).toString())).toBeLessThan(20 * 1024 * 1024);
    await reader.close();
  });
});

describe('openLogReader without a writer', () => {
  it('reads a log that was closed, and one whose process was killed', async () => {
    const entries = someEntries(50);
    await fixture.log.append(entries);
    // Another process copies: node:fs here would drop the locks that SQLite holds on the files.
    for (const suffix of ['', '-wal'])
      execFileSync('cp', [fixture.file + suffix, path.join(path.dirname(fixture.file), `killed.db${suffix}`)]);
    await fixture.log.close();
    for (const file of [fixture.file, path.join(path.dirname(fixture.file), 'killed.db')]) {
      const reader = await openLogReader({ file });
      expect((await collect(reader.read({ after: noRevision }))).map(plain)).toEqual(entries.map(plain));
      await reader.close();
    }
    // And it can be opened to be written again.
    const again = await fixture.reopen();
    expect(again.head).toBe(50);
  });
});

describe('openLogReader of a file that is no sound log', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'reckon-reader-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  async function refusal(make: (file: string) => void | Promise<void>): Promise<{ message: string; hint?: string }> {
    const file = path.join(folder, 'log.db');
    await make(file);
    const before = digests(folder);
    const error: unknown = await openLogReader({ file }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'LogUnusable', hint: expect.any(String) as string });
    expect(digests(folder)).toEqual(before);
    return error as { message: string; hint?: string };
  }
  /** Without the index and the empty write-ahead log that SQLite makes to read. */
  const digests = (of: string): unknown =>
    readdirSync(of)
      .filter((name) => name === 'log.db')
      .map((name) =>
        createHash('sha256')
          .update(readFileSync(path.join(of, name)))
          .digest('hex'),
      );

  const soundFile = async (file: string): Promise<void> => {
    await fixture.log.append(someEntries(300));
    await fixture.log.close();
    execFileSync('cp', [fixture.file, file]);
  };

  it('says that it is missing, and makes nothing', async () => {
    expect((await refusal(() => undefined)).message).toContain('it does not exist');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says that it is empty, and makes nothing', async () => {
    expect((await refusal((file) => writeFileSync(file, ''))).message).toContain('it is empty');
    expect(readdirSync(folder)).toEqual(['log.db']);
  });

  it('says that no log was born in it', async () => {
    const { message } = await refusal((file) => {
      const db = new Database(file);
      db.pragma('journal_mode = WAL');
      db.close();
    });
    expect(message).toContain('it is empty');
  });

  it('says that it is of another program, or no database', async () => {
    const text = await refusal((file) => writeFileSync(file, 'a diary '.repeat(2_000)));
    expect(text.message).toContain('is damaged');
    expect(readdirSync(folder)).toEqual(['log.db']);
    const other = await refusal((file) => {
      rmSync(file);
      const db = new Database(file);
      db.exec('CREATE TABLE diary (day TEXT)');
      db.close();
    });
    expect(other.message).toContain('another program');
    expect(readdirSync(folder)).toEqual(['log.db']);
  });

  it('names the first bad revision of one that is cut', async () => {
    const { message } = await refusal(async (file) => {
      await soundFile(file);
      truncateSync(file, 8192 * 6);
    });
    expect(message).toMatch(/is damaged, first bad revision \d+/);
  });

  it('opens one whose history is damaged, and names the revision when that is read', async () => {
    const file = path.join(folder, 'log.db');
    await soundFile(file);
    const bytes = readFileSync(file);
    // Also where SQLite has left it in a page that it split.
    for (let at = -1; (at = bytes.indexOf('"resourceVersion":"57"', at + 1)) >= 0;) bytes[at + 19] = '6'.charCodeAt(0);
    writeFileSync(file, bytes);
    const reader = await openLogReader({ file });
    await expect(collect(reader.read({ after: noRevision }))).rejects.toMatchObject({
      code: 'LogUnusable',
      data: { revision: 57 },
    });
    await reader.close();
  });
});

import { execFileSync } from 'node:child_process';
import { statSync, truncateSync } from 'node:fs';
import { seededRandom } from '@reckon/kernel';
import { noRevision } from '@reckon/store/contract';
import type { Entry, Revision } from '@reckon/store/contract';
import {
  byKey,
  collect,
  Drafter,
  eventLogGuarantees,
  fold,
  lease,
  leasesPrefix,
  plain,
  plainHead,
  pod,
  podsPrefix,
} from '@reckon/store/contract/suites';
import { describe, expect, it } from 'vitest';
import { checkLog } from './check-log';
import { openBundledLog, sqliteFixture } from './testing/sqlite-fixture';

describe('openSqliteLog', () => {
  for (const [name, test] of Object.entries(eventLogGuarantees))
    describe(name, () => {
      test(() => sqliteFixture());
    });
});

describe('a long log', () => {
  it('is read the same by walking its revisions and by walking its keys, in windows and over many messages', async () => {
    const { log, dispose } = await sqliteFixture();
    const draft = new Drafter(0);
    const all: Entry[] = [];
    for (let i = 0; i < 30_000; i += 500) {
      const batch: Entry[] = [];
      for (let j = i; j < i + 500; j++) {
        const key =
          j === 17 || j === 9_000 || j === 29_990
            ? lease('rare')
            : j % 10 === 0
              ? lease(`n${j % 30}`)
              : pod(`p${j % 3_000}`);
        batch.push(draft.entry({ key }));
      }
      await log.append(batch);
      all.push(...batch);
    }
    for (const prefix of ['', podsPrefix, leasesPrefix, lease('rare'), '/none/'])
      for (const after of [0, 8_192, 29_000]) {
        const read = await collect(log.read({ after: after as Revision, prefix }));
        const expected = all.filter((e) => e.revision > after && e.key.startsWith(prefix));
        expect(read.map((e) => e.revision)).toEqual(expected.map((e) => e.revision));
        expect(read.slice(-3).map(plain)).toEqual(expected.slice(-3).map(plain));
      }
    expect((await collect(log.heads())).sort(byKey).map((h) => h.revision)).toEqual(fold(all).map((h) => h.revision));
    for (const e of [all[0], all[12_345], all[29_998]] as Entry[]) {
      expect(await log.revisionAt(e.at)).toBe(e.revision);
      const then = await log.listAt(e.revision, leasesPrefix, { limit: 0 });
      expect(then.map(plainHead)).toEqual(
        fold(all, e.revision)
          .filter((h) => h.key.startsWith(leasesPrefix))
          .map(plainHead),
      );
    }
    await dispose();
  });
});

describe('a write-ahead log that a power cut tore', () => {
  it('is a prefix of what was appended, without a half append', async () => {
    const { log, file, dispose } = await sqliteFixture();
    const draft = new Drafter(0);
    const random = seededRandom(11);
    const appends: Entry[][] = [];
    for (let i = 0; i < 40; i++) {
      const drafts = Array.from({ length: 1 + random.int(5) }, () => pod(`p${random.int(9)}`));
      const entries = draft.entries(...drafts.map((key) => ({ key, text: 'x'.repeat(random.int(3_000)) })));
      await log.append(entries);
      appends.push(entries);
    }
    const all = appends.flat();
    const ends = new Set([0, ...appends.map((entries) => entries.at(-1)?.revision ?? 0)]);
    const heads = new Set<number>();
    for (let cut = 0; cut < 12; cut++) {
      const torn = `${file}.torn-${cut}`;
      // Another process: reading the files with node:fs here would drop the locks that SQLite holds on them.
      for (const suffix of ['', '-wal']) execFileSync('cp', [file + suffix, torn + suffix]);
      truncateSync(`${torn}-wal`, random.int(statSync(`${torn}-wal`).size));
      const left = await openBundledLog(torn);
      heads.add(left.head);
      expect(ends).toContain(left.head);
      const read = await collect(left.read({ after: noRevision }));
      expect(read.map(plain)).toEqual(all.slice(0, left.head).map(plain));
      await left.close();
      expect((await checkLog(torn)).problems).toEqual([]);
    }
    expect(heads.size).toBeGreaterThan(4);
    await dispose();
  });
});

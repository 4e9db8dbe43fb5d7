import { noRevision, revision } from '@reckon/store/contract';
import { codeOf, collect, Drafter, expectLog, lease, leasesPrefix, pod } from '@reckon/store/contract/suites';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { checkLog } from './check-log';
import { openBundledLog, sqliteFixture } from './testing/sqlite-fixture';

const open = (failpoints: string) => sqliteFixture({ failpoints });
const fatalOf = (log: { onFatal(listener: (error: Error) => void): void }): Promise<Error> =>
  new Promise((resolve) => log.onFatal(resolve));

describe('a fault in the writer', () => {
  it('between insert and commit: nothing is acknowledged, nothing is seen, nothing is there', async () => {
    const { log, file, dispose } = await open('log.beforeCommit=hang:800');
    let settled = false;
    const done = log.append(new Drafter(0).entries({ key: pod('a') })).finally(() => (settled = true));
    await new Promise((resolve) => setTimeout(resolve, 200));
    const db = new Database(file, { readonly: true });
    const count = (): unknown => db.prepare('SELECT count(*) FROM entries').pluck().get();
    expect(count()).toBe(0);
    expect(settled).toBe(false);
    expect(log.head).toBe(0);
    await done;
    expect(log.head).toBe(1);
    expect(count()).toBe(1);
    db.close();
    await dispose();
  });

  it('before the commit, of a known outcome: the appends are rejected and the numbers given out again', async () => {
    const { log, dispose } = await open('log.beforeCommit=throw');
    const draft = new Drafter(0);
    expect(await codeOf(log.append(draft.entries({ key: pod('a') })))).toBe('LogWriteFailed');
    expect(await codeOf(log.append(new Drafter(0).entries({ key: pod('a') })))).toBe('LogWriteFailed');
    await expectLog(log, []);
    await dispose();
  });

  it('after the commit: the outcome is unknown to the caller, who never hears of it; the process is told to stop', async () => {
    const { log, file, dispose } = await open('log.afterCommit=throw');
    let settled = false;
    const entries = new Drafter(0).entries({ key: pod('a') });
    void log.append(entries).finally(() => (settled = true));
    const fatal = await fatalOf(log);
    expect(fatal.message).toBe('the log cannot go on: failpoint log.afterCommit');
    expect(await fatalOf(log)).toBe(fatal);
    void log.append(entries).finally(() => (settled = true));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(settled).toBe(false);
    await log.close();
    const again = await openBundledLog(file);
    await expectLog(again, entries);
    await again.close();
    await dispose();
  });

  it('in the checkpoint: the process is told to stop', async () => {
    const { log, dispose } = await open('log.beforeCheckpoint=throw');
    await log.append(new Drafter(0).entries({ key: pod('a'), text: 'x'.repeat(1_500_000) }));
    expect((await fatalOf(log)).message).toContain('log.beforeCheckpoint');
    await dispose();
  });

  it('in compaction: the step is undone, the log is sound, and it can be asked for again', async () => {
    const { log, file, dispose } = await open('log.compactionBeforeCommit=throw');
    const draft = new Drafter(0);
    const entries = draft.entries(...Array.from({ length: 50 }, () => ({ key: lease('n') })));
    await log.append(entries);
    expect(await codeOf(log.compact([{ prefix: leasesPrefix, floor: revision(40) }]))).toBe('LogWriteFailed');
    await log.append(draft.entries({ key: pod('a') }));
    await log.close();
    expect((await checkLog(file)).problems).toEqual([]);
    const again = await openBundledLog(file);
    expect(await again.compact([{ prefix: leasesPrefix, floor: revision(40) }])).toBe(39);
    await again.close();
    await dispose();
  });

  it('in the thread itself: the process is told to stop', async () => {
    const { log, dispose } = await open('');
    Reflect.get(log, 'writer').worker.postMessage({ type: 'batch', appendSizes: 7 });
    expect((await fatalOf(log)).message).toContain('the log cannot go on');
    await dispose();
  });
});

describe('a full disk', () => {
  it('rejects writes, goes on reading, compacts to make room, and writes again', async () => {
    const { log, file, dispose } = await sqliteFixture({ maxPages: 60 });
    const draft = new Drafter(0);
    const write = (i: number) =>
      codeOf(log.append(draft.entries({ key: lease(`n${i % 4}`), text: 'x'.repeat(9_000) })));
    let written = 0;
    while ((await write(written)) === 'no error') written++;
    expect(written).toBeGreaterThan(10);
    expect(log.head).toBe(written);
    expect(await collect(log.read({ after: noRevision }))).toHaveLength(written);
    await draft.resume(log);
    expect(await write(written)).toBe('LogWriteFailed');
    await draft.resume(log);
    await log.limitPages(70);
    await log.compact([{ prefix: leasesPrefix, floor: log.head }]);
    expect(await write(written)).toBe('no error');
    await log.close();
    expect((await checkLog(file)).problems).toEqual([]);
    await dispose();
  });
});

describe('heads', () => {
  it('are not read while the log moves', async () => {
    const { log, dispose } = await open('');
    const heads = log.heads()[Symbol.asyncIterator]();
    const first = expect(heads.next()).rejects.toThrow('appended to the log while its heads were read');
    await log.append(new Drafter(0).entries({ key: pod('a') }));
    await first;
    await dispose();
  });
});

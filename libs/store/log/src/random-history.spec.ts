import { seededRandom } from '@reckon/kernel';
import type { Random } from '@reckon/kernel';
import { revision } from '@reckon/store/contract';
import type { CompactionPlan, Entry, EventLog, Revision } from '@reckon/store/contract';
import {
  byKey,
  codeOf,
  collect,
  Drafter,
  fold,
  lease,
  leasesPrefix,
  plain,
  plainHead,
  pod,
  podsPrefix,
} from '@reckon/store/contract/suites';
import type { LogFixture } from '@reckon/store/contract/suites';
import { describe, expect, it } from 'vitest';
import { checkLog } from './check-log';
import { memoryLog } from './memory-log';
import { sqliteFixture } from './testing/sqlite-fixture';

/** The oracle: every entry that was ever acknowledged, and the floors. */
class Model {
  readonly entries: Entry[] = [];
  readonly floors = new Map<string, number>();

  get head(): number {
    return this.entries.length;
  }

  floorOf(prefix: string): number {
    const concerned = [...this.floors].filter(([other]) => other.startsWith(prefix) || prefix.startsWith(other));
    return Math.max(0, ...concerned.map(([, floor]) => floor));
  }

  raise({ prefix, floor }: CompactionPlan): void {
    this.floors.set(prefix, Math.max(this.floors.get(prefix) ?? 0, Math.min(floor, this.head)));
  }
}

/** One round of random appends at once: good ones, losers of a compare-and-swap, and what falls with these. */
async function appendSome(random: Random, log: EventLog, model: Model): Promise<void> {
  const draft = new Drafter(log.head);
  await draft.resume(log);
  let hasLost = false;
  const work: Promise<void>[] = [];
  // At times so many that several batches are underway.
  for (let i = random.int(random.int(3) === 0 ? 60 : 12); i >= 0; i--) {
    const entries: Entry[] = [];
    for (let j = random.int(4); j >= 0; j--) {
      const key = random.int(3) === 0 ? lease(`n${random.int(3)}`) : pod(`p${random.int(9)}`);
      entries.push(draft.entry({ key, text: 'y'.repeat(random.int(3_000)), actor: `u${random.int(5)}` }));
      if (random.int(3) === 0) entries.push(draft.entry({ key, verb: 'delete' }));
    }
    const isLoser = random.int(15) === 0;
    const last = entries.at(-1) as Entry;
    if (isLoser) entries[entries.length - 1] = { ...last, previous: revision(last.previous + 1) };
    const expected = hasLost ? 'LogWriteFailed' : isLoser ? 'Conflict' : 'no error';
    hasLost ||= isLoser;
    work.push(
      codeOf(log.append(entries)).then((code) => {
        expect(code).toBe(expected);
        if (code === 'no error') model.entries.push(...entries);
      }),
    );
  }
  await Promise.all(work);
}

async function expectModel(random: Random, log: EventLog, model: Model): Promise<void> {
  expect(log.head).toBe(model.head);
  expect((await collect(log.heads())).sort(byKey).map(plainHead)).toEqual(fold(model.entries).map(plainHead));
  for (const prefix of ['', podsPrefix, leasesPrefix, lease('n1')]) {
    expect(log.floorOf(prefix)).toBe(model.floorOf(prefix));
    const after = random.int(model.head + 1);
    const work = collect(log.read({ after: after as Revision, prefix }));
    if (after < model.floorOf(prefix)) expect(await codeOf(work)).toBe('Compacted');
    else {
      // Of a key outside the prefix's floors nothing is missing; of one inside, nothing above the floor.
      const expected = model.entries.filter((e) => e.revision > after && e.key.startsWith(prefix));
      expect((await work).map(plain)).toEqual(expected.map(plain));
    }
    const at = random.int(model.head + 1) as Revision;
    const list = log.listAt(at, prefix, { limit: 0 });
    if (at < model.floorOf(prefix)) expect(await codeOf(list)).toBe('Compacted');
    else {
      const expected = fold(model.entries, at).filter((head) => head.key.startsWith(prefix));
      expect((await list).map(plainHead)).toEqual(expected.map(plainHead));
    }
  }
}

async function live(random: Random, fixture: LogFixture, rounds: number): Promise<void> {
  const model = new Model();
  let { log } = fixture;
  for (let round = 0; round < rounds; round++) {
    await appendSome(random, log, model);
    const what = random.int(8);
    if (what === 0) log = await fixture.reopen();
    if (what === 1) log = (await fixture.crash?.()) ?? log;
    if (what === 2) {
      const plan = {
        prefix: random.int(3) === 0 ? podsPrefix : leasesPrefix,
        floor: revision(random.int(model.head + 3)),
      };
      model.raise(plan);
      const compaction = log.compact([plan]);
      await appendSome(random, log, model);
      await compaction;
    }
    if (what === 3) {
      const heal = await fixture.failCommits();
      const big = new Drafter(log.head);
      await big.resume(log);
      expect(await codeOf(log.append(big.entries({ key: pod('big'), text: 'z'.repeat(8_000_000) })))).toBe(
        'LogWriteFailed',
      );
      await heal();
    }
    if (round % 4 === 0) await expectModel(random, log, model);
  }
  await expectModel(random, log, model);
}

/** Set to draw something else. */
const seed = Number(process.env['RECKON_SEED'] ?? 1);

describe(`random histories equal their model (RECKON_SEED=${seed})`, () => {
  it('in SQLite, over crashes, reopening, a full disk and compaction', async () => {
    const fixture = await sqliteFixture();
    await live(seededRandom(seed), fixture, 40);
    expect((await checkLog(fixture.newestFile())).problems).toEqual([]);
    await fixture.dispose();
  });

  it('in memory', async () => {
    let fails = false;
    const beforeCommit = (): void => {
      if (fails) throw new Error('full');
    };
    let log = memoryLog({ beforeCommit });
    const reopen = async () => (log = memoryLog({ beforeCommit, from: log.snapshot() }));
    const failCommits = async () => {
      fails = true;
      return async () => {
        fails = false;
      };
    };
    await live(seededRandom(seed), { log, reopen, failCommits, dispose: () => log.close() }, 120);
  });
});

import { seededRandom } from '@reckon/kernel';
import { expect, it } from 'vitest';
import type { Entry } from './event-log';
import {
  codeOf,
  collect,
  Drafter,
  expectLog,
  fold,
  lease,
  leasesPrefix,
  plain,
  plainHead,
  pod,
  podsPrefix,
  withLog,
} from './event-log-fixture';
import type { OpenLogFixture } from './event-log-fixture';
import { noRevision, revision } from './revision';
import type { Revision } from './revision';

export function testAppendOnly(open: OpenLogFixture): void {
  it(
    'keeps every entry as it was appended, whatever is appended later',
    withLog(open, async ({ log, reopen }) => {
      const draft = new Drafter(log.head);
      const first = draft.entries({ key: pod('a'), text: 'one' }, { key: pod('b') });
      await log.append(first);
      const later = draft.entries({ key: pod('a'), text: 'two' }, { key: pod('a'), verb: 'delete' }, { key: pod('a') });
      await log.append(later);
      await expectLog(log, [...first, ...later]);
      await expectLog(await reopen(), [...first, ...later]);
    }),
  );

  it(
    'keeps bytes, names and times exactly, however odd',
    withLog(open, async ({ log, reopen }) => {
      const draft = new Drafter(log.head);
      const odd: Entry[] = [
        { ...draft.entry({ key: pod('ünïcode-😀') }), object: Buffer.from([0, 255, 128, 10, 0]), agent: 'a\u0000b' },
        {
          ...draft.entry({ key: pod('empty'), actor: '' }),
          object: Buffer.alloc(0),
          agent: '',
          manager: '',
          request: '',
        },
        { ...draft.entry({ key: pod('large') }), object: Buffer.alloc(3 * 1024 * 1024, 'x'), actor: "o'brien; --" },
        draft.entry({ key: pod('late'), at: 8_640_000_000_000_000 }),
      ];
      await log.append(odd);
      await expectLog(log, odd);
      await expectLog(await reopen(), odd);
    }),
  );
}

export function testDense(open: OpenLogFixture): void {
  it(
    'begins at 0 and numbers without holes, over reopening too',
    withLog(open, async ({ log, reopen }) => {
      expect(log.head).toBe(0);
      expect(log.lastAt).toBe(0);
      expect(await collect(log.heads())).toEqual([]);
      expect(await collect(log.read({ after: noRevision }))).toEqual([]);
      const draft = new Drafter(0);
      await log.append(draft.entries({ key: pod('a') }, { key: pod('b') }));
      const again = await reopen();
      await again.append(draft.entries({ key: pod('c') }));
      expect((await collect(again.read({ after: noRevision }))).map((e) => e.revision)).toEqual([1, 2, 3]);
    }),
  );

  it(
    'refuses entries that leave a hole, go back, or repeat, and takes the right ones afterwards',
    withLog(open, async ({ log }) => {
      const draft = new Drafter(log.head);
      const one = draft.entry({ key: pod('a') });
      const two = draft.entry({ key: pod('b') });
      expect(await codeOf(log.append([two]))).toBe('Conflict');
      await log.append([one]);
      expect(await codeOf(log.append([{ ...one, key: pod('c') }]))).toBe('Conflict');
      expect(await codeOf(log.append([two, { ...two, key: pod('c'), revision: revision(4) }]))).toBe('Conflict');
      expect(await codeOf(log.append([{ ...two, at: one.at - 1 }]))).toBe('Conflict');
      await log.append([two]);
      await log.append([]);
      await expectLog(log, [one, two]);
    }),
  );
}

export function testOrdered(open: OpenLogFixture): void {
  it(
    'makes appends durable and resolves them in the order of the calls',
    withLog(open, async ({ log }) => {
      const draft = new Drafter(log.head);
      const order: number[] = [];
      const work: Promise<void>[] = [];
      const all: Entry[] = [];
      for (let i = 0; i < 200; i++) {
        const entries = draft.entries({ key: pod(`p${i}`) }, { key: pod('shared'), text: String(i) });
        all.push(...entries);
        work.push(
          log.append(entries).then(() => {
            order.push(i);
            expect(log.head).toBeGreaterThanOrEqual(entries[1]?.revision ?? Infinity);
          }),
        );
        if (i % 20 === 0) await work[i - 10];
      }
      await Promise.all(work);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
      await expectLog(log, all);
    }),
  );
}

export function testUnique(open: OpenLogFixture): void {
  it(
    'keeps one live entry per key: a second create is refused, one after a delete is not',
    withLog(open, async ({ log }) => {
      const draft = new Drafter(log.head);
      const first = draft.entries({ key: pod('a') });
      await log.append(first);
      const twin = new Drafter(log.head).entry({ key: pod('a'), at: 2_000 });
      expect(await codeOf(log.append([twin]))).toBe('Conflict');
      const rest = draft.entries({ key: pod('a'), verb: 'delete' }, { key: pod('a') });
      await log.append(rest);
      await expectLog(log, [...first, ...rest]);
    }),
  );

  it(
    'has an id that it keeps',
    withLog(open, async ({ log, reopen }) => {
      expect(log.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      const { id } = log;
      expect((await reopen()).id).toBe(id);
    }),
  );
}

export function testAtomic(open: OpenLogFixture): void {
  it(
    'takes all entries of an append or none',
    withLog(open, async ({ log, reopen }) => {
      const draft = new Drafter(log.head);
      const good = draft.entries({ key: pod('a') });
      await log.append(good);
      const bad = draft.entries({ key: pod('b') }, { key: pod('c') }, { key: pod('a'), verb: 'create' });
      expect(await codeOf(log.append(bad))).toBe('Conflict');
      await expectLog(log, good);
      await expectLog(await reopen(), good);
    }),
  );

  it(
    'lets dependent entries of one key go together',
    withLog(open, async ({ log }) => {
      const draft = new Drafter(log.head);
      const entries = draft.entries(
        { key: pod('a') },
        { key: pod('a') },
        { key: pod('a'), verb: 'delete' },
        { key: pod('a') },
      );
      await log.append(entries);
      await expectLog(log, entries);
    }),
  );
}

export function testDurable(open: OpenLogFixture): void {
  it(
    'has everything it acknowledged after a crash',
    withLog(open, async ({ log, crash }) => {
      if (crash === undefined) return; // A log without a disk dies with its process.
      const draft = new Drafter(log.head);
      const entries: Entry[] = [];
      for (let i = 0; i < 20; i++) {
        const entry = draft.entry({ key: pod(`p${i % 7}`), text: 'x'.repeat(i * 100) });
        await log.append([entry]);
        entries.push(entry);
      }
      await expectLog(await crash(), entries);
    }),
  );

  it(
    'loses nothing that is in flight when it is closed',
    withLog(open, async ({ log, reopen }) => {
      const draft = new Drafter(log.head);
      const entries = draft.entries({ key: pod('a') }, { key: pod('b') });
      const done = log.append(entries);
      const again = await reopen();
      await done;
      expect(await codeOf(log.append(draft.entries({ key: pod('c') })))).toBe('Closed');
      expect(await codeOf(collect(log.read({ after: noRevision })))).toBe('Closed');
      await expectLog(again, entries);
    }),
  );

  it(
    'rejects what failed and everything in flight after it, and then goes on at head + 1',
    withLog(open, async ({ log, failCommits, reopen }) => {
      const draft = new Drafter(log.head);
      const kept = draft.entries({ key: pod('a') });
      await log.append(kept);
      const heal = await failCommits();
      const order: number[] = [];
      const lost = [1, 2, 3].map((i) =>
        codeOf(log.append(draft.entries({ key: pod(`lost-${i}`), text: 'x'.repeat(100_000) }))).then((code) => {
          order.push(i);
          return code;
        }),
      );
      expect(await Promise.all(lost)).toEqual(['LogWriteFailed', 'LogWriteFailed', 'LogWriteFailed']);
      expect(order).toEqual([1, 2, 3]);
      expect(log.head).toBe(1);
      await expectLog(log, kept);
      await heal();
      await draft.resume(log);
      const after = draft.entries({ key: pod('b') }, { key: pod('a') });
      await log.append(after);
      await expectLog(log, [...kept, ...after]);
      await expectLog(await reopen(), [...kept, ...after]);
    }),
  );
}

export function testCompareAndSwap(open: OpenLogFixture): void {
  const cases: readonly { readonly name: string; readonly spoil: (entry: Entry) => Entry }[] = [
    { name: 'an older previous', spoil: (entry) => ({ ...entry, previous: revision(1) }) },
    { name: 'a previous of another key', spoil: (entry) => ({ ...entry, previous: revision(3) }) },
    { name: 'no previous for a key that exists', spoil: (entry) => ({ ...entry, previous: noRevision }) },
    { name: 'a create of a key that exists', spoil: (entry) => ({ ...entry, previous: noRevision, verb: 'create' }) },
    { name: 'a create that names a previous', spoil: (entry) => ({ ...entry, verb: 'create' }) },
    { name: 'a key that never was', spoil: (entry) => ({ ...entry, key: pod('nobody') }) },
    { name: 'a delete of an older state', spoil: (entry) => ({ ...entry, previous: revision(1), verb: 'delete' }) },
  ];
  for (const { name, spoil } of cases)
    it(
      `refuses ${name}`,
      withLog(open, async ({ log }) => {
        const draft = new Drafter(log.head);
        const entries = draft.entries({ key: pod('a') }, { key: pod('a') }, { key: pod('b') });
        await log.append(entries);
        expect(await codeOf(log.append([spoil(draft.entry({ key: pod('a') }))]))).toBe('Conflict');
        await expectLog(log, entries);
      }),
    );

  it(
    'keeps what was appended before a loser in the same batch and rejects what came after it',
    withLog(open, async ({ log }) => {
      const draft = new Drafter(log.head);
      const before = [draft.entries({ key: pod('a') }), draft.entries({ key: pod('b') }, { key: pod('a') })];
      const loser = [{ ...draft.entry({ key: pod('b') }), previous: revision(1) }];
      const after = [draft.entries({ key: pod('c') }), draft.entries({ key: pod('d') })];
      const codes = await Promise.all([...before, loser, ...after].map((entries) => codeOf(log.append(entries))));
      expect(codes).toEqual(['no error', 'no error', 'Conflict', 'LogWriteFailed', 'LogWriteFailed']);
      await expectLog(log, before.flat());
      await draft.resume(log);
      const next = draft.entries({ key: pod('c') });
      await log.append(next);
      await expectLog(log, [...before.flat(), ...next]);
    }),
  );
}

export function testReadFromAnyRevision(open: OpenLogFixture): void {
  it(
    'reads any range, of all keys or of a prefix',
    withLog(open, async ({ log }) => {
      const draft = new Drafter(log.head);
      const all: Entry[] = [];
      for (let i = 0; i < 300; i++) {
        const key = i % 50 === 7 ? lease('n') : i % 2 === 0 ? pod(`p${i}`) : `/core/podtemplates/default/t${i}`;
        all.push(draft.entry({ key }));
      }
      await log.append(all);
      for (const [after, to] of [
        [0, undefined],
        [0, 1],
        [17, 18],
        [100, 257],
        [299, 300],
        [300, 300],
        [400, undefined],
        [290, 9_999],
      ] as const)
        for (const prefix of [undefined, podsPrefix, leasesPrefix, '/core/', lease('n'), '/nothing/']) {
          const range = { after: after as Revision, ...(to && { to: to as Revision }), ...(prefix && { prefix }) };
          const expected = all.filter(
            (e) => e.revision > after && e.revision <= (to ?? 300) && e.key.startsWith(prefix ?? ''),
          );
          expect((await collect(log.read(range))).map(plain)).toEqual(expected.map(plain));
        }
    }),
  );

  it(
    'reads up to the head at the call, in chunks, while more is appended',
    withLog(open, async ({ log }) => {
      const draft = new Drafter(log.head);
      const all: Entry[] = [];
      for (let i = 0; i < 40; i++) all.push(draft.entry({ key: pod(`p${i}`), text: 'x'.repeat(100_000) }));
      await log.append(all);
      const chunks = log.read({ after: noRevision });
      await log.append(draft.entries({ key: pod('later') }));
      const seen: number[] = [];
      for await (const chunk of chunks) {
        seen.push(...chunk.map((e) => e.revision));
        await log.append(draft.entries({ key: pod('later') }));
      }
      expect(seen).toEqual(all.map((e) => e.revision));
    }),
  );
}

export function testListAt(open: OpenLogFixture): void {
  it(
    'shows the state at every revision, in key order, page by page',
    withLog(open, async ({ log, reopen }) => {
      const random = seededRandom(7);
      const draft = new Drafter(log.head);
      const all: Entry[] = [];
      const live = new Set<string>();
      for (let i = 0; i < 120; i++) {
        const key = random.int(4) === 0 ? lease(`n${random.int(3)}`) : pod(`p${random.int(12)}-é`);
        const isDelete = live.has(key) && random.int(3) === 0;
        if (isDelete) live.delete(key);
        else live.add(key);
        all.push(draft.entry({ key, text: String(i), ...(isDelete && { verb: 'delete' as const }) }));
      }
      await log.append(all);
      const again = await reopen();
      for (let at = 0; at <= 120; at += 5) {
        const expected = fold(all, at).filter((head) => head.key.startsWith(podsPrefix));
        expect((await again.listAt(at as Revision, podsPrefix, { limit: 0 })).map(plainHead)).toEqual(
          expected.map(plainHead),
        );
        const pages: unknown[] = [];
        for (let startKey: string | undefined = ''; startKey !== undefined;) {
          const page = await again.listAt(at as Revision, podsPrefix, { startKey, limit: 3 });
          expect(page.length).toBeLessThanOrEqual(3);
          pages.push(...page.map(plainHead));
          const last = page.at(-1);
          startKey = last === undefined ? undefined : `${last.key}\u0000`;
        }
        expect(pages).toEqual(expected.map(plainHead));
      }
      expect(await codeOf(again.listAt(121 as Revision, podsPrefix, { limit: 0 }))).toBe('TooLarge');
    }),
  );

  it(
    'lists more than fits one transaction',
    withLog(open, async ({ log }) => {
      const draft = new Drafter(log.head);
      const all: Entry[] = [];
      for (let i = 0; i < 30; i++) all.push(draft.entry({ key: pod(`p${100 + i}`), text: 'x'.repeat(90_000) }));
      await log.append(all);
      const listed = await log.listAt(log.head, podsPrefix, { limit: 0 });
      expect(listed.map((h) => h.revision)).toEqual(all.map((e) => e.revision));
      expect((await log.listAt(log.head, podsPrefix, { limit: 25 })).length).toBe(25);
    }),
  );
}

export function testRevisionAt(open: OpenLogFixture): void {
  it(
    'finds the newest revision at or before a time, also among equal times and removed entries',
    withLog(open, async ({ log }) => {
      const draft = new Drafter(log.head);
      expect(await log.revisionAt(1e15)).toBe(0);
      const times = [10, 10, 20, 20, 20, 35, 50, 50, 70, 90, 90];
      const all = times.map((at, i) => draft.entry({ key: i % 3 === 0 ? pod(`p${i}`) : lease('n'), at }));
      await log.append(all);
      const expectTimes = async (kept: readonly Entry[]): Promise<void> => {
        for (let t = 0; t <= 100; t += 5)
          expect(await log.revisionAt(t)).toBe(kept.findLast((e) => e.at <= t)?.revision ?? 0);
      };
      await expectTimes(all);
      await log.compact([{ prefix: leasesPrefix, floor: revision(9) }]);
      await expectTimes(all.filter((e) => e.key !== lease('n') || e.revision >= 9));
    }),
  );
}

export function testCompaction(open: OpenLogFixture): void {
  it(
    'removes what no retained revision needs, and nothing else',
    withLog(open, async ({ log, reopen }) => {
      const draft = new Drafter(log.head);
      const all: Entry[] = [];
      for (let i = 0; i < 60; i++) {
        all.push(draft.entry({ key: lease(`n${i % 3}`), text: String(i) }));
        if (i % 5 === 0) all.push(draft.entry({ key: pod(`p${i}`) }));
      }
      all.push(draft.entry({ key: lease('n1'), verb: 'delete' }));
      const gone = all.at(-1)?.revision ?? noRevision;
      for (let i = 0; i < 9; i++) all.push(draft.entry({ key: lease(i % 2 === 0 ? 'n0' : 'n2') }));
      await log.append(all);
      const floor = revision(gone + 2);
      const base = new Set(fold(all, floor).map((head) => head.revision));
      const kept = all.filter((e) => !e.key.startsWith(leasesPrefix) || e.revision > floor || base.has(e.revision));

      expect(log.floorOf(leasesPrefix)).toBe(0);
      expect(await log.compact([{ prefix: leasesPrefix, floor }])).toBe(all.length - kept.length);
      expect(await log.compact([{ prefix: leasesPrefix, floor }])).toBe(0);

      for (const opened of [log, await reopen()]) {
        if (opened === log) continue;
        expect(opened.head).toBe(all.length);
        expect(opened.floorOf(leasesPrefix)).toBe(floor);
        expect(opened.floorOf(lease('n0'))).toBe(floor);
        expect(opened.floorOf('')).toBe(floor);
        expect(opened.floorOf(podsPrefix)).toBe(0);
        expect((await collect(opened.heads())).sort((a, b) => (a.key < b.key ? -1 : 1)).map(plainHead)).toEqual(
          fold(all).map(plainHead),
        );
        expect((await collect(opened.read({ after: floor }))).map(plain)).toEqual(
          kept.filter((e) => e.revision > floor).map(plain),
        );
        expect((await collect(opened.read({ after: noRevision, prefix: podsPrefix }))).map(plain)).toEqual(
          kept.filter((e) => e.key.startsWith(podsPrefix)).map(plain),
        );
        for (const at of [floor, floor + 1, all.length])
          expect((await opened.listAt(at as Revision, leasesPrefix, { limit: 0 })).map(plainHead)).toEqual(
            fold(all, at)
              .filter((h) => h.key.startsWith(leasesPrefix))
              .map(plainHead),
          );
        const below = revision(floor - 1);
        expect(await codeOf(collect(opened.read({ after: below })))).toBe('Compacted');
        expect(await codeOf(collect(opened.read({ after: below, prefix: leasesPrefix })))).toBe('Compacted');
        expect(await codeOf(opened.listAt(below, leasesPrefix, { limit: 0 }))).toBe('Compacted');
        expect(await codeOf(opened.listAt(below, podsPrefix, { limit: 0 }))).toBe('no error');
        await opened.append(draft.entries({ key: lease('n0') }, { key: lease('n1') }));
      }
    }),
  );

  it(
    'never numbers again below what was removed, and never lowers a floor',
    withLog(open, async ({ log, reopen }) => {
      const draft = new Drafter(log.head);
      await log.append(draft.entries({ key: lease('a') }, { key: lease('a') }, { key: lease('a'), verb: 'delete' }));
      await log.compact([{ prefix: leasesPrefix, floor: revision(1_000) }]);
      expect(log.floorOf(leasesPrefix)).toBe(3);
      await log.compact([{ prefix: leasesPrefix, floor: revision(1) }]);
      expect(log.floorOf(leasesPrefix)).toBe(3);
      const again = await reopen();
      expect(again.head).toBe(3);
      expect(await collect(again.heads())).toEqual([]);
      await again.append(draft.entries({ key: lease('a') }));
      expect(again.head).toBe(4);
      expect(await again.compact([{ prefix: leasesPrefix, floor: revision(3) }])).toBe(1);
    }),
  );

  it(
    'tells a slow reader that the floor has overtaken it',
    withLog(open, async ({ log }) => {
      const draft = new Drafter(log.head);
      for (let i = 0; i < 12; i++) {
        const batch: Entry[] = [];
        for (let j = 0; j < 100; j++) batch.push(draft.entry({ key: lease(`n${j % 2}`), text: 'x'.repeat(4_000) }));
        await log.append(batch);
      }
      const chunks = log.read({ after: noRevision, prefix: leasesPrefix })[Symbol.asyncIterator]();
      const first = await chunks.next();
      expect(first.done).toBe(false);
      await log.compact([{ prefix: leasesPrefix, floor: log.head }]);
      expect(await codeOf(chunks.next())).toBe('Compacted');
    }),
  );

  it(
    'goes on taking appends while it removes much',
    withLog(open, async ({ log }) => {
      const draft = new Drafter(log.head);
      for (let i = 0; i < 10; i++)
        await log.append(draft.entries(...Array.from({ length: 300 }, (_, j) => ({ key: lease(`n${j % 60}`) }))));
      const { head } = log;
      let isOver = false;
      const compaction = log.compact([{ prefix: leasesPrefix, floor: head }]).finally(() => (isOver = true));
      let appended = 0;
      do {
        await log.append(draft.entries({ key: lease('n1') }, { key: pod('busy') }));
        appended += 2;
      } while (!isOver);
      expect(await compaction).toBe(3_000 - 60);
      expect((await collect(log.read({ after: head }))).length).toBe(appended);
      expect((await collect(log.heads())).length).toBe(61);
    }),
  );
}

export function testReadAcrossCompacted(open: OpenLogFixture): void {
  it(
    'reads what compaction left when it is asked to, from any revision',
    withLog(open, async ({ log, reopen }) => {
      const draft = new Drafter(log.head);
      const all: Entry[] = [];
      for (let i = 0; i < 700; i++)
        all.push(draft.entry({ key: i % 4 === 0 ? pod(`p${i}`) : lease(`n${i % 3}`), text: String(i) }));
      await log.append(all);
      const floor = revision(600);
      await log.compact([{ prefix: leasesPrefix, floor }]);
      const base = new Set(fold(all, floor).map((head) => head.revision));
      const kept = all.filter((e) => !e.key.startsWith(leasesPrefix) || e.revision > floor || base.has(e.revision));
      const opened = await reopen();
      expect(opened.floors()).toEqual([{ prefix: leasesPrefix, floor }]);
      for (const after of [0, 1, 299, 599, 650] as Revision[])
        for (const to of [after + 1, 601, 700] as Revision[]) {
          const expected = kept.filter((e) => e.revision > after && e.revision <= to);
          expect((await collect(opened.read({ after, to, acrossCompacted: true }))).map(plain)).toEqual(
            expected.map(plain),
          );
          expect(
            (await collect(opened.read({ after, to, prefix: leasesPrefix, acrossCompacted: true }))).map(plain),
          ).toEqual(expected.filter((e) => e.key.startsWith(leasesPrefix)).map(plain));
        }
    }),
  );
}

export function testGrowth(open: OpenLogFixture): void {
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it(
    'tells who follows it that the head has moved, once for all that moved it in one turn',
    withLog(open, async ({ log, failCommits }) => {
      const draft = new Drafter(log.head);
      const heads: number[] = [];
      let others = 0;
      const end = log.onGrown(() => heads.push(log.head));
      const endOther = log.onGrown(() => others++);
      await Promise.all(
        [1, 2, 3].map((i) => log.append(draft.entries({ key: pod(`p${i}`) }, { key: lease(`l${i}`) }))),
      );
      await turn();
      expect(heads.at(-1)).toBe(6);
      expect(heads.length).toBeLessThanOrEqual(3);
      expect(new Set(heads).size).toBe(heads.length);
      expect(others).toBe(heads.length);

      endOther();
      endOther();
      const heal = await failCommits();
      const before = heads.length;
      expect(await codeOf(log.append(draft.entries({ key: pod('lost'), text: 'x'.repeat(100_000) })))).toBe(
        'LogWriteFailed',
      );
      await turn();
      expect(heads.length).toBe(before);
      await heal();
      await draft.resume(log);
      await log.append(draft.entries({ key: pod('q') }));
      await turn();
      expect(heads.slice(before)).toEqual([7]);
      expect(others).toBe(before);
      end();
      await log.append(draft.entries({ key: pod('r') }));
      await turn();
      expect(heads.slice(before)).toEqual([7]);
    }),
  );
}

/** Every guarantee with its suite, by its name in docs/invariants.md where it has one. */
export const eventLogGuarantees: Readonly<Record<string, (open: OpenLogFixture) => void>> = {
  'Append-only': testAppendOnly,
  Dense: testDense,
  Ordered: testOrdered,
  Unique: testUnique,
  Atomic: testAtomic,
  Durable: testDurable,
  'Compare-and-swap': testCompareAndSwap,
  'Read from any revision': testReadFromAnyRevision,
  'List at any revision': testListAt,
  'Revision at a time': testRevisionAt,
  Compaction: testCompaction,
  'Read across what was compacted': testReadAcrossCompacted,
  Growth: testGrowth,
};

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '@reckon/kernel';
import { blameText } from './blame-text';
import { splitLine } from './entry-lines';
import { exportHistory } from './export-history';
import type { HistoryEntry } from './history-entry';
import type { HistoryScope } from './history-source';
import { logHeader, logText, type LogTextOptions } from './log-text';
import { interleaved } from './merge-by-revision';
import { parseExport } from './parse-export';
import { findReadable, readHistory } from './read-history';
import { reversed, stateChanges, stateDiffText } from './state-diff';
import { StatesBefore } from './states-before';
import { ArrayHistory, collect, leases, pods, secrets } from './testing/array-history.suite';

const all = (resource: HistoryScope['resource']): HistoryScope => ({ resource, namespace: '', name: '' });
const revisions = (entries: readonly HistoryEntry[]): number[] => entries.map(({ revision }) => revision);

describe('what may be read', () => {
  const filled = (): ArrayHistory => {
    const history = new ArrayHistory();
    for (let i = 0; i < 4; i++) {
      history.add(pods, `p${String(i)}`, 'create');
      history.add(secrets, `s${String(i)}`, 'create');
      history.add(leases, 'l', i === 0 ? 'create' : 'update', { i });
    }
    return history;
  };

  it('is everything for who may list everything', async () => {
    const history = filled();
    const readable = await findReadable(history, { scopes: [], onRefused: () => expect.unreachable() });
    expect(readable.scopes).toEqual([]);
    expect(revisions(await collect(readHistory(history, readable, {})))).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
    ]);
  });

  it('is found out resource by resource for others, and merged in order', async () => {
    const history = filled();
    history.refused.add('*').add('secrets');
    const refused: string[] = [];
    const readable = await findReadable(history, { scopes: [], onRefused: (names) => refused.push(...names) });
    expect(refused).toEqual(['secrets']);
    expect(revisions(await collect(readHistory(history, readable, {})))).toEqual([1, 3, 4, 6, 7, 9, 10, 12]);
    expect(revisions(await collect(readHistory(history, readable, { after: 3, limit: 3 })))).toEqual([4, 6, 7]);
  });

  it('is refused when there is nothing', async () => {
    const history = filled();
    for (const name of ['*', 'pods', 'secrets', 'leases']) history.refused.add(name);
    await expect(findReadable(history, { scopes: [], onRefused: () => undefined })).rejects.toThrow('* is forbidden');
    await expect(findReadable(history, { scopes: [all(secrets)], onRefused: () => undefined })).rejects.toThrow(
      'secrets is forbidden',
    );
  });

  it('is of the fallback namespace where it is not of all, and that is told', async () => {
    const history = filled();
    history.add(pods, 'far', 'create', {}, { namespace: 'far' });
    for (const name of ['*', 'pods@', 'secrets']) history.refused.add(name);
    const told: unknown[] = [];
    const wanted = {
      scopes: [],
      onRefused: (names: readonly string[]) => told.push(names),
      onNarrowed: (...narrowed: unknown[]) => told.push(narrowed),
    };
    const readable = await findReadable(history, { ...wanted, fallback: 'default' });
    expect(told).toEqual([['default', ['leases.coordination.k8s.io']], ['secrets']]);
    expect(readable.scopes.map(({ resource, namespace }) => [resource.resource, namespace])).toEqual([
      ['pods', 'default'],
      ['leases', ''],
    ]);
    expect(revisions(await collect(readHistory(history, readable, {})))).toEqual([1, 3, 4, 6, 7, 9, 10, 12]);
    told.length = 0;
    await findReadable(history, wanted);
    expect(told).toEqual([['pods', 'secrets']]);
  });

  it('says what to do when there is nothing', async () => {
    const history = filled();
    for (const name of ['*', 'pods', 'secrets', 'leases']) history.refused.add(name);
    const hintOf = async (wanted: { readonly namespace?: string; readonly fallback?: string }): Promise<unknown> => {
      const onNarrowed = (): void => expect.unreachable();
      return findReadable(history, { scopes: [], onRefused: () => undefined, onNarrowed, ...wanted }).catch(
        (error: unknown) => [(error as Error).message, (error as { readonly hint?: unknown }).hint],
      );
    };
    expect(await hintOf({})).toEqual([
      expect.stringContaining('* is forbidden'),
      'Name a namespace in which you may list with -n.',
    ]);
    expect(await hintOf({ fallback: 'default' })).toEqual([
      expect.stringContaining('* is forbidden'),
      'Nor may you list anything in namespace "default"; name one in which you may with -n.',
    ]);
    expect(await hintOf({ namespace: 'team' })).toEqual([
      'there is nothing in namespace "team" that you may list',
      'Ask for the right to list there, or name another namespace with -n.',
    ]);
  });

  it('follows several scopes from where the log stood', async () => {
    const history = filled();
    const scopes = [all(pods), all(leases)];
    const readable = await findReadable(history, { scopes, onRefused: () => undefined });
    history.add(leases, 'l', 'update', { i: 9 });
    history.add(pods, 'late', 'create');
    const seen = await collect(readHistory(history, readable, { follow: true, after: 9 }));
    expect(revisions(seen).slice(0, 2)).toEqual([10, 12]);
    expect(revisions(seen).slice(2).sort()).toEqual([13, 14]);
  });
});

describe('streams that come together', () => {
  it('give each what it has as it comes, and fail with the first', async () => {
    const of = async function* (...items: (string | Error)[]): AsyncGenerator<string> {
      for (const item of items) {
        await Promise.resolve();
        if (item instanceof Error) throw item;
        yield item;
      }
    };
    expect((await collect(interleaved([of('a', 'b'), of(), of('c')]))).sort()).toEqual(['a', 'b', 'c']);
    await expect(collect(interleaved([of('a', 'b', 'c', 'd'), of(new Error('gone'))]))).rejects.toThrow('gone');
  });
});

describe('the text of a log', () => {
  const options = (history: ArrayHistory, changes: Partial<LogTextOptions> = {}): LogTextOptions => ({
    format: 'text',
    color: false,
    showSecrets: false,
    shapeOf: () => undefined,
    states: new StatesBefore(history),
    ...changes,
  });
  const history = new ArrayHistory();
  const made = history.add(pods, 'a', 'create', { spec: { n: 1 } });
  const changed = history.add(
    pods,
    'a',
    'update',
    { spec: { n: 2, text: 'two\nlines', long: 'x'.repeat(200) } },
    { actor: 'eve\u001b[2J', manager: '' },
  );
  const gone = history.add(pods, 'a', 'delete', { spec: { n: 2 } });

  it('is a row for each change, and a line for each field', async () => {
    const each = options(history);
    expect(await logText(made, each)).toBe(
      '       1  1970-01-01T00:00:01.000Z  create  default          pod/a                                         jane (hand)\n',
    );
    const lines = (await logText(changed, each)).split('\n');
    expect(lines[0]).toMatch(/ eve\ufffd\[2J$/);
    expect(lines.slice(1)).toEqual([
      '          spec.n: 1 → 2',
      '          spec.text: (none) → "two\\nlines"',
      `          spec.long: (none) → ${'x'.repeat(119)}…`,
      '',
    ]);
    expect((await logText(gone, each)).split('\n')).toHaveLength(2);
    expect(history.asked).toBe(0);
    expect(logHeader('text').indexOf('OBJECT')).toBe((await logText(made, options(history))).indexOf('pod/a'));
    expect(logHeader('json')).toBe('');
  });

  it('asks for the state before when it did not come along', async () => {
    expect(await logText(changed, options(history))).toContain('spec.n: 1 → 2\n');
    expect(history.asked).toBe(1);
    const bare = new ArrayHistory();
    expect(await logText(changed, options(bare))).toContain('(the state before is not kept)\n');
    bare.refused.add('pods');
    expect(await logText(changed, options(bare))).toContain('(the state before is not kept)\n');
    expect(JSON.parse(await logText(changed, options(bare, { format: 'patch' })))).toMatchObject({ isKnown: false });
  });

  it('colours only when it may', async () => {
    const painted = await logText(changed, options(history, { color: true }));
    expect(painted).toContain('\u001b[33mupdate\u001b[0m');
    expect(painted).toContain('\u001b[31m1\u001b[0m → \u001b[32m2\u001b[0m');
  });

  it('of blame marks what is older than the history', () => {
    const text = blameText([
      { path: 'a', value: 1, by: undefined },
      {
        path: 'b.c',
        value: 'x',
        by: { revision: 7, at: '2026-01-31T12:00:00.000Z', actor: 'jane', manager: 'm', agent: '', verb: 'update' },
      },
    ]);
    expect(text).toBe(
      'FIELD   VALUE   BY                         TIME                       REVISION\n' +
        'a       1       (older than the history)\n' +
        'b.c     x       jane (m)                   2026-01-31T12:00:00.000Z   7\n',
    );
  });
});

describe('the difference between two moments', () => {
  const history = new ArrayHistory();
  history.add(pods, 'a', 'create', { n: 1 });
  history.add(pods, 'gone', 'create', { n: 1 });
  history.add(pods, 'same', 'create', { n: 1 });
  history.add(pods, 'a', 'update', { n: 2 });
  history.add(pods, 'new', 'create', { n: 1 });
  history.add(pods, 'gone', 'delete', { n: 1 });
  history.add(pods, 'same', 'update', { n: 2 });
  history.add(pods, 'same', 'update', { n: 1 });
  history.add(pods, 'brief', 'create');
  history.add(pods, 'brief', 'delete');
  const between = (after: number, to: number) =>
    stateChanges(history, history.entries({ scope: all(pods), after, to, gaps: true }));
  const names = { before: 'a', after: 'b', showSecrets: false };

  it('is what is not the same at both', async () => {
    const { changes, unknown } = await between(3, 10);
    expect(changes.map(({ of, before, after }) => [of.name, before?.revision, after?.revision])).toEqual([
      ['a', 1, 4],
      ['gone', 2, undefined],
      ['new', undefined, 5],
    ]);
    expect(unknown).toEqual([]);
    expect((await between(10, 10)).changes).toEqual([]);
  });

  it('is printed as kubectl diff does, one way and the other', async () => {
    const [change] = (await between(3, 4)).changes;
    expect(stateDiffText(change!, names)).toBe(
      'diff -u -N a/v1.Pod.default.a b/v1.Pod.default.a\n' +
        '--- a/v1.Pod.default.a\t1970-01-01 00:00:01.000000000 +0000\n' +
        '+++ b/v1.Pod.default.a\t1970-01-01 00:00:04.000000000 +0000\n' +
        '@@ -3,4 +3,4 @@\n metadata:\n   name: a\n   namespace: default\n-n: 1\n+n: 2\n',
    );
    expect(stateDiffText(reversed(change!), names)).toContain('-n: 2\n+n: 1\n');
  });

  it('names what changed from a state that is not kept', async () => {
    const compacted = new ArrayHistory();
    compacted.add(leases, 'l', 'create');
    compacted.add(leases, 'l', 'update', { i: 1 });
    compacted.add(leases, 'l', 'update', { i: 2 });
    compacted.compact(leases, 2);
    const { changes, unknown } = await stateChanges(
      compacted,
      compacted.entries({ scope: all(leases), after: 1, gaps: true }),
    );
    expect([changes.length, unknown.map(({ name }) => name)]).toEqual([0, ['l']]);
  });
});

describe('an export', () => {
  const read = async (lines: AsyncIterable<Buffer>): Promise<string[]> =>
    (await collect(lines)).map((line) => line.toString('utf8').trimEnd());
  const short = (line: string): string => {
    const parsed = JSON.parse(line) as Record<string, unknown>;
    return parsed['removed'] === undefined ? String(parsed['revision']) : line;
  };

  it('holds every entry that is kept, and says where some were removed', async () => {
    const history = new ArrayHistory();
    history.add(leases, 'l', 'create');
    history.add(pods, 'a', 'create', { big: 1 });
    for (let i = 0; i < 3; i++) history.add(leases, 'l', 'update', { i });
    history.add(pods, 'a', 'update');
    history.compact(leases, 5);
    const [header, ...lines] = await read(exportHistory(history));
    expect(JSON.parse(header!)).toEqual({
      format: 'reckon-export/v2',
      id: 'log-1',
      head: 6,
      floors: [{ prefix: '/coordination.k8s.io/leases/', floor: 5 }],
    });
    expect(lines.slice(0, -1).map(short)).toEqual(['{"removed":[1,1]}', '2', '{"removed":[3,4]}', '5', '6']);
    const before = [header, ...lines.slice(0, -1)].map((line) => `${line!}\n`).join('');
    expect(JSON.parse(lines.at(-1)!)).toEqual({ sha256: createHash('sha256').update(before).digest('hex') });
  });

  it('is of one moment, however the log is compacted meanwhile', async () => {
    const seed = Number(process.env['RECKON_SEED'] ?? 7);
    const random = seededRandom(seed);
    for (let round = 0; round < 30; round++) {
      const history = new ArrayHistory();
      const live = new Set<string>();
      for (let i = 0; i < 40; i++) {
        const name = `l${String(Math.floor(random.float() * 4))}`;
        const isDelete = live.has(name) && random.float() < 0.3;
        history.add(leases, name, isDelete ? 'delete' : live.has(name) ? 'update' : 'create', { i });
        if (isDelete) live.delete(name);
        else live.add(name);
        history.add(pods, `p${String(i)}`, 'create');
      }
      history.compact(leases, 3);
      const { head } = history;
      let given = 0;
      let compactions = 0;
      history.onLine = () => {
        history.add(pods, `later-${String(given)}`, 'create');
        if (++given % 60 === 0 && compactions++ < 3) history.compact(leases, 3 + compactions * 10);
      };
      const lines = await collect(exportHistory(history));
      // Chains hold, and the newest states are those of the moment.
      const newest = new Map<string, number>();
      const removed = new Set<number>();
      let last = 0;
      const parsed = await parseExport(iterate(lines));
      for await (const line of parsed.lines) {
        if (line.kind === 'removed') {
          expect(line.first).toBe(last + 1);
          for (let r = line.first; r <= line.last; r++) removed.add(r);
          last = line.last;
          continue;
        }
        const { revision, previous, verb, name } = line.entry;
        expect(revision, `seed ${String(seed)}`).toBe(last + 1);
        last = revision;
        const before = newest.get(name);
        if (verb === 'create') expect(before).toBeUndefined();
        else if (before === undefined) expect(removed.has(previous)).toBe(true);
        else expect(previous).toBe(before);
        if (verb === 'delete') newest.delete(name);
        else newest.set(name, revision);
      }
      expect([last, parsed.header.head]).toEqual([head, head]);
      expect([...newest.keys()].filter((name) => name.startsWith('l')).sort()).toEqual([...live].sort());
    }
  });

  it('holds what is compacted as it is stored, where it is served in several versions', async () => {
    const history = new ArrayHistory();
    for (let i = 0; i < 3; i++) history.add(leases, 'l', i === 0 ? 'create' : 'update', { i });
    history.add(pods, 'a', 'create');
    history.compact(leases, 2);
    const served = await history.resources();
    history.resources = () => Promise.resolve([...served, { ...leases, version: 'v2' }]);
    const asked: (string | undefined)[] = [];
    const lines = history.lines.bind(history);
    history.lines = (request) => {
      asked.push(request.scope?.resource.version);
      return lines(request);
    };
    const [, ...entries] = await read(exportHistory(history));
    expect(entries.slice(0, -1).map(short)).toEqual(['{"removed":[1,1]}', '2', '3', '4']);
    expect(asked).toEqual([undefined, undefined]);
  });

  it('is given up when the history of something is torn under it', async () => {
    const history = new ArrayHistory();
    for (let i = 0; i < 9; i++) history.add(leases, 'l', i === 0 ? 'create' : 'update', { i });
    history.onLine = (revision) => {
      if (revision === 5) history.compact(leases, 8);
    };
    await expect(collect(exportHistory(history))).rejects.toThrow(
      '/coordination.k8s.io/leases/ was compacted while it was exported',
    );
  });

  it('keeps numbers that JavaScript has not', () => {
    const line = Buffer.from('{"revision":1,"actor":",\\"object\\":","object":{"n":9007199254740993}}');
    expect(splitLine(line)).toEqual({
      entry: { revision: 1, actor: ',"object":' },
      object: Buffer.from('{"n":9007199254740993}'),
    });
    for (const bad of ['{}', '{"revision":1}', '', '}"object":{'])
      expect(() => splitLine(Buffer.from(bad))).toThrow(SyntaxError);
  });
});

async function* iterate<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

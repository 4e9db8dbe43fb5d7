import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { noRevision, type Entry, type Revision, type StorageError } from '@reckon/store/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkLog } from './check-log';
import { importLog, type LogImport } from './import-log';
import { openLogReader } from './open-log-reader';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'reckon-import-'));
  file = path.join(folder, 'log.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const entry = (
  revision: number,
  name: string,
  previous: number,
  verb?: Entry['verb'],
  changes: Partial<Entry> = {},
): Entry => ({
  revision: revision as Revision,
  key: `/core/pods/default/${name}`,
  previous: previous as Revision,
  verb: verb ?? (previous === 0 ? 'create' : 'update'),
  object: Buffer.from(JSON.stringify({ metadata: { resourceVersion: String(revision) } })),
  at: 1000 + revision,
  actor: 'jane',
  agent: `cli/${String(revision % 2)}`,
  manager: 'm',
  request: `r-${String(revision)}`,
  ...changes,
});
const at = (n: number): Revision => n as Revision;

async function read(): Promise<Entry[]> {
  const reader = await openLogReader({ file });
  const all: Entry[] = [];
  for await (const chunk of reader.read({ after: noRevision, acrossCompacted: true })) all.push(...chunk);
  await reader.close();
  return all;
}

describe('an imported log', () => {
  it('holds what it was given, holes and floors too, and is sound', async () => {
    const log = importLog({ file, id: 'log-1' });
    const given = [
      entry(1, 'a', 0),
      // b lives since before what is kept.
      entry(4, 'b', 2),
      entry(5, 'a', 1),
      entry(6, 'a', 5, 'delete'),
      entry(8, 'a', 0),
      entry(9, 'b', 4),
    ];
    log.add(given[0]!);
    log.skip(at(2), at(2));
    log.skip(at(3), at(3));
    for (const each of given.slice(1, 4)) log.add(each);
    log.skip(at(7), at(7));
    for (const each of given.slice(4)) log.add(each);
    log.finish([{ prefix: '/core/pods/', floor: at(7) }]);

    expect(readdirSync(folder)).toEqual(['log.db']);
    expect(await checkLog(file)).toEqual({ entries: 6, head: 9, problems: [] });
    expect(await read()).toEqual(given);
    const reader = await openLogReader({ file });
    expect([reader.id, reader.head, reader.floorOf('/core/pods/')]).toEqual(['log-1', 9, 7]);
    const live = await reader.listAt(at(9), '/core/pods/', { limit: 0 });
    expect(live.map(({ key, revision }) => `${key} ${String(revision)}`)).toEqual([
      '/core/pods/default/a 8',
      '/core/pods/default/b 9',
    ]);
    await reader.close();
  });

  it('takes more than one transaction holds', async () => {
    const log = importLog({ file, id: 'x' });
    for (let r = 1; r <= 5000; r++) log.add(entry(r, 'a', r - 1));
    log.finish([]);
    expect((await checkLog(file)).entries).toBe(5000);
  });

  it.each<[string, (log: LogImport) => void, string]>([
    ['a hole', (log) => log.add(entry(3, 'b', 0)), 'revision 3 follows 1: entries between them are missing'],
    ['one that came before', (log) => log.add(entry(1, 'b', 0)), 'revision 1 follows 1: it comes too late'],
    ['a hole elsewhere', (log) => log.skip(at(3), at(4)), 'the removed revisions 3 to 4 do not follow 1'],
    ['a second create', (log) => log.add(entry(2, 'a', 0)), 'it creates /core/pods/default/a, which is there since 1'],
    [
      'a create with a past',
      (log) => log.add(entry(2, 'b', 1, 'create')),
      'it creates /core/pods/default/b, but names the entry 1 before it',
    ],
    ['a torn chain', (log) => log.add(entry(2, 'b', 1)), 'it follows 1, which is neither there nor removed'],
    [
      'an older chain',
      (log) => {
        log.add(entry(2, 'a', 1));
        log.add(entry(3, 'a', 1));
      },
      'it follows 1, but 2 is the newest of /core/pods/default/a',
    ],
    [
      'a change of what is gone',
      (log) => {
        log.add(entry(2, 'a', 1, 'delete'));
        log.add(entry(3, 'a', 2));
      },
      'it changes /core/pods/default/a, which was deleted at 2',
    ],
    [
      'a time that goes back',
      (log) => log.add(entry(2, 'b', 0, 'create', { at: 5 })),
      'its time is before that of the entry before it',
    ],
  ])('refuses %s', (_, add, message) => {
    const log = importLog({ file, id: 'x' });
    log.add(entry(1, 'a', 0));
    expect(() => {
      add(log);
    }).toThrow(expect.objectContaining({ code: 'Conflict', message }) as StorageError);
    log.abandon();
  });

  it('is proved before it is of use', () => {
    const log = importLog({ file, id: 'x' });
    log.add(entry(1, 'a', 0, 'create', { object: Buffer.from('{"metadata":{"resourceVersion":"7"}}') }));
    expect(() => {
      log.finish([]);
    }).toThrow('revision 1: its object is stamped 7');
  });
});

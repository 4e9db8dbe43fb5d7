import type { HistoryRequest, HistorySource, ResourceInfo } from '@reckon/history';
import { type Entry, type Revision, noRevision } from '@reckon/store/contract';
import { memoryLog, type MemoryLog } from '@reckon/store/log';
import { beforeEach, describe, expect, it } from 'vitest';
import { logHistory } from './log-history';

let log: MemoryLog;
let history: HistorySource;
let pods: ResourceInfo;
const newest = new Map<string, Revision>();

async function change(key: string, changes: Partial<Entry> = {}): Promise<void> {
  const revision = (log.head + 1) as Revision;
  const previous = newest.get(key) ?? noRevision;
  const [, group = '', , namespace = '', name = ''] = key.split('/');
  const object = { kind: 'Pod', apiVersion: group === 'core' ? 'v1' : `${group}/v1`, metadata: { name, namespace } };
  await log.append([
    {
      revision,
      key,
      previous,
      verb: previous === 0 ? 'create' : 'update',
      object: Buffer.from(JSON.stringify(object)),
      at: revision * 1000,
      actor: 'jane',
      agent: 'cli',
      manager: 'hand',
      request: `r-${String(revision)}`,
      ...changes,
    },
  ]);
  newest.set(key, revision);
}

beforeEach(async () => {
  log = memoryLog();
  newest.clear();
  history = logHistory(log);
  pods = (await history.resources()).find(({ resource }) => resource === 'pods')!;
  await change('/core/pods/a/x');
  await change('/core/pods/a/xy');
  await change('/core/pods/b/x', { actor: 'eve' });
  await change('/apps/deployments/a/x', { manager: 'other' });
  await change('/core/pods/a/x');
});

const revisions = async (request: HistoryRequest): Promise<number[]> => {
  const found: number[] = [];
  for await (const { revision } of history.entries(request)) found.push(revision);
  return found;
};

describe('the history in a log', () => {
  it.each<[string, (pod: ResourceInfo) => HistoryRequest, number[]]>([
    ['everything', () => ({}), [1, 2, 3, 4, 5]],
    ['a namespace', () => ({ namespace: 'a' }), [1, 2, 4, 5]],
    ['a resource', (resource) => ({ scope: { resource, namespace: '', name: '' } }), [1, 2, 3, 5]],
    ['a resource in a namespace', (resource) => ({ scope: { resource, namespace: 'a', name: '' } }), [1, 2, 5]],
    ['an object', (resource) => ({ scope: { resource, namespace: 'a', name: 'x' } }), [1, 5]],
    ['a range', () => ({ after: 1, to: 3 }), [2, 3]],
    ['times', () => ({ sinceMs: 2000, untilMs: 4999 }), [2, 3, 4]],
    ['a user', () => ({ actor: 'eve' }), [3]],
    ['a manager', () => ({ manager: 'other' }), [4]],
    ['a request', () => ({ request: 'r-2' }), [2]],
    ['some', () => ({ limit: 2 }), [1, 2]],
    ['nothing', () => ({ after: 99 }), []],
  ])('is told of %s', async (_, request, expected) => {
    expect(await revisions(request(pods))).toEqual(expected);
  });

  it('says what a line of a server says', async () => {
    const found = [];
    for await (const entry of history.entries({ limit: 1 })) found.push(entry);
    expect(found[0]).toEqual({
      revision: 1,
      at: '1970-01-01T00:00:01.000Z',
      verb: 'create',
      group: '',
      version: 'v1',
      resource: 'pods',
      namespace: 'a',
      name: 'x',
      previous: 0,
      actor: 'jane',
      agent: 'cli',
      manager: 'hand',
      request: 'r-1',
      object: { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'x', namespace: 'a' } },
    });
  });

  it('is followed until the signal', async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const following = (async () => {
      for await (const { revision } of history.entries({ follow: true, after: 4, signal: stop.signal })) {
        seen.push(revision);
        if (revision === 7) stop.abort();
      }
    })();
    await change('/core/pods/a/x');
    await change('/core/pods/a/x');
    await following;
    expect(seen).toEqual([5, 6, 7]);
  });

  it('is refused where it is compacted, unless what is left will do', async () => {
    await log.compact([{ prefix: '/core/pods/', floor: 5 as Revision }]);
    expect(await history.position()).toEqual({ id: log.id, head: 5, floors: [{ prefix: '/core/pods/', floor: 5 }] });
    const scope = { resource: pods, namespace: '', name: '' };
    await expect(revisions({ scope, after: 2 })).rejects.toMatchObject({
      code: 'Expired',
      message: 'too old resource version: 2 (5)',
    });
    expect(await revisions({ scope })).toEqual([2, 3, 5]);
    expect(await revisions({ scope, after: 2, gaps: true })).toEqual([3, 5]);
    expect(await history.revisionAt(3500)).toBe(3);
  });
});

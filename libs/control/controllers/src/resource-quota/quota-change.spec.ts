import type { KubeObject } from '@reckon/api/machinery';
import { evaluatorOf } from '@reckon/api/quota';
import { fakeClock, systemTimers } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { changeOf } from './quota-change';
import type { Source } from './quota-sources';
import type { Quota } from './quota-status';

const signal = new AbortController().signal;
const secret = (name: string): KubeObject => ({ metadata: { namespace: 'team', name } });
const quota = (resourceVersion: string, used?: string): Quota => ({
  metadata: { namespace: 'team', name: 'q', resourceVersion },
  spec: { hard: { secrets: '5' } },
  ...(used === undefined ? {} : { status: { hard: { secrets: '5' }, used: { secrets: used } } }),
});

/** A cache at a revision, and what the server would answer. */
function source(revision: number, cached: string[], there: string[]) {
  const evaluator = evaluatorOf({ group: '', resource: 'secrets' });
  if (evaluator === undefined) throw new Error('secrets are counted');
  const seen = { revision, cached, listed: 0 };
  const made: Source = {
    evaluator,
    informer: {
      hasSynced: true,
      synced: Promise.resolve(),
      get revision() {
        return seen.revision;
      },
      lister: { list: () => seen.cached.map(secret) } as unknown as Source['informer']['lister'],
    },
    list: () => {
      seen.listed++;
      return Promise.resolve(there.map(secret));
    },
  };
  return { made, seen };
}

const usedBy = (given: Quota, { made }: ReturnType<typeof source>): Promise<unknown> =>
  changeOf({ clock: fakeClock(), timers: systemTimers }, () => given, [made], signal).then(
    (change) => change?.status?.used?.['secrets'] ?? 'stays',
  );

describe('the status that a quota should have', () => {
  it('is what the cache says when the cache is as new as the quota', async () => {
    const secrets = source(7, ['a'], []);
    expect(await usedBy(quota('7', '3'), secrets)).toBe('1');
    expect(await usedBy(quota('7', '1'), secrets)).toBe('stays');
    expect(secrets.seen.listed).toBe(0);
  });

  it('does not undo what the server has counted and the cache has not seen', async () => {
    const secrets = source(6, [], ['a']);
    expect(await usedBy(quota('7', '1'), secrets)).toBe('stays');
    expect(secrets.seen.listed).toBe(1);
  });

  it('waits a moment for the cache before it asks', async () => {
    const secrets = source(6, [], []);
    const coming = usedBy(quota('7', '1'), secrets);
    Object.assign(secrets.seen, { revision: 8, cached: ['a'] });
    expect(await coming).toBe('stays');
    expect(secrets.seen.listed).toBe(0);
  });

  it('asks at once for a quota that nobody has counted', async () => {
    const secrets = source(6, [], ['a', 'b']);
    expect(await usedBy(quota('7'), secrets)).toBe('2');
    expect(secrets.seen.listed).toBe(1);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '@reckon/kernel';
import { type SettableClock, eventually, settableClock } from '@reckon/testkit';
import {
  type ApiList,
  type ConformanceCluster,
  namesOf,
  podSpec,
  startConformanceCluster,
} from './conformance-cluster';

const total = 400;
const nameOf = (nth: number): string => `template-${String(nth).padStart(4, '0')}`;

let cluster: ConformanceCluster;
let clock: SettableClock;
let collection: string;

beforeAll(async () => {
  clock = settableClock();
  cluster = await startConformanceCluster({ env: clock.env });
  collection = await templates();
});
afterAll(async () => {
  await cluster.dispose();
  clock.dispose();
});

/** A collection of so many, which no test changes. */
async function templates(): Promise<string> {
  const made = `/api/v1/namespaces/${await cluster.namespace('chunking')}/podtemplates`;
  const template = { spec: podSpec() };
  await Promise.all(
    Array.from({ length: total }, (_, nth) => cluster.create(made, { metadata: { name: nameOf(nth) }, template })),
  );
  return made;
}

const expectedNames = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, nth) => nameOf(from + nth));

/** The page's objects are those that come next, and it says how many are left. */
function expectPage(list: ApiList, { seen, limit }: { readonly seen: number; readonly limit: number }): number {
  const count = Math.min(limit, total - seen);
  expect(namesOf(list)).toEqual(expectedNames(seen, count));
  const left = total - seen - count;
  expect([list.metadata.remainingItemCount ?? 0, (list.metadata.continue ?? '') !== '']).toEqual([left, left > 0]);
  return seen + count;
}

const page = (limit: number, token = ''): Promise<ApiList> =>
  cluster.list(`${collection}?limit=${String(limit)}${token === '' ? '' : `&continue=${encodeURIComponent(token)}`}`);

describe('[sig-api-machinery] Servers with support for API chunking', () => {
  it('should return chunks of results for list calls', async () => {
    const seed = Number(process.env['RECKON_SEED'] ?? process.pid);
    const random = seededRandom(seed);
    for (let round = 0; round < 3; round++) {
      let seen = 0;
      let token = '';
      let version = '';
      do {
        const limit = 1 + Math.floor(random.float() * total);
        const list = await page(limit, token);
        if (version === '') version = list.metadata.resourceVersion;
        expect(list.metadata.resourceVersion, `RECKON_SEED=${String(seed)}`).toBe(version);
        seen = expectPage(list, { seen, limit });
        token = list.metadata.continue ?? '';
      } while (token !== '');
      expect(seen, `RECKON_SEED=${String(seed)}`).toBe(total);
    }
    const whole = await cluster.list(collection);
    expect(namesOf(whole)).toEqual(expectedNames(0, total));
    expect(whole.metadata).not.toHaveProperty('continue');
  });

  it('should support continue listing from the last key if the original version has been compacted away, though the list is inconsistent [Slow]', async () => {
    const limit = 40;
    const first = await page(limit);
    let seen = expectPage(first, { seen: 0, limit });
    const token = first.metadata.continue ?? '';
    clock.set(6 * 60_000);
    const expired = await eventually(async () => {
      const reply = await cluster.raw.send('GET', `${collection}?limit=40&continue=${encodeURIComponent(token)}`);
      expect(reply.status).toBe(410);
      return reply.body as { reason: string; metadata: { continue: string } };
    });
    expect(expired.reason).toBe('Expired');
    expect(expired.metadata.continue).not.toBe('');

    const second = await page(limit, expired.metadata.continue);
    seen = expectPage(second, { seen, limit });
    for (let next = second.metadata.continue ?? ''; next !== '';) {
      const list = await page(limit, next);
      expect(list.metadata.resourceVersion).toBe(second.metadata.resourceVersion);
      seen = expectPage(list, { seen, limit });
      next = list.metadata.continue ?? '';
    }
    expect(seen).toBe(total);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '@reckon/kernel';
import { type RawWatch, type WatchEvent, eventually } from '@reckon/testkit';
import { type ApiMeta, type ApiObject, type ConformanceCluster, startConformanceCluster } from './conformance-cluster';

let cluster: ConformanceCluster;

beforeAll(async () => {
  cluster = await startConformanceCluster();
});
afterAll(async () => {
  await cluster.dispose();
});

const label = 'watch-this-configmap';
const metaOf = ({ object }: WatchEvent): ApiMeta => object['metadata'] as ApiMeta;
const told = (watch: RawWatch): string[] =>
  watch.events.map((event) => {
    const data = event.object['data'] as { mutation?: string } | undefined;
    return `${event.type} ${metaOf(event).name} ${data?.mutation ?? '-'}`;
  });
const expectTold = async (watch: RawWatch, events: readonly string[]): Promise<void> => {
  await eventually(() => {
    expect(told(watch)).toEqual(events);
  });
};

const collectionOf = (namespace: string): string => `/api/v1/namespaces/${namespace}/configmaps`;
const create = (collection: string, name: string, value: string): Promise<ApiObject> =>
  cluster.create(collection, { metadata: { name, labels: { [label]: value } } });
const mutate = (collection: string, name: string, mutation: string): Promise<ApiObject> =>
  cluster.patch(`${collection}/${name}`, { data: { mutation } });
const watchFor = (collection: string, values: string, from = ''): Promise<RawWatch> =>
  cluster.watch(
    `${collection}?watch=1&labelSelector=${encodeURIComponent(`${label} in (${values})`)}${from === '' ? '' : `&resourceVersion=${from}`}`,
  );

describe('[sig-api-machinery] Watchers', () => {
  it('should observe add, update, and delete watch notifications on configmaps', async () => {
    const collection = collectionOf(await cluster.namespace('watch'));
    const [a, b, either] = await Promise.all([
      watchFor(collection, 'a'),
      watchFor(collection, 'b'),
      watchFor(collection, 'a,b'),
    ]);
    await create(collection, 'map-a', 'a');
    await mutate(collection, 'map-a', '1');
    await mutate(collection, 'map-a', '2');
    await cluster.delete(`${collection}/map-a`);
    await create(collection, 'map-b', 'b');
    await cluster.delete(`${collection}/map-b`);
    const ofA = ['ADDED map-a -', 'MODIFIED map-a 1', 'MODIFIED map-a 2', 'DELETED map-a 2'];
    const ofB = ['ADDED map-b -', 'DELETED map-b -'];
    await expectTold(either, [...ofA, ...ofB]);
    await expectTold(a, ofA);
    await expectTold(b, ofB);
  });

  it('should be able to start watching from a specific resource version', async () => {
    const collection = collectionOf(await cluster.namespace('watch'));
    await create(collection, 'map', 'from');
    const first = await mutate(collection, 'map', '1');
    await mutate(collection, 'map', '2');
    await cluster.delete(`${collection}/map`);
    const watch = await watchFor(collection, 'from', first.metadata.resourceVersion);
    await expectTold(watch, ['MODIFIED map 2', 'DELETED map 2']);
  });

  it('should be able to restart watching from the last resource version observed by the previous watch', async () => {
    const collection = collectionOf(await cluster.namespace('watch'));
    const before = await watchFor(collection, 'again');
    await create(collection, 'map', 'again');
    await mutate(collection, 'map', '1');
    await expectTold(before, ['ADDED map -', 'MODIFIED map 1']);
    before.close();
    await mutate(collection, 'map', '2');
    const last = before.events.at(-1);
    if (last === undefined) throw new Error('the watch saw nothing');
    const after = await watchFor(collection, 'again', metaOf(last).resourceVersion);
    await cluster.delete(`${collection}/map`);
    await expectTold(after, ['MODIFIED map 2', 'DELETED map 2']);
  });

  it('should observe an object deletion if it stops meeting the requirements of the selector', async () => {
    const collection = collectionOf(await cluster.namespace('watch'));
    const watch = await watchFor(collection, 'in');
    const relabel = (value: string): Promise<ApiObject> =>
      cluster.patch(`${collection}/map`, { metadata: { labels: { [label]: value } } });
    await create(collection, 'map', 'in');
    await mutate(collection, 'map', '1');
    await relabel('out');
    await mutate(collection, 'map', '2');
    await relabel('in');
    await mutate(collection, 'map', '3');
    await cluster.delete(`${collection}/map`);
    await expectTold(watch, [
      'ADDED map -',
      'MODIFIED map 1',
      'DELETED map 1',
      'ADDED map 2',
      'MODIFIED map 3',
      'DELETED map 3',
    ]);
  });

  it('should receive events on concurrent watches in same order', async () => {
    const seed = Number(process.env['RECKON_SEED'] ?? process.pid);
    const random = seededRandom(seed);
    const collection = collectionOf(await cluster.namespace('watch'));
    const first = await cluster.watch(`${collection}?watch=1`);
    const others: { readonly from: string; readonly watch: RawWatch }[] = [];

    const live = new Set<string>();
    let writes = 0;
    const produce = async (): Promise<void> => {
      for (; writes < 120; writes++) {
        const name = `map-${String(Math.floor(random.float() * 6))}`;
        if (!live.has(name)) {
          await cluster.create(collection, { metadata: { name } });
          live.add(name);
        } else if (random.float() < 0.4) {
          await cluster.delete(`${collection}/${name}`);
          live.delete(name);
        } else await mutate(collection, name, String(writes));
      }
    };
    const follow = async (): Promise<void> => {
      // A further watch from each event that the first one has told by now, while writes go on.
      for (let next = 0; next < 30; next++) {
        const event = await eventually(() => {
          const found = first.events[next];
          if (found === undefined) throw new Error('not told yet');
          return found;
        });
        const from = metaOf(event).resourceVersion;
        others.push({ from, watch: await cluster.watch(`${collection}?watch=1&resourceVersion=${from}`) });
      }
    };
    await Promise.all([produce(), follow()]);

    const versions = (watch: RawWatch): string[] => watch.events.map((event) => metaOf(event).resourceVersion);
    // What the namespace's controllers write counts, too.
    const newest = await cluster.create(collection, { metadata: { name: 'last' } });
    await eventually(() => {
      expect(versions(first)).toContain(newest.metadata.resourceVersion);
    });
    const all = versions(first);
    expect(all.length, `RECKON_SEED=${String(seed)}`).toBeGreaterThan(120);
    for (const { from, watch } of others) {
      await eventually(() => {
        expect(versions(watch), `RECKON_SEED=${String(seed)}`).toEqual(all.slice(all.indexOf(from) + 1));
      });
    }
  });
});

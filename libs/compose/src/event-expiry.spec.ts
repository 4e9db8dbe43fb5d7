import { type FakeClock, fakeClock } from '@reckon/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEventExpiry } from './event-expiry';
import { coreStore } from './registry';
import { type MemoryCluster, memoryCluster } from './testing/memory-cluster.suite';

let clock: FakeClock;
let cluster: MemoryCluster;
beforeEach(async () => {
  clock = fakeClock();
  cluster = await memoryCluster(clock);
});
afterEach(() => cluster.close());

const author = { actor: 'tester', agent: 'spec', manager: 'spec', request: '' };
const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString().replace('.000', '');

async function event(name: string, times: object): Promise<void> {
  const key = { group: '', resource: 'events', namespace: 'default', name };
  const metadata = { namespace: 'default', name, resourceVersion: '', creationTimestamp: at(0) };
  const object = { kind: 'Event', apiVersion: 'v1', metadata, ...times };
  await cluster.storage.commit([{ key, verb: 'create', previous: 0 as never, object }], author);
}

const names = (): string[] =>
  [...cluster.storage.newestOf({ group: '', resource: 'events' })].map(({ key }) => key.name).sort();

describe('the expiry of Events', () => {
  it('deletes those that nobody has written to for an hour, by an ordinary delete of the apiserver', async () => {
    const events = coreStore(cluster.kinds, cluster.storeOf, 'events');
    const expiry = startEventExpiry({
      ...cluster.basics,
      storage: cluster.storage,
      events,
      agent: 'kube-apiserver/test',
    });
    await event('old', { lastTimestamp: at(0) });
    await event('repeated', { lastTimestamp: at(30) });
    await event('series', {
      eventTime: at(0).replace('Z', '.000000Z'),
      series: { count: 2, lastObservedTime: at(45).replace('Z', '.000000Z') },
    });
    await clock.advance(59 * 60_000);
    expect(names()).toEqual(['old', 'repeated', 'series']);
    await clock.advance(3 * 60_000);
    expect(names()).toEqual(['repeated', 'series']);
    await clock.advance(30 * 60_000);
    expect(names()).toEqual(['series']);
    await clock.advance(15 * 60_000);
    expect(names()).toEqual([]);
    const deletes: string[] = [];
    for await (const entries of cluster.log.read({ after: 0 as never }))
      for (const entry of entries) if (entry.verb === 'delete') deletes.push(entry.actor);
    expect(deletes).toEqual(Array.from({ length: 3 }, () => 'system:apiserver'));
    await expiry.stop();
  });
});

import { type KubeObject, statusErrors } from '@reckon/api/machinery';
import { RestClient, refs } from '@reckon/client/rest';
import {
  type Logger,
  type Random,
  type Timers,
  fakeClock,
  seededRandom,
  silentLogger,
  systemClock,
  systemRandom,
  systemTimers,
} from '@reckon/kernel';
import { type FakeApi, eventually, startFakeApi } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { objectKey } from './indexer';
import { Informer } from './informer';

/** Backoffs of a second would make a test of a thousand broken connections last. */
const hasty: Timers = {
  ...systemTimers,
  sleep: (ms, signal) => systemTimers.sleep(ms / 200, signal),
};

let api: FakeApi;
let rest: RestClient;
let informer: Informer;

const informerOf = (random: Random = seededRandom(1), selectors: { labelSelector?: string } = {}): Informer =>
  new Informer({ client: rest.resource(refs.configMaps), selectors, timers: hasty, random, logger: silentLogger });
const put = (name: string, data: Record<string, string>, labels: Record<string, string> = {}): KubeObject =>
  api.store.put(refs.configMaps, { metadata: { namespace: 'default', name, labels }, data });
let contradictions: string[] = [];
/** What the handlers say of the world; where they contradict themselves is noted. */
const mirror = (): Map<string, KubeObject> => {
  const seen = new Map<string, KubeObject>();
  contradictions = [];
  informer.addHandler({
    add: (o) => {
      if (seen.has(objectKey(o))) contradictions.push(`added twice: ${objectKey(o)}`);
      seen.set(objectKey(o), o);
    },
    update: (old, o) => {
      if (seen.get(objectKey(o)) !== old) contradictions.push(`update of something else: ${objectKey(o)}`);
      seen.set(objectKey(o), o);
    },
    delete: (o) => {
      if (!seen.delete(objectKey(o))) contradictions.push(`deleted what was not there: ${objectKey(o)}`);
    },
  });
  return seen;
};
const versions = (objects: Iterable<KubeObject>): string[] =>
  [...objects].map((o) => `${objectKey(o)}@${o.metadata.resourceVersion ?? ''}`).sort();

beforeEach(async () => {
  api = await startFakeApi();
  rest = new RestClient(api.config, { clock: systemClock, timers: systemTimers });
});
afterEach(async () => {
  expect(contradictions).toEqual([]);
  await informer.stop();
  await rest.close();
  await api.stop();
});

describe('an informer', () => {
  it('shows what the server has once it is synced, and what changes after', async () => {
    put('a', { n: '1' });
    put('b', { n: '1' });
    informer = informerOf();
    const seen = mirror();
    expect(informer.hasSynced).toBe(false);
    informer.start();
    await informer.synced;
    expect(informer.lister.list().map(objectKey)).toEqual(['default/a', 'default/b']);
    put('a', { n: '2' });
    put('c', {});
    api.store.delete(refs.configMaps, 'default', 'b');
    await eventually(() => {
      expect(informer.lister.list().map(objectKey)).toEqual(['default/a', 'default/c']);
    });
    expect(informer.lister.get('default', 'a')?.['data']).toEqual({ n: '2' });
    expect(versions(seen.values())).toEqual(versions(api.store.list(refs.configMaps)));
  });

  it('lists in pages', async () => {
    for (let i = 0; i < 1203; i++) put(`m${String(i)}`, {});
    informer = informerOf();
    informer.start();
    await informer.synced;
    expect(informer.lister.size).toBe(1203);
  });

  it('sees as deleted what leaves its selection', async () => {
    put('a', {}, { app: 'web' });
    informer = informerOf(seededRandom(1), { labelSelector: 'app=web' });
    const seen = mirror();
    informer.start();
    await informer.synced;
    put('a', {}, { app: 'other' });
    await eventually(() => {
      expect(seen.size).toBe(0);
    });
    put('a', {}, { app: 'web' });
    await eventually(() => {
      expect(seen.size).toBe(1);
    });
  });

  it('finds out by a new list what was deleted while the history was lost', async () => {
    put('a', {});
    put('b', {});
    informer = informerOf();
    const seen = mirror();
    informer.start();
    await informer.synced;
    api.holdWatches(true);
    api.store.delete(refs.configMaps, 'default', 'a');
    // Deleted and made again: another object under the same name.
    api.store.delete(refs.configMaps, 'default', 'b');
    put('b', { again: 'yes' });
    api.store.forgetHistory();
    api.cutConnections();
    api.holdWatches(false);
    await eventually(() => {
      expect(versions(seen.values())).toEqual(versions(api.store.list(refs.configMaps)));
    });
    expect(seen.size).toBe(1);
  });

  it('does not ask in a tight loop when every watch ends at once', async () => {
    informer = informerOf();
    informer.start();
    await informer.synced;
    // One watch is open; from now each that opens is ended.
    const ending = setInterval(() => {
      api.endWatches();
    }, 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    clearInterval(ending);
    expect(api.requests.length).toBeLessThan(60);
  });

  it('looks now and then for what is not served, says so once, and shows it when it is', async () => {
    const clock = fakeClock();
    const said: string[] = [];
    const logger: Logger = {
      ...silentLogger,
      info: (message, fields) => said.push(`${message}: ${String(fields?.['resource'])}`),
    };
    const isAbsent = { now: true };
    api.refuse((q) =>
      isAbsent.now && q.path.includes('configmaps') ? statusErrors.notFound(refs.configMaps, '') : undefined,
    );
    put('a', {});
    informer = new Informer({ client: rest.resource(refs.configMaps), timers: clock, random: seededRandom(1), logger });
    informer.start();
    await eventually(() => {
      expect(api.requests).toHaveLength(1);
    });
    for (let minute = 0; minute < 10; minute++) {
      await clock.advance(60_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(said).toEqual(['not served, looking again from time to time: configmaps']);
    expect(informer.hasSynced).toBe(false);
    expect(api.requests.length).toBeGreaterThan(5);
    expect(api.requests.length).toBeLessThan(21);
    isAbsent.now = false;
    await eventually(async () => {
      await clock.advance(60_000);
      expect(informer.lister.list().map(objectKey)).toEqual(['default/a']);
    });
  });

  it('says of what it may not read once that it is refused, and goes on asking; what is not there at all is not served', async () => {
    const said: string[] = [];
    const logger: Logger = {
      ...silentLogger,
      info: (message, fields) => said.push(`${message}: ${String(fields?.['resource'])}`),
      warn: (message, fields) => said.push(`${message}: ${String(fields?.['resource'])}`),
    };
    const absent = { group: 'example.com', version: 'v1', resource: 'cars', kind: 'Car', namespaced: true };
    const absentHere = { ...absent, group: 'apps', version: 'v1' };
    const isRefused = { now: true };
    api.growOld();
    api.refuse(({ path }) =>
      path.includes('/cars') || (isRefused.now && path.includes('configmaps'))
        ? statusErrors.forbidden({ group: '', resource: 'configmaps' }, '', 'no')
        : undefined,
    );
    put('a', {});
    informer = new Informer({ client: rest.resource(refs.configMaps), timers: hasty, random: seededRandom(1), logger });
    const others = [absent, absentHere].map(
      (ref) => new Informer({ client: rest.resource(ref), timers: systemTimers, random: seededRandom(1), logger }),
    );
    for (const each of [informer, ...others]) each.start();
    await eventually(() => {
      expect(api.requests.filter((q) => q.path.endsWith('/configmaps')).length).toBeGreaterThan(3);
      expect([...said].sort()).toEqual([
        'list or watch failed: configmaps',
        'not served, looking again from time to time: cars.apps',
        'not served, looking again from time to time: cars.example.com',
      ]);
    });
    isRefused.now = false;
    await informer.synced;
    expect(informer.lister.list().map(objectKey)).toEqual(['default/a']);
    await Promise.all(others.map((other) => other.stop()));
  });

  it('calls no handler when a list brings what is known', async () => {
    put('a', {});
    informer = informerOf();
    let calls = 0;
    informer.addHandler({
      add: () => {
        calls++;
      },
      update: () => {
        calls++;
      },
      delete: () => {
        calls++;
      },
    });
    informer.start();
    await informer.synced;
    const asked = api.requests.length;
    api.store.forgetHistory();
    put('b', {});
    api.store.forgetHistory();
    api.cutConnections();
    await eventually(() => {
      expect(api.requests.length).toBeGreaterThan(asked + 1);
      expect(informer.lister.size).toBe(2);
    });
    expect(calls).toBe(2);
  });

  it('stops before it was ever synced', async () => {
    await api.stop();
    informer = informerOf();
    informer.start();
    await informer.stop();
    await informer.synced;
    expect(informer.hasSynced).toBe(false);
  });

  it('equals a fresh list after a thousand changes with connections cut at random', async () => {
    const seed = systemRandom.int(2 ** 31);
    const random = seededRandom(seed);
    informer = informerOf(random);
    const seen = mirror();
    informer.start();
    for (let i = 0; i < 1000; i++) {
      const name = `m${String(random.int(50))}`;
      if (random.float() < 0.3 && api.store.find(refs.configMaps, 'default', name) !== undefined)
        api.store.delete(refs.configMaps, 'default', name);
      else put(name, { n: String(i) });
      if (random.float() < 0.05) api.cutConnections(() => random.float() < 0.7);
      if (random.float() < 0.03) api.endWatches();
      if (random.float() < 0.02) api.store.forgetHistory();
      if (random.float() < 0.3) await new Promise((resolve) => setImmediate(resolve));
      if (random.float() < 0.02) await new Promise((resolve) => setTimeout(resolve, 3));
    }
    await eventually(() => {
      const fresh = versions(api.store.list(refs.configMaps));
      expect(versions(informer.lister.list()), `seed ${String(seed)}`).toEqual(fresh);
      expect(versions(seen.values()), `seed ${String(seed)}`).toEqual(fresh);
    });
  });
});

import { RestClient, refs } from '@reckon/client/rest';
import { seededRandom, silentLogger, systemClock, systemTimers } from '@reckon/kernel';
import { eventually, startFakeApi } from '@reckon/testkit';
import { describe, expect, it } from 'vitest';
import { Informer } from './informer';
import { SharedObjects } from './shared-objects';

describe('shared objects', () => {
  it('are the same for the same text, as far back as is remembered', () => {
    const { parse } = new SharedObjects(14);
    const first = parse('{"a":1}');
    expect(first).toEqual({ a: 1 });
    expect(parse('{"a":1}')).toBe(first);
    parse('{"a":2}');
    parse('{"a":3}');
    expect(parse('{"a":1}')).not.toBe(first);
    expect(() => parse('{')).toThrow(SyntaxError);
  });

  it('are bound by their length, not by their number: what is too long is not kept, and drives nothing out', () => {
    const { parse } = new SharedObjects(14);
    const small = parse('{"a":1}');
    const long = JSON.stringify('x'.repeat(100));
    const [once, again] = [parse(`[${long}]`), parse(`[${long}]`)];
    expect(again).toEqual(once);
    expect(again).not.toBe(once);
    expect(parse('{"a":1}')).toBe(small);
  });

  it('make two informers with different selections show one object, each with its own rights and events', async () => {
    const api = await startFakeApi();
    const objects = new SharedObjects();
    const clients = [0, 1].map(() => new RestClient(api.config, { clock: systemClock, timers: systemTimers }));
    const informers = clients.map(
      (rest, n) =>
        new Informer({
          client: rest.resource(refs.configMaps),
          selectors: n === 0 ? {} : { labelSelector: 'app=web' },
          objects,
          timers: systemTimers,
          random: seededRandom(n),
          logger: silentLogger,
        }),
    );
    for (const informer of informers) informer.start();
    await Promise.all(informers.map((i) => i.synced));
    const put = (n: string, labels: Record<string, string>): unknown =>
      api.store.put(refs.configMaps, { metadata: { namespace: 'default', name: 'a', labels }, data: { n } });
    put('1', {});
    put('2', { app: 'web' });
    const shown = (): unknown[] => informers.map((i) => i.lister.get('default', 'a'));
    await eventually(() => {
      const [one, other] = shown();
      expect(other).toMatchObject({ data: { n: '2' } });
      expect(one).toBe(other);
    });
    put('3', {});
    await eventually(() => {
      expect(shown()).toMatchObject([{ data: { n: '3' } }, undefined]);
    });
    await Promise.all(informers.map((i) => i.stop()));
    await Promise.all(clients.map((c) => c.close()));
    await api.stop();
  });
});

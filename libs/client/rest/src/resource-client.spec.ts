import { systemClock, systemTimers } from '@reckon/kernel';
import { type FakeApi, startFakeApi } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refs } from './resource-ref';
import { RestClient } from './rest-client';

let api: FakeApi;
let rest: RestClient;
beforeEach(async () => {
  api = await startFakeApi();
  rest = new RestClient(api.config, { clock: systemClock, timers: systemTimers });
});
afterEach(async () => {
  await rest.close();
  await api.stop();
});

describe('a client of metadata', () => {
  it('takes null for an empty list, as older servers say it', async () => {
    api.growOld();
    expect((await rest.metadata(refs.configMaps).list('')).items).toEqual([]);
  });

  it('gets, lists and watches objects without what they say', async () => {
    api.store.put(refs.configMaps, { metadata: { namespace: 'default', name: 'a' }, data: { x: '1' } });
    const maps = rest.metadata(refs.configMaps);
    const got = await maps.get('default', 'a');
    const { items, metadata } = await maps.list('');
    api.store.put(refs.configMaps, { metadata: { namespace: 'default', name: 'b' }, data: { x: '1' } });
    const watched = await maps.watch('', { resourceVersion: metadata.resourceVersion ?? '' }).next();
    const seen = [got, ...items, watched.done === true ? undefined : watched.value.object];
    expect(seen.map((o) => o?.metadata.name)).toEqual(['a', 'a', 'b']);
    for (const object of seen) expect(object).not.toHaveProperty('data');
    expect(await rest.resource(refs.configMaps).get('default', 'a')).toHaveProperty('data');
  });
});

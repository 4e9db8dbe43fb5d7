import { RestClient, refs } from '@reckon/client/rest';
import { fakeClock } from '@reckon/kernel';
import { startClientHarness } from '@reckon/testkit';
import { describe, expect, it } from 'vitest';
import { rotatingClient } from './rotating-client';

describe('a client whose certificate changes', () => {
  it('speaks with the newest one, for all who hold it, and ends the one before after a while', async () => {
    const [one, two] = [await startClientHarness(), await startClientHarness()];
    const timers = fakeClock();
    const make = (config: RestClient['config']): RestClient => new RestClient(config, one);
    const rotating = rotatingClient(make(one.api.config), timers);
    const pods = rotating.rest.resource(refs.pods);
    await pods.list('default');
    expect([one, two].map((h) => h.api.requests.length)).toEqual([1, 0]);
    const old = rotating.rest.config.server;

    rotating.use(make(two.api.config));
    await pods.list('default');
    await rotating.rest.request('GET', '/api/v1/namespaces/default/pods');
    expect([one, two].map((h) => h.api.requests.length)).toEqual([1, 2]);
    expect(rotating.rest.config.server).not.toBe(old);

    await timers.advance(10_000);
    await rotating.stop();
    await expect(pods.list('default')).rejects.toThrow();
    await one.stop();
    await two.stop();
  });
});

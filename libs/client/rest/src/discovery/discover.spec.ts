import { statusErrors } from '@reckon/api/machinery';
import { systemClock, systemTimers } from '@reckon/kernel';
import { type FakeApi, startFakeApi } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RestClient } from '../rest-client';
import { discover } from './discover';

const car = { group: 'example.com', version: 'v1', resource: 'cars', kind: 'Car', namespaced: true };

let api: FakeApi;
let rest: RestClient;
beforeEach(async () => {
  api = await startFakeApi({ kinds: [car, { ...car, version: 'v1beta1' }] });
  rest = new RestClient(api.config, { clock: systemClock, timers: systemTimers });
});
afterEach(async () => {
  await rest.close();
  await api.stop();
});
const paths = (): string[] => api.requests.map((q) => q.path);

describe('discovery', () => {
  it('reads what a server serves in two requests', async () => {
    const served = await discover(rest);
    expect(paths().sort()).toEqual(['/api', '/apis']);
    expect(served.find((r) => r.resource === 'pods')).toMatchObject({
      group: '',
      version: 'v1',
      kind: 'Pod',
      namespaced: true,
    });
    expect(served.filter((r) => r.resource === 'cars').map((r) => r.version)).toEqual(['v1', 'v1beta1']);
  });

  it('reads the same of a server without aggregated documents, version by version', async () => {
    const names = (
      all: readonly {
        group: string;
        version: string;
        resource: string;
        namespaced: boolean;
        verbs: readonly string[];
      }[],
    ) => all.map((r) => [r.group, r.version, r.resource, r.namespaced, r.verbs.join()].join(' ')).sort();
    const served = await discover(rest);
    api.growOld();
    expect(names(await discover(rest))).toEqual(names(served));
    expect(paths()).toContain('/apis/example.com/v1beta1');
  });

  it('takes a version that is gone by now for empty, and fails for one that cannot be had', async () => {
    api.growOld();
    api.refuse((q) => (q.path === '/apis/example.com/v1' ? statusErrors.generic(404) : undefined));
    const served = await discover(rest);
    expect(served.filter((r) => r.resource === 'cars').map((r) => r.version)).toEqual(['v1beta1']);
    api.refuse((q) => (q.path === '/apis/example.com/v1' ? statusErrors.generic(503) : undefined));
    await expect(discover(rest)).rejects.toThrow();
  });
});

import { type FakeClock, type Running, fakeClock } from '@reckon/kernel';
import type { ResourceStore } from '@reckon/registry/generic';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startLegacyTokenTracking } from './legacy-token-tracking';
import { coreStore } from './registry';
import { systemContext, systemWrite } from './system-context';
import { type MemoryCluster, memoryCluster } from './testing/memory-cluster.suite';

const name = 'kube-apiserver-legacy-service-account-token-tracking';
const minuteMs = 60_000;
let time: FakeClock;
let cluster: MemoryCluster;
let configMaps: ResourceStore;
let tracking: Running | undefined;

beforeEach(async () => {
  time = fakeClock(Date.UTC(2026, 10, 22, 23, 50));
  cluster = await memoryCluster(time);
  configMaps = coreStore(cluster.kinds, cluster.storeOf, 'configmaps');
});
afterEach(async () => {
  await tracking?.stop();
  tracking = undefined;
  await cluster.close();
});

const ctx = () => systemContext({ ...cluster.basics, agent: 'test/1' });
const start = (): void => {
  tracking = startLegacyTokenTracking({ ...cluster.basics, storage: cluster.storage, configMaps, agent: 'test/1' });
};
const data = (): unknown => {
  const stored = cluster.storage.newest({ group: '', resource: 'configmaps', namespace: 'kube-system', name });
  return (stored?.parse() as { data?: unknown } | undefined)?.data;
};
const tells = (expected: unknown): Promise<void> =>
  vi.waitFor(() => {
    expect(data()).toEqual(expected);
  });
const put = (more: object): Promise<unknown> =>
  configMaps.create(
    ctx(),
    'kube-system',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'kube-system' }, ...more },
    systemWrite('v1'),
  );
const remove = (): Promise<unknown> => configMaps.delete(ctx(), 'kube-system', name, {}, systemWrite('v1'));

describe('since when uses of tokens in Secrets are tracked', () => {
  it('is told by the day of the first start, which later ones leave', async () => {
    start();
    await tells({ since: '2026-11-22' });
    await tracking?.stop();
    await time.advance(24 * 60 * minuteMs);
    const { revision } = cluster.storage;
    start();
    await put({}).catch(() => undefined);
    await tracking?.stop();
    expect([data(), cluster.storage.revision]).toEqual([{ since: '2026-11-22' }, revision]);
  });

  it.each([
    ['nothing', {}, {}],
    ['no day', { data: { since: 'once', other: 'o' } }, { other: 'o' }],
    ['a day that never was', { data: { since: '2026-02-30' } }, {}],
  ])('is told anew where the ConfigMap says %s', async (_, more, kept) => {
    await put(more);
    start();
    await tells({ ...kept, since: '2026-11-22' });
  });

  it('is mended when somebody spoils it', async () => {
    start();
    await tells({ since: '2026-11-22' });
    await remove();
    await put({ data: { since: '' } });
    await time.advance(15 * minuteMs);
    await tells({ since: '2026-11-22' });
  });

  it('is told again half an hour after it was made, at the earliest, where somebody deletes it', async () => {
    start();
    await tells({ since: '2026-11-22' });
    await remove();
    await time.advance(29 * minuteMs);
    await cluster.storage.settled();
    expect(data()).toBeUndefined();
    await time.advance(2 * minuteMs);
    await tells({ since: '2026-11-23' });
  });

  it('is tried again where it could not be written', async () => {
    const create = vi.spyOn(configMaps, 'create').mockRejectedValueOnce(new Error('the disk is full'));
    start();
    await vi.waitFor(() => {
      expect(create).toHaveBeenCalledTimes(1);
    });
    await vi.waitFor(async () => {
      await time.advance(5_000);
      expect(data()).toEqual({ since: '2026-11-22' });
    });
  });
});

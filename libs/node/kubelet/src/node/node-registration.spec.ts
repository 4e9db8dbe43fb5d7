import { refs } from '@reckon/client/rest';
import { fakeClock } from '@reckon/kernel';
import { type ClientHarness, eventually, startClientHarness } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Kubelet, startKubelet } from '../start-kubelet';
import { kubeletOptions } from '../testing/kubelet-rig.suite';
import type { NodeRegistration } from './node-profile';

const time = fakeClock();
let h: ClientHarness;
let kubelet: Kubelet | undefined;
beforeEach(async () => {
  h = await startClientHarness({ time });
});
afterEach(async () => {
  await kubelet?.stop();
  await h.stop();
});

const start = async (registration: NodeRegistration): Promise<void> => {
  kubelet = await startKubelet({ ...kubeletOptions(h), nodes: 1, nodeName: 'mine', registration });
};
const node = () => h.api.store.find(refs.nodes, '', 'mine') as Record<string, unknown> | undefined;

describe('a node of its own name', () => {
  it('is what a person says of it', async () => {
    await start({
      internalIp: '192.0.2.7',
      labels: { tier: 'one', 'kubernetes.io/os': 'windows' },
      taints: [{ key: 'dedicated', value: 'web', effect: 'NoSchedule' }],
      unschedulable: true,
      providerId: 'reckon://7',
      maxPods: 7,
    });
    await eventually(() => {
      expect(node()).toMatchObject({
        metadata: { labels: { tier: 'one', 'kubernetes.io/os': 'windows', 'kubernetes.io/hostname': 'mine' } },
        spec: {
          taints: [{ key: 'dedicated', value: 'web', effect: 'NoSchedule' }],
          unschedulable: true,
          providerID: 'reckon://7',
        },
        status: {
          addresses: [
            { type: 'InternalIP', address: '192.0.2.7' },
            { type: 'Hostname', address: 'mine' },
          ],
          capacity: { pods: '7' },
          allocatable: { pods: '7' },
        },
      });
    });
  });

  it('declares the features of a kubelet of v1.36', async () => {
    await start({});
    await eventually(() => {
      expect(node()).toMatchObject({
        status: {
          declaredFeatures: [
            'ExtendWebSocketsToKubelet',
            'InPlacePodLevelResourcesVerticalScaling',
            'InPlacePodVerticalScalingInitContainers',
            'RestartAllContainersOnContainerExits',
          ],
        },
      });
    });
  });

  it('waits for somebody else to make it', async () => {
    await start({ isMade: false });
    for (let i = 0; i < 5; i++) await time.advance(1_000);
    expect(node()).toBeUndefined();
    h.api.store.put(refs.nodes, { metadata: { name: 'mine', labels: { made: 'elsewhere' } } });
    await eventually(async () => {
      await time.advance(1_000);
      expect(node()).toMatchObject({
        metadata: { labels: { made: 'elsewhere' } },
        status: { conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready' })]) as unknown },
      });
    });
    expect(h.api.requests.filter(({ method, path }) => method === 'POST' && path === '/api/v1/nodes')).toEqual([]);
  });
});

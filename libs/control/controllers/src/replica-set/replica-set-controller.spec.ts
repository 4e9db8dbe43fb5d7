import { type KubeObject, controllerOf, statusErrors } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { fakeClock } from '@reckon/kernel';
import { type ClientHarness, eventually, startClientHarness } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Pod,
  podTemplate,
  readyPod,
  runPods,
  startControllersForTest,
  testOptions,
} from '../testing/controller-test.suite';
import { replicaSetController } from './replica-set-controller';
import type { ReplicaOwner } from './replica-kind';

let harness: ClientHarness;
afterEach(() => harness.stop());

const start = async (options: Parameters<typeof startControllersForTest>[1] = {}): Promise<void> => {
  harness = await startControllersForTest([replicaSetController], options);
};
const webSet = (replicas: number, spec: object = {}): Parameters<ClientHarness['api']['store']['create']>[2] => ({
  metadata: { name: 'web' },
  spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: podTemplate('web:1'), ...spec },
});
const create = (replicas: number, spec: object = {}): KubeObject =>
  harness.api.store.create(refs.replicaSets, 'default', webSet(replicas, spec));
const pods = (): Pod[] => harness.api.store.list(refs.pods, 'default');
const set = (): ReplicaOwner => harness.api.store.get(refs.replicaSets, 'default', 'web');
const scaleTo = (replicas: number): void => {
  harness.api.store.update(refs.replicaSets, 'default', { ...set(), spec: { ...set().spec, replicas } });
};
const eventTexts = (): string[] =>
  harness.api.store
    .list(refs.events, 'default')
    .map((e) => `${String(e['type'])} ${String(e['reason'])} ${String(e['message'])}`);

describe('the ReplicaSet controller', () => {
  it('makes as many pods as are wanted and tells so in status and Events', async () => {
    await start();
    runPods(harness);
    create(3);
    await eventually(() => {
      expect(set().status).toMatchObject({
        replicas: 3,
        readyReplicas: 3,
        availableReplicas: 3,
        fullyLabeledReplicas: 3,
        observedGeneration: 1,
        terminatingReplicas: 0,
      });
    });
    const [pod] = pods();
    expect(pod).toMatchObject({ metadata: { labels: { app: 'web' } }, spec: { containers: [{ image: 'web:1' }] } });
    expect(pod?.metadata.name).toMatch(/^web-[a-z0-9]{5}$/);
    expect(controllerOf(pod!)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      name: 'web',
      uid: set().metadata.uid,
      controller: true,
      blockOwnerDeletion: true,
    });
    await eventually(() => {
      expect(eventTexts().sort()).toEqual(
        pods()
          .map((p) => `Normal SuccessfulCreate Created pod: ${p.metadata.name ?? ''}`)
          .sort(),
      );
    });
  });

  it('scales down, the pods that are not ready first', async () => {
    await start();
    let made = 0;
    runPods(harness, () => made++ >= 2);
    create(5);
    await eventually(() => {
      expect(set().status).toMatchObject({ replicas: 5, readyReplicas: 2 });
    });
    const ready = pods()
      .filter((p) => p.status?.phase === 'Running')
      .map((p) => p.metadata.name);
    scaleTo(2);
    await eventually(() => {
      expect(set().status).toMatchObject({ replicas: 2, readyReplicas: 2, observedGeneration: 2 });
    });
    expect(pods().map((p) => p.metadata.name)).toEqual(ready);
    await eventually(() => {
      expect(eventTexts().filter((t) => t.startsWith('Normal SuccessfulDelete Deleted pod: web-'))).toHaveLength(3);
    });
  });

  it('replaces pods that are deleted or have ended', async () => {
    await start();
    runPods(harness);
    create(3);
    await eventually(() => {
      expect(set().status?.readyReplicas).toBe(3);
    });
    const [first, second] = pods();
    harness.api.store.delete(refs.pods, 'default', first?.metadata.name ?? '');
    harness.api.store.put(refs.pods, { ...second!, status: { phase: 'Failed' } });
    await eventually(() => {
      expect(set().status).toMatchObject({ replicas: 3, readyReplicas: 3 });
      expect(pods()).toHaveLength(4);
    });
  });

  it('neither makes nor deletes too many while its cache does not show what it did', async () => {
    await start();
    harness.api.holdWatches(true, 'pods');
    const count = (method: string): number =>
      harness.api.requests.filter((r) => r.method === method && r.path.includes('/pods')).length;
    /** Every write of a ReplicaSet makes the controller look again, at a cache that shows the pods of before. */
    const touch = async (): Promise<void> => {
      for (let i = 0; i < 5; i++) {
        harness.api.store.update(refs.replicaSets, 'default', {
          ...set(),
          metadata: { ...set().metadata, labels: { n: String(harness.api.store.revision) } },
        });
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    create(6);
    await eventually(() => {
      expect(pods()).toHaveLength(6);
    });
    await touch();
    expect(count('POST')).toBe(6);
    harness.api.holdWatches(false, 'pods');
    await eventually(() => {
      expect(set().status?.replicas).toBe(6);
    });

    harness.api.holdWatches(true, 'pods');
    scaleTo(4);
    await eventually(() => {
      expect(pods()).toHaveLength(4);
    });
    await touch();
    expect(count('DELETE')).toBe(2);
    harness.api.holdWatches(false, 'pods');
    await eventually(() => {
      expect(set().status?.replicas).toBe(4);
    });
    expect([count('POST'), count('DELETE')]).toEqual([6, 2]);
  });

  it('adopts orphans that it selects and lets go what it no longer selects', async () => {
    await start({
      prepare: ({ api }) => {
        api.store.create(refs.pods, 'default', { metadata: { name: 'stray', labels: { app: 'web' } } });
      },
    });
    create(2);
    await eventually(() => {
      expect(pods()).toHaveLength(2);
      expect(pods().every((p) => controllerOf(p)?.uid === set().metadata.uid)).toBe(true);
    });
    const stray = harness.api.store.get(refs.pods, 'default', 'stray');
    harness.api.store.put(refs.pods, { ...stray, metadata: { ...stray.metadata, labels: { app: 'other' } } });
    await eventually(() => {
      expect(controllerOf(harness.api.store.get(refs.pods, 'default', 'stray'))).toBeUndefined();
      expect(pods()).toHaveLength(3);
    });
  });

  it('does not adopt what another controls', async () => {
    await start({
      prepare: ({ api }) => {
        api.store.create(refs.pods, 'default', {
          metadata: {
            name: 'theirs',
            labels: { app: 'web' },
            ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'x', controller: true }],
          },
        });
      },
    });
    create(1);
    await eventually(() => {
      expect(set().status?.replicas).toBe(1);
    });
    expect(pods()).toHaveLength(2);
  });

  it('says in a condition and an Event why it cannot make pods, tries few, and goes on when it can', async () => {
    await start();
    harness.api.refuse(({ method, path }) =>
      method === 'POST' && path.endsWith('/pods')
        ? statusErrors.forbidden({ group: '', resource: 'pods' }, 'web-x', 'exceeded quota: q')
        : undefined,
    );
    create(100);
    await eventually(() => {
      expect(set().status?.conditions).toEqual([
        expect.objectContaining({
          type: 'ReplicaFailure',
          status: 'True',
          reason: 'FailedCreate',
          message: 'pods "web-x" is forbidden: exceeded quota: q',
        }),
      ]);
      expect(eventTexts()).toContain(
        'Warning FailedCreate Error creating: pods "web-x" is forbidden: exceeded quota: q',
      );
    });
    expect(harness.api.requests.filter((r) => r.path.endsWith('/pods') && r.method === 'POST').length).toBeLessThan(15);
    harness.api.refuse(undefined);
    await eventually(() => {
      expect(pods()).toHaveLength(100);
      expect(set().status?.conditions ?? []).toEqual([]);
    });
  });

  it('counts a pod as available when it has been ready for minReadySeconds', async () => {
    const time = fakeClock();
    await start({ time });
    create(1, { minReadySeconds: 30 });
    await eventually(() => {
      expect(pods()).toHaveLength(1);
    });
    harness.api.store.put(refs.pods, readyPod(pods()[0]!, time.nowMs()));
    await eventually(() => {
      expect(set().status?.readyReplicas).toBe(1);
    });
    await time.advance(29_000);
    expect(set().status?.availableReplicas).toBeUndefined();
    await time.advance(2_000);
    await eventually(() => {
      expect(set().status?.availableReplicas).toBe(1);
    });
  });

  it('counts pods that are on their way out apart, and replaces them', async () => {
    await start();
    create(1);
    await eventually(() => {
      expect(pods()).toHaveLength(1);
    });
    const pod = pods()[0]!;
    harness.api.store.put(refs.pods, { ...readyPod(pod, 0), spec: { ...pod.spec!, nodeName: 'a' } });
    harness.api.store.delete(refs.pods, 'default', pod.metadata.name ?? '');
    await eventually(() => {
      expect(set().status).toMatchObject({ replicas: 1, terminatingReplicas: 1 });
    });
    expect(pods()).toHaveLength(2);
  });

  it('makes nothing when it is being deleted', async () => {
    await start({
      prepare: ({ api }) => {
        api.store.put(refs.replicaSets, {
          ...webSet(3),
          metadata: {
            name: 'web',
            namespace: 'default',
            deletionTimestamp: '2026-01-01T00:00:00Z',
            finalizers: ['foregroundDeletion'],
          },
        });
      },
    });
    await eventually(() => {
      expect(set().status?.observedGeneration).toBe(1);
    });
    expect(pods()).toEqual([]);
  });

  it('makes a thousand pods in a few seconds', async () => {
    await start();
    runPods(harness);
    create(1000);
    await eventually(
      () => {
        expect(set().status?.availableReplicas).toBe(1000);
      },
      { withinMs: 20_000 },
    );
    expect(pods()).toHaveLength(1000);
    expect(harness.api.requests.filter((r) => r.method === 'POST' && r.path.endsWith('/pods'))).toHaveLength(1000);
  });

  /** Another may have its lease as soon as it says that it has stopped. */
  it.each([
    { type: 'ADDED', method: 'POST', there: 0, wanted: 1000 },
    { type: 'DELETED', method: 'DELETE', there: 300, wanted: 0 },
  ])('begins no further $method once it is told to stop, however many there are to do', async (work) => {
    harness = await startClientHarness();
    const { api } = harness;
    const set = create(work.wanted);
    const reference = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: set.metadata.uid ?? '' };
    for (let i = 0; i < work.there; i++)
      api.store.create(refs.pods, 'default', {
        metadata: {
          name: `p${String(i)}`,
          labels: { app: 'web' },
          ownerReferences: [{ ...reference, controller: true }],
        },
      });
    const running = replicaSetController.start({ ...harness, options: testOptions });
    const asked = (): number => api.requests.filter((r) => r.method === work.method && r.path.includes('/pods')).length;
    let done = 0;
    const askedAtStop = new Promise<number>((resolve) => {
      api.store.subscribe(({ type, ref }) => {
        if (ref.kind !== 'Pod' || type !== work.type || ++done !== 70) return;
        resolve(asked());
        void running.stop();
      });
    });
    harness.informers.start();
    const before = await askedAtStop;
    await running.stop();
    const after = asked();
    expect(after - before).toBeLessThanOrEqual(64);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([asked(), done]).toEqual([after, after]);
  });
});

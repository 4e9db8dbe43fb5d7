import { type KubeObject, controllerOf, statusErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { refs } from '@reckon/client/rest';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { replicaSetController } from '../replica-set/replica-set-controller';
import { type Pod, podTemplate, readyPod, runPods, startControllersForTest } from '../testing/controller-test.suite';
import { replicationController } from './replication-controller';

type ReplicationController = corev1.ReplicationController & KubeObject;

let harness: ClientHarness;
afterEach(() => harness.stop());

const start = async (options: Parameters<typeof startControllersForTest>[1] = {}): Promise<void> => {
  harness = await startControllersForTest([replicationController, replicaSetController], options);
};
const create = (replicas: number, spec: object = {}): KubeObject =>
  harness.api.store.create(refs.replicationControllers, 'default', {
    metadata: { name: 'web' },
    spec: { replicas, selector: { app: 'web' }, template: podTemplate('web:1'), ...spec },
  });
const pods = (): Pod[] => harness.api.store.list(refs.pods, 'default');
const controller = (): ReplicationController => harness.api.store.get(refs.replicationControllers, 'default', 'web');
const update = (spec: object): void => {
  harness.api.store.update(refs.replicationControllers, 'default', {
    ...controller(),
    spec: { ...controller().spec, ...spec },
  });
};
const lonely = (name: string, labels: Record<string, string>): Pod => ({ metadata: { name, labels } });

describe('the ReplicationController controller', () => {
  it('makes as many pods as are wanted, and tells so under its own name', async () => {
    await start();
    runPods(harness);
    create(3);
    await eventually(() => {
      expect(controller().status).toEqual({
        replicas: 3,
        fullyLabeledReplicas: 3,
        readyReplicas: 3,
        availableReplicas: 3,
        observedGeneration: 1,
      });
    });
    const [pod] = pods();
    expect(pod?.metadata.name).toMatch(/^web-[a-z0-9]{5}$/);
    expect(controllerOf(pod!)).toEqual({
      apiVersion: 'v1',
      kind: 'ReplicationController',
      name: 'web',
      uid: controller().metadata.uid,
      controller: true,
      blockOwnerDeletion: true,
    });
    await eventually(() => {
      const events = harness.api.store.list(refs.events, 'default') as (corev1.Event & KubeObject)[];
      expect(events).toHaveLength(3);
      expect(events[0]).toMatchObject({
        type: 'Normal',
        reason: 'SuccessfulCreate',
        source: { component: 'replication-controller' },
        involvedObject: { kind: 'ReplicationController', apiVersion: 'v1', name: 'web' },
      });
      expect(events.map((e) => e.message).sort()).toEqual(
        pods()
          .map((p) => `Created pod: ${p.metadata.name ?? ''}`)
          .sort(),
      );
    });
  });

  it('scales down', async () => {
    await start();
    runPods(harness);
    create(4);
    await eventually(() => {
      expect(controller().status).toMatchObject({ replicas: 4, readyReplicas: 4 });
    });
    update({ replicas: 1 });
    await eventually(() => {
      expect(controller().status).toMatchObject({ replicas: 1, readyReplicas: 1, observedGeneration: 2 });
    });
    await eventually(() => {
      const texts = harness.api.store.list(refs.events, 'default').map((e) => String(e['message']));
      expect(texts.filter((text) => text.startsWith('Deleted pod: web-'))).toHaveLength(3);
    });
  });

  it('adopts pods that it selects and nobody controls, and lets go those that it no longer selects', async () => {
    await start({
      prepare: ({ api }) => {
        api.store.create(refs.pods, 'default', lonely('orphan', { app: 'web' }));
        api.store.create(refs.pods, 'default', lonely('stranger', { app: 'db' }));
      },
    });
    create(1);
    const orphan = (): Pod => harness.api.store.get(refs.pods, 'default', 'orphan');
    await eventually(() => {
      expect(controllerOf(orphan())?.uid).toBe(controller().metadata.uid);
    });
    expect(pods()).toHaveLength(2);
    harness.api.store.put(refs.pods, { ...orphan(), metadata: { ...orphan().metadata, labels: { app: 'other' } } });
    await eventually(() => {
      expect(controllerOf(orphan())).toBeUndefined();
      expect(pods()).toHaveLength(3);
    });
    expect(controllerOf(harness.api.store.get(refs.pods, 'default', 'stranger'))).toBeUndefined();
  });

  it('reports why it cannot make pods', async () => {
    await start({
      prepare: ({ api }) => {
        api.refuse(({ method, path }) =>
          method === 'POST' && path.endsWith('/pods')
            ? statusErrors.forbidden({ group: '', resource: 'pods' }, '', 'exceeded quota: q')
            : undefined,
        );
      },
    });
    create(1);
    await eventually(() => {
      expect(controller().status?.conditions).toMatchObject([
        {
          type: 'ReplicaFailure',
          status: 'True',
          reason: 'FailedCreate',
          message: 'pods is forbidden: exceeded quota: q',
        },
      ]);
    });
  });

  it('does not touch the pods of a ReplicaSet of the same name', async () => {
    await start();
    harness.api.store.create(refs.replicaSets, 'default', {
      metadata: { name: 'web' },
      spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template: podTemplate('web:1') },
    });
    await eventually(() => {
      expect(pods()).toHaveLength(2);
    });
    create(1);
    await eventually(() => {
      expect(controller().status).toMatchObject({ replicas: 1 });
    });
    const kinds = pods().map((pod) => controllerOf(pod)?.kind);
    expect(kinds.sort()).toEqual(['ReplicaSet', 'ReplicaSet', 'ReplicationController']);
  });

  it('replaces a pod that ended, and says nothing of those on their way out', async () => {
    await start();
    runPods(harness);
    create(1);
    await eventually(() => {
      expect(controller().status).toMatchObject({ readyReplicas: 1 });
    });
    const [pod] = pods();
    harness.api.store.put(refs.pods, { ...readyPod(pod!, 0), status: { phase: 'Failed' } });
    await eventually(() => {
      expect(pods()).toHaveLength(2);
      expect(controller().status).toMatchObject({ replicas: 1, readyReplicas: 1 });
    });
    expect(controller().status).not.toHaveProperty('terminatingReplicas');
  });
});

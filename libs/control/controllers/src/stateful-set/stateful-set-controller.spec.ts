import { type KubeObject, controllerOf, statusErrors } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { fakeClock } from '@reckon/kernel';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import type { ControllerRevision } from '../controller-history/revision';
import { type Pod, podTemplate, readyPod, runPods, startControllersForTest } from '../testing/controller-test.suite';
import type { Claim, StatefulSet } from './stateful-set';
import { statefulSetController } from './stateful-set-controller';

let harness: ClientHarness;
afterEach(() => harness.stop());

type Spec = NonNullable<StatefulSet['spec']>;

const start = async (options: Parameters<typeof startControllersForTest>[1] = {}): Promise<void> => {
  harness = await startControllersForTest([statefulSetController], options);
};
const setOf = (replicas: number, spec: Partial<Spec> = {}): { metadata: { name: string }; spec: Spec } => ({
  metadata: { name: 'web' },
  spec: {
    replicas,
    serviceName: 'nginx',
    selector: { matchLabels: { app: 'web' } },
    template: podTemplate('web:1'),
    podManagementPolicy: 'OrderedReady',
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    revisionHistoryLimit: 10,
    ...spec,
  },
});
const create = (replicas: number, spec: Partial<Spec> = {}): KubeObject =>
  harness.api.store.create(refs.statefulSets, 'default', setOf(replicas, spec));
const web = (): StatefulSet => harness.api.store.get(refs.statefulSets, 'default', 'web');
const change = (spec: Partial<Spec>): void => {
  harness.api.store.update(refs.statefulSets, 'default', { ...web(), spec: { ...web().spec!, ...spec } });
};
const pods = (): Pod[] => harness.api.store.list(refs.pods, 'default');
const pod = (name: string): Pod => harness.api.store.get(refs.pods, 'default', name);
const podNames = (): (string | undefined)[] => pods().map((p) => p.metadata.name);
const images = (): (string | undefined)[] => pods().map((p) => p.spec?.containers[0]?.image);
const claims = (): Claim[] => harness.api.store.list(refs.persistentVolumeClaims, 'default');
const revisions = (): ControllerRevision[] =>
  harness.api.store.list(refs.controllerRevisions, 'default') as ControllerRevision[];
const eventTexts = (): string[] =>
  harness.api.store
    .list(refs.events, 'default')
    .map((e) => `${String(e['type'])} ${String(e['reason'])} ${String(e['message'])}`);
const makeReady = (name: string): void => {
  harness.api.store.put(refs.pods, readyPod(pod(name), harness.clock.nowMs()));
};
const settled = async (replicas: number): Promise<void> => {
  await eventually(() => {
    expect(web().status).toMatchObject({
      observedGeneration: web().metadata.generation,
      replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      currentReplicas: replicas,
      updatedReplicas: replicas,
    });
    expect(web().status?.currentRevision).toBe(web().status?.updateRevision);
  });
};
const data: Claim = {
  metadata: { name: 'data', labels: { kept: 'yes' } },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};
const deletedInOrder = (): string[] => {
  const names: string[] = [];
  harness.api.store.subscribe(({ type, ref, object }) => {
    if (type === 'DELETED' && ref.kind === 'Pod') names.push(object.metadata.name ?? '');
  });
  return names;
};
/** As if its kubelet ran it: it goes only when the kubelet says so. */
const bind = (name: string): void => {
  const bound = pod(name);
  harness.api.store.put(refs.pods, { ...bound, spec: { ...bound.spec!, nodeName: 'a' } });
};

describe('the StatefulSet controller', () => {
  it('makes the pods one after the other, each with its name, host, labels and claims', async () => {
    await start();
    create(2, { volumeClaimTemplates: [data] });
    await eventually(() => {
      expect(podNames()).toEqual(['web-0']);
      expect(web().status).toMatchObject({ replicas: 1, currentReplicas: 1, updatedReplicas: 1, availableReplicas: 0 });
    });
    makeReady('web-0');
    await eventually(() => {
      expect(podNames()).toEqual(['web-0', 'web-1']);
    });
    makeReady('web-1');
    await settled(2);
    const [revision] = revisions();
    const hash = revision?.metadata.labels?.['controller.kubernetes.io/hash'] ?? '';
    expect(revision).toMatchObject({
      metadata: {
        name: `web-${hash}`,
        labels: { app: 'web' },
        ownerReferences: [{ kind: 'StatefulSet', name: 'web' }],
      },
      revision: 1,
      data: { spec: { template: { $patch: 'replace', ...podTemplate('web:1') } } },
    });
    expect(web().status).toEqual({
      observedGeneration: 1,
      replicas: 2,
      readyReplicas: 2,
      currentReplicas: 2,
      updatedReplicas: 2,
      availableReplicas: 2,
      currentRevision: `web-${hash}`,
      updateRevision: `web-${hash}`,
      collisionCount: 0,
    });
    expect(pod('web-1')).toMatchObject({
      metadata: {
        generateName: 'web-',
        labels: {
          app: 'web',
          'statefulset.kubernetes.io/pod-name': 'web-1',
          'apps.kubernetes.io/pod-index': '1',
          'controller-revision-hash': `web-${hash}`,
        },
      },
      spec: {
        hostname: 'web-1',
        subdomain: 'nginx',
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-web-1' } }],
      },
    });
    expect(controllerOf(pod('web-1'))).toMatchObject({ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web' });
    expect(claims().map(({ metadata }) => metadata)).toMatchObject([
      { name: 'data-web-0', labels: { kept: 'yes', app: 'web' } },
      { name: 'data-web-1' },
    ]);
    expect(claims().every(({ metadata }) => metadata.ownerReferences === undefined)).toBe(true);
    await eventually(() => {
      expect(eventTexts().sort()).toEqual([
        'Normal SuccessfulCreate create Claim data-web-0 Pod web-0 in StatefulSet web success',
        'Normal SuccessfulCreate create Claim data-web-1 Pod web-1 in StatefulSet web success',
        'Normal SuccessfulCreate create Pod web-0 in StatefulSet web successful',
        'Normal SuccessfulCreate create Pod web-1 in StatefulSet web successful',
      ]);
    });
  });

  it('makes them all at once if it may', async () => {
    await start();
    create(12, { podManagementPolicy: 'Parallel' });
    await eventually(() => {
      expect(pods()).toHaveLength(12);
      expect(web().status).toMatchObject({ replicas: 12, updatedReplicas: 12 });
    });
    expect(web().status?.readyReplicas).toBeUndefined();
  });

  it('writes the status of a set of no pods', async () => {
    await start();
    create(0);
    await eventually(() => {
      const { name } = revisions()[0]!.metadata;
      expect(web().status).toEqual({
        observedGeneration: 1,
        replicas: 0,
        currentRevision: name,
        updateRevision: name,
        collisionCount: 0,
        availableReplicas: 0,
      });
    });
  });

  it('makes no pod while one before it is not ready, and scales down from the last, one at a time', async () => {
    await start();
    runPods(harness);
    create(4);
    await settled(4);
    const deleted = deletedInOrder();
    bind('web-3');
    change({ replicas: 1 });
    await eventually(() => {
      expect(pod('web-3').metadata.deletionTimestamp).toBeDefined();
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(deleted).toEqual([]);
    harness.api.store.delete(refs.pods, 'default', 'web-3', { gracePeriodSeconds: 0 });
    await settled(1);
    expect(deleted).toEqual(['web-3', 'web-2', 'web-1']);
    await eventually(() => {
      expect(eventTexts()).toContain('Normal SuccessfulDelete delete Pod web-2 in StatefulSet web successful');
    });
  });

  it('rolls out a new template from the last pod down to the partition', async () => {
    await start();
    runPods(harness);
    create(4, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } });
    await settled(4);
    const old = web().status?.currentRevision;
    const deleted = deletedInOrder();
    change({ template: podTemplate('web:2') });
    await eventually(() => {
      expect(images()).toEqual(['web:1', 'web:1', 'web:2', 'web:2']);
      expect(web().status).toMatchObject({ currentReplicas: 2, updatedReplicas: 2, readyReplicas: 4 });
    });
    expect(deleted).toEqual(['web-3', 'web-2']);
    expect(web().status?.currentRevision).toBe(old);
    expect(web().status?.updateRevision).not.toBe(old);

    // Below the partition a pod that goes comes back as it was.
    harness.api.store.delete(refs.pods, 'default', 'web-0');
    await eventually(() => {
      expect(pod('web-0').spec?.containers[0]?.image).toBe('web:1');
      expect(web().status?.readyReplicas).toBe(4);
    });
    change({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } });
    await settled(4);
    expect(images()).toEqual(['web:2', 'web:2', 'web:2', 'web:2']);
    expect(deleted).toEqual(['web-3', 'web-2', 'web-0', 'web-1', 'web-0']);
  });

  it('waits in a rollout until the pod that it replaced is ready', async () => {
    await start();
    runPods(harness, (p) => p.spec?.containers[0]?.image === 'web:broken');
    create(3);
    await settled(3);
    change({ template: podTemplate('web:broken') });
    await eventually(() => {
      expect(images()).toEqual(['web:1', 'web:1', 'web:broken']);
      expect(web().status).toMatchObject({ updatedReplicas: 1, readyReplicas: 2, currentReplicas: 2 });
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(images()).toEqual(['web:1', 'web:1', 'web:broken']);
  });

  it('replaces pods only when somebody deletes them, if that is the strategy', async () => {
    await start();
    runPods(harness);
    create(2, { updateStrategy: { type: 'OnDelete' } });
    await eventually(() => {
      expect(web().status?.readyReplicas).toBe(2);
    });
    change({ template: podTemplate('web:2') });
    await eventually(() => {
      expect(web().status).toMatchObject({ observedGeneration: 2, currentReplicas: 2 });
    });
    expect(images()).toEqual(['web:1', 'web:1']);
    harness.api.store.delete(refs.pods, 'default', 'web-0');
    await eventually(() => {
      expect(images()).toEqual(['web:2', 'web:1']);
    });
  });

  it('makes an old revision the newest when its template comes back, and forgets those over the limit', async () => {
    await start();
    create(0, { revisionHistoryLimit: 1 });
    const numbers = (): number[] =>
      revisions()
        .map((r) => r.revision)
        .sort();
    for (const [image, expected] of [
      ['web:2', [1, 2]],
      ['web:1', [2, 3]],
      ['web:3', [3, 4]],
      ['web:4', [4, 5]],
    ] as const) {
      await eventually(() => {
        expect(web().status?.observedGeneration).toBe(web().metadata.generation);
      });
      change({ template: podTemplate(image) });
      await eventually(() => {
        expect(numbers()).toEqual(expected);
      });
    }
  });

  it('counts a name that another template has, and takes the next', async () => {
    await start();
    create(0);
    await eventually(() => {
      expect(revisions()).toHaveLength(1);
    });
    const [revision] = revisions();
    await harness.stop();
    await start({
      prepare: ({ api }) => {
        api.store.put(refs.controllerRevisions, {
          metadata: { name: revision!.metadata.name!, namespace: 'default' },
          data: { other: true },
          revision: 1,
        });
      },
    });
    create(0);
    await eventually(() => {
      expect(web().status?.collisionCount).toBe(1);
    });
    expect(web().status?.updateRevision).not.toBe(revision?.metadata.name);
  });

  it('gives claims the owners with whom they shall go', async () => {
    await start();
    runPods(harness);
    const policy = (whenDeleted: string, whenScaled: string): Partial<Spec> => ({
      persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled },
    });
    create(2, { volumeClaimTemplates: [data], ...policy('Delete', 'Delete') });
    await settled(2);
    const owners = (): string[] =>
      claims().map(({ metadata }) =>
        (metadata.ownerReferences ?? []).map((r) => `${r.kind} ${String(r.controller)}`).join(),
      );
    expect(owners()).toEqual(['StatefulSet true', 'StatefulSet true']);
    change(policy('Retain', 'Delete'));
    await eventually(() => {
      expect(owners()).toEqual(['', '']);
    });
    const last = pod('web-1').metadata.uid;
    bind('web-1');
    change({ replicas: 1 });
    await eventually(() => {
      expect(owners()).toEqual(['', 'Pod true']);
      expect(pod('web-1').metadata.deletionTimestamp).toBeDefined();
    });
    // The pod is gone, its claim not yet collected: a new pod of the number has to wait for that.
    harness.api.store.delete(refs.pods, 'default', 'web-1', { gracePeriodSeconds: 0 });
    change({ replicas: 2 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(podNames()).toEqual(['web-0']);
    harness.api.store.delete(refs.persistentVolumeClaims, 'default', 'data-web-1');
    await settled(2);
    expect(pod('web-1').metadata.uid).not.toBe(last);
    expect(owners()).toEqual(['', '']);
  });

  it('leaves a claim alone that another controls', async () => {
    await start({
      prepare: ({ api }) => {
        api.store.create(refs.persistentVolumeClaims, 'default', {
          metadata: {
            name: 'data-web-0',
            ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'x', controller: true }],
          },
        });
      },
    });
    runPods(harness);
    create(1, {
      volumeClaimTemplates: [data],
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
    });
    await settled(1);
    expect(claims()[0]?.metadata.ownerReferences).toMatchObject([{ kind: 'X' }]);
  });

  it('counts its pods from the first ordinal, and moves with it', async () => {
    await start();
    runPods(harness);
    create(2, { ordinals: { start: 5 } });
    await settled(2);
    expect(podNames()).toEqual(['web-5', 'web-6']);
    change({ ordinals: { start: 6 } });
    await eventually(() => {
      expect(podNames()).toEqual(['web-6', 'web-7']);
    });
    await settled(2);
  });

  it('goes on when a pod has been ready for minReadySeconds', async () => {
    const time = fakeClock();
    await start({ time });
    create(2, { minReadySeconds: 30 });
    await eventually(() => {
      expect(podNames()).toEqual(['web-0']);
    });
    makeReady('web-0');
    await eventually(() => {
      expect(web().status?.readyReplicas).toBe(1);
    });
    await time.advance(29_000);
    expect(web().status?.availableReplicas).toBe(0);
    expect(podNames()).toEqual(['web-0']);
    await time.advance(2_000);
    await eventually(() => {
      expect(web().status?.availableReplicas).toBe(1);
      expect(podNames()).toEqual(['web-0', 'web-1']);
    });
  });

  it('replaces pods that have ended, well or not', async () => {
    await start();
    runPods(harness);
    create(2);
    await settled(2);
    const before = pods().map((p) => p.metadata.uid);
    harness.api.store.put(refs.pods, { ...pod('web-0'), status: { phase: 'Failed' } });
    harness.api.store.put(refs.pods, { ...pod('web-1'), status: { phase: 'Succeeded' } });
    await eventually(() => {
      expect(pods().map((p) => p.metadata.uid)).not.toContain(before[0]);
      expect(pods().map((p) => p.metadata.uid)).not.toContain(before[1]);
    });
    await settled(2);
  });

  it('adopts a pod of one of its names and tells it who it is, but none of another name', async () => {
    await start({
      prepare: ({ api }) => {
        for (const name of ['web-0', 'other-0'])
          api.store.create(refs.pods, 'default', { metadata: { name, labels: { app: 'web' } } });
      },
    });
    makeReady('web-0');
    create(1);
    await eventually(() => {
      expect(pod('web-0').metadata.labels).toMatchObject({
        'statefulset.kubernetes.io/pod-name': 'web-0',
        'apps.kubernetes.io/pod-index': '0',
      });
    });
    expect(controllerOf(pod('web-0'))?.name).toBe('web');
    expect(controllerOf(pod('other-0'))).toBeUndefined();
  });

  it('says why it cannot make a claim or a pod, and goes on when it can', async () => {
    await start();
    runPods(harness);
    harness.api.refuse(({ method, path }) =>
      method === 'POST' && path.endsWith('/persistentvolumeclaims')
        ? statusErrors.forbidden({ group: '', resource: 'persistentvolumeclaims' }, 'data-web-0', 'quota')
        : undefined,
    );
    create(1, { volumeClaimTemplates: [data] });
    const refusal = 'persistentvolumeclaims "data-web-0" is forbidden: quota';
    await eventually(() => {
      expect(eventTexts()).toEqual(
        expect.arrayContaining([
          `Warning FailedCreate create Claim data-web-0 for Pod web-0 in StatefulSet web failed error: ${refusal}`,
          `Warning FailedCreate create Pod web-0 in StatefulSet web failed error: failed to create PVC data-web-0: ${refusal}`,
        ]),
      );
      expect(web().status?.observedGeneration).toBe(1);
    });
    harness.api.refuse(undefined);
    await settled(1);
  });

  it('neither makes nor deletes twice while its cache does not show what it did', async () => {
    await start();
    runPods(harness);
    create(2, { podManagementPolicy: 'Parallel' });
    await settled(2);
    const count = (method: string): number =>
      harness.api.requests.filter((r) => r.method === method && r.path.includes('/pods')).length;
    harness.api.holdWatches(true, 'pods');
    change({ template: podTemplate('web:2') });
    await eventually(() => {
      expect(podNames()).toEqual(['web-0']);
    });
    for (let i = 0; i < 5; i++) {
      harness.api.store.update(refs.statefulSets, 'default', {
        ...web(),
        metadata: { ...web().metadata, labels: { n: String(i) } },
      });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect([count('POST'), count('DELETE')]).toEqual([2, 1]);
    harness.api.holdWatches(false, 'pods');
    await settled(2);
    expect([count('POST'), count('DELETE')]).toEqual([4, 2]);
  });

  it('makes nothing when it is being deleted, but tells what there is as long as it has its history', async () => {
    const put = ({ api }: ClientHarness): void => {
      const { metadata } = api.store.put(refs.statefulSets, {
        ...setOf(3),
        metadata: {
          name: 'web',
          namespace: 'default',
          deletionTimestamp: '2026-01-01T00:00:00Z',
          finalizers: ['foregroundDeletion'],
        },
      });
      const owner = {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        name: 'web',
        uid: metadata.uid ?? '',
        controller: true,
      };
      const owned = { labels: { app: 'web' }, ownerReferences: [owner] };
      api.store.create(refs.controllerRevisions, 'default', {
        metadata: { name: 'web-a', ...owned },
        data: { spec: { template: { ...podTemplate('web:1'), $patch: 'replace' } } },
        revision: 1,
      });
      api.store.create(refs.pods, 'default', { metadata: { name: 'web-1', ...owned } });
    };
    await start({ prepare: put });
    await eventually(() => {
      expect(web().status).toMatchObject({ observedGeneration: 1, replicas: 1, updateRevision: 'web-a' });
    });
    expect(podNames()).toEqual(['web-1']);
    harness.api.store.delete(refs.controllerRevisions, 'default', 'web-a');
    makeReady('web-1');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(revisions()).toEqual([]);
  });
});

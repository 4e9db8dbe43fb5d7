import { type KubeObject, StatusError, controllerOf, failure, statusErrors } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { fakeClock } from '@reckon/kernel';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { replicaSetController } from '../replica-set/replica-set-controller';
import { type Pod, podTemplate, runPods, startControllersForTest } from '../testing/controller-test.suite';
import { conditionOf } from './condition';
import { deploymentController } from './deployment-controller';
import type { Deployment, ReplicaSet } from './rollout';

let harness: ClientHarness;
afterEach(() => harness.stop());

type Spec = NonNullable<Deployment['spec']>;

const start = async (options: Parameters<typeof startControllersForTest>[1] = {}): Promise<void> => {
  harness = await startControllersForTest([deploymentController, replicaSetController], options);
};
const create = (replicas: number, spec: Partial<Spec> = {}): KubeObject =>
  harness.api.store.create(refs.deployments, 'default', {
    metadata: { name: 'web' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: podTemplate('web:1'),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...spec,
    },
  });
const web = (): Deployment => harness.api.store.get(refs.deployments, 'default', 'web');
const change = (spec: Partial<Spec>): void => {
  harness.api.store.update(refs.deployments, 'default', { ...web(), spec: { ...web().spec!, ...spec } });
};
const sets = (): ReplicaSet[] => harness.api.store.list(refs.replicaSets, 'default');
const setOf = (image: string): ReplicaSet =>
  sets().find((s) => s.spec?.template?.spec?.containers?.[0]?.image === image)!;
const pods = (): Pod[] => harness.api.store.list(refs.pods, 'default');
const eventTexts = (): string[] =>
  harness.api.store.list(refs.events, 'default').map((e) => `${String(e['reason'])} ${String(e['message'])}`);
const revisionOf = (object: KubeObject): string | undefined =>
  object.metadata.annotations?.['deployment.kubernetes.io/revision'];
const progressing = () => conditionOf(web().status?.conditions, 'Progressing');
const settled = async (replicas: number, image: string): Promise<void> => {
  await eventually(() => {
    expect(web().status).toMatchObject({
      replicas,
      updatedReplicas: replicas,
      availableReplicas: replicas,
      observedGeneration: web().metadata.generation,
    });
    expect(setOf(image).spec?.replicas).toBe(replicas);
    expect(progressing()?.reason).toBe('NewReplicaSetAvailable');
  });
};

describe('the Deployment controller', () => {
  it('rolls out a first ReplicaSet and says so', async () => {
    await start();
    runPods(harness);
    create(3);
    await settled(3, 'web:1');
    const [set] = sets();
    const hash = set?.metadata.labels?.['pod-template-hash'] ?? '';
    expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]+$/);
    expect(set).toMatchObject({
      metadata: {
        name: `web-${hash}`,
        labels: { app: 'web', 'pod-template-hash': hash },
        annotations: {
          'deployment.kubernetes.io/revision': '1',
          'deployment.kubernetes.io/desired-replicas': '3',
          'deployment.kubernetes.io/max-replicas': '4',
        },
      },
      spec: {
        selector: { matchLabels: { app: 'web', 'pod-template-hash': hash } },
        template: { metadata: { labels: { 'pod-template-hash': hash } } },
      },
    });
    expect(controllerOf(set!)).toMatchObject({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: 'web',
      uid: web().metadata.uid,
    });
    expect(revisionOf(web())).toBe('1');
    expect(web().status).toEqual({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      terminatingReplicas: 0,
      conditions: [
        expect.objectContaining({
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        }),
        expect.objectContaining({
          type: 'Progressing',
          status: 'True',
          reason: 'NewReplicaSetAvailable',
          message: `ReplicaSet "web-${hash}" has successfully progressed.`,
        }),
      ],
    });
    await eventually(() => {
      expect(eventTexts()).toContain(`ScalingReplicaSet Scaled up replica set web-${hash} from 0 to 3`);
    });
  });

  it('says first that it created the ReplicaSet', async () => {
    await start();
    create(2);
    await eventually(() => {
      expect(progressing()).toMatchObject({
        status: 'True',
        reason: expect.stringMatching(/NewReplicaSetCreated|ReplicaSetUpdated/),
      });
    });
    await eventually(() => {
      expect(conditionOf(web().status?.conditions, 'Available')).toMatchObject({
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
      });
      expect(web().status?.unavailableReplicas).toBe(2);
    });
  });

  it('rolls over to a new template within surge and availability', async () => {
    await start();
    runPods(harness);
    create(8);
    await settled(8, 'web:1');
    let [most, leastReady] = [0, 8];
    harness.api.store.subscribe(({ ref }) => {
      if (ref.kind !== 'Pod') return;
      most = Math.max(most, pods().length);
      leastReady = Math.min(leastReady, pods().filter((p) => p.status?.phase === 'Running').length);
    });
    change({ template: podTemplate('web:2') });
    await settled(8, 'web:2');
    expect(setOf('web:1').spec?.replicas).toBe(0);
    expect(most).toBeLessThanOrEqual(10);
    expect(leastReady).toBeGreaterThanOrEqual(6);
    expect([revisionOf(setOf('web:1')), revisionOf(setOf('web:2')), revisionOf(web())]).toEqual(['1', '2', '2']);
  });

  it('takes the old ReplicaSet when the old template comes back, under a new revision', async () => {
    await start();
    runPods(harness);
    create(2);
    await settled(2, 'web:1');
    change({ template: podTemplate('web:2') });
    await settled(2, 'web:2');
    change({ template: podTemplate('web:1') });
    await settled(2, 'web:1');
    expect(sets()).toHaveLength(2);
    expect(revisionOf(web())).toBe('3');
    expect(setOf('web:1').metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
    });
  });

  it('stops a rollout that gets stuck at what may be missing, and says so after the deadline', async () => {
    const time = fakeClock();
    await start({ time });
    runPods(harness, (pod) => pod.spec?.containers?.[0]?.image === 'bad');
    create(4, { progressDeadlineSeconds: 60 });
    await settled(4, 'web:1');
    change({ template: podTemplate('bad') });
    await eventually(() => {
      expect([setOf('web:1').spec?.replicas, setOf('bad').spec?.replicas]).toEqual([3, 2]);
      expect(web().status).toMatchObject({ observedGeneration: 2, updatedReplicas: 2, unavailableReplicas: 2 });
    });
    for (let i = 0; i < 7; i++) await time.advance(10_000);
    await eventually(async () => {
      await time.advance(1000);
      expect(progressing()).toMatchObject({
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
        message: `ReplicaSet "${setOf('bad').metadata.name ?? ''}" has timed out progressing.`,
      });
    });
    expect(conditionOf(web().status?.conditions, 'Available')?.status).toBe('True');
  });

  it('lets everything old go before anything new comes, with Recreate', async () => {
    await start();
    runPods(harness);
    create(3, { strategy: { type: 'Recreate' } });
    await settled(3, 'web:1');
    // One pod needs its time to end.
    const slow = pods()[0]!;
    harness.api.store.put(refs.pods, { ...slow, spec: { ...slow.spec!, nodeName: 'a' } });
    change({ template: podTemplate('web:2') });
    await eventually(() => {
      expect(pods().map((p) => p.metadata.deletionTimestamp !== undefined)).toEqual([true]);
      expect(setOf('web:1').status?.replicas).toBe(0);
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(sets()).toHaveLength(1);
    harness.api.store.delete(refs.pods, 'default', slow.metadata.name ?? '', { gracePeriodSeconds: 0 });
    await settled(3, 'web:2');
  });

  it('scales without a rollout', async () => {
    await start();
    runPods(harness);
    create(2);
    await settled(2, 'web:1');
    change({ replicas: 5 });
    await settled(5, 'web:1');
    change({ replicas: 0 });
    await eventually(() => {
      expect(pods()).toEqual([]);
      expect(web().status).toMatchObject({ observedGeneration: 3, terminatingReplicas: 0 });
      expect(web().status?.replicas).toBeUndefined();
    });
    expect(sets()).toHaveLength(1);
    const name = sets()[0]?.metadata.name ?? '';
    await eventually(() => {
      expect(
        eventTexts()
          .filter((t) => t.startsWith('ScalingReplicaSet'))
          .sort(),
      ).toEqual([
        `ScalingReplicaSet Scaled down replica set ${name} from 5 to 0`,
        `ScalingReplicaSet Scaled up replica set ${name} from 0 to 2`,
        `ScalingReplicaSet Scaled up replica set ${name} from 2 to 5`,
      ]);
    });
  });

  it('scales in proportion in the middle of a rollout', async () => {
    await start();
    runPods(harness, (pod) => pod.spec?.containers?.[0]?.image === 'bad');
    create(10, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } });
    await settled(10, 'web:1');
    change({ template: podTemplate('bad') });
    await eventually(() => {
      expect([setOf('web:1').spec?.replicas, setOf('bad').spec?.replicas]).toEqual([8, 5]);
    });
    change({ replicas: 15 });
    // 18 pods for 13: the old grow by 8·18/13 − 8 = 3, the new by 5·18/13 − 5 = 2.
    await eventually(() => {
      expect([setOf('web:1').spec?.replicas, setOf('bad').spec?.replicas]).toEqual([11, 7]);
    });
  });

  it('rolls nothing out while paused, but scales; and goes on when resumed', async () => {
    await start();
    runPods(harness);
    create(2);
    await settled(2, 'web:1');
    change({ paused: true, template: podTemplate('web:2') });
    await eventually(() => {
      expect(progressing()).toMatchObject({
        status: 'Unknown',
        reason: 'DeploymentPaused',
        message: 'Deployment is paused',
      });
    });
    change({ replicas: 3 });
    await eventually(() => {
      expect(setOf('web:1').status?.availableReplicas).toBe(3);
    });
    expect(sets()).toHaveLength(1);
    change({ paused: false });
    await settled(3, 'web:2');
  });

  it('keeps as many old revisions as the limit says, the newest', async () => {
    await start();
    runPods(harness);
    create(1, { revisionHistoryLimit: 1 });
    await settled(1, 'web:1');
    for (const image of ['web:2', 'web:3', 'web:4']) {
      change({ template: podTemplate(image) });
      await settled(1, image);
    }
    await eventually(() => {
      expect(
        sets()
          .map((s) => s.spec?.template?.spec?.containers?.[0]?.image)
          .sort(),
      ).toEqual(['web:3', 'web:4']);
    });
  });

  it('counts collisions when another has the name that it wants', async () => {
    await start();
    runPods(harness);
    create(1, { paused: true });
    await eventually(() => {
      expect(web().status?.observedGeneration).toBe(1);
    });
    const name = `web-${(await import('./pod-template-hash')).podTemplateHash(podTemplate('web:1'), undefined)}`;
    harness.api.store.create(refs.replicaSets, 'default', {
      metadata: { name, labels: { app: 'theirs' } },
      spec: { replicas: 0, selector: { matchLabels: { app: 'theirs' } }, template: podTemplate('theirs') },
    });
    change({ paused: false });
    await settled(1, 'web:1');
    expect(web().status?.collisionCount).toBe(1);
    expect(setOf('web:1').metadata.name).not.toBe(name);
  });

  it('copies annotations to the newest ReplicaSet, but not its own', async () => {
    await start();
    runPods(harness);
    create(1);
    await settled(1, 'web:1');
    harness.api.store.update(refs.deployments, 'default', {
      ...web(),
      metadata: {
        ...web().metadata,
        annotations: {
          ...web().metadata.annotations,
          'kubernetes.io/change-cause': 'because',
          'kubectl.kubernetes.io/last-applied-configuration': '{}',
        },
      },
    });
    await eventually(() => {
      expect(sets()[0]?.metadata.annotations).toMatchObject({ 'kubernetes.io/change-cause': 'because' });
    });
    expect(sets()[0]?.metadata.annotations).not.toHaveProperty(['kubectl.kubernetes.io/last-applied-configuration']);
    expect(revisionOf(sets()[0]!)).toBe('1');
  });

  it('adopts a ReplicaSet that it selects', async () => {
    await start({
      prepare: ({ api }) => {
        api.store.create(refs.replicaSets, 'default', {
          metadata: { name: 'found', labels: { app: 'web' } },
          spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template: podTemplate('web:1') },
        });
      },
    });
    runPods(harness);
    create(2);
    await settled(2, 'web:1');
    expect(sets().map((s) => s.metadata.name)).toEqual(['found']);
    expect(controllerOf(sets()[0]!)?.uid).toBe(web().metadata.uid);
  });

  it('tells why the ReplicaSet cannot be made', async () => {
    await start();
    harness.api.refuse(({ method, path }) =>
      method === 'POST' && path.endsWith('/replicasets')
        ? statusErrors.forbidden({ group: 'apps', resource: 'replicasets' }, 'x', 'no')
        : undefined,
    );
    create(1);
    await eventually(() => {
      expect(progressing()).toMatchObject({
        status: 'False',
        reason: 'ReplicaSetCreateError',
        message: expect.stringMatching(
          /^Failed to create new replica set "web-.*": replicasets.apps "x" is forbidden: no$/,
        ),
      });
    });
  });

  it('passes on why pods cannot be made', async () => {
    await start();
    harness.api.refuse(({ method, path }) =>
      method === 'POST' && path.endsWith('/pods')
        ? statusErrors.forbidden({ group: '', resource: 'pods' }, 'x', 'no')
        : undefined,
    );
    create(1);
    await eventually(() => {
      expect(conditionOf(web().status?.conditions, 'ReplicaFailure')).toMatchObject({
        status: 'True',
        reason: 'FailedCreate',
        message: 'pods "x" is forbidden: no',
      });
    });
    harness.api.refuse(undefined);
    runPods(harness);
    await settled(1, 'web:1');
    expect(conditionOf(web().status?.conditions, 'ReplicaFailure')).toBeUndefined();
  });

  it('comes to rest: when nothing changes nothing is written', async () => {
    await start();
    runPods(harness);
    create(3);
    await settled(3, 'web:1');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = harness.api.store.revision;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(harness.api.store.revision).toBe(before);
  });

  it('does not try again to make a set in a namespace that is going', async () => {
    await start();
    const reason = 'NamespaceTerminating';
    const refusal = failure({ code: 403, reason: 'Forbidden', message: 'no', details: { causes: [{ reason }] } });
    harness.api.refuse((q) =>
      q.method === 'POST' && q.path.endsWith('/replicasets') ? new StatusError(refusal) : undefined,
    );
    create(1);
    const tries = () => harness.api.requests.filter((q) => q.method === 'POST' && q.path.endsWith('/replicasets'));
    await eventually(() => {
      expect(tries()).toHaveLength(1);
    });
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(tries()).toHaveLength(1);
    expect(eventTexts()).toEqual([]);
  });
});

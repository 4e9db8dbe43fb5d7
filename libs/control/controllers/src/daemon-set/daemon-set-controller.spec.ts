import { type KubeObject, controllerOf, statusErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { refs } from '@reckon/client/rest';
import { fakeClock } from '@reckon/kernel';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import type { ControllerRevision } from '../controller-history/revision';
import { type Pod, podTemplate, readyPod, runPods, startControllersForTest } from '../testing/controller-test.suite';
import type { DaemonSet, Node } from './daemon-set';
import { daemonSetController } from './daemon-set-controller';
import { nodeOf } from './daemon-pod';

let harness: ClientHarness;
afterEach(() => harness.stop());

type Spec = NonNullable<DaemonSet['spec']>;

const start = async (nodes: number, options: Parameters<typeof startControllersForTest>[1] = {}): Promise<void> => {
  harness = await startControllersForTest([daemonSetController], {
    ...options,
    prepare: (made) => {
      for (let i = 0; i < nodes; i++) made.api.store.create(refs.nodes, '', { metadata: { name: `n${String(i)}` } });
      options.prepare?.(made);
    },
  });
};
const setOf = (spec: Partial<Spec> = {}): { metadata: KubeObject['metadata']; spec: Spec } => ({
  metadata: { name: 'web', annotations: { 'deprecated.daemonset.template.generation': '1' } },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: podTemplate('web:1'),
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    revisionHistoryLimit: 10,
    ...spec,
  },
});
const create = (spec: Partial<Spec> = {}): KubeObject =>
  harness.api.store.create(refs.daemonSets, 'default', setOf(spec));
const web = (): DaemonSet => harness.api.store.get(refs.daemonSets, 'default', 'web');
const change = (spec: Partial<Spec>): void => {
  harness.api.store.update(refs.daemonSets, 'default', { ...web(), spec: { ...web().spec!, ...spec } });
};
const node = (name: string): Node => harness.api.store.get(refs.nodes, '', name);
const putNode = (name: string, parts: { labels?: Record<string, string>; taints?: corev1.Taint[] }): void => {
  const known = harness.api.store.find(refs.nodes, '', name) ?? { metadata: { name } };
  harness.api.store.put(refs.nodes, {
    ...known,
    metadata: { ...known.metadata, ...(parts.labels === undefined ? {} : { labels: parts.labels }) },
    spec: { taints: parts.taints ?? [] },
  });
};
const pods = (): Pod[] => harness.api.store.list(refs.pods, 'default');
const podOn = (name: string): Pod => pods().find((pod) => nodeOf(pod) === name)!;
const nodesWithPods = (): (string | undefined)[] => pods().map(nodeOf).sort();
const images = (): (string | undefined)[] =>
  [...pods()].sort((a, b) => ((nodeOf(a) ?? '') < (nodeOf(b) ?? '') ? -1 : 1)).map((p) => p.spec?.containers[0]?.image);
const revisions = (): ControllerRevision[] =>
  harness.api.store.list(refs.controllerRevisions, 'default') as ControllerRevision[];
const eventTexts = (): string[] =>
  harness.api.store
    .list(refs.events, 'default')
    .map((e) => `${String(e['type'])} ${String(e['reason'])} ${String(e['message'])}`);
const settled = async (count: number): Promise<void> => {
  await eventually(() => {
    expect(web().status).toMatchObject({
      observedGeneration: web().metadata.generation,
      desiredNumberScheduled: count,
      currentNumberScheduled: count,
      numberReady: count,
      updatedNumberScheduled: count,
      numberAvailable: count,
    });
  });
};
const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));

describe('the DaemonSet controller', () => {
  it('makes a pod for every node, pinned to it, that endures what befalls the node', async () => {
    await start(2);
    runPods(harness);
    create();
    await settled(2);
    expect(nodesWithPods()).toEqual(['n0', 'n1']);
    const [revision] = revisions();
    const hash = revision?.metadata.labels?.['controller-revision-hash'] ?? '';
    expect(revision).toMatchObject({
      metadata: {
        name: `web-${hash}`,
        labels: { app: 'web' },
        annotations: { 'deprecated.daemonset.template.generation': '1' },
        ownerReferences: [{ kind: 'DaemonSet', name: 'web' }],
      },
      revision: 1,
      data: { spec: { template: { $patch: 'replace', ...podTemplate('web:1') } } },
    });
    const pod = podOn('n1');
    expect(pod.metadata.name).toMatch(/^web-[a-z0-9]{5}$/);
    expect(pod).toMatchObject({
      metadata: { labels: { app: 'web', 'controller-revision-hash': hash, 'pod-template-generation': '1' } },
      spec: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }],
            },
          },
        },
      },
    });
    expect(pod.spec?.tolerations?.map((t) => `${t.key ?? ''}:${t.effect ?? ''}`)).toEqual([
      'node.kubernetes.io/not-ready:NoExecute',
      'node.kubernetes.io/unreachable:NoExecute',
      'node.kubernetes.io/disk-pressure:NoSchedule',
      'node.kubernetes.io/memory-pressure:NoSchedule',
      'node.kubernetes.io/pid-pressure:NoSchedule',
      'node.kubernetes.io/unschedulable:NoSchedule',
    ]);
    expect(controllerOf(pod)).toMatchObject({ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'web' });
    expect(web().status).toEqual({
      observedGeneration: 1,
      desiredNumberScheduled: 2,
      currentNumberScheduled: 2,
      numberMisscheduled: 0,
      numberReady: 2,
      updatedNumberScheduled: 2,
      numberAvailable: 2,
    });
    await eventually(() => {
      expect(eventTexts().sort()).toEqual(
        pods()
          .map((p) => `Normal SuccessfulCreate Created pod: ${p.metadata.name ?? ''}`)
          .sort(),
      );
    });
  });

  it('writes the status of a set that no node fits', async () => {
    await start(1);
    create({ template: { ...podTemplate('web:1'), spec: { containers: [], nodeSelector: { none: 'such' } } } });
    await eventually(() => {
      expect(web().status).toEqual({
        currentNumberScheduled: 0,
        numberMisscheduled: 0,
        desiredNumberScheduled: 0,
        numberReady: 0,
        observedGeneration: 1,
      });
    });
    expect(pods()).toEqual([]);
  });

  it('follows the nodes: their labels, their taints, their coming and going', async () => {
    await start(1);
    runPods(harness);
    create({ template: { ...podTemplate('web:1'), spec: { containers: [], nodeSelector: { disk: 'ssd' } } } });
    await eventually(() => {
      expect(web().status?.observedGeneration).toBe(1);
    });
    putNode('n0', { labels: { disk: 'ssd' } });
    putNode('n1', { labels: { disk: 'ssd' } });
    await settled(2);
    // No new pods, but the old one may stay.
    putNode('n1', { taints: [{ key: 'busy', effect: 'NoSchedule' }] });
    await eventually(() => {
      expect(web().status).toMatchObject({ desiredNumberScheduled: 1, numberMisscheduled: 1 });
    });
    expect(nodesWithPods()).toEqual(['n0', 'n1']);
    putNode('n1', { taints: [{ key: 'broken', effect: 'NoExecute' }] });
    await eventually(() => {
      expect(nodesWithPods()).toEqual(['n0']);
    });
    putNode('n1', { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }] });
    await settled(2);
    putNode('n0', { labels: {} });
    await eventually(() => {
      expect(nodesWithPods()).toEqual(['n1']);
    });
    // Its pod never got there: nobody else would take it away.
    harness.api.store.delete(refs.nodes, '', 'n1');
    await eventually(() => {
      expect(pods()).toEqual([]);
      expect(web().status).toMatchObject({ desiredNumberScheduled: 0, currentNumberScheduled: 0 });
    });
  });

  it('rolls out a new template with no more nodes down than allowed', async () => {
    await start(5);
    runPods(harness);
    create({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '40%', maxSurge: 0 } } });
    await settled(5);
    let fewest = 5;
    harness.api.store.subscribe(({ ref }) => {
      if (ref.kind === 'Pod') fewest = Math.min(fewest, pods().filter((p) => p.status?.phase === 'Running').length);
    });
    change({ template: podTemplate('web:2') });
    await settled(5);
    expect(images()).toEqual(Array(5).fill('web:2'));
    expect(fewest).toBe(3);
    expect(revisions().map((r) => r.revision)).toEqual(expect.arrayContaining([1, 2]));
  });

  it('waits in a rollout for what is not available, but replaces old pods that serve nobody', async () => {
    await start(3);
    let sickNode = 'n2';
    runPods(harness, (p) => nodeOf(p) === sickNode || p.spec?.containers[0]?.image === 'web:2');
    create();
    await eventually(() => {
      expect(web().status).toMatchObject({ numberReady: 2, currentNumberScheduled: 3, numberUnavailable: 1 });
    });
    sickNode = '';
    change({ template: podTemplate('web:2') });
    await eventually(() => {
      expect(web().status).toMatchObject({ updatedNumberScheduled: 1, numberReady: 2, observedGeneration: 2 });
    });
    await quiet();
    expect(images()).toEqual(['web:1', 'web:1', 'web:2']);
  });

  it('makes new pods beside the old ones in a surge, and is never without one', async () => {
    await start(4);
    runPods(harness);
    create({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 2 } } });
    await settled(4);
    let [fewest, most] = [4, 0];
    harness.api.store.subscribe(({ ref }) => {
      if (ref.kind !== 'Pod') return;
      most = Math.max(most, pods().length);
      fewest = Math.min(fewest, pods().filter((p) => p.status?.phase === 'Running').length);
    });
    change({ template: podTemplate('web:2') });
    await settled(4);
    await eventually(() => {
      expect(images()).toEqual(Array(4).fill('web:2'));
    });
    expect(fewest).toBe(4);
    expect(most).toBeLessThanOrEqual(6);
  });

  it('replaces pods only when somebody deletes them, if that is the strategy', async () => {
    await start(2);
    runPods(harness);
    create({ updateStrategy: { type: 'OnDelete' } });
    await settled(2);
    change({ template: podTemplate('web:2') });
    await eventually(() => {
      expect(web().status?.observedGeneration).toBe(2);
      expect(web().status?.updatedNumberScheduled).toBeUndefined();
    });
    expect(images()).toEqual(['web:1', 'web:1']);
    harness.api.store.delete(refs.pods, 'default', podOn('n1').metadata.name ?? '');
    await eventually(() => {
      expect(images()).toEqual(['web:1', 'web:2']);
    });
  });

  it('replaces a failed pod, slower each time, and one that has ended', async () => {
    const time = fakeClock();
    await start(1, { time });
    create();
    const fail = async (phase: string): Promise<string> => {
      await eventually(() => {
        expect(pods()).toHaveLength(1);
        expect(web().status?.currentNumberScheduled).toBe(1);
      });
      const [pod] = pods();
      harness.api.store.put(refs.pods, { ...pod!, status: { phase } });
      return pod?.metadata.name ?? '';
    };
    const isGone = async (name: string): Promise<void> => {
      await eventually(() => {
        expect(pods().map((p) => p.metadata.name)).not.toContain(name);
      });
    };
    const first = await fail('Failed');
    await isGone(first);
    await eventually(() => {
      expect(eventTexts()).toContain(
        `Warning FailedDaemonPod Found failed daemon pod default/${first} on node n0, will try to kill it`,
      );
    });
    const second = await fail('Failed');
    await quiet();
    expect(pods().map((p) => p.metadata.name)).toEqual([second]);
    await time.advance(1_000);
    await isGone(second);
    const third = await fail('Failed');
    await time.advance(1_000);
    await quiet();
    expect(pods().map((p) => p.metadata.name)).toEqual([third]);
    await time.advance(1_000);
    await isGone(third);
    const ended = await fail('Succeeded');
    await isGone(ended);
    await eventually(() => {
      expect(eventTexts()).toContain(
        `Normal SucceededDaemonPod Found succeeded daemon pod default/${ended} on node n0, will try to delete it`,
      );
    });
  });

  it('makes an old revision the newest when its template comes back, and forgets those over the limit', async () => {
    await start(0);
    create({ revisionHistoryLimit: 1 });
    const numbers = (): number[] =>
      revisions()
        .map((r) => r.revision)
        .sort();
    for (const [image, expected] of [
      ['web:2', [1, 2]],
      ['web:1', [2, 3]],
      ['web:3', [3, 4]],
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

  it('merges revisions of the same template, and counts a name that another template has', async () => {
    await start(1);
    runPods(harness);
    create();
    await settled(1);
    const [revision] = revisions();
    const { name = '', labels = {}, ownerReferences = [] } = revision!.metadata;
    harness.api.store.create(refs.controllerRevisions, 'default', {
      metadata: { name: 'web-twin', labels: { ...labels, 'controller-revision-hash': 'twin' }, ownerReferences },
      data: revision?.data,
      revision: 2,
    });
    harness.api.store.update(refs.daemonSets, 'default', {
      ...web(),
      metadata: { ...web().metadata, labels: { touched: 'yes' } },
    });
    await eventually(() => {
      expect(revisions().map((r) => r.metadata.name)).toEqual(['web-twin']);
      expect(pods()[0]?.metadata.labels?.['controller-revision-hash']).toBe('twin');
    });
    await harness.stop();
    await start(0, {
      prepare: ({ api }) => {
        api.store.put(refs.controllerRevisions, {
          metadata: { name, namespace: 'default' },
          data: { other: true },
          revision: 1,
        });
      },
    });
    create();
    await eventually(() => {
      expect(web().status).toMatchObject({ collisionCount: 1, observedGeneration: 1 });
      expect(revisions()).toHaveLength(2);
    });
  });

  it('counts a pod as available when it has been ready for minReadySeconds', async () => {
    const time = fakeClock();
    await start(1, { time });
    create({ minReadySeconds: 30 });
    await eventually(() => {
      expect(pods()).toHaveLength(1);
    });
    harness.api.store.put(refs.pods, readyPod(pods()[0]!, time.nowMs()));
    await eventually(() => {
      expect(web().status).toMatchObject({ numberReady: 1, numberUnavailable: 1 });
    });
    await time.advance(29_000);
    expect(web().status?.numberAvailable).toBeUndefined();
    await time.advance(2_000);
    await eventually(() => {
      expect(web().status?.numberAvailable).toBe(1);
    });
  });

  it('says why it cannot make pods, tries few, and goes on when it can', async () => {
    await start(100);
    runPods(harness);
    harness.api.refuse(({ method, path }) =>
      method === 'POST' && path.endsWith('/pods')
        ? statusErrors.forbidden({ group: '', resource: 'pods' }, 'web-x', 'exceeded quota: q')
        : undefined,
    );
    create();
    await eventually(() => {
      expect(eventTexts()).toContain(
        'Warning FailedCreate Error creating: pods "web-x" is forbidden: exceeded quota: q',
      );
      expect(web().status).toMatchObject({ desiredNumberScheduled: 100, observedGeneration: 1 });
    });
    expect(harness.api.requests.filter((r) => r.path.endsWith('/pods') && r.method === 'POST').length).toBeLessThan(15);
    harness.api.refuse(undefined);
    await settled(100);
    expect(new Set(nodesWithPods()).size).toBe(100);
  });

  it('makes nothing twice while its cache does not show what it did', async () => {
    await start(4);
    runPods(harness);
    harness.api.holdWatches(true, 'pods');
    create();
    await eventually(() => {
      expect(pods()).toHaveLength(4);
    });
    for (let i = 0; i < 5; i++) {
      harness.api.store.update(refs.daemonSets, 'default', {
        ...web(),
        metadata: { ...web().metadata, labels: { n: String(i) } },
      });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    harness.api.holdWatches(false, 'pods');
    await settled(4);
    expect(pods()).toHaveLength(4);
  });

  it('keeps one pod of several on a node, the eldest', async () => {
    await start(1);
    runPods(harness);
    create();
    await settled(1);
    const [pod] = pods();
    harness.api.store.put(refs.pods, {
      ...pod!,
      metadata: { ...pod!.metadata, name: 'web-zzzzz', uid: 'other', creationTimestamp: '2999-01-01T00:00:00Z' },
    });
    await eventually(() => {
      expect(eventTexts()).toContain('Normal SuccessfulDelete Deleted pod: web-zzzzz');
    });
    expect(pods().map((p) => p.metadata.name)).toEqual([pod?.metadata.name]);
  });

  it('makes nothing when it is being deleted', async () => {
    await start(2, {
      prepare: ({ api }) => {
        api.store.put(refs.daemonSets, {
          ...setOf(),
          metadata: {
            name: 'web',
            namespace: 'default',
            deletionTimestamp: '2026-01-01T00:00:00Z',
            finalizers: ['foregroundDeletion'],
          },
        });
      },
    });
    await quiet();
    expect([pods(), revisions()]).toEqual([[], []]);
    expect(node('n0')).toBeDefined();
  });
});

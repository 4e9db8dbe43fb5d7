import type { KubeObject } from '@reckon/api/machinery';
import { refs, type ResourceRef } from '@reckon/client/rest';
import { ActionBroadcaster, type Claim, type Volume } from '@reckon/control/runtime';
import { MetricsRegistry } from '@reckon/kernel';
import { type ClientHarness, eventually, startClientHarness } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import type { Pod } from '../../framework/kinds';
import { startScheduler } from '../../start-scheduler';
import { node, pod } from '../../testing/make';

let harness: ClientHarness;
afterEach(() => harness.stop());

async function start(prepare: () => void = () => undefined): Promise<void> {
  harness = await startClientHarness();
  prepare();
  const recorderOf = (schedulerName: string): ActionBroadcaster =>
    harness.add(
      new ActionBroadcaster({ ...harness, reportingController: schedulerName, reportingInstance: 'scheduler-here' }),
    );
  harness.add(startScheduler({ ...harness, metrics: new MetricsRegistry(), recorderOf }));
  harness.informers.start();
}

const put = (ref: ResourceRef, object: object): KubeObject => harness.api.store.put(ref, object as KubeObject);
const putNodes = (...names: string[]): void => {
  for (const name of names) put(refs.nodes, node({ name }));
};
const putClass = (name: string, provisioner = 'kubernetes.io/no-provisioner', more: object = {}): KubeObject =>
  put(refs.storageClasses, {
    metadata: { name },
    provisioner,
    volumeBindingMode: 'WaitForFirstConsumer',
    ...more,
  });
const onNode = (name: string): object => ({
  required: {
    nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }] }],
  },
});
const putVolume = (name: string, spec: object = {}, phase = 'Available'): KubeObject =>
  put(refs.persistentVolumes, {
    metadata: { name },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: '/data' },
      storageClassName: 'local',
      ...spec,
    },
    status: { phase },
  });
const putClaim = (name: string, spec: object = {}, more: object = {}): KubeObject =>
  put(refs.persistentVolumeClaims, {
    metadata: { namespace: 'default', name, ...more },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      storageClassName: 'local',
      ...spec,
    },
    status: { phase: 'Pending' },
  });
const bindCompleted = { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } };
const putPod = (name: string, ...claimNames: string[]): KubeObject =>
  put(
    refs.pods,
    pod({
      name,
      spec: { volumes: claimNames.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })) },
    }),
  );
const claim = (name: string): Claim => harness.api.store.get(refs.persistentVolumeClaims, 'default', name);
const volume = (name: string): Volume => harness.api.store.get(refs.persistentVolumes, '', name);
const nodeOf = (name: string): string | undefined =>
  (harness.api.store.get(refs.pods, 'default', name) as Pod).spec?.nodeName;
const whyNot = (name: string): string | undefined =>
  (harness.api.store.get(refs.pods, 'default', name) as Pod).status?.conditions?.find((c) => c.type === 'PodScheduled')
    ?.message;
const isRefused = (name: string, message: string): Promise<void> =>
  eventually(() => {
    expect(whyNot(name)).toBe(message);
  });
const isOn = (name: string, nodeName: string): Promise<void> =>
  eventually(() => {
    expect(nodeOf(name)).toBe(nodeName);
  });

/** Plays the controller that binds: a volume that the scheduler has reserved gets its claim. */
function bindReserved(): void {
  harness.api.store.subscribe(({ type, ref, object }) => {
    const uid = (object as Volume).spec?.claimRef?.uid;
    if (type !== 'MODIFIED' || ref.kind !== 'PersistentVolume' || uid === undefined) return;
    const name = (object as Volume).spec?.claimRef?.name ?? '';
    if (claim(name).spec?.volumeName !== undefined) return;
    queueMicrotask(() => bindClaim(name, object.metadata.name ?? ''));
  });
}
function bindClaim(name: string, volumeName: string): void {
  const bound = claim(name);
  put(refs.persistentVolumeClaims, {
    ...bound,
    metadata: {
      ...bound.metadata,
      annotations: { ...bound.metadata.annotations, ...bindCompleted.annotations },
    },
    spec: { ...bound.spec, volumeName },
    status: { phase: 'Bound' },
  });
}

describe('a pod with a claim', () => {
  it('waits until one that waits for nobody is bound', async () => {
    await start(() => {
      putNodes('a');
      putClaim('data', { storageClassName: '' });
      putPod('p', 'data');
    });
    await isRefused('p', '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found');
    putVolume('pv', {}, 'Bound');
    bindClaim('data', 'pv');
    await isOn('p', 'a');
  });

  it('goes where its volume can be reached', async () => {
    await start(() => {
      putNodes('a', 'b');
      putVolume('pv', { nodeAffinity: onNode('b') }, 'Bound');
      putClaim('data', { volumeName: 'pv' }, bindCompleted);
      putVolume('far', { nodeAffinity: onNode('c') }, 'Bound');
      putClaim('lost', { volumeName: 'far' }, bindCompleted);
      putPod('p', 'data');
      putPod('q', 'lost');
    });
    await isOn('p', 'b');
    await isRefused(
      'q',
      "0/2 nodes are available: 2 node(s) didn't match PersistentVolume's node affinity. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
    );
  });

  it.each([
    ['that is not there', () => undefined, 'persistentvolumeclaim "data" not found'],
    [
      'that is being deleted',
      () => putClaim('data', {}, { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['x/y'] }),
      'persistentvolumeclaim "data" is being deleted',
    ],
    [
      'that is lost',
      () => put(refs.persistentVolumeClaims, { ...putClaim('data', { volumeName: 'pv' }), status: { phase: 'Lost' } }),
      'persistentvolumeclaim "data" bound to non-existent persistentvolume "pv"',
    ],
  ])('%s waits', async (_, prepare, why) => {
    await start(() => {
      putNodes('a');
      prepare();
      putPod('p', 'data');
    });
    await isRefused('p', `0/1 nodes are available: ${why}. not found`);
  });

  it('of its own waits for that to be made, and for nobody else’s', async () => {
    await start(() => {
      putNodes('a');
      put(refs.pods, pod({ name: 'p', spec: { volumes: [{ name: 'tmp', ephemeral: {} }] } }));
    });
    await isRefused(
      'p',
      '0/1 nodes are available: waiting for ephemeral volume controller to create the persistentvolumeclaim "p-tmp". not found',
    );
    putClaim('p-tmp', { volumeName: 'pv' }, bindCompleted);
    await isRefused(
      'p',
      '0/1 nodes are available: PVC default/p-tmp was not created for pod default/p (pod is not owner). not found',
    );
  });
});

describe('a claim that waits for its first consumer', () => {
  it('gets a volume of the node that its pod gets, and the pod waits until both are bound', async () => {
    await start(() => {
      putNodes('a', 'b');
      putClass('local');
      putVolume('on-b', { nodeAffinity: onNode('b') });
      putVolume('large', { nodeAffinity: onNode('b'), capacity: { storage: '9Gi' } });
      putClaim('data');
      putPod('p', 'data');
    });
    await eventually(() => {
      expect(volume('on-b').spec?.claimRef).toMatchObject({ name: 'data', uid: claim('data').metadata.uid });
    });
    expect(volume('on-b').metadata.annotations).toEqual({ 'pv.kubernetes.io/bound-by-controller': 'yes' });
    expect(nodeOf('p')).toBeUndefined();
    expect((harness.api.store.get(refs.pods, 'default', 'p') as Pod).status?.nominatedNodeName).toBe('b');
    bindClaim('data', 'on-b');
    await isOn('p', 'b');
    expect(volume('large').spec?.claimRef).toBeUndefined();
  });

  it('does not get what another pod was given, and says when nothing is left', async () => {
    await start(() => {
      bindReserved();
      putNodes('a');
      putClass('local');
      putVolume('one');
      putVolume('two');
      for (const name of ['x', 'y', 'z']) {
        putClaim(name);
        putPod(name, name);
      }
    });
    const refusal =
      "0/1 nodes are available: 1 node(s) didn't find available persistent volumes to bind. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
    await eventually(() => {
      expect(['x', 'y', 'z'].map((name) => nodeOf(name) ?? whyNot(name)).sort()).toEqual([refusal, 'a', 'a']);
    });
    expect(['x', 'y', 'z'].map((name) => claim(name).spec?.volumeName ?? '').sort()).toEqual(['', 'one', 'two']);
    putVolume('three');
    await eventually(() => {
      expect(['x', 'y', 'z'].map(nodeOf)).toEqual(['a', 'a', 'a']);
    });
  });

  it('is marked with the node where its volume must be made', async () => {
    await start(() => {
      putNodes('a', 'b');
      putClass('fast', 'example.com/disks', {
        allowedTopologies: [{ matchLabelExpressions: [{ key: 'kubernetes.io/hostname', values: ['b'] }] }],
      });
      putClaim('data', { storageClassName: 'fast' });
      putPod('p', 'data');
    });
    await eventually(() => {
      expect(claim('data').metadata.annotations).toEqual({ 'volume.kubernetes.io/selected-node': 'b' });
    });
    putVolume('made', { storageClassName: 'fast', nodeAffinity: onNode('b') }, 'Bound');
    bindClaim('data', 'made');
    await isOn('p', 'b');
  });

  it('is tried anew when its volume cannot be made there', async () => {
    await start(() => {
      putNodes('a');
      putClass('fast', 'example.com/disks');
      putClaim('data', { storageClassName: 'fast' });
      putPod('p', 'data');
    });
    await eventually(() => {
      expect(claim('data').metadata.annotations).toBeDefined();
    });
    putClaim('data', { storageClassName: 'fast' }, { uid: claim('data').metadata.uid });
    await isRefused('p', 'running PreBind plugin "VolumeBinding": binding volumes: provisioning failed for PVC "data"');
  });

  it('does not hold up a stop', async () => {
    await start(() => {
      putNodes('a');
      putClass('local');
      putVolume('pv');
      putClaim('data');
      putPod('p', 'data');
    });
    await eventually(() => {
      expect(volume('pv').spec?.claimRef).toBeDefined();
    });
    await harness.stop();
    expect(whyNot('p')).toBeUndefined();
  });
});

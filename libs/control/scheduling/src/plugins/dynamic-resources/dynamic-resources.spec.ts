import { type KubeObject, newControllerReference, StatusError, statusErrors } from '@reckon/api/machinery';
import { refs, type ResourceRef } from '@reckon/client/rest';
import { ActionBroadcaster } from '@reckon/control/runtime';
import { MetricsRegistry } from '@reckon/kernel';
import { type ClientHarness, eventually, startClientHarness } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import type { Pod, ResourceClaim } from '../../framework/kinds';
import { startScheduler } from '../../start-scheduler';
import { node, pod, type PodParts } from '../../testing/make';

let harness: ClientHarness;
afterEach(() => harness.stop());

const driver = 'gpu.example.com';
const put = (ref: ResourceRef, object: object): KubeObject => harness.api.store.put(ref, object as KubeObject);
const putSlice = (nodeName: string, ...names: string[]): KubeObject =>
  put(refs.resourceSlices, {
    metadata: { name: `slice-${nodeName}` },
    spec: {
      driver,
      nodeName,
      pool: { name: nodeName, generation: 1, resourceSliceCount: 1 },
      devices: names.map((name) => ({ name })),
    },
  });
const putClaim = (name: string, more: object = {}, deviceClassName = 'gpu'): KubeObject =>
  put(refs.resourceClaims, {
    metadata: { namespace: 'default', name },
    spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName } }] } },
    ...more,
  });
const putPod = (name: string, claimName: string, more: PodParts = {}): KubeObject =>
  put(
    refs.pods,
    pod({ name, ...more, spec: { resourceClaims: [{ name: 'gpu', resourceClaimName: claimName }], ...more.spec } }),
  );

async function start(...nodes: string[]): Promise<void> {
  harness = await startClientHarness();
  for (const name of nodes) put(refs.nodes, node({ name }));
  put(refs.deviceClasses, {
    metadata: { name: 'gpu' },
    spec: { selectors: [{ cel: { expression: `device.driver == "${driver}"` } }] },
  });
  const recorderOf = (schedulerName: string): ActionBroadcaster =>
    harness.add(
      new ActionBroadcaster({ ...harness, reportingController: schedulerName, reportingInstance: schedulerName }),
    );
  harness.add(startScheduler({ ...harness, metrics: new MetricsRegistry(), recorderOf }));
  harness.informers.start();
  await harness.informers.waitForSync();
}

const claim = (name: string): ResourceClaim =>
  harness.api.store.get(refs.resourceClaims, 'default', name) as ResourceClaim;
const podNamed = (name: string): Pod => harness.api.store.get(refs.pods, 'default', name);
const isOn = (name: string, nodeName: string): Promise<void> =>
  eventually(() => {
    expect(podNamed(name).spec?.nodeName).toBe(nodeName);
  });
const isRefused = (name: string, message: string): Promise<void> =>
  eventually(() => {
    expect(podNamed(name).status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message).toBe(message);
  });
const preemption = (reason = 'no new claims to deallocate', nodes = 1): string =>
  `${reason}, preemption: 0/${String(nodes)} nodes are available: ${String(nodes)} Preemption is not helpful for scheduling.`;

describe('a pod with a resource claim', () => {
  it('gets a node with a device, which is then its own', async () => {
    await start('a', 'b');
    putSlice('b', 'gpu-0');
    putClaim('mine');
    putPod('p', 'mine');
    await isOn('p', 'b');
    expect(claim('mine').metadata.finalizers).toEqual(['resource.kubernetes.io/delete-protection']);
    expect(claim('mine').status).toEqual({
      allocation: {
        devices: { results: [{ request: 'r', driver, pool: 'b', device: 'gpu-0' }] },
        nodeSelector: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] }],
        },
      },
      reservedFor: [{ resource: 'pods', name: 'p', uid: 'uid-p' }],
    });
    putClaim('other');
    putPod('q', 'other');
    await isRefused(
      'q',
      `0/2 nodes are available: 2 cannot allocate all claims. ${preemption('still not schedulable', 2)}`,
    );
    // Another pod may use the first claim beside the first pod; it goes where the device is.
    putPod('r', 'mine');
    await isOn('r', 'b');
    expect(claim('mine').status?.reservedFor).toHaveLength(2);
  });

  it('waits without an attempt until its claim is there, and goes on when devices are', async () => {
    await start('a');
    putPod('p', 'mine');
    await isOnNothing('p');
    expect(podNamed('p').status?.conditions).toBeUndefined();
    putClaim('mine');
    await isRefused(
      'p',
      `0/1 nodes are available: 1 cannot allocate all claims. ${preemption('still not schedulable')}`,
    );
    putSlice('a', 'gpu-0');
    await isOn('p', 'a');
  });

  it('waits for a claim to be made of its template, and takes no other', async () => {
    await start('a');
    putSlice('a', 'gpu-0', 'gpu-1');
    const spec = { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'template' }] };
    put(refs.pods, pod({ name: 'p', spec }));
    await isOnNothing('p');
    const statuses = { resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'p-gpu-1' }] };
    const made = put(refs.pods, pod({ name: 'p', spec, status: statuses }));
    putClaim('p-gpu-1');
    await isOnNothing('p');
    const owner = newControllerReference(made, { apiVersion: 'v1', kind: 'Pod' });
    put(refs.resourceClaims, {
      ...claim('p-gpu-1'),
      metadata: { ...claim('p-gpu-1').metadata, ownerReferences: [owner] },
    });
    await isOn('p', 'a');
  });

  it('is refused a class that is not there, until it is', async () => {
    await start('a');
    putSlice('a', 'gpu-0');
    putClaim('mine', {}, 'rare');
    putPod('p', 'mine');
    await isRefused('p', `0/1 nodes are available: request r: device class rare does not exist. ${preemption()}`);
    put(refs.deviceClasses, { metadata: { name: 'rare' }, spec: {} });
    await isOn('p', 'a');
  });

  it('goes on when another gives its device back', async () => {
    await start('a');
    putSlice('a', 'gpu-0');
    putClaim('taken');
    putPod('p', 'taken');
    await isOn('p', 'a');
    putClaim('mine');
    putPod('q', 'mine');
    await isRefused(
      'q',
      `0/1 nodes are available: 1 cannot allocate all claims. ${preemption('still not schedulable')}`,
    );
    put(refs.resourceClaims, { ...claim('taken'), status: {} });
    await isOn('q', 'a');
  });

  it('gets another device where the one that nobody uses cannot be reached', async () => {
    await start('a', 'b');
    putSlice('a', 'gpu-a');
    putSlice('b', 'gpu-b');
    const inB = { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] };
    putClaim('mine', {
      status: {
        allocation: {
          devices: { results: [{ request: 'r', driver, pool: 'b', device: 'gpu-b' }] },
          nodeSelector: { nodeSelectorTerms: [inB] },
        },
      },
    });
    putPod('p', 'mine', { spec: { nodeSelector: { 'kubernetes.io/hostname': 'a' } } });
    await isOn('p', 'a');
    expect(claim('mine').status?.allocation?.devices?.results?.[0]?.device).toBe('gpu-a');
  });

  it('gives its reservation back when it cannot be bound', async () => {
    await start('a');
    putSlice('a', 'gpu-0');
    putClaim('mine');
    let isRefusing = true;
    harness.api.refuse(({ path }) => {
      if (!isRefusing || !path.endsWith('/binding')) return undefined;
      return new StatusError(statusErrors.notFound({ group: '', resource: 'pods' }, 'p').status);
    });
    putPod('p', 'mine');
    await eventually(() => {
      expect(harness.api.requests.some(({ path }) => path.endsWith('/p/binding'))).toBe(true);
    });
    isRefusing = false;
    await isOn('p', 'a');
    expect(claim('mine').status?.reservedFor).toHaveLength(1);
  });
});

/** Long enough for an attempt. */
async function isOnNothing(name: string): Promise<void> {
  await harness.timers.sleep(100);
  expect(podNamed(name).spec?.nodeName).toBeUndefined();
}

import { newControllerReference, type KubeObject } from '@reckon/api/machinery';
import { refs, type ResourceRef } from '@reckon/client/rest';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import type { Pod } from '../replica-set/pod-state';
import { startControllersForTest } from '../testing/controller-test.suite';
import type { ResourceClaim } from './claims-for-pod';
import { resourceClaimController } from './resource-claim-controller';

let harness: ClientHarness;
afterEach(() => harness.stop());

const finalizers = ['resource.kubernetes.io/delete-protection'];
const put = (ref: ResourceRef, object: object): KubeObject => harness.api.store.put(ref, object as KubeObject);
const putPod = (name: string, spec: object = {}, status: object = {}): Pod =>
  put(refs.pods, {
    metadata: { name, namespace: 'default', uid: `uid-${name}` },
    spec: { containers: [], resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'template' }], ...spec },
    status: { phase: 'Pending', ...status },
  });
const putClaim = (name: string, status: object = {}, metadata: object = {}): KubeObject =>
  put(refs.resourceClaims, { metadata: { name, namespace: 'default', ...metadata }, spec: { devices: {} }, status });
const allocation = { devices: { results: [] } };
const by = (pod: string) => ({ resource: 'pods', name: pod, uid: `uid-${pod}` });
const claims = (): ResourceClaim[] => harness.api.store.list(refs.resourceClaims, 'default') as ResourceClaim[];
const claim = (name: string): ResourceClaim | undefined =>
  harness.api.store.find(refs.resourceClaims, 'default', name) as ResourceClaim | undefined;
const podNamed = (name: string): Pod => harness.api.store.get(refs.pods, 'default', name);

describe('the controller of resource claims', () => {
  it('makes a claim of a template, once, and tells the pod its name', async () => {
    harness = await startControllersForTest([resourceClaimController]);
    put(refs.resourceClaimTemplates, {
      metadata: { name: 'template', namespace: 'default' },
      spec: { metadata: { labels: { a: 'b' } }, spec: { devices: { requests: [{ name: 'r' }] } } },
    });
    const pod = putPod('p');
    await eventually(() => {
      expect(podNamed('p').status?.resourceClaimStatuses).toEqual([
        { name: 'gpu', resourceClaimName: claims()[0]?.metadata.name },
      ]);
    });
    expect(claims()).toHaveLength(1);
    expect(claims()[0]).toMatchObject({
      metadata: {
        name: expect.stringMatching(/^p-gpu-/) as string,
        labels: { a: 'b' },
        annotations: { 'resource.kubernetes.io/pod-claim-name': 'gpu' },
        ownerReferences: [newControllerReference(pod, { apiVersion: 'v1', kind: 'Pod' })],
      },
      spec: { devices: { requests: [{ name: 'r' }] } },
    });
  });

  it('takes the claim that it has made before, should the pod not know', async () => {
    harness = await startControllersForTest([resourceClaimController]);
    putClaim(
      'made',
      {},
      {
        annotations: { 'resource.kubernetes.io/pod-claim-name': 'gpu' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'uid-p', controller: true }],
      },
    );
    await eventually(() => {
      expect(harness.informers.existing(refs.resourceClaims)?.lister.size).toBe(1);
    });
    putPod('p');
    await eventually(() => {
      expect(podNamed('p').status?.resourceClaimStatuses?.[0]?.resourceClaimName).toBe('made');
    });
  });

  it('says what template is missing, and goes on when it is there', async () => {
    harness = await startControllersForTest([resourceClaimController]);
    putPod('p');
    await eventually(() => {
      expect(harness.api.store.list(refs.events, 'default')).toMatchObject([
        {
          type: 'Warning',
          reason: 'FailedResourceClaimCreation',
          message:
            'PodResourceClaim gpu: resource claim template "template": resourceclaimtemplate.resource.k8s.io "template" not found',
        },
      ]);
    });
    put(refs.resourceClaimTemplates, {
      metadata: { name: 'template', namespace: 'default' },
      spec: { spec: { devices: {} } },
    });
    await eventually(() => {
      expect(claims()).toHaveLength(1);
    });
  });

  it('takes back what pods have reserved that are done or gone, and the devices with the last', async () => {
    harness = await startControllersForTest([resourceClaimController]);
    const spec = { resourceClaims: [{ name: 'gpu', resourceClaimName: 'shared' }], nodeName: 'n' };
    putPod('p', spec, { phase: 'Running' });
    putPod('q', spec, { phase: 'Running' });
    await eventually(() => {
      expect(harness.informers.existing(refs.pods)?.lister.size).toBe(2);
    });
    putClaim(
      'shared',
      { allocation, reservedFor: [by('p'), by('q'), by('gone'), { ...by('x'), apiGroup: 'a.b' }] },
      { finalizers },
    );
    const users = () => claim('shared')?.status?.reservedFor?.map(({ name }) => name);
    await eventually(() => {
      expect(users()).toEqual(['p', 'q', 'x']);
    });
    putPod('p', spec, { phase: 'Succeeded' });
    await eventually(() => {
      expect(users()).toEqual(['q', 'x']);
    });
    put(refs.resourceClaims, { ...claim('shared'), status: { allocation, reservedFor: [by('q')] } });
    harness.api.store.delete(refs.pods, 'default', 'q', { gracePeriodSeconds: 0 });
    await eventually(() => {
      expect(claim('shared')?.status).toEqual({});
      expect(claim('shared')?.metadata.finalizers ?? []).toEqual([]);
    });
  });

  it('leaves a claim that has devices and was never used alone, until it is deleted', async () => {
    harness = await startControllersForTest([resourceClaimController]);
    putClaim('idle', { allocation }, { finalizers });
    putClaim('going', { allocation }, { finalizers, deletionTimestamp: '2026-01-01T00:00:00Z' });
    await eventually(() => {
      expect(claim('going')).toBeUndefined();
    });
    expect(claim('idle')?.status?.allocation).toEqual(allocation);
  });

  it('deletes the claim that was made for a pod when that is done', async () => {
    harness = await startControllersForTest([resourceClaimController]);
    put(refs.resourceClaimTemplates, {
      metadata: { name: 'template', namespace: 'default' },
      spec: { spec: { devices: {} } },
    });
    putPod('p');
    await eventually(() => {
      expect(podNamed('p').status?.resourceClaimStatuses).toHaveLength(1);
    });
    const { status } = podNamed('p');
    putPod('p', { nodeName: 'n' }, { ...status, phase: 'Failed' });
    await eventually(() => {
      expect(claims()).toEqual([]);
    });
  });

  it('reserves claims for a pod that got its node past the scheduler', async () => {
    harness = await startControllersForTest([resourceClaimController]);
    putClaim('mine', { allocation }, { finalizers });
    await eventually(() => {
      expect(harness.informers.existing(refs.resourceClaims)?.lister.size).toBe(1);
    });
    putPod('p', { nodeName: 'n', resourceClaims: [{ name: 'gpu', resourceClaimName: 'mine' }] });
    await eventually(() => {
      expect(claim('mine')?.status?.reservedFor).toEqual([by('p')]);
    });
  });
});

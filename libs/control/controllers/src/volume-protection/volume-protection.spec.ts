import type { KubeObject } from '@reckon/api/machinery';
import { refs, type ResourceRef } from '@reckon/client/rest';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import { persistentVolumeClaimProtection } from './persistent-volume-claim-protection';
import { persistentVolumeProtection } from './persistent-volume-protection';
import { volumeAttributesClassProtection } from './volume-attributes-class-protection';

let harness: ClientHarness;
afterEach(() => harness.stop());

const namespace = 'team';
const deletionTimestamp = '2026-01-01T00:00:00Z';
const put = (ref: ResourceRef, object: object): void => {
  harness.api.store.put(ref, object as KubeObject);
};
const finalizersOf = (ref: ResourceRef, name: string): readonly string[] | undefined =>
  harness.api.store.find(ref, ref.namespaced ? namespace : '', name)?.metadata.finalizers;
/** Long enough for a controller to have done what it should not. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 60));

describe('the protection of claims', () => {
  const finalizer = 'kubernetes.io/pvc-protection';
  const { persistentVolumeClaims: ref } = refs;
  const claim = (name: string, metadata: object = {}): object => ({
    metadata: { namespace, name, finalizers: ['example.com/mine', finalizer], deletionTimestamp, ...metadata },
    spec: {},
  });
  const pod = (name: string, claimName: string, spec: object = { nodeName: 'n' }): object => ({
    metadata: { namespace, name },
    spec: { ...spec, volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] },
    status: { phase: 'Running' },
  });
  const start = async (): Promise<void> => {
    harness = await startControllersForTest([persistentVolumeClaimProtection]);
  };

  it('is given to claims that have none', async () => {
    await start();
    put(ref, { metadata: { namespace, name: 'old' }, spec: {} });
    await eventually(() => {
      expect(finalizersOf(ref, 'old')).toEqual([finalizer]);
    });
  });

  it('ends when a claim is deleted that nobody uses, and leaves other finalizers', async () => {
    await start();
    put(refs.pods, pod('waits', 'unused', {}));
    put(refs.pods, pod('other', 'used'));
    put(ref, claim('unused'));
    put(ref, claim('used'));
    await eventually(() => {
      expect(finalizersOf(ref, 'unused')).toEqual(['example.com/mine']);
    });
    await settled();
    expect(finalizersOf(ref, 'used')).toContain(finalizer);
  });

  it('outlasts the pod that uses a claim, even one that has ended', async () => {
    await start();
    put(refs.pods, pod('p', 'used'));
    put(ref, claim('used'));
    await settled();
    put(refs.pods, { ...pod('p', 'used'), status: { phase: 'Succeeded' } });
    await settled();
    expect(finalizersOf(ref, 'used')).toContain(finalizer);
    harness.api.store.delete(refs.pods, namespace, 'p');
    await eventually(() => {
      expect(finalizersOf(ref, 'used')).toEqual(['example.com/mine']);
    });
  });

  it('leaves a claim alone that is in order', async () => {
    await start();
    const seen: string[] = [];
    put(ref, claim('quiet', { deletionTimestamp: undefined }));
    harness.api.store.subscribe(({ type }) => seen.push(type));
    await settled();
    expect(seen).toEqual([]);
  });
});

describe('the protection of volumes', () => {
  const finalizer = 'kubernetes.io/pv-protection';
  const { persistentVolumes: ref } = refs;

  it('is given to all, and outlasts the claim that a volume is bound to', async () => {
    harness = await startControllersForTest([persistentVolumeProtection]);
    const volume = (phase: string) => ({
      metadata: { name: 'bound', finalizers: [finalizer, 'example.com/mine'], deletionTimestamp },
      status: { phase },
    });
    put(ref, { metadata: { name: 'old' } });
    put(ref, volume('Bound'));
    await eventually(() => {
      expect(finalizersOf(ref, 'old')).toEqual([finalizer]);
    });
    expect(finalizersOf(ref, 'bound')).toContain(finalizer);
    put(ref, volume('Released'));
    await eventually(() => {
      expect(finalizersOf(ref, 'bound')).toEqual(['example.com/mine']);
    });
  });
});

describe('the protection of classes of volume attributes', () => {
  const finalizer = 'kubernetes.io/vac-protection';
  const { volumeAttributesClasses: ref } = refs;
  const deleted = { metadata: { name: 'gold', finalizers: ['example.com/mine', finalizer], deletionTimestamp } };
  const isReleased = () =>
    eventually(() => {
      expect(finalizersOf(ref, 'gold')).toEqual(['example.com/mine']);
    });
  const isKept = async () => {
    await settled();
    expect(finalizersOf(ref, 'gold')).toContain(finalizer);
  };
  const claim = (status: object, spec: object = {}): void => {
    put(refs.persistentVolumeClaims, { metadata: { namespace, name: 'c' }, spec, status });
  };
  const start = async (): Promise<void> => {
    harness = await startControllersForTest([volumeAttributesClassProtection]);
  };

  it('is given to classes that have none, and ends with those that nobody has', async () => {
    await start();
    put(ref, { metadata: { name: 'old' } });
    put(ref, deleted);
    await isReleased();
    await eventually(() => {
      expect(finalizersOf(ref, 'old')).toEqual([finalizer]);
    });
  });

  it('outlasts the volume that has the class', async () => {
    await start();
    put(refs.persistentVolumes, { metadata: { name: 'v' }, spec: { volumeAttributesClassName: 'gold' } });
    await settled();
    put(ref, deleted);
    await isKept();
    put(refs.persistentVolumes, { metadata: { name: 'v' }, spec: { volumeAttributesClassName: 'silver' } });
    await isReleased();
  });

  it('outlasts the claim that wants the class, has it, or is on its way to it', async () => {
    await start();
    claim({}, { volumeAttributesClassName: 'gold' });
    await settled();
    put(ref, deleted);
    await isKept();
    claim({ modifyVolumeStatus: { targetVolumeAttributesClassName: 'gold', status: 'Pending' } });
    await isKept();
    claim({ currentVolumeAttributesClassName: 'gold' });
    await isKept();
    harness.api.store.delete(refs.persistentVolumeClaims, namespace, 'c');
    await isReleased();
  });
});

import type { KubeObject } from '@reckon/api/machinery';
import { refs, type ResourceRef } from '@reckon/client/rest';
import type { Claim, Volume } from '@reckon/control/runtime';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import { persistentVolumeBinder } from './persistent-volume-binder';

let harness: ClientHarness;
afterEach(() => harness.stop());

const namespace = 'team';
const { persistentVolumes, persistentVolumeClaims, storageClasses } = refs;
const boundByController = 'pv.kubernetes.io/bound-by-controller';
const bindCompleted = 'pv.kubernetes.io/bind-completed';

const start = async (prepare: () => void = () => undefined): Promise<void> => {
  harness = await startControllersForTest([persistentVolumeBinder], {
    prepare: (made) => {
      harness = made;
      prepare();
    },
  });
};
const put = (ref: ResourceRef, object: object): KubeObject => harness.api.store.put(ref, object as KubeObject);
const putVolume = (name: string, spec: object = {}, more: object = {}): KubeObject =>
  put(persistentVolumes, {
    metadata: { name, ...more },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: '/data', type: '' },
      persistentVolumeReclaimPolicy: 'Retain',
      volumeMode: 'Filesystem',
      ...spec,
    },
    status: { phase: 'Pending' },
  });
const putClaim = (name: string, spec: object = {}, more: object = {}): KubeObject =>
  put(persistentVolumeClaims, {
    metadata: { namespace, name, ...more },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      storageClassName: '',
      volumeMode: 'Filesystem',
      ...spec,
    },
    status: { phase: 'Pending' },
  });
const putClass = (name: string, more: object = {}): KubeObject =>
  put(storageClasses, {
    metadata: { name },
    provisioner: 'example.com/disks',
    volumeBindingMode: 'Immediate',
    ...more,
  });
const volume = (name: string): Volume => harness.api.store.get(persistentVolumes, '', name);
const claim = (name: string): Claim => harness.api.store.get(persistentVolumeClaims, namespace, name);
const removeClaim = (name: string): void => {
  harness.api.store.delete(persistentVolumeClaims, namespace, name);
};
const phases = (): Record<string, string | undefined> =>
  Object.fromEntries(
    [
      ...harness.api.store.list(persistentVolumes, ''),
      ...harness.api.store.list(persistentVolumeClaims, namespace),
    ].map((object) => [object.metadata.name ?? '', (object as Volume).status?.phase]),
  );
const isSoon = (wanted: Record<string, string>): Promise<void> =>
  eventually(() => {
    expect(phases()).toEqual(wanted);
  });
const told = (name: string): string[] =>
  ['', 'default', namespace]
    .flatMap((where) => harness.api.store.list(refs.events, where))
    .filter((event) => (event['involvedObject'] as { name: string }).name === name)
    .map((event) => `${String(event['type'])} ${String(event['reason'])}: ${String(event['message'])}`)
    .filter((text, i, all) => all.indexOf(text) === i);
const writes = (): string[] =>
  harness.api.requests
    .filter(({ method, path }) => method !== 'GET' && !path.includes('/events'))
    .map(({ method, path }) => `${method} ${path.split('?')[0] ?? ''}`);
/** Long enough for a controller to have done what it should not. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 80));

describe('a claim and a volume that fit', () => {
  it('are bound by four writes, the volume first', async () => {
    await start();
    putVolume('pv');
    await isSoon({ pv: 'Available' });
    const { resourceVersion } = putClaim('pvc').metadata;
    await isSoon({ pv: 'Bound', pvc: 'Bound' });
    expect(volume('pv')).toMatchObject({
      metadata: { annotations: { [boundByController]: 'yes' } },
      spec: {
        claimRef: {
          kind: 'PersistentVolumeClaim',
          namespace,
          name: 'pvc',
          uid: claim('pvc').metadata.uid,
          apiVersion: 'v1',
          resourceVersion,
        },
      },
    });
    expect(claim('pvc')).toMatchObject({
      metadata: { annotations: { [bindCompleted]: 'yes', [boundByController]: 'yes' } },
      spec: { volumeName: 'pv' },
      status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } },
    });
    await settled();
    const pvc = `/api/v1/namespaces/${namespace}/persistentvolumeclaims/pvc`;
    expect(writes()).toEqual([
      'PUT /api/v1/persistentvolumes/pv/status',
      'PUT /api/v1/persistentvolumes/pv',
      'PUT /api/v1/persistentvolumes/pv/status',
      `PUT ${pvc}`,
      `PUT ${pvc}/status`,
    ]);
  });

  it('are bound when the volume comes later, and the wait is told', async () => {
    await start();
    putClaim('pvc');
    await eventually(() => {
      expect(told('pvc')).toEqual([
        'Normal FailedBinding: no persistent volumes available for this claim and no storage class is set',
      ]);
    });
    putVolume('pv');
    await isSoon({ pv: 'Bound', pvc: 'Bound' });
  });

  it('are not torn apart, nor given twice, by a cache that is behind', async () => {
    await start();
    putVolume('a');
    putVolume('b');
    await isSoon({ a: 'Available', b: 'Available' });
    harness.api.holdWatches(true, 'persistentvolumes');
    putClaim('one');
    putClaim('two');
    await isSoon({ a: 'Bound', b: 'Bound', one: 'Bound', two: 'Bound' });
    harness.api.holdWatches(false, 'persistentvolumes');
    await settled();
    expect([claim('one').spec?.volumeName, claim('two').spec?.volumeName]).toEqual(['a', 'b']);
    expect(writes()).toHaveLength(2 + 2 * 4);
  });
});

describe('which volume a claim gets', () => {
  it('is the smallest that fits, with no more access modes than it needs', async () => {
    await start(() => {
      putVolume('small', { capacity: { storage: '500Mi' } });
      putVolume('large', { capacity: { storage: '10Gi' } });
      putVolume('middle', { capacity: { storage: '5Gi' } });
      putVolume('shared', { accessModes: ['ReadWriteOnce', 'ReadWriteMany'] });
      putVolume('block', { volumeMode: 'Block' });
      putVolume('classy', { storageClassName: 'fast' });
      putVolume('leaving', {}, { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['example.com/x'] });
    });
    await eventually(() => {
      expect(new Set(Object.values(phases()))).toEqual(new Set(['Available']));
    });
    putClaim('first');
    putClaim('many', { accessModes: ['ReadWriteMany'] });
    await eventually(() => {
      expect(claim('first').spec?.volumeName).toBe('middle');
      expect(claim('many').spec?.volumeName).toBe('shared');
    });
  });

  it('is one whose labels it selects', async () => {
    await start();
    putVolume('a', {}, { labels: { disk: 'hdd' } });
    putVolume('b', {}, { labels: { disk: 'ssd' } });
    putClaim('pvc', { selector: { matchLabels: { disk: 'ssd' } } });
    await isSoon({ a: 'Available', b: 'Bound', pvc: 'Bound' });
  });

  it('is one that is reserved for it, although others are smaller', async () => {
    await start(() => {
      putVolume('free');
      putVolume('reserved', { capacity: { storage: '9Gi' }, claimRef: { namespace, name: 'pvc' } });
    });
    await isSoon({ free: 'Available', reserved: 'Available' });
    putClaim('pvc');
    await isSoon({ free: 'Available', reserved: 'Bound', pvc: 'Bound' });
    expect(volume('reserved').metadata.annotations).toBeUndefined();
    expect(volume('reserved').spec?.claimRef?.uid).toBe(claim('pvc').metadata.uid);
    expect(claim('pvc').metadata.annotations).toEqual({ [bindCompleted]: 'yes', [boundByController]: 'yes' });
  });

  it('is the one that it names, when that fits', async () => {
    await start();
    putVolume('pv', { capacity: { storage: '2Gi' } });
    putClaim('pvc', { volumeName: 'pv' });
    putClaim('greedy', { volumeName: 'other', resources: { requests: { storage: '3Gi' } } });
    await isSoon({ pv: 'Bound', pvc: 'Bound', greedy: 'Pending' });
    expect(claim('pvc').metadata.annotations).toEqual({ [bindCompleted]: 'yes' });
    putVolume('other', { capacity: { storage: '2Gi' } });
    await eventually(() => {
      expect(told('greedy')).toEqual([
        'Warning VolumeMismatch: Cannot bind to requested volume "other": requested PV is too small',
      ]);
    });
    putClaim('late', { volumeName: 'pv' });
    await eventually(() => {
      expect(told('late')).toEqual(['Warning FailedBinding: volume "pv" already bound to a different claim.']);
    });
    expect(claim('late').status?.phase).toBe('Pending');
  });
});

describe('a class', () => {
  it('that waits for a consumer leaves its claims alone until the scheduler has chosen', async () => {
    await start(() => {
      putClass('local', { provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' });
      putVolume('pv', { storageClassName: 'local' });
      putClaim('pvc', { storageClassName: 'local' });
    });
    await eventually(() => {
      expect(told('pvc')).toEqual([
        'Normal WaitForFirstConsumer: waiting for first consumer to be created before binding',
      ]);
    });
    for (const name of ['a', 'b'])
      put(refs.pods, {
        metadata: { namespace, name },
        spec: { containers: [], volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'pvc' } }] },
      });
    putClaim('pvc', { storageClassName: 'local' }, { labels: { touched: 'yes' } });
    await eventually(() => {
      expect(told('pvc')).toContain('Normal WaitForPodScheduled: waiting for pods a,b to be scheduled');
    });
    expect(phases()).toEqual({ pv: 'Available', pvc: 'Pending' });
    const { uid } = claim('pvc').metadata;
    harness.api.store.put(persistentVolumes, {
      ...volume('pv'),
      spec: { ...volume('pv').spec, claimRef: { kind: 'PersistentVolumeClaim', namespace, name: 'pvc', uid } },
    });
    await isSoon({ pv: 'Bound', pvc: 'Bound' });
  });

  it('asks its provisioner for a volume and binds what that makes', async () => {
    await start();
    putClass('fast');
    putClaim('pvc', { storageClassName: 'fast' });
    await eventually(() => {
      expect(told('pvc')).toEqual([
        "Normal ExternalProvisioning: Waiting for a volume to be created either by the external provisioner 'example.com/disks' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
      ]);
    });
    expect(claim('pvc').metadata.annotations).toEqual({
      'volume.beta.kubernetes.io/storage-provisioner': 'example.com/disks',
      'volume.kubernetes.io/storage-provisioner': 'example.com/disks',
    });
    const { uid } = claim('pvc').metadata;
    putVolume(
      'pvc-1',
      { storageClassName: 'fast', claimRef: { namespace, name: 'pvc', uid } },
      { annotations: { 'pv.kubernetes.io/provisioned-by': 'example.com/disks' } },
    );
    await isSoon({ 'pvc-1': 'Bound', pvc: 'Bound' });
  });

  it('that is not there, or cannot be provisioned, is told of', async () => {
    await start(() => {
      putClass('none', { provisioner: 'kubernetes.io/no-provisioner' });
      putClass('path', { provisioner: 'kubernetes.io/host-path' });
    });
    for (const name of ['none', 'path', 'missing']) putClaim(name, { storageClassName: name });
    await eventually(() => {
      expect([...told('none'), ...told('path'), ...told('missing')]).toEqual([
        'Warning ProvisioningFailed: no volume plugin matched name: kubernetes.io/no-provisioner',
        'Warning ProvisioningFailed: Failed to create provisioner: provisioning in volume plugin "kubernetes.io/host-path" is disabled',
        'Warning ProvisioningFailed: storageclass.storage.k8s.io "missing" not found',
      ]);
    });
    putClass('missing', { provisioner: 'kubernetes.io/gce-pd' });
    await eventually(() => {
      expect(claim('missing').metadata.annotations).toMatchObject({
        'volume.kubernetes.io/storage-provisioner': 'pd.csi.storage.gke.io',
      });
    });
  });

  it('that is the default is given to claims that say nothing of one', async () => {
    await start();
    putClaim('pvc', { storageClassName: undefined });
    putClaim('static');
    await eventually(() => {
      expect(told('pvc')).toHaveLength(1);
    });
    putClass('old', {
      metadata: { name: 'old', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    });
    await eventually(() => {
      expect(claim('pvc').spec?.storageClassName).toBe('old');
      expect(told('pvc')).toHaveLength(2);
    });
    expect(claim('static').spec?.storageClassName).toBe('');
  });
});

describe('a volume whose claim is gone', () => {
  const bound = async (spec: object, annotations: Record<string, string> = {}): Promise<void> => {
    await start();
    putVolume('pv', spec, { annotations, finalizers: [] });
    putClaim('pvc');
    await isSoon({ pv: 'Bound', pvc: 'Bound' });
    removeClaim('pvc');
  };

  it('is released and kept, and no other claim gets it', async () => {
    await bound({});
    await isSoon({ pv: 'Released' });
    putClaim('pvc');
    await settled();
    expect(phases()).toEqual({ pv: 'Released', pvc: 'Pending' });
    const freed = { ...volume('pv'), spec: { ...volume('pv').spec } };
    delete freed.spec.claimRef;
    harness.api.store.put(persistentVolumes, freed);
    await isSoon({ pv: 'Bound', pvc: 'Bound' });
  });

  it('is deleted where its policy says so and there is nothing behind it', async () => {
    await bound({ persistentVolumeReclaimPolicy: 'Delete', hostPath: { path: '/tmp/x' } });
    await isSoon({});
  });

  it.each([
    [
      'hostPath',
      { hostPath: { path: '/data' } },
      'host_path deleter only supports /tmp/.+ but received provided /data',
    ],
    [
      'csi',
      { hostPath: undefined, csi: { driver: 'example.com', volumeHandle: 'x' } },
      'error getting deleter volume plugin for volume "pv": no deletable volume plugin matched',
    ],
    [
      'iscsi',
      { hostPath: undefined, iscsi: { targetPortal: 'x', iqn: 'y', lun: 0 } },
      'error getting deleter volume plugin for volume "pv": no volume plugin matched',
    ],
  ])('fails where nobody can delete it: %s', async (_, spec, message) => {
    await bound({ persistentVolumeReclaimPolicy: 'Delete', ...spec });
    await isSoon({ pv: 'Failed' });
    expect(volume('pv').status?.message).toBe(message);
    await eventually(() => {
      expect(told('pv')).toEqual([`Warning VolumeFailedDelete: ${message}`]);
    });
  });

  it('waits for its provisioner to delete it', async () => {
    await bound(
      { persistentVolumeReclaimPolicy: 'Delete' },
      { 'pv.kubernetes.io/provisioned-by': 'example.com/disks' },
    );
    await isSoon({ pv: 'Released' });
    await settled();
    expect(told('pv')).toEqual([]);
  });

  it('is free again where it is recycled', async () => {
    await bound({ persistentVolumeReclaimPolicy: 'Recycle' });
    await isSoon({ pv: 'Available' });
    expect(volume('pv').spec?.claimRef).toBeUndefined();
    expect(volume('pv').metadata.annotations ?? {}).toEqual({});
    await eventually(() => {
      expect(told('pv')).toEqual(['Normal VolumeRecycled: Volume recycled']);
    });
  });

  it('fails where nobody can recycle it', async () => {
    await bound({
      persistentVolumeReclaimPolicy: 'Recycle',
      hostPath: undefined,
      csi: { driver: 'example.com', volumeHandle: 'x' },
    });
    await isSoon({ pv: 'Failed' });
    expect(volume('pv').status?.message).toBe('No recycler plugin found for the volume!');
  });

  it('is not released because the cache does not show the claim yet', async () => {
    await start();
    harness.api.holdWatches(true, 'persistentvolumeclaims');
    const { uid } = putClaim('pvc').metadata;
    putVolume('pv', { claimRef: { namespace, name: 'pvc', uid } });
    await settled();
    harness.api.holdWatches(false, 'persistentvolumeclaims');
    await isSoon({ pv: 'Bound', pvc: 'Bound' });
    expect(writes().filter((write) => write.endsWith('pv/status'))).toHaveLength(1);
  });
});

describe('a bound claim', () => {
  it('is lost when its volume is deleted', async () => {
    await start();
    putVolume('pv');
    putClaim('pvc');
    await isSoon({ pv: 'Bound', pvc: 'Bound' });
    harness.api.store.delete(persistentVolumes, '', 'pv');
    await isSoon({ pvc: 'Lost' });
    expect(claim('pvc').status).toEqual({ phase: 'Lost' });
    await eventually(() => {
      expect(told('pvc')).toContain(
        'Warning ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!',
      );
    });
  });

  it('is lost when its volume is another claim’s', async () => {
    await start(() => {
      putVolume('pv', { claimRef: { namespace, name: 'other', uid: 'other' } });
      putClaim('pvc', { volumeName: 'pv' }, { annotations: { [bindCompleted]: 'yes' } });
    });
    await eventually(() => {
      expect(claim('pvc').status?.phase).toBe('Lost');
      expect(told('pvc')).toEqual([
        'Warning ClaimMisbound: Two claims are bound to the same volume, this one is bound incorrectly',
      ]);
    });
  });

  it('gives back a second volume that was tied to it', async () => {
    await start(() => {
      const { uid } = putClaim('pvc', { volumeName: 'a' }, { annotations: { [bindCompleted]: 'yes' } }).metadata;
      const claimRef = { namespace, name: 'pvc', uid };
      putVolume('a', { claimRef });
      putVolume('b', { claimRef }, { annotations: { [boundByController]: 'yes' } });
      putVolume('c', { claimRef });
    });
    await isSoon({ pvc: 'Bound', a: 'Bound', b: 'Available', c: 'Available' });
    expect(volume('b').spec?.claimRef).toBeUndefined();
    expect(volume('c').spec?.claimRef).toEqual({ namespace, name: 'pvc' });
  });
});

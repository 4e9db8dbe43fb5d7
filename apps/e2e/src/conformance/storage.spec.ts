import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exerciseApi } from './api-operations';
import { type ApiObject, type ConformanceCluster, namesOf, startConformanceCluster } from './conformance-cluster';

let cluster: ConformanceCluster;

beforeAll(async () => {
  cluster = await startConformanceCluster();
});
afterAll(async () => {
  await cluster.dispose();
});

const group = 'storage.k8s.io';
const core = (namespace: string, resource: string): string => `/api/v1/namespaces/${namespace}/${resource}`;

describe('[sig-storage] CSIInlineVolumes', () => {
  it('should run through the lifecycle of a CSIDriver', async () => {
    await exerciseApi(cluster, {
      group,
      resource: 'csidrivers',
      kind: 'CSIDriver',
      names: ['inline-driver-1', 'inline-driver-2', 'inline-driver-3'],
      fields: (nth) => ({
        spec: {
          volumeLifecycleModes: nth === 0 ? ['Ephemeral'] : ['Persistent', 'Ephemeral'],
          fsGroupPolicy: 'ReadWriteOnceWithFSType',
        },
      }),
    });
  });

  it('should support CSIVolumeSource in Pod API', async () => {
    const collection = core(await cluster.namespace('csi'), 'pods');
    const name = 'pod-csi-inline-volumes';
    const volumes = [
      { name: 'csi-inline-vol1', csi: { driver: 'e2e.example.com' } },
      { name: 'csi-inline-vol2', csi: { driver: 'e2e.example.com', fsType: 'ext4', readOnly: true } },
    ];
    const pod = {
      metadata: { name },
      spec: {
        terminationGracePeriodSeconds: 0,
        volumes,
        containers: [
          {
            name,
            image: 'registry.example/busybox:1',
            volumeMounts: [
              { name: 'csi-inline-vol1', mountPath: '/mnt/vol1' },
              { name: 'csi-inline-vol2', mountPath: '/mnt/vol2' },
            ],
          },
        ],
      },
    };
    const made = await cluster.create(collection, pod);
    const again = await cluster.raw.send('POST', collection, { body: pod });
    expect([again.status, again.body]).toMatchObject([409, { reason: 'AlreadyExists' }]);
    const read = await cluster.get(`${collection}/${name}`);
    expect(read.metadata.uid).toBe(made.metadata.uid);
    expect(read.spec?.['volumes']).toEqual(expect.arrayContaining(volumes));
    expect(namesOf(await cluster.list(collection))).toEqual([name]);
    const patched = await cluster.patch(`${collection}/${name}`, { metadata: { annotations: { patched: 'true' } } });
    expect(patched.metadata.annotations).toMatchObject({ patched: 'true' });
    await cluster.delete(`${collection}/${name}`);
    await cluster.gone(`${collection}/${name}`);
  });
});

describe('[sig-storage] CSINodes CSI Conformance', () => {
  it('should run through the lifecycle of a csinode', async () => {
    await exerciseApi(cluster, {
      group,
      resource: 'csinodes',
      kind: 'CSINode',
      names: ['e2e-csinode-1', 'e2e-csinode-2', 'e2e-csinode-3'],
      fields: {
        spec: { drivers: [{ name: 'e2e-driver', nodeID: 'e2e-node', topologyKeys: ['example.com/zone'] }] },
      },
    });
  });
});

describe('[sig-storage] CSIStorageCapacity', () => {
  it('should support CSIStorageCapacities API operations', async () => {
    await exerciseApi(cluster, {
      group,
      resource: 'csistoragecapacities',
      kind: 'CSIStorageCapacity',
      namespace: await cluster.namespace('capacity'),
      fields: { storageClassName: 'example-storage', capacity: '100Gi' },
      changed: { capacity: '200Gi' },
    });
  });
});

describe('[sig-storage] StorageClasses CSI Conformance', () => {
  it('should run through the lifecycle of a StorageClass', async () => {
    await exerciseApi(cluster, {
      group,
      resource: 'storageclasses',
      kind: 'StorageClass',
      fields: { provisioner: 'e2e-fake-provisioner', reclaimPolicy: 'Delete' },
    });
  });
});

describe('[sig-storage] VolumeAttributesClass [FeatureGate:VolumeAttributesClass]', () => {
  it('should run through the lifecycle of a VolumeAttributesClass', async () => {
    await exerciseApi(cluster, {
      group,
      resource: 'volumeattributesclasses',
      kind: 'VolumeAttributesClass',
      fields: { driverName: 'e2e-fake-csi-driver', parameters: { foo: 'bar' } },
    });
  });
});

describe('[sig-storage] VolumeAttachment Conformance', () => {
  const attachment = (name: string): object => ({
    metadata: { name },
    spec: {
      attacher: 'e2e-test.storage.k8s.io',
      nodeName: 'reckon-node-0',
      source: { persistentVolumeName: `pv-${name}` },
    },
    status: { attached: false },
  });

  it('should run through the lifecycle of a VolumeAttachment', async () => {
    const { spec } = attachment('lifecycle') as { spec: object };
    await exerciseApi(cluster, { group, resource: 'volumeattachments', kind: 'VolumeAttachment', fields: { spec } });
  });

  it('should apply changes to a volumeattachment status', async () => {
    const collection = `/apis/${group}/v1/volumeattachments`;
    const path = `${collection}/va-status`;
    await cluster.create(collection, attachment('va-status'));
    const labelled = await cluster.patch(path, { metadata: { labels: { 'va-e2e': 'patched' } } });
    expect(labelled.metadata.labels).toEqual({ 'va-e2e': 'patched' });
    expect((await cluster.get(`${path}/status`)).status).toEqual({ attached: false });
    const patched = await cluster.patch(`${path}/status`, { status: { attached: true } });
    expect(patched.status).toEqual({ attached: true });
    const updated = await cluster.change(
      path,
      (current) => ({ ...current, status: { attached: false } }),
      `${path}/status`,
    );
    expect(updated.status).toEqual({ attached: false });
    await cluster.delete(path);
    await cluster.gone(path);
  });
});

describe('[sig-storage] PersistentVolumes CSI Conformance', () => {
  const volumes = '/api/v1/persistentvolumes';
  const make = async (namespace: string): Promise<{ readonly volume: string; readonly claim: string }> => {
    const storageClassName = namespace;
    const labels = { 'e2e-pv-pool': namespace };
    const accessModes = ['ReadWriteOnce'];
    const volume = await cluster.create(volumes, {
      metadata: { generateName: `${namespace}-`, labels },
      spec: {
        storageClassName,
        accessModes,
        capacity: { storage: '2Gi' },
        persistentVolumeReclaimPolicy: 'Retain',
        csi: { driver: 'e2e-driver.example.com', volumeHandle: 'e2e-conformance' },
      },
    });
    const claim = await cluster.create(core(namespace, 'persistentvolumeclaims'), {
      metadata: { generateName: 'pvc-' },
      spec: { storageClassName, accessModes, resources: { requests: { storage: '2Gi' } } },
    });
    return {
      volume: `${volumes}/${volume.metadata.name}`,
      claim: `${core(namespace, 'persistentvolumeclaims')}/${claim.metadata.name}`,
    };
  };
  const label = (path: string, value: string): Promise<ApiObject> =>
    cluster.patch(path, { metadata: { labels: { e2e: value } } }, 'strategic-merge-patch');
  const relabel = (path: string, value: string): Promise<ApiObject> =>
    cluster.change(path, (current) => ({
      ...current,
      metadata: { ...current.metadata, labels: { ...current.metadata.labels, e2e: value } },
    }));

  it('should run through the lifecycle of a PV and a PVC', async () => {
    const namespace = await cluster.namespace('pv');
    const claims = core(namespace, 'persistentvolumeclaims');
    const first = await make(namespace);
    const pool = `${volumes}?labelSelector=e2e-pv-pool%3D${namespace}`;
    expect((await cluster.list(pool)).items).toHaveLength(1);
    expect((await cluster.list(claims)).items).toHaveLength(1);
    for (const path of [first.volume, first.claim]) {
      const patched = await label(path, 'patched');
      expect(patched.metadata.labels).toMatchObject({ e2e: 'patched' });
      expect((await cluster.get(path)).metadata.uid).toBe(patched.metadata.uid);
    }
    await cluster.delete(first.claim);
    await cluster.gone(first.claim);
    await cluster.delete(first.volume);
    await cluster.gone(first.volume);

    const second = await make(namespace);
    for (const path of [second.volume, second.claim])
      expect((await relabel(path, 'updated')).metadata.labels).toMatchObject({ e2e: 'updated' });
    expect((await cluster.list('/api/v1/persistentvolumeclaims?labelSelector=e2e%3Dupdated')).items).toHaveLength(1);
    await cluster.delete(`${claims}?labelSelector=e2e%3Dupdated`);
    await cluster.gone(second.claim);
    await cluster.delete(`${volumes}?labelSelector=e2e%3Dupdated`);
    await cluster.gone(second.volume);
    expect((await cluster.list(pool)).items).toEqual([]);
  });

  it('should apply changes to a pv/pvc status', async () => {
    const namespace = await cluster.namespace('pv');
    const { volume, claim } = await make(namespace);
    expect(['Pending', 'Bound']).toContain((await cluster.get(`${claim}/status`)).status?.['phase']);
    expect(['Pending', 'Available', 'Bound']).toContain((await cluster.get(`${volume}/status`)).status?.['phase']);
    const condition = (type: string): object => ({ type, status: 'True', reason: 'E2E', message: 'Set from e2e test' });
    const patchedClaim = await cluster.patch(`${claim}/status`, {
      status: { conditions: [condition('StatusPatched')] },
    });
    expect(patchedClaim.status).toMatchObject({ conditions: [condition('StatusPatched')] });
    const patchedVolume = await cluster.patch(`${volume}/status`, {
      status: { message: 'StatusPatched', reason: 'E2E patchStatus' },
    });
    expect(patchedVolume.status).toMatchObject({ message: 'StatusPatched', reason: 'E2E patchStatus' });
    const updatedClaim = await cluster.change(
      claim,
      (current) => ({ ...current, status: { ...current.status, conditions: [condition('StatusUpdated')] } }),
      `${claim}/status`,
    );
    expect(updatedClaim.status).toMatchObject({ conditions: [condition('StatusUpdated')] });
    const updatedVolume = await cluster.change(
      volume,
      (current) => ({
        ...current,
        status: { ...current.status, message: 'StatusUpdated', reason: 'E2E updateStatus' },
      }),
      `${volume}/status`,
    );
    expect(updatedVolume.status).toMatchObject({ message: 'StatusUpdated', reason: 'E2E updateStatus' });
  });
});

describe('[sig-storage] ConfigMap', () => {
  it('should be immutable if `immutable` field is set', () => expectImmutable('configmaps', (value) => value));
});

describe('[sig-storage] Secrets', () => {
  it('should be immutable if `immutable` field is set', () =>
    expectImmutable('secrets', (value) => Buffer.from(value).toString('base64')));
});

/** Data may change until `immutable` is set, which then stays; labels may change always. */
async function expectImmutable(resource: string, encode: (value: string) => string): Promise<void> {
  const collection = core(await cluster.namespace('immutable'), resource);
  const path = `${collection}/immutable`;
  await cluster.create(collection, { metadata: { name: 'immutable' }, data: { 'data-1': encode('value-1') } });
  const current = await cluster.change(path, (before) => ({ ...before, data: { 'data-1': encode('value-2') } }));
  const immutable = await cluster.update(path, { ...current, immutable: true });
  expect(immutable['immutable']).toBe(true);
  for (const change of [{ data: { 'data-1': encode('value-3') } }, { immutable: false }, { immutable: undefined }]) {
    const refused = await cluster.raw.send('PUT', path, { body: { ...immutable, ...change } });
    expect([refused.status, refused.body]).toMatchObject([422, { reason: 'Invalid' }]);
  }
  const labelled = await cluster.update(path, {
    ...immutable,
    metadata: { ...immutable.metadata, labels: { label1: 'label1' } },
  });
  expect(labelled.metadata.labels).toEqual({ label1: 'label1' });
  await cluster.delete(path);
  await cluster.gone(path);
}

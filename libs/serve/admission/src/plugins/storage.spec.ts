import { beforeEach, describe, expect, it } from 'vitest';
import { type AdmissionFixture, admissionFixture, rowOf } from '../testing/admission-fixture.suite';

const row = rowOf('', 'v1', 'persistentvolumeclaims');
const classes = { group: 'storage.k8s.io', resource: 'storageclasses' };
const inUse = { finalizers: ['kubernetes.io/pvc-protection'] };
const oldClass = 'volume.beta.kubernetes.io/storage-class';

let fixture: AdmissionFixture;
beforeEach(async () => {
  fixture = await admissionFixture();
});
const storageClass = (name: string, metadata: object = {}, fields: object = {}) =>
  fixture.put(classes, { metadata: { name, ...metadata }, provisioner: 'p', ...fields });
const isDefault = (creationTimestamp: string, annotation = 'storageclass.kubernetes.io/is-default-class'): object => ({
  creationTimestamp,
  annotations: { [annotation]: 'true' },
});

describe('DefaultStorageClass', () => {
  const create = (spec: object, annotations?: object) =>
    fixture.ask({ row, object: { metadata: { name: 'c', ...(annotations && { annotations }) }, spec } });

  it('leaves a claim without a class when there is no default', async () => {
    await storageClass('other');
    expect(await create({})).toEqual({ metadata: { name: 'c', ...inUse }, spec: {} });
  });

  it('gives the newest of the default classes, and of equally old ones the first', async () => {
    await storageClass('old', isDefault('2026-01-01T00:00:00Z'));
    await storageClass('new-b', isDefault('2026-01-02T00:00:00Z', 'storageclass.beta.kubernetes.io/is-default-class'));
    await storageClass('new-a', isDefault('2026-01-02T00:00:00Z'));
    expect(await create({})).toMatchObject({ spec: { storageClassName: 'new-a' } });
  });

  it('keeps to what a claim asks for, even if that is no class', async () => {
    await storageClass('usual', isDefault('2026-01-01T00:00:00Z'));
    expect(await create({ storageClassName: '' })).toMatchObject({ spec: { storageClassName: '' } });
    expect(await create({}, { [oldClass]: 'x' })).toMatchObject({ spec: {} });
    expect(await create({}, { [oldClass]: 'x' })).not.toHaveProperty('spec.storageClassName');
    expect(await create({}, { a: 'b' })).toMatchObject({ spec: { storageClassName: 'usual' } });
  });
});

describe('PersistentVolumeClaimResize', () => {
  const claim = (storage: string, name: string | undefined, phase = 'Bound', annotations: object = {}): object => ({
    metadata: { name: 'c', annotations },
    spec: { resources: { requests: { storage } }, ...(name !== undefined && { storageClassName: name }) },
    status: { phase },
  });
  const update = async (object: object, oldObject: object, subresource = '') => {
    const answer = await fixture.ask({ row, operation: 'UPDATE', name: 'c', object, oldObject, subresource });
    return typeof answer === 'string' ? answer : 'admitted';
  };
  const cannotGrow =
    '403 persistentvolumeclaims "c" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';

  beforeEach(async () => {
    await storageClass('fixed');
    await storageClass('growing', {}, { allowVolumeExpansion: true });
  });

  it.each<[string, object, object, string]>([
    ['grows where its class lets it', claim('2Gi', 'growing'), claim('1Gi', 'growing'), 'admitted'],
    ['may shrink as far as this plugin goes', claim('1Gi', 'fixed'), claim('2Gi', 'fixed'), 'admitted'],
    ['stays as large, said otherwise', claim('1024Mi', 'fixed'), claim('1Gi', 'fixed'), 'admitted'],
    ['has a class that is fixed', claim('2Gi', 'fixed'), claim('1Gi', 'fixed'), cannotGrow],
    ['has a class that is gone', claim('2Gi', 'gone'), claim('1Gi', 'gone'), cannotGrow],
    ['has no class', claim('2Gi', undefined), claim('1Gi', undefined), cannotGrow],
    ['changes its class with it', claim('2Gi', 'growing'), claim('1Gi', 'fixed'), cannotGrow],
    [
      'has its class in the annotation',
      claim('2Gi', undefined, 'Bound', { [oldClass]: 'growing' }),
      claim('1Gi', undefined, 'Bound', { [oldClass]: 'growing' }),
      'admitted',
    ],
    [
      'is not bound',
      claim('2Gi', 'growing'),
      claim('1Gi', 'growing', 'Pending'),
      '403 persistentvolumeclaims "c" is forbidden: Only bound persistent volume claims can be expanded',
    ],
  ])('judges a claim that %s', async (_what, object, old, answer) => {
    expect(await update(object, old)).toBe(answer);
  });

  it('does not look at the status', async () => {
    expect(await update(claim('2Gi', 'fixed'), claim('1Gi', 'fixed'), 'status')).toBe('admitted');
  });
});

describe('StorageObjectInUseProtection', () => {
  it('protects classes of volume attributes as well', async () => {
    const attributes = rowOf('storage.k8s.io', 'v1', 'volumeattributesclasses');
    expect(await fixture.ask({ row: attributes, namespace: '', object: { metadata: { name: 'gold' } } })).toMatchObject(
      {
        metadata: { finalizers: ['kubernetes.io/vac-protection'] },
      },
    );
  });
});

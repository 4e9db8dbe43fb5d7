import type { corev1, storagev1 } from '@reckon/api/types';
import type { ObjectReader } from '../object-reader';
import type { AdmissionPlugin } from '../plugin';
import { claimOf } from '../target';

const classes = { group: 'storage.k8s.io', resource: 'storageclasses' };
const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];
const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

/** A claim that asks for no class gets the default one (plugin/pkg/admission/storage/storageclass/setdefault). */
export function defaultStorageClass(objects: ObjectReader): AdmissionPlugin {
  /** Of several the newest; of equally old ones the first by name, the order in which they come. */
  function defaultClass(): storagev1.StorageClass | undefined {
    let found: storagev1.StorageClass | undefined;
    for (const candidate of objects.list<storagev1.StorageClass>(classes)) {
      if (!defaultAnnotations.some((name) => candidate.metadata.annotations?.[name] === 'true')) continue;
      if (found === undefined || createdAt(candidate) > createdAt(found)) found = candidate;
    }
    return found;
  }

  return {
    name: 'DefaultStorageClass',
    handles: (operation) => operation === 'CREATE',
    admit(attributes) {
      const claim = claimOf(attributes);
      if (claim === undefined || asksForClass(claim)) return;
      const name = defaultClass()?.metadata.name;
      if (name !== undefined) (claim.spec ??= {}).storageClassName = name;
    },
  };
}

/** The empty class is asked for as well: no class, and not the default one. */
const asksForClass = ({ metadata, spec }: corev1.PersistentVolumeClaim): boolean =>
  spec?.storageClassName !== undefined || Object.hasOwn(metadata.annotations ?? {}, classAnnotation);

const createdAt = ({ metadata }: storagev1.StorageClass): number => Date.parse(metadata.creationTimestamp ?? '') || 0;

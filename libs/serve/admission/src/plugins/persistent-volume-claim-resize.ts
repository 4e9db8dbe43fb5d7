import { compareQuantities, parseQuantity } from '@reckon/api/machinery';
import type { corev1, storagev1 } from '@reckon/api/types';
import { admissionForbidden } from '../admission-forbidden';
import type { ObjectReader } from '../object-reader';
import type { AdmissionPlugin } from '../plugin';
import { claimOf } from '../target';

type Claim = corev1.PersistentVolumeClaim;

const classes = { group: 'storage.k8s.io', resource: 'storageclasses' };
const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

/** Claims grow only where their class lets volumes grow (plugin/pkg/admission/storage/persistentvolume/resize). */
export function persistentVolumeClaimResize(objects: ObjectReader): AdmissionPlugin {
  function mayGrow(claim: Claim, old: Claim): boolean {
    const name = classOf(claim);
    if (name === '' || name !== classOf(old)) return false;
    return objects.get<storagev1.StorageClass>(classes, '', name)?.allowVolumeExpansion === true;
  }

  return {
    name: 'PersistentVolumeClaimResize',
    handles: (operation) => operation === 'UPDATE',
    validate(attributes) {
      const claim = claimOf(attributes);
      const old = attributes.oldObject as Claim | undefined;
      if (claim === undefined || old === undefined || !isLarger(claim, old)) return;
      if (old.status?.phase !== 'Bound')
        throw admissionForbidden(attributes, 'Only bound persistent volume claims can be expanded');
      if (!mayGrow(claim, old))
        throw admissionForbidden(
          attributes,
          'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
        );
    },
  };
}

/** The annotation came first and still wins (helper.GetPersistentVolumeClaimClass). */
function classOf({ metadata, spec }: Claim): string {
  const annotations = metadata.annotations ?? {};
  return (Object.hasOwn(annotations, classAnnotation) ? annotations[classAnnotation] : spec?.storageClassName) ?? '';
}

function isLarger(claim: Claim, old: Claim): boolean {
  const size = sizeOf(claim);
  const before = sizeOf(old);
  return size !== before && compareQuantities(parseQuantity(size), parseQuantity(before)) > 0;
}

const sizeOf = ({ spec }: Claim): string => spec?.resources?.requests?.['storage'] ?? '0';

import type { AdmissionPlugin } from '../plugin';
import { isAbout } from '../target';

const finalizers: ReadonlyMap<string, string> = new Map([
  ['persistentvolumes', 'kubernetes.io/pv-protection'],
  ['persistentvolumeclaims', 'kubernetes.io/pvc-protection'],
]);

/** Volumes and claims that are in use outlive their deletion (plugin/pkg/admission/storage/storageobjectinuseprotection). */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  handles: (operation) => operation === 'CREATE',
  admit(attributes) {
    const { row, subresource, object } = attributes;
    const finalizer = finalizers.get(row.resource);
    if (finalizer === undefined || object === undefined || subresource !== '' || !isAbout(attributes, '', row.resource))
      return;
    const present = (object.metadata.finalizers ??= []);
    if (!present.includes(finalizer)) present.push(finalizer);
  },
};

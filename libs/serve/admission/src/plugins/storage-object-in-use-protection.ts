import type { AdmissionPlugin } from '../plugin';
import { isAbout } from '../target';

interface Protected {
  readonly group: string;
  readonly finalizer: string;
}

const finalizers: ReadonlyMap<string, Protected> = new Map([
  ['persistentvolumes', { group: '', finalizer: 'kubernetes.io/pv-protection' }],
  ['persistentvolumeclaims', { group: '', finalizer: 'kubernetes.io/pvc-protection' }],
  ['volumeattributesclasses', { group: 'storage.k8s.io', finalizer: 'kubernetes.io/vac-protection' }],
]);

/** What stores data and is in use outlives its deletion (plugin/pkg/admission/storage/storageobjectinuseprotection). */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  handles: (operation) => operation === 'CREATE',
  admit(attributes) {
    const { row, subresource, object } = attributes;
    const kind = finalizers.get(row.resource);
    if (
      kind === undefined ||
      object === undefined ||
      subresource !== '' ||
      !isAbout(attributes, kind.group, row.resource)
    )
      return;
    const present = (object.metadata.finalizers ??= []);
    if (!present.includes(kind.finalizer)) present.push(kind.finalizer);
  },
};

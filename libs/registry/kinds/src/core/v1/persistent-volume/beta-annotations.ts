import type { metav1 } from '@reckon/api/types';

/** Where the class of a volume or claim stood before it was a field, and still may. */
export const betaStorageClass = 'volume.beta.kubernetes.io/storage-class';

/** Where mount options stood before they were a field. */
export const betaMountOptions = 'volume.beta.kubernetes.io/mount-options';

export const annotationOf = (metadata: metav1.ObjectMeta, name: string): string | undefined =>
  metadata.annotations !== undefined && Object.hasOwn(metadata.annotations, name)
    ? metadata.annotations[name]
    : undefined;

export const betaMountOptionsWarnings = (metadata: metav1.ObjectMeta): string[] =>
  annotationOf(metadata, betaMountOptions) === undefined
    ? []
    : [`metadata.annotations[${betaMountOptions}]: deprecated since v1.31; use "mountOptions" attribute instead`];

export const betaStorageClassWarnings = (metadata: metav1.ObjectMeta): string[] =>
  annotationOf(metadata, betaStorageClass) === undefined
    ? []
    : [`metadata.annotations[${betaStorageClass}]: deprecated since v1.8; use "storageClassName" attribute instead`];

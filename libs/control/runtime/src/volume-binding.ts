import {
  apiVersionOf,
  compareQuantities,
  controllerOf,
  type KubeObject,
  labelSelectorFromObject,
  parseQuantity,
} from '@reckon/api/machinery';
import type { corev1, storagev1 } from '@reckon/api/types';
import { refs } from '@reckon/client/rest';

export type Volume = corev1.PersistentVolume & KubeObject;
export type Claim = corev1.PersistentVolumeClaim & KubeObject;
export type StorageClass = storagev1.StorageClass & KubeObject;

/** What volumes and claims are marked with while they are brought together (k8s.io/component-helpers/storage/volume). */
export const volumeMarks = {
  /** Of a claim: it was bound once; from then on a volume that is missing is a lost one. */
  bindCompleted: 'pv.kubernetes.io/bind-completed',
  /** The binding is ours, so that we may undo it; what a person has bound stays. */
  boundByController: 'pv.kubernetes.io/bound-by-controller',
  /** Of a claim: the node for which a volume is to be made. */
  selectedNode: 'volume.kubernetes.io/selected-node',
  provisionedBy: 'pv.kubernetes.io/provisioned-by',
  migratedTo: 'pv.kubernetes.io/migrated-to',
  provisioner: 'volume.kubernetes.io/storage-provisioner',
  betaProvisioner: 'volume.beta.kubernetes.io/storage-provisioner',
  betaClass: 'volume.beta.kubernetes.io/storage-class',
} as const;

export const isMarked = ({ metadata }: KubeObject, mark: string): boolean =>
  metadata.annotations !== undefined && Object.hasOwn(metadata.annotations, mark);

/** The class of a claim or a volume, '' for none; the annotation of old counts more than the field. */
export const classNameOf = ({ metadata, spec }: Volume | Claim): string =>
  metadata.annotations?.[volumeMarks.betaClass] ?? spec?.storageClassName ?? '';

/** Whether a claim of this class is bound only when a pod that uses it has its node. */
export const isDelayed = (storageClass: StorageClass | undefined): boolean =>
  storageClass?.volumeBindingMode === 'WaitForFirstConsumer';

/** Bound to the claim, or reserved for it by name. */
export function isBoundTo(volume: Volume, claim: Claim): boolean {
  const ref = volume.spec?.claimRef;
  if (ref === undefined || ref.name !== claim.metadata.name || ref.namespace !== claim.metadata.namespace) return false;
  return (ref.uid ?? '') === '' || ref.uid === claim.metadata.uid;
}

/** Both sides agree, and the claim's side says that the work is done. */
export const isFullyBound = (claim: Claim): boolean =>
  (claim.spec?.volumeName ?? '') !== '' && isMarked(claim, volumeMarks.bindCompleted);

/** The volume as it is when it is bound to the claim; the same object when it is already. */
export function boundTo(volume: Volume, claim: Claim): Volume {
  const ref = volume.spec?.claimRef;
  const isOurs = !isBoundTo(volume, claim) && !isMarked(volume, volumeMarks.boundByController);
  if (isBoundTo(volume, claim) && ref?.uid === claim.metadata.uid) return volume;
  return {
    ...volume,
    metadata: isOurs ? marked(volume, { [volumeMarks.boundByController]: 'yes' }) : volume.metadata,
    spec: { ...volume.spec, claimRef: claimReference(claim) },
  };
}

/** The metadata of an object with more annotations. */
export const marked = ({ metadata }: KubeObject, marks: Readonly<Record<string, string>>): KubeObject['metadata'] => ({
  ...metadata,
  annotations: { ...metadata.annotations, ...marks },
});

/** client-go/tools/reference.GetReference */
function claimReference({ metadata: { namespace, name, uid, resourceVersion } }: Claim): corev1.ObjectReference {
  const ref = refs.persistentVolumeClaims;
  return {
    kind: ref.kind,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(uid === undefined ? {} : { uid }),
    apiVersion: apiVersionOf(ref),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}

const storageOf = (amounts: Readonly<Record<string, string>> | undefined): string => amounts?.['storage'] ?? '0';
export const sizeOf = ({ spec }: Volume): string => storageOf(spec?.capacity);
export const requestOf = ({ spec }: Claim): string => storageOf(spec?.resources?.requests);

export const compareSizes = (a: string, b: string): -1 | 0 | 1 =>
  a === b ? 0 : compareQuantities(parseQuantity(a), parseQuantity(b));

const volumeMode = ({ spec }: Volume | Claim): string => spec?.volumeMode ?? 'Filesystem';
export const isSameVolumeMode = (volume: Volume, claim: Claim): boolean => volumeMode(volume) === volumeMode(claim);

const attributesClass = ({ spec }: Volume | Claim): string => spec?.volumeAttributesClassName ?? '';
export const isSameAttributesClass = (volume: Volume, claim: Claim): boolean =>
  attributesClass(volume) === attributesClass(claim);

export const hasAccessModes = (volume: Volume, claim: Claim): boolean =>
  (claim.spec?.accessModes ?? []).every((mode) => volume.spec?.accessModes?.includes(mode) === true);

export interface VolumeSearch {
  /**
   * `reserved-only`: volumes that name the claim; what else would do is left for the scheduler to choose from, which knows the node.
   */
  readonly among: 'all' | 'reserved-only';
  /** Whether a volume can be reached from where it is wanted; absent: from everywhere. */
  readonly isReachable?: (volume: Volume) => boolean;
  /** Names of volumes that are spoken for. */
  readonly taken?: ReadonlySet<string>;
}

/**
 * The volume that names the claim, or else the smallest that is large enough (storage/volume.FindMatchingVolume). None when the one
 * that names it cannot be reached.
 */
export function findMatchingVolume(
  claim: Claim,
  volumes: readonly Volume[],
  { among, isReachable = () => true, taken }: VolumeSearch,
): Volume | undefined {
  const wanted = requestOf(claim);
  const className = classNameOf(claim);
  const selector = claim.spec?.selector === undefined ? undefined : labelSelectorFromObject(claim.spec.selector);
  let smallest: Volume | undefined;
  for (const volume of volumes) {
    const { name = '', deletionTimestamp, labels = {} } = volume.metadata;
    if (taken?.has(name) === true) continue;
    const isReserved = isBoundTo(volume, claim);
    if (volume.spec?.claimRef !== undefined && !isReserved) continue;
    const isFree = among === 'all' && volume.status?.phase === 'Available' && classNameOf(volume) === className;
    if (!isReserved && !isFree) continue;
    if (!isSameVolumeMode(volume, claim) || !isSameAttributesClass(volume, claim)) continue;
    if (deletionTimestamp !== undefined || compareSizes(sizeOf(volume), wanted) < 0) continue;
    if (isReserved) return isReachable(volume) ? volume : undefined;
    if (selector?.matches(labels) === false || !hasAccessModes(volume, claim)) continue;
    if (smallest !== undefined && !isBetter(volume, smallest)) continue;
    if (isReachable(volume)) smallest = volume;
  }
  return smallest;
}

/** Smaller, or of the same size and earlier by name, so that the choice does not depend on the order of a list. */
function isBetter(a: Volume, b: Volume): boolean {
  const order = compareSizes(sizeOf(a), sizeOf(b));
  return order < 0 || (order === 0 && (a.metadata.name ?? '') < (b.metadata.name ?? ''));
}

/** A volume of a pod that a claim stands behind. */
export interface ClaimUse {
  readonly claimName: string;
  /** The claim is made for this pod alone, and must be its own (component-helpers/storage/ephemeral). */
  readonly isEphemeral: boolean;
}

export function claimUses({ metadata, spec }: corev1.Pod & KubeObject): ClaimUse[] {
  const uses: ClaimUse[] = [];
  for (const { name, persistentVolumeClaim, ephemeral } of spec?.volumes ?? []) {
    if (persistentVolumeClaim !== undefined)
      uses.push({ claimName: persistentVolumeClaim.claimName, isEphemeral: false });
    else if (ephemeral !== undefined) uses.push({ claimName: `${metadata.name ?? ''}-${name}`, isEphemeral: true });
  }
  return uses;
}

export const isMadeFor = (claim: Claim, pod: KubeObject): boolean =>
  controllerOf(claim)?.uid === pod.metadata.uid && claim.metadata.namespace === pod.metadata.namespace;

import { type FieldPath, fieldErrors, fieldPath, semanticEqual, validateLabelValue } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { type Errors, immutableMessage } from '../../../field-checks';
import { objectDifference } from '../../../object-difference';
import { annotationOf, betaMountOptions } from './beta-annotations';
import { volumeForm } from './volume-form';
import { validateVolumeSpec, volumeSourceFields } from './volume-spec.validation';

type Spec = corev1.PersistentVolumeSpec;

/** Sources whose mounts took options while those were an annotation (volume/validation `checkMountOption`). */
const mountable = [
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'nfs',
  'rbd',
  'quobyte',
  'iscsi',
  'cinder',
  'cephfs',
  'azureFile',
  'vsphereVolume',
  'azureDisk',
  'photonPersistentDisk',
] as const satisfies readonly (keyof Spec)[];

export function validatePersistentVolume(volume: corev1.PersistentVolume): Errors {
  const errors: Errors = [];
  checkSpec(errors, volume, undefined);
  checkMountOptions(errors, volume);
  return errors;
}

/** What the strategy and ValidatePersistentVolumeUpdate find, each of which looks at the whole spec. */
export function validatePersistentVolumeUpdate(volume: corev1.PersistentVolume, old: corev1.PersistentVolume): Errors {
  const errors: Errors = [];
  checkSpec(errors, volume, old);
  checkMountOptions(errors, volume);
  checkSpec(errors, volume, old);
  const spec = volume.spec ?? {};
  const before = old.spec ?? {};
  checkSourceKept(errors, spec, before);
  if (spec.volumeMode !== before.volumeMode)
    errors.push(fieldErrors.invalid(fieldPath('volumeMode'), spec.volumeMode, immutableMessage));
  if (before.nodeAffinity) checkAffinityKept(errors, fieldPath('nodeAffinity'), spec.nodeAffinity, before.nodeAffinity);
  if (before.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined)
    errors.push(
      fieldErrors.forbidden(
        fieldPath('spec', 'volumeAttributesClassName'),
        'update from non-nil value to nil is forbidden',
      ),
    );
  return errors;
}

function checkSpec(errors: Errors, volume: corev1.PersistentVolume, old: corev1.PersistentVolume | undefined): void {
  validateVolumeSpec(errors, fieldPath('spec'), volume.spec ?? {}, {
    volumeName: volume.metadata.name ?? '',
    nodeLabelValues: old !== undefined && hasBadLabelValues(old.spec ?? {}) ? 'free' : 'checked',
  });
}

function hasBadLabelValues({ nodeAffinity }: Spec): boolean {
  return (nodeAffinity?.required?.nodeSelectorTerms ?? []).some(({ matchExpressions }) =>
    (matchExpressions ?? []).some(({ values }) => (values ?? []).some((value) => validateLabelValue(value).length > 0)),
  );
}

function checkMountOptions(errors: Errors, { metadata, spec = {} }: corev1.PersistentVolume): void {
  if (annotationOf(metadata, betaMountOptions) === undefined || mountable.some((field) => spec[field])) return;
  errors.push(
    fieldErrors.forbidden(
      fieldPath('metadata', 'annotations', betaMountOptions),
      'may not specify mount options for this volume type',
    ),
  );
}

function checkSourceKept(errors: Errors, spec: Spec, old: Spec): void {
  const source = sourceOf(spec);
  // The secret for expansion may be added later.
  if (old.csi && !old.csi.controllerExpandSecretRef && source.csi?.controllerExpandSecretRef) {
    source.csi = { ...source.csi };
    delete source.csi.controllerExpandSecretRef;
  }
  const before = sourceOf(old);
  if (semanticEqual(source, before)) return;
  const difference = objectDifference(
    volumeForm('PersistentVolumeSource', before),
    volumeForm('PersistentVolumeSource', source),
  );
  errors.push(
    fieldErrors.forbidden(
      fieldPath('spec', 'persistentvolumesource'),
      `spec.persistentvolumesource is immutable after creation\n${difference}`,
    ),
  );
}

function sourceOf(spec: Spec): Spec {
  return Object.fromEntries(
    volumeSourceFields.flatMap((field) => (spec[field] === undefined ? [] : [[field, spec[field]]])),
  );
}

/** Node labels that got a final name: a volume may change over to it. */
const finalLabels: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
};

/** `validatePvNodeAffinity`. */
function checkAffinityKept(
  errors: Errors,
  path: FieldPath,
  affinity: corev1.VolumeNodeAffinity | undefined,
  old: corev1.VolumeNodeAffinity,
): void {
  if (semanticEqual(affinity, withFinalLabels(old, affinity))) return;
  errors.push(
    fieldErrors.invalid(
      path,
      affinity === undefined ? null : volumeForm('VolumeNodeAffinity', affinity),
      `${immutableMessage}, except for updating from beta label to GA`,
    ),
  );
}

/** The old affinity, with the keys that the new one has in their final form at the same place. */
function withFinalLabels(
  old: corev1.VolumeNodeAffinity,
  affinity: corev1.VolumeNodeAffinity | undefined,
): corev1.VolumeNodeAffinity {
  if (!old.required) return old;
  const terms = affinity?.required?.nodeSelectorTerms ?? [];
  return {
    required: {
      nodeSelectorTerms: (old.required.nodeSelectorTerms ?? []).map((term, index) => ({
        ...term,
        ...renamedKeys(term, terms[index], 'matchExpressions'),
        ...renamedKeys(term, terms[index], 'matchFields'),
      })),
    },
  };
}

function renamedKeys(
  old: corev1.NodeSelectorTerm,
  term: corev1.NodeSelectorTerm | undefined,
  field: 'matchExpressions' | 'matchFields',
): corev1.NodeSelectorTerm {
  const requirements = old[field];
  if (requirements === undefined) return {};
  return {
    [field]: requirements.map((requirement, index) => {
      const key = term?.[field]?.[index]?.key;
      const isRenamed = Object.hasOwn(finalLabels, requirement.key) && finalLabels[requirement.key] === key;
      return isRenamed && key !== undefined ? { ...requirement, key } : requirement;
    }),
  };
}

/** ValidatePersistentVolumeStatusUpdate. */
export function validatePersistentVolumeStatus(volume: corev1.PersistentVolume): Errors {
  return volume.metadata.resourceVersion ? [] : [fieldErrors.required(fieldPath('resourceVersion'))];
}

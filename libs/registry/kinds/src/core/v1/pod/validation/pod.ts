import { type FieldPath, fieldErrors, fieldPath } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Errors } from '../../../../field-checks';
import { validatePodAnnotations, validateProfilesAgree } from './annotations';
import { checkImageOfPod } from './containers';
import { nothingTolerated, type Tolerated } from './pod-context';
import { validatePodSpec } from './pod-spec';

/** ValidatePodCreate. */
export function validatePodCreate(pod: corev1.Pod): Errors {
  const errors: Errors = [];
  const spec = pod.spec ?? { containers: [] };
  validatePod(errors, pod, nothingTolerated);
  const path = fieldPath('spec');
  if ((spec.ephemeralContainers ?? []).length > 0)
    errors.push(fieldErrors.forbidden(path.child('ephemeralContainers'), 'cannot be set on create'));
  if (spec.nodeName && (spec.schedulingGates ?? []).length > 0)
    errors.push(
      fieldErrors.forbidden(path.child('nodeName'), 'cannot be set until all schedulingGates have been cleared'),
    );
  if (pod.metadata.annotations) validateProfilesAgree(errors, path, pod.metadata.annotations, spec);
  return errors;
}

/** `validatePodMetadataAndSpec`, on create and on every update. */
export function validatePod(errors: Errors, pod: corev1.Pod, tolerated: Tolerated): void {
  const path = fieldPath('spec');
  const spec = pod.spec ?? { containers: [] };
  validateAnnotations(errors, pod, tolerated);
  validatePodSpec(errors, path, spec, { isPod: true, podName: pod.metadata.name ?? '', tolerated });
  if (!spec.serviceAccountName) forbidTokens(errors, path.child('volumes'), spec);
  for (const field of ['containers', 'initContainers'] as const)
    for (const [index, container] of (spec[field] ?? []).entries())
      if (container.image !== container.image?.trim())
        checkImageOfPod(errors, path.child(field).index(index), container);
}

/** What annotations say must fit the spec (`ValidatePodSpecificAnnotations`). */
export function validateAnnotations(errors: Errors, { metadata, spec }: corev1.Pod, tolerated: Tolerated): void {
  if (metadata.annotations === undefined) return;
  const path = fieldPath('metadata', 'annotations');
  validatePodAnnotations(errors, path, metadata.annotations, spec ?? { containers: [] }, tolerated);
}

/** A pod without a service account has nobody to be the token of. */
function forbidTokens(errors: Errors, path: FieldPath, spec: corev1.PodSpec): void {
  for (const [index, volume] of (spec.volumes ?? []).entries())
    for (const [i, source] of (volume.projected?.sources ?? []).entries())
      if (source.serviceAccountToken)
        errors.push(
          fieldErrors.forbidden(
            path.index(index).child('projected', 'sources').index(i).child('serviceAccountToken'),
            'must not be specified when serviceAccountName is not set',
          ),
        );
}

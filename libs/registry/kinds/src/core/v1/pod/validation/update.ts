import { deepCopy, type FieldPath, fieldErrors, fieldPath, semanticEqual } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Errors } from '../../../../field-checks';
import { specDifference } from '../spec-difference';
import { validateAnnotationUpdates, validatePodAnnotations } from './annotations';
import { allowGatedChanges } from './gated-update';
import { validateAnnotations, validatePod } from './pod';
import { restore } from './restore-field';
import { toleratedIn } from './tolerated';
import { validateTolerations } from './tolerations';

const maxInt32 = 2_147_483_647;

/** What may change, as clients are told. */
const changeable = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

/** ValidatePodUpdate. */
export function validatePodUpdate(pod: corev1.Pod, old: corev1.Pod): Errors {
  const errors: Errors = [];
  const tolerated = toleratedIn(old);
  const spec = pod.spec ?? { containers: [] };
  const before = old.spec ?? { containers: [] };
  const path = fieldPath('spec');
  // The very object that is stored was looked at when it came there, and all that follows compares it with itself.
  const keepsSpec = pod.spec !== undefined && pod.spec === old.spec;
  if (keepsSpec) validateAnnotations(errors, pod, tolerated);
  else validatePod(errors, pod, tolerated);
  const annotationsPath = fieldPath('metadata', 'annotations');
  const annotations = pod.metadata.annotations ?? {};
  validateAnnotationUpdates(errors, annotationsPath, annotations, old.metadata.annotations ?? {});
  validatePodAnnotations(errors, annotationsPath, annotations, spec, tolerated);
  if (keepsSpec) return errors;
  for (const field of ['containers', 'initContainers'] as const)
    if (!validateImages(errors, path.child(field), spec[field] ?? [], before[field] ?? [])) return errors;
  if (!validateDeadline(errors, path.child('activeDeadlineSeconds'), spec, before)) return errors;
  validateAddedTolerations(errors, path.child('tolerations'), spec, before);
  validateRemovedGates(errors, path.child('schedulingGates'), spec, before);
  if (semanticEqual(spec, before)) return errors;
  const rest = withoutChangeable(spec, before);
  if ((before.schedulingGates ?? []).length > 0) allowGatedChanges(errors, path, rest, before);
  if (!semanticEqual(rest, before))
    errors.push(
      fieldErrors.forbidden(
        path,
        `pod updates may not change fields other than ${changeable}\n${specDifference(before, rest)}`,
      ),
    );
  return errors;
}

/** False when containers came or went: then nothing more can be compared (ValidateContainerUpdates). */
function validateImages(
  errors: Errors,
  path: FieldPath,
  containers: readonly corev1.Container[],
  old: readonly corev1.Container[],
): boolean {
  if (containers.length !== old.length) {
    errors.push(fieldErrors.forbidden(path, 'pod updates may not add or remove containers'));
    return false;
  }
  for (const [index, { image = '' }] of containers.entries()) {
    const imagePath = path.index(index).child('image');
    if (image === '') errors.push(fieldErrors.required(imagePath));
    if (image.trim() !== image)
      errors.push(fieldErrors.invalid(imagePath, image, 'must not have leading or trailing whitespace'));
  }
  return true;
}

/** A deadline may be set, or come nearer. */
function validateDeadline(errors: Errors, path: FieldPath, spec: corev1.PodSpec, old: corev1.PodSpec): boolean {
  const now = spec.activeDeadlineSeconds;
  const before = old.activeDeadlineSeconds;
  if (now === undefined) {
    if (before !== undefined)
      errors.push(fieldErrors.invalid(path, null, 'must not update from a positive integer to nil value'));
    return true;
  }
  if (now < 0 || now > maxInt32) {
    errors.push(fieldErrors.invalid(path, now, `must be between 0 and ${String(maxInt32)}, inclusive`));
    return false;
  }
  if (before !== undefined && before < now) {
    errors.push(fieldErrors.invalid(path, now, 'must be less than or equal to previous value'));
    return false;
  }
  return true;
}

/** `validateOnlyAddedTolerations`. */
function validateAddedTolerations(errors: Errors, path: FieldPath, spec: corev1.PodSpec, old: corev1.PodSpec): void {
  const now = spec.tolerations ?? [];
  const kept = (old.tolerations ?? []).every((before) =>
    now.some(
      ({ key, operator, value, effect }) =>
        (key ?? '') === (before.key ?? '') &&
        (operator ?? '') === (before.operator ?? '') &&
        (value ?? '') === (before.value ?? '') &&
        (effect ?? '') === (before.effect ?? ''),
    ),
  );
  if (!kept)
    errors.push(fieldErrors.forbidden(path, 'existing toleration can not be modified except its tolerationSeconds'));
  else validateTolerations(errors, path, now);
}

/** `validateOnlyDeletedSchedulingGates`. */
function validateRemovedGates(errors: Errors, path: FieldPath, spec: corev1.PodSpec, old: corev1.PodSpec): void {
  const before = new Set((old.schedulingGates ?? []).map(({ name }) => name));
  for (const [index, { name }] of (spec.schedulingGates ?? []).entries())
    if (!before.has(name))
      errors.push(
        fieldErrors.forbidden(
          path.index(index).child('name'),
          `only deletion is allowed, but found new scheduling gate '${name}'`,
        ),
      );
}

/** The spec with everything that may change put back to what it was. */
function withoutChangeable(spec: corev1.PodSpec, old: corev1.PodSpec): corev1.PodSpec {
  const rest = deepCopy(spec);
  for (const field of ['containers', 'initContainers'] as const)
    for (const [index, container] of (rest[field] ?? []).entries()) {
      const image = old[field]?.[index]?.image;
      if (image === undefined) delete container.image;
      else container.image = image;
    }
  restore(rest, old, 'activeDeadlineSeconds');
  restore(rest, old, 'schedulingGates');
  restore(rest, old, 'tolerations');
  if ((old.terminationGracePeriodSeconds ?? 0) < 0 && rest.terminationGracePeriodSeconds === 1)
    restore(rest, old, 'terminationGracePeriodSeconds');
  return rest;
}

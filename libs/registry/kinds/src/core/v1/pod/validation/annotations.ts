import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Errors } from '../../../../field-checks';
import { validateTolerationsAnnotation } from '../../alpha-annotations';
import { forEachContainer } from './each-container';
import { checkDescendingPath } from './paths';
import type { Tolerated } from './pod-context';

type Annotations = Readonly<Record<string, string>>;

export const mirrorKey = 'kubernetes.io/config.mirror';
export const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';
export const seccompPodKey = 'seccomp.security.alpha.kubernetes.io/pod';
export const seccompContainerPrefix = 'container.seccomp.security.alpha.kubernetes.io/';
const deletionCostKey = 'controller.kubernetes.io/pod-deletion-cost';

/** ValidatePodSpecificAnnotations. */
export function validatePodAnnotations(
  errors: Errors,
  path: FieldPath,
  annotations: Annotations,
  spec: corev1.PodSpec,
  tolerated: Tolerated,
): void {
  const mirror = Object.hasOwn(annotations, mirrorKey) ? annotations[mirrorKey] : undefined;
  if (mirror !== undefined && !spec.nodeName)
    errors.push(
      fieldErrors.invalid(path.key(mirrorKey), mirror, 'must set spec.nodeName if mirror pod annotation is set'),
    );
  validateTolerationsAnnotation(errors, path, annotations);
  const cost = Object.hasOwn(annotations, deletionCostKey) ? annotations[deletionCostKey] : undefined;
  if (cost !== undefined && !tolerated.deletionCost && !isDeletionCost(cost))
    errors.push(fieldErrors.invalid(path.key(deletionCostKey), cost, 'must be a 32bit integer'));
  for (const key of Object.keys(annotations)) {
    const value = annotations[key] ?? '';
    if (key === seccompPodKey || key.startsWith(seccompContainerPrefix))
      validateSeccompValue(errors, path.child(key), value);
    else if (key.startsWith(appArmorPrefix)) validateAppArmorValue(errors, path.key(key), key, value, spec);
  }
}

/** A 32-bit number without signs or zeros that say nothing (helper.GetDeletionCostFromPodAnnotations). */
export function isDeletionCost(text: string): boolean {
  if (!/^(?:0|-?[1-9][0-9]*)$/.test(text)) return false;
  const value = Number(text);
  return value >= -2_147_483_648 && value <= 2_147_483_647;
}

/** ValidateSeccompProfile. */
function validateSeccompValue(errors: Errors, path: FieldPath, profile: string): void {
  if (profile === 'runtime/default' || profile === 'docker/default' || profile === 'unconfined') return;
  if (profile.startsWith('localhost/')) checkDescendingPath(errors, path, profile.slice('localhost/'.length));
  else errors.push(fieldErrors.invalid(path, profile, 'must be a valid seccomp profile'));
}

/** ValidateAppArmorPodAnnotations. */
function validateAppArmorValue(
  errors: Errors,
  path: FieldPath,
  key: string,
  profile: string,
  spec: corev1.PodSpec,
): void {
  const name = key.slice(appArmorPrefix.length);
  let found = false;
  forEachContainer(spec, path, (container) => {
    if (container.name === name) found = true;
  });
  if (!found) errors.push(fieldErrors.invalid(path, name, 'container not found'));
  if (!['', 'runtime/default', 'unconfined'].includes(profile) && !profile.startsWith('localhost/'))
    errors.push(fieldErrors.invalid(path, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`));
}

/** Old annotations and the fields that replaced them must not contradict each other. */
export function validateProfilesAgree(
  errors: Errors,
  path: FieldPath,
  annotations: Annotations,
  spec: corev1.PodSpec,
): void {
  const podSeccomp = spec.securityContext?.seccompProfile;
  if (podSeccomp && Object.hasOwn(annotations, seccompPodKey))
    checkAgrees(
      errors,
      path.child('securityContext', 'seccompProfile'),
      'seccomp',
      annotations[seccompPodKey],
      podSeccomp,
    );
  forEachContainer(spec, path, (container, containerPath) => {
    const profile = container.securityContext?.seccompProfile;
    const key = seccompContainerPrefix + container.name;
    if (profile && Object.hasOwn(annotations, key))
      checkAgrees(
        errors,
        containerPath.child('securityContext', 'seccompProfile'),
        'seccomp',
        annotations[key],
        profile,
      );
  });
  if (spec.os?.name === 'windows') return;
  forEachContainer(spec, path, (container, containerPath) => {
    const profile = container.securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
    const key = appArmorPrefix + container.name;
    if (profile && Object.hasOwn(annotations, key))
      checkAgrees(
        errors,
        containerPath.child('securityContext', 'appArmorProfile'),
        'apparmor',
        annotations[key],
        profile,
      );
  });
}

function checkAgrees(
  errors: Errors,
  path: FieldPath,
  what: 'seccomp' | 'apparmor',
  annotation: string | undefined,
  profile: { readonly type: string; readonly localhostProfile?: string },
): void {
  const value = annotation ?? '';
  const typeDiffers = (): void => {
    errors.push(fieldErrors.forbidden(path.child('type'), `${what} type in annotation and field must match`));
  };
  switch (profile.type) {
    case 'Unconfined':
      if (value !== 'unconfined') typeDiffers();
      break;
    case 'RuntimeDefault':
      if (value !== 'runtime/default' && !(what === 'seccomp' && value === 'docker/default')) typeDiffers();
      break;
    case 'Localhost':
      if (!value.startsWith('localhost/')) typeDiffers();
      else if (value.slice('localhost/'.length) !== profile.localhostProfile)
        errors.push(
          fieldErrors.forbidden(path.child('localhostProfile'), `${what} profile in annotation and field must match`),
        );
      break;
    default:
  }
}

/** Annotations that the kubelet trusts may neither come, change nor go (ValidatePodSpecificAnnotationUpdates). */
export function validateAnnotationUpdates(
  errors: Errors,
  path: FieldPath,
  annotations: Annotations,
  old: Annotations,
): void {
  for (const key of Object.keys(old)) {
    if (Object.hasOwn(annotations, key) && annotations[key] === old[key]) continue;
    if (key.startsWith(appArmorPrefix))
      errors.push(fieldErrors.forbidden(path.key(key), 'may not remove or update AppArmor annotations'));
    if (key === mirrorKey)
      errors.push(fieldErrors.forbidden(path.key(key), 'may not remove or update mirror pod annotation'));
  }
  for (const key of Object.keys(annotations)) {
    if (Object.hasOwn(old, key)) continue;
    if (key.startsWith(appArmorPrefix))
      errors.push(fieldErrors.forbidden(path.key(key), 'may not add AppArmor annotations'));
    if (key === mirrorKey) errors.push(fieldErrors.forbidden(path.key(key), 'may not add mirror pod annotation'));
  }
}

import {
  type FieldPath,
  fieldErrors,
  nameIsDnsSubdomain,
  validateConfigKey,
  validateDns1123Label,
  validateDns1123Subdomain,
  validateRelaxedEnvironmentName,
} from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkRequiredText, checkText, type Errors } from '../../../../field-checks';
import { forEachContainer } from './each-container';
import { checkFieldReference, checkResourceReference, envFields } from './field-reference';
import { checkNoBacksteps } from './paths';

/** ValidateEnv. */
export function validateEnv(errors: Errors, path: FieldPath, variables: readonly corev1.EnvVar[]): void {
  for (const [index, variable] of variables.entries()) {
    if (!variable.name) errors.push(fieldErrors.required(path.index(index).child('name')));
    else
      for (const message of validateRelaxedEnvironmentName(variable.name))
        errors.push(fieldErrors.invalid(path.index(index).child('name'), variable.name, message));
    if (variable.valueFrom) validateValueFrom(errors, path.index(index).child('valueFrom'), variable);
  }
}

function validateValueFrom(errors: Errors, path: FieldPath, variable: corev1.EnvVar): void {
  const from = variable.valueFrom ?? {};
  let sources = 0;
  if (from.fieldRef) {
    sources++;
    checkFieldReference(errors, path.child('fieldRef'), from.fieldRef, envFields);
  }
  if (from.resourceFieldRef) {
    sources++;
    checkResourceReference(errors, path.child('resourceFieldRef'), from.resourceFieldRef, 'env');
  }
  if (from.configMapKeyRef) {
    sources++;
    validateKeyReference(errors, path.child('configMapKeyRef'), from.configMapKeyRef);
  }
  if (from.secretKeyRef) {
    sources++;
    validateKeyReference(errors, path.child('secretKeyRef'), from.secretKeyRef);
  }
  if (from.fileKeyRef) {
    sources++;
    validateFileKey(errors, path.child('fileKeyRef'), from.fileKeyRef);
  }
  if (sources === 0)
    errors.push(
      fieldErrors.invalid(
        path,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
      ),
    );
  else if (variable.value) errors.push(fieldErrors.invalid(path, '', 'may not be specified when `value` is not empty'));
  else if (sources > 1)
    errors.push(fieldErrors.invalid(path, '', 'may not have more than one field specified at a time'));
}

function validateKeyReference(
  errors: Errors,
  path: FieldPath,
  reference: corev1.ConfigMapKeySelector | corev1.SecretKeySelector,
): void {
  checkText(errors, path.child('name'), reference.name ?? '', validateDns1123Subdomain);
  checkRequiredText(errors, path.child('key'), reference.key, validateConfigKey);
}

function validateFileKey(errors: Errors, path: FieldPath, reference: corev1.FileKeySelector): void {
  checkRequiredText(errors, path.child('key'), reference.key, validateRelaxedEnvironmentName);
  checkRequiredText(errors, path.child('volumeName'), reference.volumeName, validateDns1123Label);
  if (!reference.path) errors.push(fieldErrors.required(path.child('path')));
  else checkNoBacksteps(errors, path.child('path'), reference.path);
}

/** ValidateEnvFrom; that a source is missing is said of the list, not of the entry. */
export function validateEnvFrom(errors: Errors, path: FieldPath, sources: readonly corev1.EnvFromSource[]): void {
  for (const [index, source] of sources.entries()) {
    const entryPath = path.index(index);
    if (source.prefix) checkText(errors, entryPath.child('prefix'), source.prefix, validateRelaxedEnvironmentName);
    const { configMapRef, secretRef } = source;
    if (configMapRef) validateSourceName(errors, entryPath.child('configMapRef', 'name'), configMapRef.name);
    if (secretRef) validateSourceName(errors, entryPath.child('secretRef', 'name'), secretRef.name);
    if (!configMapRef && !secretRef)
      errors.push(fieldErrors.invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
    else if (configMapRef && secretRef)
      errors.push(fieldErrors.invalid(path, '', 'may not have more than one field specified at a time'));
  }
}

/** Upstream checks these names as if they were the base of a generated one. */
function validateSourceName(errors: Errors, path: FieldPath, name: string | undefined): void {
  checkRequiredText(errors, path, name, (text) => nameIsDnsSubdomain(text, 'prefix'));
}

/** validateFileKeyRefVolumes: a file of variables is written by an earlier container, into a folder that they share. */
export function checkKeyFileVolumes(errors: Errors, path: FieldPath, spec: corev1.PodSpec): void {
  if (!usesKeyFiles(spec.initContainers) && !usesKeyFiles(spec.containers) && !usesKeyFiles(spec.ephemeralContainers))
    return;
  forEachContainer(spec, path, ({ env }, containerPath) => {
    for (const [index, { valueFrom }] of (env ?? []).entries()) {
      const name = valueFrom?.fileKeyRef?.volumeName;
      if (!name) continue;
      const namePath = containerPath.child('env').index(index).child('valueFrom', 'fileKeyRef', 'volumeName');
      const volume = spec.volumes?.find((one) => one.name === name);
      if (volume === undefined) errors.push(fieldErrors.notFound(namePath, name));
      else if (!volume.emptyDir)
        errors.push(fieldErrors.invalid(namePath, name, 'referenced volume must be of type emptyDir'));
    }
  });
}

const usesKeyFiles = (containers: readonly { readonly env?: readonly corev1.EnvVar[] }[] | undefined): boolean =>
  containers?.some(({ env }) => env?.some(({ valueFrom }) => valueFrom?.fileKeyRef)) ?? false;

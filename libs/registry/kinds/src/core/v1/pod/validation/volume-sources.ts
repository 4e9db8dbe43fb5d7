import {
  type FieldPath,
  fieldErrors,
  parseQuantity,
  quantitySign,
  validateDns1123Subdomain,
} from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { byteLength, checkOneOf, checkRequired, checkText, type Errors } from '../../../../field-checks';
import { validateClaimTemplate } from '../../persistent-volume-claim-spec';
import { checkFieldReference, checkResourceReference, fileFields } from './field-reference';
import { checkFileMode, checkNoBacksteps, checkUnreservedPath } from './paths';
import type { PodContext } from './pod-context';

export type SourceContext = Pick<PodContext, 'isPod' | 'podName' | 'tolerated'>;

/** Checks one kind of source. Each takes its own type; the table in `volumes.ts` pairs them. */
export type SourceCheck = (errors: Errors, path: FieldPath, source: never, context: SourceContext) => void;

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];
const pullPolicies = ['Always', 'IfNotPresent', 'Never'];

/** The sources that are alive; `legacy-volume-sources.ts` has those whose drivers are gone. */
export const sources = {
  emptyDir: (errors: Errors, path: FieldPath, source: corev1.EmptyDirVolumeSource): void => {
    if (source.sizeLimit?.startsWith('-') && quantitySign(parseQuantity(source.sizeLimit)) < 0)
      errors.push(fieldErrors.forbidden(path.child('sizeLimit'), 'SizeLimit field must be a valid resource quantity'));
  },
  hostPath: (errors: Errors, path: FieldPath, source: corev1.HostPathVolumeSource): void => {
    if (!source.path) {
      errors.push(fieldErrors.required(path.child('path')));
      return;
    }
    checkNoBacksteps(errors, path.child('path'), source.path);
    if (source.type !== undefined && !hostPathTypes.includes(source.type))
      errors.push(fieldErrors.notSupported(path.child('type'), source.type, hostPathTypes));
  },
  secret: (errors: Errors, path: FieldPath, source: corev1.SecretVolumeSource): void => {
    checkRequired(errors, path.child('secretName'), source.secretName);
    checkFileMode(errors, path.child('defaultMode'), source.defaultMode);
    validateKeyPaths(errors, path.child('items'), source.items);
  },
  configMap: (errors: Errors, path: FieldPath, source: corev1.ConfigMapVolumeSource): void => {
    checkRequired(errors, path.child('name'), source.name);
    checkFileMode(errors, path.child('defaultMode'), source.defaultMode);
    validateKeyPaths(errors, path.child('items'), source.items);
  },
  persistentVolumeClaim: (errors: Errors, path: FieldPath, source: corev1.PersistentVolumeClaimVolumeSource): void =>
    checkRequired(errors, path.child('claimName'), source.claimName),
  nfs: (errors: Errors, path: FieldPath, source: corev1.NFSVolumeSource): void => {
    checkRequired(errors, path.child('server'), source.server);
    checkRequired(errors, path.child('path'), source.path);
    if (!source.path?.startsWith('/'))
      errors.push(fieldErrors.invalid(path.child('path'), source.path ?? '', 'must be an absolute path'));
  },
  downwardAPI: (errors: Errors, path: FieldPath, source: corev1.DownwardAPIVolumeSource): void => {
    checkFileMode(errors, path.child('defaultMode'), source.defaultMode);
    for (const file of source.items ?? []) validateDownwardFile(errors, path, file);
  },
  csi: (errors: Errors, path: FieldPath, source: corev1.CSIVolumeSource): void => {
    checkDriverName(errors, path.child('driver'), source.driver);
    const secret = source.nodePublishSecretRef;
    if (!secret) return;
    if (!secret.name) errors.push(fieldErrors.required(path.child('nodePublishSecretRef', 'name')));
    else checkText(errors, path.child('name'), secret.name, validateDns1123Subdomain);
  },
  ephemeral: (errors: Errors, path: FieldPath, source: corev1.EphemeralVolumeSource): void => {
    const templatePath = path.child('volumeClaimTemplate');
    if (!source.volumeClaimTemplate) errors.push(fieldErrors.required(templatePath));
    else validateClaimTemplate(errors, templatePath, source.volumeClaimTemplate);
  },
  image: (errors: Errors, path: FieldPath, source: corev1.ImageVolumeSource, context: SourceContext): void => {
    // A template may leave the image to whoever fills it in.
    if (context.isPod) checkRequired(errors, path.child('reference'), source.reference);
    checkOneOf(errors, path.child('pullPolicy'), source.pullPolicy, pullPolicies);
  },
} satisfies Record<string, SourceCheck>;

/** ValidateCSIDriverName. */
export function checkDriverName(errors: Errors, path: FieldPath, driver: string): void {
  checkRequired(errors, path, driver);
  if (byteLength(driver) > 63) errors.push(fieldErrors.tooLong(path, 63));
  for (const message of validateDns1123Subdomain(driver.toLowerCase()))
    errors.push(fieldErrors.invalid(path, driver, message));
}

/** `validateKeyToPath` for each. */
export function validateKeyPaths(
  errors: Errors,
  path: FieldPath,
  items: readonly corev1.KeyToPath[] | undefined,
): void {
  for (const [index, item] of (items ?? []).entries()) {
    const itemPath = path.index(index);
    checkRequired(errors, itemPath.child('key'), item.key);
    checkRequired(errors, itemPath.child('path'), item.path);
    checkUnreservedPath(errors, itemPath.child('path'), item.path ?? '');
    checkFileMode(errors, itemPath.child('mode'), item.mode);
  }
}

/** `validateDownwardAPIVolumeFile`; the path has no index, as upstream. */
export function validateDownwardFile(errors: Errors, path: FieldPath, file: corev1.DownwardAPIVolumeFile): void {
  checkRequired(errors, path.child('path'), file.path);
  checkUnreservedPath(errors, path.child('path'), file.path ?? '');
  if (file.fieldRef) {
    checkFieldReference(errors, path.child('fieldRef'), file.fieldRef, fileFields);
    if (file.resourceFieldRef)
      errors.push(
        fieldErrors.invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'),
      );
  } else if (file.resourceFieldRef)
    checkResourceReference(errors, path.child('resourceFieldRef'), file.resourceFieldRef, 'file');
  else errors.push(fieldErrors.required(path, 'one of fieldRef and resourceFieldRef is required'));
  checkFileMode(errors, path.child('mode'), file.mode);
}

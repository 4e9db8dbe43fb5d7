import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkRequired, type Errors } from '../../../../field-checks';
import { checkFileMode, checkUnreservedPath } from './paths';
import { type SourceContext, validateDownwardFile, validateKeyPaths } from './volume-sources';

const shortestToken = 10 * 60;
const longestToken = 2 ** 32;

/** `validateProjectedVolumeSource`: several sources in one folder, none of them writing over another. */
export function validateProjected(
  errors: Errors,
  path: FieldPath,
  volume: corev1.ProjectedVolumeSource,
  context: SourceContext,
): void {
  checkFileMode(errors, path.child('defaultMode'), volume.defaultMode);
  const paths = new Set<string>();
  const claim = (file: string | undefined, shown: string): void => {
    if (!file) return;
    if (paths.has(file)) errors.push(fieldErrors.invalid(path, shown, 'conflicting duplicate paths'));
    paths.add(file);
  };
  for (const [index, source] of (volume.sources ?? []).entries()) {
    const sourcePath = path.child('sources').index(index);
    let count = 0;
    for (const field of ['secret', 'configMap'] as const) {
      const keys = source[field];
      if (!keys) continue;
      count++;
      checkRequired(errors, sourcePath.child(field, 'name'), keys.name);
      validateKeyPaths(errors, sourcePath.child(field, 'items'), keys.items);
      for (const item of keys.items ?? []) claim(item.path, keys.name ?? '');
    }
    if (source.downwardAPI) {
      count++;
      for (const file of source.downwardAPI.items ?? []) {
        validateDownwardFile(errors, sourcePath.child('downwardAPI'), file);
        claim(file.path, file.path);
      }
    }
    if (source.serviceAccountToken) {
      count++;
      validateToken(errors, path, sourcePath.child('serviceAccountToken'), source.serviceAccountToken, context);
    }
    if (count > 1) errors.push(fieldErrors.forbidden(sourcePath, 'may not specify more than 1 volume type per source'));
  }
}

/** The file's path is reported at the volume, not at the source. */
function validateToken(
  errors: Errors,
  volumePath: FieldPath,
  path: FieldPath,
  token: corev1.ServiceAccountTokenProjection,
  context: SourceContext,
): void {
  const seconds = token.expirationSeconds ?? 0;
  const wrong = (text: string): void => {
    errors.push(fieldErrors.invalid(path.child('expirationSeconds'), seconds, text));
  };
  if (seconds < shortestToken) wrong('may not specify a duration less than 10 minutes');
  if (seconds > longestToken) wrong('may not specify a duration larger than 2^32 seconds');
  if (!token.path) errors.push(fieldErrors.required(volumePath.child('path')));
  else if (!context.tolerated.tokenPaths) checkUnreservedPath(errors, volumePath.child('path'), token.path);
}

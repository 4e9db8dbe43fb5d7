import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { byteLength, type Errors } from '../../../../field-checks';
import { checkDescendingPath } from './paths';

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];

/** `validateSeccompProfileField`. */
export function validateSeccomp(errors: Errors, path: FieldPath, profile: corev1.SeccompProfile): void {
  if (!profile.type)
    errors.push(fieldErrors.required(path.child('type'), 'type is required when seccompProfile is set'));
  else if (!profileTypes.includes(profile.type))
    errors.push(fieldErrors.notSupported(path.child('type'), profile.type, profileTypes));
  const filePath = path.child('localhostProfile');
  if (profile.type === 'Localhost') {
    if (profile.localhostProfile === undefined)
      errors.push(fieldErrors.required(filePath, 'must be set when seccomp type is Localhost'));
    else checkDescendingPath(errors, filePath, profile.localhostProfile);
  } else if (profile.localhostProfile !== undefined)
    errors.push(
      fieldErrors.invalid(
        filePath,
        { Type: profile.type, LocalhostProfile: profile.localhostProfile },
        'can only be set when seccomp type is Localhost',
      ),
    );
}

/** The longest path of the kernel less its end mark. */
const longestProfile = 4095;

/** ValidateAppArmorProfileField. */
export function validateAppArmor(errors: Errors, path: FieldPath, profile: corev1.AppArmorProfile): void {
  const filePath = path.child('localhostProfile');
  const file = profile.localhostProfile;
  switch (profile.type) {
    case 'Localhost':
      if (file === undefined)
        errors.push(fieldErrors.required(filePath, 'must be set when AppArmor type is Localhost'));
      else {
        if (file.trim() !== file)
          errors.push(fieldErrors.invalid(filePath, file, 'must not be padded with whitespace'));
        else if (file === '')
          errors.push(fieldErrors.required(filePath, 'must be set when AppArmor type is Localhost'));
        if (byteLength(file) > longestProfile) errors.push(fieldErrors.tooLong(filePath, longestProfile));
      }
      break;
    case 'RuntimeDefault':
    case 'Unconfined':
      if (file !== undefined)
        errors.push(fieldErrors.invalid(filePath, file, 'can only be set when AppArmor type is Localhost'));
      break;
    case '':
    case undefined:
      errors.push(fieldErrors.required(path.child('type'), 'type is required when appArmorProfile is set'));
      break;
    default:
      errors.push(fieldErrors.notSupported(path.child('type'), profile.type, profileTypes));
  }
}

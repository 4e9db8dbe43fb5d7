import { type FieldPath, fieldErrors, validateQualifiedName } from '@reckon/api/machinery';
import { byteLength, type Errors } from '../../field-checks';

const maximumParameters = 512;
const maximumParameterBytes = 256 * 1024;

/** `validateProvisioner`: the name is checked, and shown, in lower case. */
export function validateProvisioner(errors: Errors, path: FieldPath, provisioner: string): void {
  if (provisioner === '') errors.push(fieldErrors.required(path));
  else {
    const name = provisioner.toLowerCase();
    for (const message of validateQualifiedName(name)) errors.push(fieldErrors.invalid(path, name, message));
  }
}

/** `validateParameters`. */
export function validateParameters(
  errors: Errors,
  path: FieldPath,
  parameters: Readonly<Record<string, string>> | undefined,
  emptiness: 'may be empty' | 'must have one',
): void {
  const entries = Object.entries(parameters ?? {});
  if (entries.length > maximumParameters) {
    errors.push(fieldErrors.tooLong(path, maximumParameters));
    return;
  }
  let size = 0;
  for (const [key, value] of entries) {
    if (key === '') errors.push(fieldErrors.invalid(path, key, 'field can not be empty.'));
    size += byteLength(key) + byteLength(value);
  }
  if (size > maximumParameterBytes) errors.push(fieldErrors.tooLong(path, maximumParameterBytes));
  if (emptiness === 'must have one' && entries.length === 0)
    errors.push(fieldErrors.required(path, 'must contain at least one key/value pair'));
}

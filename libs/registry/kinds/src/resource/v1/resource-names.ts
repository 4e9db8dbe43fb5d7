import {
  type FieldPath,
  fieldErrors,
  goQuote,
  validateCIdentifier,
  validateDns1123Label,
  validateDns1123Subdomain,
} from '@reckon/api/machinery';
import { checkDriverName } from '../../core/v1/pod/validation/volume-sources';
import { byteLength, checkText, type Errors } from '../../field-checks';

const longestPoolName = 253;
const longestId = 32;
/** Of a domain, a slash and an identifier. */
export const longestQualifiedName = 63 + 1 + longestId;

export { checkDriverName };

/** Requests, devices, counters. */
export const checkLabel = (errors: Errors, path: FieldPath, name: string | undefined): void =>
  checkText(errors, path, name ?? '', validateDns1123Label);

/** `validatePoolName`. */
export function checkPoolName(errors: Errors, path: FieldPath, name: string | undefined): void {
  if (!name) {
    errors.push(fieldErrors.required(path));
    return;
  }
  if (byteLength(name) > longestPoolName) errors.push(fieldErrors.tooLong(path, longestPoolName));
  for (const part of name.split('/')) checkText(errors, path, part, validateDns1123Subdomain);
}

/** `validateQualifiedName` of devices: an identifier, in the driver's domain or in the one that is given. */
export function checkQualifiedName(errors: Errors, path: FieldPath, name: string): void {
  const parts = name.split('/');
  // Upstream has nothing against more slashes.
  if (parts.length > 2) return;
  const [first = '', second] = parts;
  if (second === undefined) {
    checkIdentifier(errors, path, first);
    return;
  }
  if (first === '') errors.push(fieldErrors.invalid(path, '', 'the domain must not be empty'));
  else checkDriverName(errors, path, first);
  if (second === '') errors.push(fieldErrors.invalid(path, '', 'the name must not be empty'));
  else checkIdentifier(errors, path, second);
}

function checkIdentifier(errors: Errors, path: FieldPath, id: string): void {
  if (byteLength(id) > longestId) errors.push(fieldErrors.tooLong(path, longestId));
  checkText(errors, path, id, validateCIdentifier);
}

/** `validateFullyQualifiedName`. */
export function checkFullyQualifiedName(errors: Errors, path: FieldPath, name: string): void {
  checkQualifiedName(errors, path, name);
  if (!name.includes('/'))
    errors.push(
      fieldErrors.invalid(path, name, 'a fully qualified name must be a domain and a name separated by a slash'),
    );
}

const plainUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What github.com/google/uuid `Validate` has against a text. */
function uuidProblem(text: string): string | undefined {
  const isPlain = (part: string): string | undefined => (plainUuid.test(part) ? undefined : 'invalid UUID format');
  switch (byteLength(text)) {
    case 36:
      return isPlain(text);
    case 45:
      return text.toLowerCase().startsWith('urn:uuid:')
        ? isPlain(text.slice(9))
        : `invalid urn prefix: ${goQuote(text.slice(0, 9))}`;
    case 38:
      return text.startsWith('{') && text.endsWith('}') ? isPlain(text.slice(1, -1)) : 'invalid bracketed UUID format';
    case 32:
      return /^[0-9a-f]{32}$/i.test(text) ? undefined : 'invalid UUID format';
    default:
      return `invalid UUID length: ${String(byteLength(text))}`;
  }
}

/** `validateUID`. */
export function checkUid(errors: Errors, path: FieldPath, uid: string): void {
  const problem = uuidProblem(uid);
  if (problem !== undefined) errors.push(fieldErrors.invalid(path, uid, `error validating uid: ${problem}`));
  else if (uid.length !== 36 || uid !== uid.toLowerCase())
    errors.push(
      fieldErrors.invalid(
        path,
        uid,
        'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters',
      ),
    );
}

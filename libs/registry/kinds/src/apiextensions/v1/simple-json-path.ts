import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { Errors } from '../../field-checks';

/** `validateSimpleJSONPath`: false when it is none. */
export function checkSimpleJsonPath(errors: Errors, path: FieldPath, text: string): boolean {
  if (text.startsWith('.')) return true;
  errors.push(fieldErrors.invalid(path, text, 'must be a simple json path starting with .'));
  return false;
}

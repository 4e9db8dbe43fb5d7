import { type FieldError, fieldErrors, type FieldPath } from './field-error';
import { isPrintable } from './go-quote';
import { isLongerThan, utf8Length } from './validation-message';

export const fieldManagerMaximum = 128;

/** metav1validation.ValidateFieldManager: at most 128 bytes, all printable; positions count bytes. */
export function validateFieldManager(manager: string, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (isLongerThan(manager, fieldManagerMaximum)) errors.push(fieldErrors.tooLong(path, fieldManagerMaximum));
  let at = 0;
  for (const c of manager) {
    if (!isPrintable(c)) {
      const code = (c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      errors.push(fieldErrors.invalid(path, manager, `invalid character U+${code} (at position ${String(at)})`));
    }
    at += utf8Length(c);
  }
  return errors;
}

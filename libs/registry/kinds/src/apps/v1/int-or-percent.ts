import { type FieldPath, fieldErrors, percentValue, tryParseInt64, validatePercent } from '@reckon/api/machinery';
import { checkNonNegative, type Errors } from '../../field-checks';

/** ValidatePositiveIntOrPercent: not negative, or a text like `25%`. */
export function checkIntOrPercent(errors: Errors, path: FieldPath, value: number | string): void {
  if (typeof value === 'number') checkNonNegative(errors, path, value);
  else for (const message of validatePercent(value)) errors.push(fieldErrors.invalid(path, value, message));
}

/** The number itself, without regard to whether it is a percentage; 0 for a text that is none. */
export function amountOf(value: number | string | undefined): number {
  if (typeof value !== 'string') return value ?? 0;
  return percentValue(value) ?? Number(tryParseInt64(value) ?? 0n);
}

export function checkAtMostWhole(errors: Errors, path: FieldPath, value: number | string): void {
  if ((percentValue(value) ?? 0) > 100) errors.push(fieldErrors.invalid(path, value, 'must not be greater than 100%'));
}

import { type FieldError, type FieldPath, fieldErrors } from '@reckon/api/machinery';

/** Collects what is wrong: every validation of this lib appends to it, so that a good object allocates nothing. */
export type Errors = FieldError[];

/** Messages of what is wrong with a text (`validateDns1123Label` …). */
export type TextRule = (text: string) => readonly string[];

/** One `Invalid value` per message of the rule. */
export function checkText(errors: Errors, path: FieldPath, text: string, rule: TextRule): void {
  for (const message of rule(text)) errors.push(fieldErrors.invalid(path, text, message));
}

/** Required when empty, else the rule. */
export function checkRequiredText(errors: Errors, path: FieldPath, text: string | undefined, rule: TextRule): void {
  if (!text) errors.push(fieldErrors.required(path));
  else checkText(errors, path, text, rule);
}

export function checkRequired(errors: Errors, path: FieldPath, text: string | undefined): void {
  if (!text) errors.push(fieldErrors.required(path));
}

/** Required when empty, `Unsupported value` when not of the list. The list is printed as it is given. */
export function checkOneOf(
  errors: Errors,
  path: FieldPath,
  value: string | undefined,
  supported: readonly string[],
): void {
  if (!value) errors.push(fieldErrors.required(path));
  else if (!supported.includes(value)) errors.push(fieldErrors.notSupported(path, value, supported));
}

/** As `checkOneOf`, but an unset value is fine and an empty one is unsupported. */
export function checkOptionalOneOf(
  errors: Errors,
  path: FieldPath,
  value: string | undefined,
  supported: readonly string[],
): void {
  if (value !== undefined && !supported.includes(value)) errors.push(fieldErrors.notSupported(path, value, supported));
}

/** k8s.io/apimachinery/pkg/api/validation `ValidateNonnegativeField`. */
export function checkNonNegative(errors: Errors, path: FieldPath, value: number | undefined): void {
  if (value !== undefined && value < 0)
    errors.push(fieldErrors.invalid(path, value, 'must be greater than or equal to 0'));
}

export const immutableMessage = 'field is immutable';

/** Byte length of a text in UTF-8, which is what Go's `len` counts. */
export const byteLength = (text: string): number => Buffer.byteLength(text);

/** Upstream validates some kinds twice on an update: once as new, once as changed, so each cause is there twice. */
export const twice = (errors: Errors): Errors => (errors.length === 0 ? errors : [...errors, ...errors]);

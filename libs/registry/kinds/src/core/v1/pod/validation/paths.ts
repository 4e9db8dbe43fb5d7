import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { Errors } from '../../../../field-checks';

/** A path that stays where it starts. */
export function checkNoBacksteps(errors: Errors, path: FieldPath, target: string): void {
  if (hasBacksteps(target)) errors.push(fieldErrors.invalid(path, target, "must not contain '..'"));
}

export const hasBacksteps = (target: string): boolean => target.includes('..') && target.split('/').includes('..');

/** `validateLocalDescendingPath`: relative, and never upwards. */
export function checkDescendingPath(errors: Errors, path: FieldPath, target: string): void {
  if (target.startsWith('/')) errors.push(fieldErrors.invalid(path, target, 'must be a relative path'));
  checkNoBacksteps(errors, path, target);
}

/** `ValidateLocalNonReservedPath`: names that start with two dots belong to the kubelet's atomic writer. */
export function checkUnreservedPath(errors: Errors, path: FieldPath, target: string): void {
  checkDescendingPath(errors, path, target);
  if (target.startsWith('..') && !target.startsWith('../'))
    errors.push(fieldErrors.invalid(path, target, "must not start with '..'"));
}

/** File modes are numbers in JSON, octal in messages. */
export function checkFileMode(errors: Errors, path: FieldPath, mode: number | undefined): void {
  if (mode !== undefined && (mode > 0o777 || mode < 0))
    errors.push(fieldErrors.invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive'));
}

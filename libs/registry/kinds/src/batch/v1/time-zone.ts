import { type FieldPath, fieldErrors, locationProblem } from '@reckon/api/machinery';
import type { Errors } from '../../field-checks';

/** The part of a name between slashes: letters as the database has them, digits and `+` for its older names. */
const namePart = /^[A-Za-z.\-_0-9+]{1,14}$/;

/** validateTimeZone. */
export function validateTimeZone(errors: Errors, name: string | undefined, path: FieldPath): void {
  if (name === undefined) return;
  if (name === '') {
    errors.push(fieldErrors.invalid(path, name, 'timeZone must be nil or non-empty string'));
    return;
  }
  const isBadPart = (part: string): boolean =>
    part === '.' || part === '..' || part.startsWith('-') || !namePart.test(part);
  if (name.split('/').some(isBadPart)) {
    errors.push(fieldErrors.invalid(path, name, `unknown time zone ${name}`));
    return;
  }
  if (name.toLowerCase() === 'local')
    errors.push(
      fieldErrors.invalid(
        path,
        name,
        'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
      ),
    );
  const problem = locationProblem(name);
  if (problem !== undefined) errors.push(fieldErrors.invalid(path, name, problem));
}

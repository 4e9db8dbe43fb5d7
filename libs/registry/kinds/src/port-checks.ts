import { type FieldPath, fieldErrors, validatePortName, validatePortNumber } from '@reckon/api/machinery';
import type { Errors } from './field-checks';

/** The protocols of ports, in the order in which they are printed. */
export const portProtocols = ['SCTP', 'TCP', 'UDP'];

export function checkPortNumber(errors: Errors, path: FieldPath, port: number): void {
  for (const message of validatePortNumber(port)) errors.push(fieldErrors.invalid(path, port, message));
}

/** ValidatePortNumOrName: a number is a port, a text the name of one. */
export function checkPortNumberOrName(errors: Errors, path: FieldPath, port: number | string | undefined): void {
  if (typeof port === 'string')
    for (const message of validatePortName(port)) errors.push(fieldErrors.invalid(path, port, message));
  else checkPortNumber(errors, path, port ?? 0);
}

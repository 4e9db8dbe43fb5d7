import { inclusiveRange, maximumCharacters, type TextRule, isLongerThan } from './validation-message';

const portNameMaximum = 15;

/** validation.IsInRange. */
export function validateRange(value: number, range: { readonly low: number; readonly high: number }): string[] {
  return value >= range.low && value <= range.high ? [] : [inclusiveRange(range.low, range.high)];
}

/** validation.IsValidPortNum. */
export const validatePortNumber = (port: number): string[] => validateRange(port, { low: 1, high: 65535 });

/** validation.IsValidUserID and IsValidGroupID. */
export const validateUserId = (id: number): string[] => validateRange(id, { low: 0, high: 0xffffffff });

/** validation.IsValidPortName: IANA service names, lower case only. */
export const validatePortName: TextRule = (name) => {
  const errors: string[] = [];
  if (isLongerThan(name, portNameMaximum)) errors.push(maximumCharacters(portNameMaximum));
  if (!/^[-a-z0-9]+$/.test(name)) {
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(name)) errors.push('must contain at least one letter (a-z)');
  if (name.includes('--')) errors.push('must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
};

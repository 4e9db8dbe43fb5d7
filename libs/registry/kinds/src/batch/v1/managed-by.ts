import { type FieldPath, fieldErrors, patternMessage, validateDns1123Subdomain } from '@reckon/api/machinery';
import { byteLength, checkText, type Errors } from '../../field-checks';

const pathPattern = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const path = new RegExp(`^${pathPattern}$`);
const maximum = 63;

/** The controller that a job is left to: `acme.io/foo` (IsDomainPrefixedPath), at most 63 bytes of it. */
export function validateManagedBy(errors: Errors, managedBy: string, at: FieldPath): void {
  checkDomainPrefixedPath(errors, managedBy, at);
  if (byteLength(managedBy) > maximum) errors.push(fieldErrors.tooLong(at, maximum));
}

function checkDomainPrefixedPath(errors: Errors, text: string, at: FieldPath): void {
  if (text === '') {
    errors.push(fieldErrors.required(at));
    return;
  }
  const slash = text.indexOf('/');
  const [host, rest] = slash < 0 ? ['', ''] : [text.slice(0, slash), text.slice(slash + 1)];
  if (host === '' || rest === '') {
    errors.push(fieldErrors.invalid(at, text, 'must be a domain-prefixed path (such as "acme.io/foo")'));
    return;
  }
  checkText(errors, at, host, validateDns1123Subdomain);
  if (!path.test(rest)) errors.push(fieldErrors.invalid(at, rest, patternMessage('Invalid path', pathPattern)));
}

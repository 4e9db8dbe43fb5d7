import { type FieldError, fieldErrors, type FieldPath } from './field-error';
import { validateDns1123Subdomain } from './names';

const httpPath = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;

/** What keeps a text from being like `acme.io/foo` (k8s.io/apimachinery/pkg/util/validation `IsDomainPrefixedPath`). */
export function domainPrefixedPathErrors(path: FieldPath, text: string): FieldError[] {
  if (text === '') return [fieldErrors.required(path)];
  const slash = text.indexOf('/');
  const [host, rest] = [text.slice(0, Math.max(slash, 0)), text.slice(slash + 1)];
  if (slash < 0 || host === '' || rest === '')
    return [fieldErrors.invalid(path, text, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  const errors = validateDns1123Subdomain(host).map((problem) => fieldErrors.invalid(path, host, problem));
  if (!httpPath.test(rest))
    errors.push(
      fieldErrors.invalid(path, rest, "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')"),
    );
  return errors;
}

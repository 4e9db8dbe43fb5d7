import { type FieldPath, fieldErrors, validateDns1123Label, validateDns1123Subdomain } from '@reckon/api/machinery';
import { byteLength, type Errors } from '../../../../field-checks';

const longestDomain = 253;
/** A domain, a slash, and a path made of a subdomain and a label. */
const longestName = longestDomain + 1 + 63 + 1 + 253;

/** `example.com/some-signer` (ValidateSignerName). */
export function validateSignerName(errors: Errors, path: FieldPath, name: string): void {
  if (name === '') errors.push(fieldErrors.required(path));
  const segments = name.split('/');
  const [domain = '', rest = ''] = segments;
  if (segments.length !== 2) {
    errors.push(
      fieldErrors.invalid(
        path,
        name,
        "must be a fully qualified domain and path of the form 'example.com/signer-name'",
      ),
    );
    return;
  }
  if (byteLength(domain) > longestDomain) errors.push(fieldErrors.tooLong(path, longestDomain));
  const labels = domain.split('.');
  checkParts(errors, path, domain, labels, validateDns1123Label);
  if (labels.length < 2)
    errors.push(fieldErrors.invalid(path, domain, 'should be a domain with at least two segments separated by dots'));
  checkParts(errors, path, rest, rest.split('.'), validateDns1123Subdomain);
  if (byteLength(name) > longestName) errors.push(fieldErrors.tooLong(path, longestName));
}

/** Only the first bad part is reported. */
function checkParts(
  errors: Errors,
  path: FieldPath,
  shown: string,
  parts: readonly string[],
  rule: (text: string) => readonly string[],
): void {
  for (const part of parts) {
    const messages = rule(part);
    for (const message of messages)
      errors.push(fieldErrors.invalid(path, shown, `validating label ${JSON.stringify(part)}: ${message}`));
    if (messages.length > 0) return;
  }
}

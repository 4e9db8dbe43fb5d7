import { aggregateMessage, domainPrefixedPathErrors, fieldPath, goQuote } from '@reckon/api/machinery';

/** Why nobody may have such extra facts, in a constrained impersonation; undefined where they are in order. */
export function forbiddenExtra(extra: Readonly<Record<string, readonly string[]>>): string | undefined {
  for (const [key, values] of Object.entries(extra)) {
    if (key === '') return 'impersonating the empty string key in extra is not allowed';
    const problems = domainPrefixedPathErrors(fieldPath('extra').child('key'), key);
    if (problems.length > 0)
      return `impersonating an invalid key in extra is not allowed: ${aggregateMessage(problems.map(String))}`;
    if (key !== key.toLowerCase()) return `impersonating a non-lowercase key in extra is not allowed: ${goQuote(key)}`;
    if (values.includes('')) return 'impersonating the empty string value in extra is not allowed';
  }
  return undefined;
}

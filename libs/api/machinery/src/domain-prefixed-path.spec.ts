import { describe, expect, it } from 'vitest';
import { domainPrefixedPathErrors } from './domain-prefixed-path';
import { fieldPath } from './field-error';

const problems = (text: string): string[] => domainPrefixedPathErrors(fieldPath('key'), text).map(String);

describe('a domain-prefixed path', () => {
  it('is a host and what stands after its slash', () => {
    for (const text of ['acme.io/foo', 'a/b/c', 'x.example.com/A-%20']) expect(problems(text)).toEqual([]);
  });

  it('is refused with what is missing', () => {
    expect(problems('')).toEqual(['key: Required value']);
    for (const text of ['foo', '/foo', 'acme.io/'])
      expect(problems(text)).toEqual([
        `key: Invalid value: ${JSON.stringify(text)}: must be a domain-prefixed path (such as "acme.io/foo")`,
      ]);
    expect(problems('Acme.io/a b')).toEqual([
      expect.stringContaining('key: Invalid value: "Acme.io": a lowercase RFC 1123 subdomain must consist of'),
      "key: Invalid value: \"a b\": Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')",
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { validateLabelValue, validateQualifiedName } from './label-format';
import { nameIsDns1035Label, nameIsDnsLabel, nameIsDnsSubdomain, nameIsPathSegment } from './name-rule';
import {
  validateCIdentifier,
  validateDns1035Label,
  validateDns1123Label,
  validateDns1123Subdomain,
  validateDns1123SubdomainWithUnderscore,
  validateWildcardDns1123Subdomain,
} from './names';
import { validatePortName, validatePortNumber, validateUserId } from './ports';
import {
  validateConfigKey,
  validateEnvironmentName,
  validateHttpHeaderName,
  validatePercent,
  validateRelaxedEnvironmentName,
} from './text-formats';

const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

describe('names', () => {
  it('says upstream’s words of labels', () => {
    expect(validateDns1123Label('a-1')).toEqual([]);
    expect(validateDns1123Label('Bad_Name')).toEqual([label]);
    expect(validateDns1123Label('a.b')).toEqual(['must not contain dots']);
    expect(validateDns1123Label('')).toEqual([label]);
    expect(validateDns1123Label('a'.repeat(64))).toEqual(['must be no more than 63 characters']);
    expect(validateDns1123Label('a\n')).toEqual([label]);
  });

  it('says upstream’s words of subdomains', () => {
    expect(validateDns1123Subdomain('a.b-c.1')).toEqual([]);
    for (const bad of ['UPPER', 'a_b', '-a', 'a.', '.', '', 'é', 'a..b']) {
      expect(validateDns1123Subdomain(bad)).toEqual([subdomain]);
    }
    expect(validateDns1123Subdomain('a'.repeat(254))).toEqual(['must be no more than 253 characters']);
    expect(validateDns1123Subdomain('A'.repeat(254))).toEqual(['must be no more than 253 characters', subdomain]);
  });

  it('says upstream’s words of the rarer forms', () => {
    expect(validateDns1035Label('1a')).toEqual([
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
    ]);
    expect(validateWildcardDns1123Subdomain('*.example.com')).toEqual([]);
    expect(validateWildcardDns1123Subdomain('*.*.x')).toEqual([
      "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ]);
    expect(validateDns1123SubdomainWithUnderscore('_sip._tcp.example.com')).toEqual([]);
    expect(validateDns1123SubdomainWithUnderscore('a_.b')).toHaveLength(1);
    expect(validateCIdentifier('_a1')).toEqual([]);
    expect(validateCIdentifier('1a')).toHaveLength(1);
  });

  it('takes a base for generated names that ends in a dash', () => {
    expect(nameIsDnsSubdomain('web-', 'prefix')).toEqual([]);
    expect(nameIsDnsSubdomain('web-', 'name')).toEqual([subdomain]);
    expect(nameIsDnsLabel('-', 'prefix')).toEqual([label]);
    expect(nameIsDnsLabel('ü-', 'prefix')).toEqual([label]);
    expect(nameIsDns1035Label('a-', 'prefix')).toEqual([]);
    expect(nameIsPathSegment('system:node', 'name')).toEqual([]);
    expect(nameIsPathSegment('..', 'name')).toEqual(["may not be '..'"]);
    expect(nameIsPathSegment('..', 'prefix')).toEqual([]);
    expect(nameIsPathSegment('a/b%', 'name')).toEqual(["may not contain '/'", "may not contain '%'"]);
  });

  it('answers long hostile names at once', () => {
    const started = performance.now();
    validateDns1123Subdomain(`${'a-'.repeat(500_000)}!`);
    validateQualifiedName(`${'a.'.repeat(500_000)}!`);
    validateLabelValue(`${'a-'.repeat(500_000)}!`);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('label keys and values', () => {
  it('counts in bytes', () => {
    expect(validateQualifiedName('a'.repeat(64))).toEqual(['name part must be no more than 63 bytes']);
    expect(validateQualifiedName(`${'a'.repeat(254)}/b`)).toEqual(['prefix part must be no more than 253 bytes']);
    expect(validateLabelValue('a'.repeat(64))).toEqual(['must be no more than 63 bytes']);
    expect(validateLabelValue('é'.repeat(40))[0]).toBe('must be no more than 63 bytes');
  });

  it('names the part that is wrong', () => {
    expect(validateQualifiedName('example.com/My.Name_1')).toEqual([]);
    expect(validateQualifiedName('/a')).toEqual(['prefix part must be non-empty']);
    expect(validateQualifiedName('')[0]).toBe('name part must be non-empty');
    expect(validateQualifiedName('')).toHaveLength(2);
    expect(validateQualifiedName('A_B/c')).toEqual([`prefix part ${subdomain}`]);
    expect(validateQualifiedName('a/b/c')[0]).toMatch(
      /^a valid label key must consist .* \(e\.g\. 'example\.com\/MyName'\)$/,
    );
    expect(validateLabelValue('')).toEqual([]);
  });
});

describe('ports and other text', () => {
  it('checks ports', () => {
    expect(validatePortNumber(0)).toEqual(['must be between 1 and 65535, inclusive']);
    expect(validatePortNumber(65535)).toEqual([]);
    expect(validateUserId(-1)).toEqual(['must be between 0 and 4294967295, inclusive']);
    expect(validatePortName('much-too-long-a-name')).toEqual(['must be no more than 15 characters']);
    expect(validatePortName('NOT OK')).toEqual([
      'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      'must contain at least one letter (a-z)',
    ]);
    expect(validatePortName('-a--b')).toEqual([
      'must not contain consecutive hyphens',
      'must not begin or end with a hyphen',
    ]);
    expect(validatePortName('80')).toEqual(['must contain at least one letter (a-z)']);
  });

  it('checks keys, variables, percentages and headers', () => {
    expect(validateConfigKey('..')).toEqual(["must not be '..'"]);
    expect(validateConfigKey('..a')).toEqual(["must not start with '..'"]);
    expect(validateConfigKey('a/b')).toEqual([
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ]);
    expect(validateEnvironmentName('1A')).toHaveLength(1);
    expect(validateRelaxedEnvironmentName('1 A')).toEqual([]);
    expect(validateRelaxedEnvironmentName('')).toEqual(['environment variable name must be non-empty']);
    expect(validateRelaxedEnvironmentName('A=B')).toEqual([
      "a valid environment variable name must consist only of printable ASCII characters other than '='",
    ]);
    expect(validatePercent('12%')).toEqual([]);
    expect(validatePercent('-1%')).toHaveLength(1);
    expect(validateHttpHeaderName('X-A')).toEqual([]);
    expect(validateHttpHeaderName('a b')).toHaveLength(1);
  });
});

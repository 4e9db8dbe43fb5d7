import { describe, expect, it } from 'vitest';
import { allowedOrigins } from './allowed-origins';

describe('--cors-allowed-origins', () => {
  it.each([
    ['//example.com(:|$)', 'https://example.com', true],
    ['//example.com(:|$)', 'http://example.com:8080', true],
    ['//example.com(:|$)', 'https://example.com.evil.org', false],
    ['^https://example.com$', 'https://example.com', true],
    ['^https://example.com$', 'http://example.com', false],
    ['(?i)//EXAMPLE.com(:|$)', 'https://example.com', true],
  ])('%s and %s: %s', (pattern, origin, isAllowed) => {
    expect(allowedOrigins([pattern])?.(origin)).toBe(isAllowed);
  });

  it('is one of several, or none', () => {
    const allows = allowedOrigins(['//a.test$', '//b.test$']);
    expect([allows?.('http://a.test'), allows?.('http://b.test'), allows?.('http://c.test')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(allowedOrigins([])).toBeUndefined();
  });

  it.each([
    ['', 'empty value in --cors-allowed-origins'],
    [
      '//a(',
      '--cors-allowed-origins has an invalid regular expression: error parsing regexp: missing closing ): `//a(`',
    ],
    [
      'example.com',
      '--cors-allowed-origins has an invalid regular expression: regular expression does not pin to start/end of host in the origin header',
    ],
    [
      '//example.com',
      '--cors-allowed-origins has an invalid regular expression: regular expression does not pin to start/end of host in the origin header',
    ],
  ])('refuses %j', (pattern, message) => {
    expect(() => allowedOrigins([pattern])).toThrow(expect.objectContaining({ code: 'Option', message }));
  });
});

import { describe, expect, it } from 'vitest';
import { compileGoPattern } from './go-pattern';

describe('a regular expression of Go', () => {
  it.each([
    '',
    '^a+b*?c??$',
    '(?i)abc',
    '(?i:a)|(?-s:b)',
    '(?P<name>a)(?<other>b)',
    '[[:alpha:]_-]{1,63}',
    '\\d\\.\\-\\/\\x41\\pL\\p{Greek}\\z\\A\\Qa\\E',
    '\\012',
    '\\(?=',
    'a{1000}',
    '^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)?x$',
  ])('%j is one', (pattern) => {
    expect(compileGoPattern(pattern).problem).toBeUndefined();
  });

  it.each([
    '(a',
    'a)',
    '[a',
    '*a',
    'a**',
    'a++',
    '(?=a)',
    '(?!a)',
    '(?<=a)b',
    '(a)\\1',
    '\\Z',
    '\\y',
    '(?x)a',
    'a{1001}',
    'a\\',
  ])('%j is none', (pattern) => {
    expect(compileGoPattern(pattern).problem).toBeDefined();
  });
});

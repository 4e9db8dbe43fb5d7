import { fieldPath } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { compileGoPattern } from '@reckon/api/cel';
import type { JsonSchema } from './json-schema';
import { goNumber } from './number-value';
import { prune } from './prune';
import { matchesFormat } from './string-format';
import { validateValue } from './value.validation';

describe('a value of a schema', () => {
  it.each<[unknown, JsonSchema, ...string[]]>([
    [1, { type: 'number' }],
    [1.5, { type: 'integer' }, 'v: Invalid value: "number":  in body must be of type integer: "number"'],
    [null, { type: 'string' }, 'v: Invalid value: "null":  in body must be of type string: "null"'],
    [null, { type: 'string', nullable: true }],
    [5, { type: 'integer', format: 'int32' }],
    ['x', { type: 'string', maxLength: 0 }, 'v: Too long: may not be more than 0 bytes'],
    ['x', { type: 'string', minLength: 2 }, 'v: Invalid value: "x":  in body should be at least 2 chars long'],
    ['x', { type: 'string', pattern: '^y$' }, 'v: Invalid value: "x":  in body should match \'^y$\''],
    ['x', { type: 'string', format: 'ipv4' }, 'v: Invalid value: "x":  in body must be of type ipv4: "x"'],
    ['x', { type: 'string', format: 'unheard-of' }],
    [5, { type: 'integer', multipleOf: 2 }, 'v: Invalid value: 5:  in body should be a multiple of 2'],
    [4, { type: 'integer', multipleOf: 2 }],
    [
      4,
      { type: 'integer', multipleOf: -2 },
      'v: Invalid value: -2: factor MultipleOf declared for  must be positive: -2',
    ],
    [
      'x',
      { type: 'string', pattern: '(' },
      'v: Invalid value: "x":  in body should match \'(, but pattern is invalid: error parsing regexp: missing closing ): `(`\'',
    ],
    [5, { type: 'integer', maximum: 5, exclusiveMaximum: true }, 'v: Invalid value: 5:  in body should be less than 5'],
    [5, { type: 'integer', maximum: 4 }, 'v: Invalid value: 5:  in body should be less than or equal to 4'],
    [
      5,
      { type: 'integer', minimum: 5, exclusiveMinimum: true },
      'v: Invalid value: 5:  in body should be greater than 5',
    ],
    [[], { type: 'array', minItems: 1 }, 'v: Invalid value: 0:  in body should have at least 1 items'],
    [[1, 2], { type: 'array', maxItems: 1 }, 'v: Too many: 2: must have at most 1 items'],
    [
      ['a', 1],
      { type: 'array', items: { type: 'string' } },
      'v.[1]: Invalid value: "integer": [1] in body must be of type string: "integer"',
    ],
    [{}, { type: 'object', minProperties: 1 }, 'v: Invalid value: 1:  in body should have at least 1 properties'],
    [{ a: 1, b: 2 }, { type: 'object', maxProperties: 1 }, 'v: Too many: 2: must have at most 1 items'],
    [
      { a: 1 },
      { type: 'object', properties: { b: {} }, additionalProperties: false },
      'v: Invalid value: "a": .a in body is a forbidden property',
    ],
    [
      { a: { b: 1 } },
      { type: 'object', additionalProperties: { type: 'string' } },
      'v.a: Invalid value: "object": .a in body must be of type string: "object"',
    ],
    [{ a: {} }, { type: 'object', properties: { a: { type: 'object', required: ['b'] } } }, 'v.a.b: Required value'],
    [
      1,
      { anyOf: [{ minimum: 2 }, { maximum: 0 }] },
      'v: Invalid value: "": "" must validate at least one schema (anyOf)',
      'v: Invalid value: 1:  in body should be greater than or equal to 2',
    ],
    [
      1,
      { oneOf: [{ minimum: 0 }, { minimum: 1 }] },
      'v: Invalid value: "": "" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
    [
      1,
      { allOf: [{ minimum: 2 }] },
      'v: Invalid value: 1:  in body should be greater than or equal to 2',
      'v: Invalid value: "": "" must validate all the schemas (allOf). None validated',
    ],
    [1, { not: { minimum: 1 } }, 'v: Invalid value: "": "" must not validate the schema (not)'],
    [1, { enum: [2, 'a'] }, 'v: Unsupported value: 1: supported values: "2", "a"'],
  ])('%j against %j', (value, schema, ...messages) => {
    expect(validateValue(fieldPath('v'), value, schema).map(String)).toEqual(messages);
  });

  it('loses what the schema does not know', () => {
    const value = { a: 1, b: { c: 1, d: 2 }, e: [{ f: 1, g: 2 }], kept: { x: 1 }, metadata: { labels: {} } };
    prune(value, {
      'x-kubernetes-embedded-resource': true,
      properties: {
        b: { properties: { c: {} } },
        e: { items: { properties: { f: {} } } },
        kept: { 'x-kubernetes-preserve-unknown-fields': true },
      },
    });
    expect(value).toEqual({ b: { c: 1 }, e: [{ f: 1 }], kept: { x: 1 }, metadata: { labels: {} } });
  });

  it('has numbers as Go prints them', () => {
    expect([1, 1.5, 1e21, 0.00001, -2].map(goNumber)).toEqual(['1', '1.5', '1e+21', '1e-05', '-2']);
  });
});

describe('formats', () => {
  it.each([
    ['date-time', '2026-02-28T10:00:00Z', '2026-02-30T10:00:00Z'],
    ['date', '2024-02-29', '2023-02-29'],
    ['uuid', '6F9619FF-8B86-D011-B42D-00CF4FC964FF', 'x'],
    ['uuid4', '9c4b1f5e-7f3a-4d5c-8a6b-3f2e1d0c9b8a', '9c4b1f5e-7f3a-1d5c-8a6b-3f2e1d0c9b8a'],
    ['cidr', '10.0.0.0/8', '10.0.0.0/33'],
    ['hostname', 'a.example', '-a.example'],
    ['email', 'a@b.c', 'a b'],
    ['uri', 'https://x/y', 'x y'],
    ['byte', 'YQ==', 'a'],
    ['duration', '1h30m', '1 parsec'],
    ['quantity', '10Gi', 'ten'],
    ['isbn', '978-0321751041', '978-0321751042'],
    ['isbn10', '0321751043', '0321751044'],
    ['creditcard', '4111 1111 1111 1111', '4111 1111 1111 1112'],
    ['mac', '01:23:45:67:89:ab', '01:23'],
    ['hexcolor', '#fff', '#ff'],
    ['rgbcolor', 'rgb(1, 2, 255)', 'rgb(1, 2, 256)'],
    ['ssn', '111-22-3333', '1'],
    ['bsonobjectid', '507f1f77bcf86cd799439011', '5'],
    ['k8s-short-name', 'a-b', 'a.b'],
    ['k8s-long-name', 'a.b', 'A'],
    ['ipv6', '::1', '1'],
  ])('%s takes %j and not %j', (format, good, bad) => {
    expect(matchesFormat(format, good)).toBe(true);
    expect(matchesFormat(format, bad)).toBe(false);
  });
});

describe('patterns', () => {
  it.each([
    ['^[a-z]+$', 'ab', 'AB'],
    ['(?i)^ab$', 'AB', 'c'],
    ['^[[:alpha:]_-]+$', 'a-b', 'a1'],
    ['\\Aa\\z', 'a', 'ab'],
    ['^(?P<x>a|b){2}$', 'ab', 'a'],
    ['^a{$', 'a{', 'a'],
    ['^[\\w.-]+@x$', 'a.b-c@x', '@x'],
    ['^\\d+\\/\\d+$', '1/2', '1'],
    ['^\\p{Lu}$', 'A', 'a'],
    ['^[]a]$', ']', 'b'],
    ['^a{2,3}$', 'aaa', 'a'],
    ['^(?:ab|c)*$', 'abcab', 'abd'],
    ['^a.c$', 'abc', 'a\nc'],
    ['(?s)^a.c$', 'a\nc', 'ac'],
    ['(?m)^b$', 'a\nb\nc', 'ab'],
    ['\\bcat\\b', 'a cat', 'concat'],
    ['^\\Qa.b\\E$', 'a.b', 'axb'],
    ['^[^\\d\\s]+$', 'ab', 'a1'],
    ['^[+\\-a-c]+$', 'a-c+', 'd'],
    ['^\\x41\\x{1F600}$', 'A😀', 'A'],
    ['^(?i:a)b$', 'Ab', 'AB'],
    ['^$', '', 'a'],
  ])('%s match %j and not %j', (pattern, good, bad) => {
    const compiled = compileGoPattern(pattern);
    expect(compiled.problem).toBeUndefined();
    expect(compiled.matches?.(good)).toBe(true);
    expect(compiled.matches?.(bad)).toBe(false);
  });

  it('take no longer for having many ways to match', () => {
    const { matches } = compileGoPattern('^(a+)+(a|aa)*$');
    expect(matches?.(`${'a'.repeat(5000)}!`)).toBe(false);
  });

  it.each([
    ['(', 'missing closing ): `(`'],
    [')', 'unexpected ): `)`'],
    ['[a', 'missing closing ]: `[a`'],
    ['*a', 'missing argument to repetition operator: `*`'],
    ['a**', 'invalid nested repetition operator: `**`'],
    ['a{3,2}', 'invalid repeat count: `{3,2}`'],
    ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
    ['(a)\\1', 'invalid escape sequence: `\\1`'],
    ['[z-a]', 'invalid character class range: `z-a`'],
    ['a\\', 'trailing backslash at end of expression: ``'],
    ['|*', 'missing argument to repetition operator: `*`'],
    ['(?<=a)', 'invalid named capture: `(?<=a)`'],
    ['(?P<a b>c)', 'invalid named capture: `(?P<a b>`'],
    ['\\p{Nope}', 'invalid character class range: `\\p{Nope}`'],
    ['[[:nope:]]', 'invalid character class range: `[:nope:]`'],
    ['a{1001}', 'invalid repeat count: `{1001}`'],
    ['(?:(?:a{1000}){1000}){1000}', 'expression too large: `(?:(?:a{1000}){1000}){1000}`'],
  ])('%s are none', (pattern, problem) => {
    expect(compileGoPattern(pattern).problem).toBe(`error parsing regexp: ${problem}`);
  });
});

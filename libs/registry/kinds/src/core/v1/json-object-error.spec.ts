import { describe, expect, it } from 'vitest';
import { jsonObjectError } from './json-object-error';

describe('jsonObjectError', () => {
  it.each(['{}', ' {"a": [1, -2.5e+3, true, false, null, "\\u00e9\\n"], "b": {}}\n', 'null', '{"a":[[],{}]}'])(
    'says nothing of %j',
    (text) => {
      expect(jsonObjectError(text)).toBeUndefined();
    },
  );

  it.each([
    ['', 'unexpected end of JSON input'],
    ['{"a"', 'unexpected end of JSON input'],
    ['{"a":1', 'unexpected end of JSON input'],
    ['[1,', 'unexpected end of JSON input'],
    ['{"a":tru', 'unexpected end of JSON input'],
    ['"a', 'unexpected end of JSON input'],
    ['1e', 'unexpected end of JSON input'],
    ['x', "invalid character 'x' looking for beginning of value"],
    ['\u00a0{}', "invalid character '\u00a0' looking for beginning of value"],
    ['{a}', "invalid character 'a' looking for beginning of object key string"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"}', `invalid character '"' after object key:value pair`],
    ['[1 2]', "invalid character '2' after array element"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['{} {}', "invalid character '{' after top-level value"],
    ['nul!', "invalid character '!' in literal null (expecting 'l')"],
    ['"\\q"', "invalid character 'q' in string escape code"],
    ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
    ['"\n"', "invalid character '\\n' in string literal"],
    ['-x', "invalid character 'x' in numeric literal"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['[]', 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
    ['"a"', 'json: cannot unmarshal string into Go value of type map[string]interface {}'],
    ['1', 'json: cannot unmarshal number into Go value of type map[string]interface {}'],
    ['true', 'json: cannot unmarshal bool into Go value of type map[string]interface {}'],
  ])('says of %j what Go says', (text, problem) => {
    expect(jsonObjectError(text)).toBe(problem);
  });

  it('does not follow a text into any depth', () => {
    expect(jsonObjectError('['.repeat(500_000))).toBe('exceeded max depth');
    expect(jsonObjectError('{"a":'.repeat(9_000))).toBe('unexpected end of JSON input');
  });
});

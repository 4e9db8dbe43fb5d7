import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeOf, valueOf } from './node';
import { JsonSyntaxError, parseJsonNode } from './parse-node';
import { scanJson } from './scan';
import { parseObject, stringifyObject } from './stringify-object';

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');

function fault(text: string): string {
  try {
    parseJsonNode(bytes(text));
  } catch (error) {
    if (error instanceof JsonSyntaxError) return `${error.message} @${String(error.offset)}`;
    throw error;
  }
  return 'read';
}

describe('parseJsonNode', () => {
  it('reads what JSON.parse reads, to the same value', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const expected: unknown = JSON.parse(text);
        expect(stringifyObject(valueOf(parseJsonNode(bytes(text))))).toBe(JSON.stringify(expected));
      }),
    );
  });

  it('accepts and refuses the same texts as JSON.parse', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      '\\',
      'a',
      '0',
      '1',
      '-',
      '.',
      'e',
      'true',
      'null',
      ' ',
      '\n',
      '"a"',
      '\\u00e9',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        let accepted = true;
        try {
          JSON.parse(text);
        } catch {
          accepted = false; // any fault will do: only whether there is one is compared
        }
        expect(fault(text) === 'read', text).toBe(accepted);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['', 'unexpected end of JSON input @0'],
    ['{"a"', 'unexpected end of JSON input @4'],
    ['{"a" 1}', "invalid character '1' after object key @5"],
    ['{"a":1 "b"}', `invalid character '"' after object key:value pair @7`],
    ['{a:1}', "invalid character 'a' looking for beginning of object key string @1"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string @7"],
    ['[1 2]', "invalid character '2' after array element @3"],
    ['[1,]', "invalid character ']' looking for beginning of value @3"],
    ['trve', "invalid character 'v' in literal true (expecting 'u') @2"],
    ['"a\nb"', String.raw`invalid character '\n' in string literal @2`],
    ['"\\x"', "invalid character 'x' in string escape code @2"],
    ['"\\u12g4"', String.raw`invalid character 'g' in \u hexadecimal character escape @5`],
    ['-a', "invalid character 'a' in numeric literal @1"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal @2"],
    ['1e+x', "invalid character 'x' in exponent of numeric literal @3"],
    ['01', "invalid character '1' after top-level value @1"],
    ["'", String.raw`invalid character '\'' looking for beginning of value @0`],
    ['ä', "invalid character 'Ã' looking for beginning of value @0"],
    ['['.repeat(501), 'exceeded max depth @500'],
  ])('says of %j what Go says', (text, expected) => {
    expect(fault(text)).toBe(expected);
  });

  it('keeps every member, in order', () => {
    expect(parseJsonNode(bytes('{"a":1,"b":2,"a":3}'))).toMatchObject({
      members: [
        ['a', {}],
        ['b', {}],
        ['a', {}],
      ],
    });
  });
});

describe('scanJson', () => {
  it('counts as many keys as the text has', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        let keys = 0;
        const text = JSON.stringify(value, (_, item: unknown) => {
          if (typeof item === 'object' && item !== null && !Array.isArray(item)) keys += Object.keys(item).length;
          return item;
        });
        expect(scanJson(bytes(text)).keys).toBe(keys);
      }),
    );
  });

  it.each([
    ['{"a":123456789012345}', true],
    ['{"a":1234567890123456}', false],
    ['[1.0]', false],
    ['[1e3]', false],
    ['{"a":"1234567890123456789 1.5 \\\\ \\""}', true],
    [String.raw`"\ud83d"`, false],
    [String.raw`"\u00e9"`, true],
  ])('%s is plain: %s', (text, expected) => {
    expect(scanJson(bytes(text)).isPlain).toBe(expected);
  });

  it('measures depth outside strings', () => {
    expect(scanJson(bytes('{"a":[["[["]],"b":{}}')).depth).toBe(3);
  });
});

describe('stringifyObject and parseObject', () => {
  it('carry integers of any length', () => {
    const object = { metadata: {}, a: 2n ** 63n - 1n, b: [-(2n ** 60n)], c: '12345678901234567890', d: 1.5 };
    const text = stringifyObject(object);
    expect(text).toBe(
      '{"metadata":{},"a":9223372036854775807,"b":[-1152921504606846976],"c":"12345678901234567890","d":1.5}',
    );
    expect(parseObject(bytes(text))).toEqual(object);
  });

  it('find a long integer wherever it stands', () => {
    for (let before = 0; before <= 40; before++)
      for (let digits = 14; digits <= 40; digits += digits < 19 ? 1 : 7) {
        const text = `{"metadata":{},"s":"${'x1'.repeat(before)}","n":${'9'.repeat(digits)},"t":"1"}`;
        const exact = BigInt('9'.repeat(digits));
        const expected = exact > BigInt(Number.MAX_SAFE_INTEGER) ? exact : Number(exact);
        expect([before, digits, parseObject(bytes(text))['n']]).toEqual([before, digits, expected]);
      }
  });

  it('do nothing else', () => {
    const text = '{"metadata":{"annotations":{"a":"\\"9223372036854775807"}},"f":12345678901234567.5}';
    expect(JSON.stringify(parseObject(bytes(text)))).toBe(JSON.stringify(JSON.parse(text)));
    expect(() =>
      stringifyObject(
        (() => {
          const loop: Record<string, unknown> = {};
          loop['x'] = loop;
          return loop;
        })(),
      ),
    ).toThrow();
  });
});

describe('nodeOf', () => {
  it('is undone by valueOf', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(stringifyObject(valueOf(nodeOf(value)))).toBe(JSON.stringify(value));
      }),
    );
  });
});

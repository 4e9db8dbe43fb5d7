import { describe, expect, it } from 'vitest';
import { goJson } from './go-quote';
import { stringifyJson } from './stringify-json';

describe('stringifyJson', () => {
  it('is JSON.stringify', () => {
    const value = { a: [1, 'x', null, { b: true }], c: undefined };
    expect(stringifyJson(value)).toBe(JSON.stringify(value));
    expect(stringifyJson(value, 1)).toBe(JSON.stringify(value, null, 1));
  });

  it('writes long integers with all their digits', () => {
    expect(stringifyJson({ a: 2n ** 63n - 1n, b: [-(2n ** 63n)] })).toBe(
      '{"a":9223372036854775807,"b":[-9223372036854775808]}',
    );
    expect(stringifyJson([2n ** 60n], 1)).toBe('[\n 1152921504606846976\n]');
    expect(goJson({ '<': 2n ** 60n })).toBe('{"\\u003c":1152921504606846976}');
  });

  it('throws for a ring', () => {
    const ring: unknown[] = [];
    ring.push(ring);
    expect(() => stringifyJson(ring)).toThrow(TypeError);
  });
});

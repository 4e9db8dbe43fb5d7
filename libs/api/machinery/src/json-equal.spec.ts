import { describe, expect, it } from 'vitest';
import { jsonEqual } from './json-equal';

describe('equality of JSON', () => {
  it.each([
    [1, 1],
    [null, null],
    [
      { a: 1, b: [2] },
      { b: [2], a: 1 },
    ],
    [{ a: undefined }, {}],
    [{ constructor: 1 }, { constructor: 1 }],
  ])('holds: %j %j', (a, b) => {
    expect([jsonEqual(a, b), jsonEqual(b, a)]).toEqual([true, true]);
  });

  it.each([
    [1, '1'],
    [null, {}],
    [[], {}],
    [[1, 2], [1]],
    [{ a: null }, {}],
    [{ a: [] }, {}],
    [{ a: 1 }, { b: 1 }],
    [{}, { constructor: Object }],
  ])('does not hold: %j %j', (a, b) => {
    expect([jsonEqual(a, b), jsonEqual(b, a)]).toEqual([false, false]);
  });
});

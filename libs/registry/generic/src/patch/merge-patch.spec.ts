import { jsonEqual } from '@reckon/api/machinery';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyMergePatch } from './merge-patch';

type Json = Record<string, unknown>;

const merge = (document: Json, patch: Json): Json =>
  applyMergePatch(structuredClone(document), structuredClone(patch), new Set());
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The patch that makes `to` of `from`; exists when no member of `to` is null. */
function diff(from: Json, to: Json): Json {
  const patch: Json = {};
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch[key] = null;
  for (const [key, value] of Object.entries(to)) {
    const before = Object.hasOwn(from, key) ? from[key] : undefined;
    if (isObject(before) && isObject(value)) patch[key] = diff(before, value);
    else if (!jsonEqual(before, value)) patch[key] = value;
  }
  return patch;
}

const key = fc.constantFrom('a', 'b', 'c', 'toString', 'constructor');
const { object } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer(),
    fc.string(),
    fc.boolean(),
    fc.array(fc.integer(), { maxLength: 2 }),
    tie('object'),
  ),
  object: fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
}));

describe('merge patch', () => {
  // The cases of RFC 7386, appendix A, that keep the document an object.
  it.each<[Json, Json, Json]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    [{ a: 1 }, {}, { a: 1 }],
    // Where upstream's library differs: removals in items of lists have nothing to remove either.
    [{ a: [{ b: 1 }] }, { a: [{ b: 2, c: null, d: [{ e: null }] }, null] }, { a: [{ b: 2, d: [{}] }, null] }],
    [{ a: { b: 1 } }, { a: [{ c: null }] }, { a: [{ c: null }] }],
  ])('makes of %o with %o %o', (document, patch, result) => {
    expect(merge(document, patch)).toEqual(result);
  });

  it('undoes any difference', () => {
    fc.assert(
      fc.property(object, object, (from, to) => {
        expect(merge(from as Json, diff(from as Json, to as Json))).toEqual(to);
      }),
    );
  });

  it('takes __proto__ for a member like any other', () => {
    const result = merge({}, JSON.parse('{"__proto__":{"polluted":"yes"}}') as Json);
    expect(JSON.stringify(result)).toBe('{"__proto__":{"polluted":"yes"}}');
    expect(({} as Json)['polluted']).toBeUndefined();
  });
});

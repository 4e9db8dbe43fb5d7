import { describe, expect, it } from 'vitest';
import { statusOf } from '../testing/registry-fixture.suite';
import { type JsonPatchOperation, applyJsonPatch } from './json-patch';

const apply = (document: object, ...operations: Partial<JsonPatchOperation>[]): object => {
  const copy = structuredClone(document) as Record<string, unknown>;
  return applyJsonPatch(
    copy,
    operations.map((o) => ({ op: '', path: '', from: '', value: undefined, ...o })),
    new Set(),
  );
};

describe('JSON patch', () => {
  it.each<[string, object, Partial<JsonPatchOperation>, object]>([
    ['adds a member', { a: 1 }, { op: 'add', path: '/b', value: [2] }, { a: 1, b: [2] }],
    ['replaces by adding', { a: 1 }, { op: 'add', path: '/a', value: 2 }, { a: 2 }],
    ['adds null without a value', {}, { op: 'add', path: '/a' }, { a: null }],
    ['inserts into a list', { a: [1, 3] }, { op: 'add', path: '/a/1', value: 2 }, { a: [1, 2, 3] }],
    ['appends to a list', { a: [1] }, { op: 'add', path: '/a/-', value: 2 }, { a: [1, 2] }],
    ['appends at the length', { a: [1] }, { op: 'add', path: '/a/1', value: 2 }, { a: [1, 2] }],
    ['appends at -1', { a: [1, 2] }, { op: 'add', path: '/a/-1', value: 3 }, { a: [1, 2, 3] }],
    ['removes a member', { a: 1, b: 2 }, { op: 'remove', path: '/a' }, { b: 2 }],
    ['removes an item', { a: [1, 2, 3] }, { op: 'remove', path: '/a/1' }, { a: [1, 3] }],
    ['removes the last item', { a: [1, 2, 3] }, { op: 'remove', path: '/a/-1' }, { a: [1, 2] }],
    ['replaces a member', { a: { b: 1 } }, { op: 'replace', path: '/a/b', value: 2 }, { a: { b: 2 } }],
    ['replaces a missing member', { a: {} }, { op: 'replace', path: '/a/b', value: 2 }, { a: { b: 2 } }],
    ['moves', { a: 1, b: {} }, { op: 'move', from: '/a', path: '/b/c' }, { b: { c: 1 } }],
    ['copies', { a: { x: 1 } }, { op: 'copy', from: '/a', path: '/b' }, { a: { x: 1 }, b: { x: 1 } }],
    ['copies what is missing as null', {}, { op: 'copy', from: '/a', path: '/b' }, { b: null }],
    ['unescapes names', { 'x/y': 1, '~': 2 }, { op: 'remove', path: '/x~1y' }, { '~': 2 }],
    [
      'tests a value',
      { a: { b: [1, { c: 2 }] } },
      { op: 'test', path: '/a', value: { b: [1, { c: 2 }] } },
      { a: { b: [1, { c: 2 }] } },
    ],
    ['replaces the whole document', { a: 1 }, { op: 'replace', path: '', value: { b: 2 } }, { b: 2 }],
    ['tests the whole document', { a: 1 }, { op: 'test', path: '', value: { a: 1 } }, { a: 1 }],
    ['takes a missing member for null in a test', { a: 1 }, { op: 'test', path: '/b', value: null }, { a: 1 }],
  ])('%s', (_what, document, operation, result) => {
    expect(apply(document, operation)).toEqual(result);
  });

  it.each<[string, Partial<JsonPatchOperation>]>([
    ['a test that fails', { op: 'test', path: '/a', value: 2 }],
    ['a test of a missing member', { op: 'test', path: '/x', value: 2 }],
    ['removing what is missing', { op: 'remove', path: '/x' }],
    ['moving what is missing', { op: 'move', from: '/x', path: '/y' }],
    ['a path through a missing member', { op: 'add', path: '/x/y', value: 1 }],
    ['a path through a scalar', { op: 'add', path: '/a/b', value: 1 }],
    ['an index past the end', { op: 'add', path: '/l/3', value: 1 }],
    ['replacing past the end', { op: 'replace', path: '/l/2', value: 1 }],
    ['an index before the start', { op: 'remove', path: '/l/-3' }],
    ['an index that is no number', { op: 'add', path: '/l/x', value: 1 }],
    ['a scalar for the whole document', { op: 'replace', path: '', value: 1 }],
    ['null for the whole document', { op: 'replace', path: '' }],
    ['adding the whole document', { op: 'add', path: '', value: {} }],
    ['removing the whole document', { op: 'remove', path: '' }],
    ['a test of the whole document that fails', { op: 'test', path: '', value: { a: 1 } }],
    ['an operation that there is not', { op: 'frob', path: '/a' }],
    ['no operation', { path: '/a' }],
  ])('refuses %s with 422 and says nothing more', async (_what, operation) => {
    expect(await statusOf(() => apply({ a: 1, l: [1, 2] }, operation))).toEqual({
      code: 422,
      reason: 'Invalid',
      message: 'the server rejected our request due to an error in our request',
      details: {},
      metadata: {},
    });
  });

  it('takes __proto__ for a member like any other', () => {
    const result = apply({}, { op: 'add', path: '/__proto__', value: { polluted: 'yes' } });
    expect(JSON.stringify(result)).toBe('{"__proto__":{"polluted":"yes"}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(JSON.stringify(apply({}, { op: 'add', path: '/constructor', value: 1 }))).toBe('{"constructor":1}');
  });
});

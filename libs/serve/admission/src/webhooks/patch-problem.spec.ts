import { describe, expect, it } from 'vitest';
import { patchProblem } from './patch-problem';

const document = { a: { b: 1, n: null }, l: [1, 2, 3] };

describe('a JSON patch', () => {
  it.each<[object[]]>([
    [[{ op: 'replace', path: '/a/new', value: 1 }]],
    [[{ op: 'add', path: '/l/-4', value: 0 }]],
    [[{ op: 'remove', path: '/l/-3' }]],
    [[{ op: 'copy', from: '/a/new', path: '/a/c' }]],
    [[{ op: 'test', path: '/a/new', value: null }]],
    [
      [
        { op: 'replace', path: '', value: { x: 1 } },
        { op: 'remove', path: '/x' },
      ],
    ],
  ])('that is odd, but fits: %j', (operations) => {
    expect(patchProblem(document, operations as Record<string, unknown>[])).toBeUndefined();
  });

  it.each<[object, string]>([
    [{ op: 'add' }, 'add operation failed to decode path: missing value'],
    [{ op: 'replace' }, 'replace operation failed to decode path: operation missing path field: missing value'],
    [
      { op: 'test', path: 1 },
      'test operation failed to decode path: json: cannot unmarshal number into Go value of type string',
    ],
    [{ op: 'move', path: '/a' }, 'move operation failed to decode from: operation, missing from field: missing value'],
    [{ op: 'add', path: '/z/b', value: 1 }, 'add operation does not apply: doc is missing path: "/z/b": missing value'],
    [
      { op: 'add', path: '/l/x', value: 1 },
      `error in add for path: '/l/x': value was not a proper array index: 'x': strconv.Atoi: parsing "x": invalid syntax`,
    ],
    [
      { op: 'add', path: '/l/5', value: 1 },
      "error in add for path: '/l/5': Unable to access invalid index: 5: invalid index referenced",
    ],
    [
      { op: 'remove', path: '/a/z' },
      "error in remove for path: '/a/z': Unable to remove nonexistent key: z: missing value",
    ],
    [
      { op: 'remove', path: '/l/3' },
      "error in remove for path: '/l/3': Unable to access invalid index: 3: invalid index referenced",
    ],
    [
      { op: 'replace', path: '/l/3', value: 1 },
      'replace operation does not apply: doc is missing key: /l/3: missing value',
    ],
    [
      { op: 'replace', path: '/z/3', value: 1 },
      'replace operation does not apply: doc is missing path: /z/3: missing value',
    ],
    [{ op: 'test', path: '/z/b', value: 1 }, 'test operation does not apply: is missing path: /z/b: missing value'],
    [
      { op: 'test', path: '/l/7', value: 1 },
      "error in test for path: '/l/7': Unable to access invalid index: 7: invalid index referenced",
    ],
    [{ op: 'test', path: '/a/b', value: 2 }, 'testing value /a/b failed: test failed'],
    [
      { op: 'move', from: '/a/z', path: '/a/q' },
      "error in move for path: 'z': Unable to remove nonexistent key: z: missing value",
    ],
    [
      { op: 'copy', from: '/l/9', path: '/a/q' },
      "error in copy for from: '/l/9': Unable to access invalid index: 9: invalid index referenced",
    ],
    [
      { op: 'copy', from: '/a/b', path: '/l/9' },
      'error while adding value during copy: Unable to access invalid index: 9: invalid index referenced',
    ],
    [
      { op: 'copy', from: '/a/b', path: '/z/q' },
      'copy operation does not apply: doc is missing destination path: /z/q: missing value',
    ],
    [{ op: 'frob', path: '/a' }, 'Unexpected kind: frob'],
  ])('that does not fit: %j', (operation, problem) => {
    expect(patchProblem(document, [operation as Record<string, unknown>])).toBe(problem);
  });
});

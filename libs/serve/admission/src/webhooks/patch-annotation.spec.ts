import { describe, expect, it } from 'vitest';
import { shownPatch } from './patch-annotation';

describe('a patch in the audit log', () => {
  it.each([
    [
      '[{"path": "/a/b", "op": "add", "value": {"z": 1.0, "a": [ 1, "x y" ]}}]',
      '[{"op":"add","path":"/a/b","value":{"z":1.0,"a":[1,"x y"]}}]',
    ],
    [
      '[{"op":"add","value":"<a> & \\"b\\", {","path":"/a"}]',
      String.raw`[{"op":"add","path":"/a","value":"\u003ca\u003e \u0026 \"b\", {"}]`,
    ],
    [
      '[{"op":"remove","op":"add","path":"/a"}, {"op":"remove","path":"/b"}]',
      '[{"op":"add","path":"/a"},{"op":"remove","path":"/b"}]',
    ],
    ['[ {} ]', '[{}]'],
  ])('shows %s', (patch, shown) => {
    expect(shownPatch(patch)).toBe(shown);
  });
});

import { jsonEqual } from '@reckon/api/machinery';
import { isObject, type JsonObject } from './list-shape';

/** One operation of RFC 6902. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/**
 * The patch that makes `after` of `before`; `undefined` means that there is no object. Lists keep what they have in common at both
 * ends; what is between them is changed by position.
 */
export function jsonPatch(before: unknown, after: unknown): PatchOperation[] {
  const operations: PatchOperation[] = [];
  compare(before, after, '');
  return operations;

  function compare(a: unknown, b: unknown, path: string): void {
    if (a === undefined && b === undefined) return;
    if (a === undefined) operations.push({ op: 'add', path, value: b });
    else if (b === undefined) operations.push({ op: 'remove', path });
    else if (isObject(a) && isObject(b)) compareObjects(a, b, path);
    else if (Array.isArray(a) && Array.isArray(b)) compareLists(a, b, path);
    else if (!jsonEqual(a, b)) operations.push({ op: 'replace', path, value: b });
  }

  function compareObjects(a: JsonObject, b: JsonObject, path: string): void {
    for (const name of Object.keys(a))
      compare(a[name], Object.hasOwn(b, name) ? b[name] : undefined, `${path}/${escaped(name)}`);
    for (const name of Object.keys(b))
      if (!Object.hasOwn(a, name)) compare(undefined, b[name], `${path}/${escaped(name)}`);
  }

  function compareLists(a: readonly unknown[], b: readonly unknown[], path: string): void {
    let start = 0;
    while (start < a.length && start < b.length && jsonEqual(a[start], b[start])) start++;
    let [endA, endB] = [a.length, b.length];
    while (endA > start && endB > start && jsonEqual(a[endA - 1], b[endB - 1])) {
      endA--;
      endB--;
    }
    const both = Math.min(endA, endB);
    for (let i = start; i < both; i++) compare(a[i], b[i], `${path}/${i}`);
    // From the end, so that the positions of the others stay.
    for (let i = endA - 1; i >= both; i--) operations.push({ op: 'remove', path: `${path}/${i}` });
    for (let i = both; i < endB; i++) operations.push({ op: 'add', path: `${path}/${i}`, value: b[i] });
  }
}

/** RFC 6901 */
const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

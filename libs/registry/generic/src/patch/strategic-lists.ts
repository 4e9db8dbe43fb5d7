import { plainFailure } from '../storage-to-status';
import { goTypeName, goValueText } from './go-value-text';
import { unprocessablePatch } from './patch-error';
import { type PatchField, itemType } from './patch-schema';
import { type Json, directive, isObject } from './strategic-directives';
import type { MergeObjects } from './strategic-merge';
import { kindOf } from './strategic-merge';
import { ordered } from './strategic-order';

/**
 * Merges a list whose `patchStrategy` is merge (strategicpatch `mergeSlice`). Objects are matched by the merge key: a match is merged,
 * `$patch: delete` removes it, a new one is appended; `$patch: replace` anywhere makes the patch the whole list. Scalars are a set.
 * The order afterwards: what the patch names in its order, the others where they were.
 */
export function mergeLists(
  original: unknown[],
  patch: unknown[],
  field: PatchField,
  mergeObjects: MergeObjects,
  isDeletion: boolean,
): unknown[] {
  if (original.length === 0 && patch.length === 0) return original;
  const kind = elementKind(original, patch);
  if (kind !== 'object') {
    if (isDeletion) return original.filter((item) => !patch.includes(item));
    return ordered([...new Set([...original, ...patch])], patch, original, '');
  }
  if (field.mergeKey === '') throw plainFailure(`cannot merge lists without merge key for type ${goKindOf(field)}`);
  const special = withoutSpecial(original as Json[], patch as Json[], field.mergeKey);
  const merged = mergeByKey(special.original, special.patch, field, mergeObjects);
  return ordered(merged, special.patch, special.original, field.mergeKey);
}

/** All items of all lists must be of one kind, and no lists (strategicpatch `sliceElementType`). */
export function elementKind(...lists: readonly unknown[][]): string {
  let kind: string | undefined;
  for (const list of lists) {
    for (const item of list) {
      const own = kindOf(item);
      if (kind === undefined && own === 'list') throw unprocessablePatch();
      kind ??= own;
      if (own !== kind)
        throw plainFailure(`list element types are not identical: [${lists.map(goValueText).join(' ')}]`);
    }
  }
  if (kind === undefined) throw plainFailure('no elements in any of the given slices');
  return kind;
}

/** Carries out the `$patch` items and takes them out. */
function withoutSpecial(original: Json[], patch: Json[], mergeKey: string): { original: Json[]; patch: Json[] } {
  let rest = original;
  let replaces = false;
  const plain: Json[] = [];
  for (const item of patch) {
    if (!Object.hasOwn(item, directive)) {
      plain.push(item);
      continue;
    }
    switch (item[directive]) {
      case 'delete': {
        const value = keyValue(item, mergeKey);
        rest = rest.filter((other) => !(Object.hasOwn(other, mergeKey) && other[mergeKey] === value));
        break;
      }
      case 'replace':
        replaces = true;
        break;
      case 'merge':
        throw plainFailure('merging lists cannot yet be specified in the patch');
      default:
        throw plainFailure(`unknown patch type: ${goValueText(item[directive])} in map: ${goValueText(item)}`);
    }
  }
  return replaces ? { original: plain, patch: [] } : { original: rest, patch: plain };
}

function mergeByKey(
  original: readonly Json[],
  patch: readonly Json[],
  field: PatchField,
  mergeObjects: MergeObjects,
): Json[] {
  const merged = [...original];
  for (const item of patch) {
    const value = keyValue(item, field.mergeKey);
    const at = merged.findIndex((other) => Object.hasOwn(other, field.mergeKey) && other[field.mergeKey] === value);
    const match = merged[at];
    if (match === undefined) merged.push(item);
    else merged[at] = mergeObjects(match, item, itemType(field.type));
  }
  return merged;
}

export function keyValue(item: unknown, mergeKey: string): unknown {
  if (!isObject(item)) throw plainFailure(`expected a map[string]interface {}, but received a ${goTypeName(item)}`);
  if (Object.hasOwn(item, mergeKey)) return item[mergeKey];
  throw plainFailure(`map: ${goValueText(item)} does not contain declared merge key: ${mergeKey}`);
}

function goKindOf(field: PatchField): string {
  const { kind } = itemType(field.type);
  return kind === 'map' || kind === 'struct' ? kind : 'interface';
}

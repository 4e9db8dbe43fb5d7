import type { TypeRef, TypeTable } from '@reckon/api/kinds';
import { statusErrors } from '@reckon/api/machinery';
import { plainFailure } from '../storage-to-status';
import { goValueText } from './go-value-text';
import { patchField } from './patch-schema';
import {
  deleteListPrefix,
  directive,
  elementOrderPrefix,
  isList,
  isObject,
  type Json,
  retainKeys,
} from './strategic-directives';
import { mergeLists } from './strategic-lists';
import { mergeOrderedLists } from './strategic-order';

/** Merges one object into another; handed to the list code, which meets objects again. */
export type MergeObjects = (original: Json, patch: Json, type: TypeRef) => Json;

/**
 * Applies a strategic merge patch (apimachinery/pkg/util/strategicpatch `StrategicMergeMapPatch`) in place; `patch` is used up.
 * The order of steps within one object:
 *
 * 1. `$patch: replace | delete`: nothing else in the patch of this object counts;
 * 2. `$retainKeys`: members that it does not name go, before new ones come;
 * 3. `$setElementOrder/<list>`: those lists are merged and ordered together with their patch;
 * 4. the other members: null removes, equal types merge, `$deleteFromPrimitiveList/<list>` takes values out, all else replaces.
 */
export function applyStrategicMerge(types: TypeTable, original: Json, patch: Json, type: TypeRef): Json {
  const mergeObjects: MergeObjects = (into, from, of) => {
    if (Object.hasOwn(from, directive)) return directed(from);
    applyRetainKeys(into, from);
    mergeOrderedLists(types, into, from, of, mergeObjects);
    for (const key of Object.keys(from)) mergeMember(into, from, key, of);
    return into;
  };

  function mergeMember(into: Json, from: Json, patchKey: string, of: TypeRef): void {
    const isDeletion = patchKey.startsWith(deleteListPrefix);
    const key = isDeletion ? listNameOf(patchKey) : patchKey;
    const value = from[patchKey];
    if (value === null || value === undefined) {
      delete into[key];
      return;
    }
    const before = Object.hasOwn(into, key) ? into[key] : undefined;
    if (before === undefined || kindOf(before) !== kindOf(value)) {
      if (!isDeletion) put(into, key, cleaned(value));
      return;
    }
    if (isObject(before) && isObject(value)) {
      const field = patchField(types, of, key);
      put(into, key, field.replaces ? value : mergeObjects(before, value, field.type));
    } else if (isList(before) && isList(value)) {
      const field = patchField(types, of, key);
      put(into, key, field.merges || isDeletion ? mergeLists(before, value, field, mergeObjects, isDeletion) : value);
    } else put(into, key, value);
  }

  return mergeObjects(original, patch, type);
}

function directed(patch: Json): Json {
  const { [directive]: what, ...rest } = patch;
  if (what === 'replace') return rest;
  if (what === 'delete') return {};
  throw plainFailure(`unknown patch type: ${textVerb(what)} in map: ${goValueText(patch)}`);
}

/** Go's `%s` of what is no text. */
function textVerb(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null) return '%!s(<nil>)';
  const kind = kindOf(value);
  return isObject(value) || isList(value)
    ? goValueText(value)
    : `%!s(${kind === 'boolean' ? 'bool' : kind}=${goValueText(value)})`;
}

function applyRetainKeys(original: Json, patch: Json): void {
  if (!Object.hasOwn(patch, retainKeys)) return;
  const keys = patch[retainKeys];
  delete patch[retainKeys];
  if (!isList(keys)) throw statusErrors.badRequest('invalid patch format of retainKeys');
  for (const key of Object.keys(patch)) {
    if (patch[key] === null || key.startsWith(deleteListPrefix) || key.startsWith(elementOrderPrefix)) continue;
    if (!keys.includes(key)) throw statusErrors.badRequest('invalid patch format of retainKeys');
  }
  for (const key of Object.keys(original)) if (!keys.includes(key)) delete original[key];
}

function listNameOf(key: string): string {
  const slash = key.indexOf('/');
  if (key.slice(0, slash) !== deleteListPrefix) throw statusErrors.badRequest('invalid patch format of primitive list');
  return key.slice(slash + 1);
}

/** A value that has nothing to merge with: its removals and directives have nothing to act on. */
function cleaned(value: unknown): unknown {
  return withoutDirectives(withoutNulls(value));
}

function withoutNulls(value: unknown): unknown {
  if (isList(value)) value.forEach(withoutNulls);
  else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      if (value[key] === null) delete value[key];
      else withoutNulls(value[key]);
    }
  }
  return value;
}

/** undefined for an object that is itself a directive. */
function withoutDirectives(value: unknown): unknown {
  if (isList(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (Object.hasOwn(value, directive)) return undefined;
  for (const key of Object.keys(value)) {
    const rest = withoutDirectives(value[key]);
    if (rest === undefined) delete value[key];
    else put(value, key, rest);
  }
  return value;
}

function put(object: Json, key: string, value: unknown): void {
  if (value === undefined) delete object[key];
  else if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  else object[key] = value;
}

/** Go's dynamic types after decoding JSON: integers and fractions differ. */
export function kindOf(value: unknown): string {
  if (isList(value)) return 'list';
  if (value === null) return 'null';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'bigint' ? 'int64' : typeof value;
}

import type { TypeRef, TypeTable } from '@reckon/api/kinds';
import { statusErrors } from '@reckon/api/machinery';
import { plainFailure } from '../storage-to-status';
import { goTypeName, goValueText } from './go-value-text';
import { patchField } from './patch-schema';
import { type Json, directive, elementOrderPrefix, isList, isObject } from './strategic-directives';
import { elementKind, keyValue, mergeLists } from './strategic-lists';
import type { MergeObjects } from './strategic-merge';

/**
 * Merges the lists for which the patch gives an order, and orders them; takes both out of the patch
 * (strategicpatch `mergePatchIntoOriginal`). An order without its list reorders what is there.
 */
export function mergeOrderedLists(
  types: TypeTable,
  original: Json,
  patch: Json,
  type: TypeRef,
  mergeObjects: MergeObjects,
): void {
  for (const orderKey of Object.keys(patch)) {
    if (!orderKey.startsWith(elementOrderPrefix)) continue;
    const order = patch[orderKey];
    delete patch[orderKey];
    if (!isList(order)) throw plainFailure(`expected a []interface {}, but received a ${goTypeName(order)}`);
    const key = orderedListOf(orderKey);
    const before = listAt(original, key);
    const change = listAt(patch, key);
    const field = patchField(types, type, key);
    checkOrder(change ?? [], order, field.mergeKey);
    if (before === undefined && change === undefined) continue;
    let merged = before ?? change ?? [];
    if (before !== undefined && change !== undefined)
      merged = field.merges ? mergeLists(before, change, field, mergeObjects, false) : change;
    elementKind(before ?? [], change ?? []);
    original[key] = ordered(merged, order, before ?? [], field.mergeKey);
    delete patch[key];
  }
}

function orderedListOf(orderKey: string): string {
  const slash = orderKey.indexOf('/');
  if (orderKey.slice(0, slash) !== elementOrderPrefix)
    throw statusErrors.badRequest('invalid patch format of setElementOrder list');
  return orderKey.slice(slash + 1);
}

function listAt(object: Json, key: string): unknown[] | undefined {
  if (!Object.hasOwn(object, key)) return undefined;
  const value = object[key];
  if (isList(value)) return value;
  throw plainFailure(`expected a []interface {}, but received a ${goTypeName(value)}`);
}

/** What the patch lists must appear in the order in the same sequence (deletions aside). */
function checkOrder(change: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  if (change.length === 0 || order.length === 0) return;
  const named = mergeKey === '' ? change : change.filter((item) => !(isObject(item) && Object.hasOwn(item, directive)));
  let at = 0;
  for (const place of order) {
    if (at >= named.length) break;
    if (identity(named[at], mergeKey) === identity(place, mergeKey)) at++;
  }
  if (at < named.length) {
    throw plainFailure(
      `The order in patch list:\n${goValueText(change)}\n doesn't match ${elementOrderPrefix} list:\n${goValueText(order)}\n`,
    );
  }
}

const identity = (item: unknown, mergeKey: string): unknown => (mergeKey === '' ? item : keyValue(item, mergeKey));

/**
 * Puts `items` into order: those named by `order` in its sequence, the others relative to them as they were on the server
 * (strategicpatch `normalizeElementOrder`): walking both, a server-only item goes first when on the server it stood before.
 */
export function ordered(
  items: readonly unknown[],
  order: readonly unknown[],
  server: readonly unknown[],
  mergeKey: string,
): unknown[] {
  const places = firstPlaces(order, mergeKey);
  const serverPlaces = firstPlaces(server, mergeKey);
  const placeOf = (item: unknown): number => places.get(identity(item, mergeKey)) ?? -1;
  const named = items.filter((item) => placeOf(item) >= 0).sort((a, b) => placeOf(a) - placeOf(b));
  const others = items.filter((item) => placeOf(item) < 0);
  const serverPlace = (item: unknown): number => serverPlaces.get(identity(item, mergeKey)) ?? -1;
  others.sort((a, b) => serverPlace(a) - serverPlace(b));

  const out: unknown[] = [];
  let next = 0;
  for (const item of named) {
    const at = serverPlace(item);
    // An item that is new to the server has no place there: the others wait.
    if (at >= 0) {
      for (; next < others.length && isBetween(serverPlace(others[next]), at); next++) out.push(others[next]);
    }
    out.push(item);
  }
  return [...out, ...others.slice(next)];
}

const isBetween = (place: number, end: number): boolean => place >= 0 && place < end;

function firstPlaces(list: readonly unknown[], mergeKey: string): Map<unknown, number> {
  const places = new Map<unknown, number>();
  for (const [i, item] of list.entries()) {
    const id = identity(item, mergeKey);
    if (!places.has(id)) places.set(id, i);
  }
  return places;
}

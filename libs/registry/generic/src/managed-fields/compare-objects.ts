import { jsonEqual } from '@reckon/api/machinery';
import { type FieldSet, type MutableFieldSet, compareElements, leaf } from './field-set';
import type { FieldPlan } from './managed-fields-type';
import { isContainer, isEmpty, itemPlan, itemsByElement, leafPlan, memberOf, ownElementOf } from './path-elements';

/** `changed`: added or with another value; `removed`: gone with all that was in it. undefined = none. */
export interface Comparison {
  readonly changed: FieldSet | undefined;
  readonly removed: FieldSet | undefined;
}

type Json = Record<string, unknown>;

/**
 * Which fields of `next` differ from `old` (structured-merge-diff `typed.Compare`). A container that is in both is no member of
 * either set, only what differs in it; one that is new is a member with everything in it. Two empty containers count as a leaf.
 */
export function compareObjects(plan: FieldPlan, old: unknown, next: unknown): Comparison {
  if (old === next) return same;
  if ((isEmpty(old) && isEmpty(next)) || !isContainer(plan, old) || !isContainer(plan, next))
    return jsonEqual(old, next) ? same : changedLeaf;
  return plan.kind === 'set' || plan.kind === 'keyed'
    ? compareLists(plan, (old ?? []) as unknown[], (next ?? []) as unknown[])
    : compareMaps(plan, (old ?? {}) as Json, (next ?? {}) as Json);
}

/** Every field of a value, the value's own path included. */
export function wholeSet(plan: FieldPlan, value: unknown): FieldSet {
  if (plan.kind === 'leaf' || isEmpty(value) || !isContainer(plan, value)) return leaf;
  const out: MutableFieldSet = { '.': leaf };
  if (plan.kind === 'set' || plan.kind === 'keyed') {
    const items = value as unknown[];
    const [only] = items;
    if (items.length === 1) {
      out[ownElementOf(plan, only)] = wholeSet(itemPlan(plan), only);
      return out;
    }
    const byElement = itemsByElement(plan, items);
    for (const element of sortedElements(byElement)) out[element] = wholeItems(plan, byElement.get(element) ?? []);
    return out;
  }
  const map = value as Json;
  for (const name of sortedNames(map)) {
    const member = map[name];
    if (member === undefined) continue;
    const field = memberOf(plan, name);
    out[field.element] = wholeSet(field.plan, member);
  }
  return out;
}

const same: Comparison = { changed: undefined, removed: undefined };
const changedLeaf: Comparison = { changed: leaf, removed: undefined };

function compareMaps(plan: FieldPlan, old: Json, next: Json): Comparison {
  let changed: MutableFieldSet | undefined;
  let removed: MutableFieldSet | undefined;
  for (const name of Object.keys(next)) {
    const value = next[name];
    if (value === undefined) continue;
    const before = Object.hasOwn(old, name) ? old[name] : undefined;
    if (before === value) continue;
    const { element, plan: member } = memberOf(plan, name);
    if (before === undefined) {
      (changed ??= {})[element] = wholeSet(member, value);
      continue;
    }
    const inside = compareObjects(member, before, value);
    if (inside.changed !== undefined) (changed ??= {})[element] = inside.changed;
    if (inside.removed !== undefined) (removed ??= {})[element] = inside.removed;
  }
  for (const name of Object.keys(old)) {
    const value = old[name];
    if (value === undefined || (Object.hasOwn(next, name) && next[name] !== undefined)) continue;
    const { element, plan: member } = memberOf(plan, name);
    (removed ??= {})[element] = wholeSet(member, value);
  }
  if (changed === undefined && removed === undefined) return same;
  return { changed: changed === undefined ? undefined : inOrder(changed), removed };
}

function compareLists(plan: FieldPlan, old: readonly unknown[], next: readonly unknown[]): Comparison {
  // Most lists are as they were; then there is no need to know their items by their keys.
  if (jsonEqual(old, next)) return same;
  let changed: MutableFieldSet | undefined;
  let removed: MutableFieldSet | undefined;
  const left = itemsByElement(plan, old);
  const right = itemsByElement(plan, next);
  for (const element of sortedElements(right)) {
    const after = right.get(element) ?? [];
    const before = left.get(element);
    if (before === undefined) {
      (changed ??= {})[element] = wholeItems(plan, after);
      continue;
    }
    const inside = compareItems(plan, before, after);
    if (inside.changed !== undefined) (changed ??= {})[element] = inside.changed;
    if (inside.removed !== undefined) (removed ??= {})[element] = inside.removed;
  }
  for (const [element, before] of left) {
    if (!right.has(element)) (removed ??= {})[element] = wholeItems(plan, before);
  }
  return changed === undefined && removed === undefined ? same : { changed, removed };
}

/** Duplicates are owned together, one item field by field: between the two all of one goes and all of the other comes. */
function compareItems(plan: FieldPlan, before: readonly unknown[], after: readonly unknown[]): Comparison {
  const item = itemPlan(plan);
  if (before.length === 1 && after.length === 1) return compareObjects(item, before[0], after[0]);
  if (before.length > 1 && after.length > 1) return compareObjects(leafPlan, before, after);
  return { changed: wholeItems(plan, after), removed: wholeItems(plan, before) };
}

/** Items that share an element are duplicates and owned together. */
const wholeItems = (plan: FieldPlan, items: readonly unknown[]): FieldSet =>
  items.length > 1 ? leaf : wholeSet(itemPlan(plan), items[0]);

/** Elements of a map or struct, all of them `f:…`. */
function inOrder(set: MutableFieldSet): MutableFieldSet {
  const elements = Object.keys(set);
  if (elements.every((element, i) => i === 0 || (elements[i - 1] ?? '') <= element)) return set;
  const out: MutableFieldSet = {};
  for (const element of elements.sort()) out[element] = set[element] ?? leaf;
  return out;
}

function sortedNames(map: Json): string[] {
  const names = Object.keys(map);
  for (let i = 1; i < names.length; i++) if ((names[i - 1] ?? '') > (names[i] ?? '')) return names.sort();
  return names;
}

function sortedElements(items: ReadonlyMap<string, unknown>): string[] {
  const elements = [...items.keys()];
  return elements.length > 1 ? elements.sort(compareElements) : elements;
}

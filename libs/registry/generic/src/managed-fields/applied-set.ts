import { type FieldSet, type MutableFieldSet, compareElements, leaf, normal } from './field-set';
import type { FieldPlan } from './managed-fields-type';
import { elementOf, isContainer, itemPlan, memberOf } from './path-elements';

type Json = Record<string, unknown>;

/**
 * The fields that a configuration states, hence what its applier owns (structured-merge-diff `ToFieldSet`). Unlike in an update,
 * a field that holds others is not owned itself, unless it is an item of a list, a member of a map or empty.
 */
export function appliedSet(plan: FieldPlan, value: unknown): FieldSet | undefined {
  if (plan.kind === 'leaf' || !isContainer(plan, value)) return leaf;
  if (value === null) return undefined;
  const out: MutableFieldSet = {};
  if (Array.isArray(value)) {
    for (const item of value) {
      const element = elementOf(plan, item);
      out[element] = asMember(appliedSet(itemPlan(plan), item));
    }
  } else {
    for (const [name, member] of Object.entries(value as Json)) {
      if (member === undefined) continue;
      const { element, plan: inside } = memberOf(plan, name);
      const set = appliedSet(inside, member);
      if (isDeclared(plan, name) && !isNullOrEmptyMap(member)) {
        if (set !== undefined) out[element] = set;
      } else out[element] = asMember(set);
    }
  }
  return normal(inOrder(out));
}

/**
 * With every declared field that holds a member as a member itself, so that taking away the last of its members takes it too
 * (`Set.EnsureNamedFieldsAreMembers`).
 */
export function withNamedFields(plan: FieldPlan, set: FieldSet): FieldSet {
  const out: MutableFieldSet = {};
  for (const [element, child] of Object.entries(set)) {
    if (element === '.') {
      out['.'] = leaf;
      continue;
    }
    const isField = element.startsWith('f:');
    const name = element.slice(2);
    const inside = isField ? memberOf(plan, name).plan : itemPlan(plan);
    const below = withNamedFields(inside, child);
    out[element] = isField && isDeclared(plan, name) ? asMember(below) : below;
  }
  return out;
}

function asMember(set: FieldSet | undefined): FieldSet {
  if (set === undefined) return leaf;
  for (const element in set) return element === '.' ? set : { '.': leaf, ...set };
  return set;
}

const isDeclared = (plan: FieldPlan, name: string): boolean => plan.kind === 'struct' && plan.fields.has(name);

function isNullOrEmptyMap(value: unknown): boolean {
  if (value === null) return true;
  return typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0;
}

function inOrder(set: MutableFieldSet): FieldSet {
  const out: MutableFieldSet = {};
  for (const element of Object.keys(set).sort(compareElements)) out[element] = set[element] ?? leaf;
  return out;
}

import type { FieldSet } from './field-set';
import { isEmptyNode, isMember } from './field-set';
import type { FieldPlan } from './managed-fields-type';
import { elementOf, isContainer, isEmpty, itemPlan, memberOf } from './path-elements';

type Json = Record<string, unknown>;

/** The live value with what the configuration states put over it (structured-merge-diff `Merge`). Shares parts of both. */
export function mergeApplied(plan: FieldPlan, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live;
  if (live === undefined || plan.kind === 'leaf') return applied;
  if (!isContainer(plan, applied) || !isContainer(plan, live)) return applied;
  // An empty container states nothing about members; between two that have none it is a value like others.
  if (applied === null) return isEmpty(live) ? applied : live;
  if (live === null) return applied;
  if (Array.isArray(applied)) return mergeLists(plan, live as unknown[], applied);

  const out: Json = { ...(live as Json) };
  for (const [name, value] of Object.entries(applied as Json)) {
    const before = Object.hasOwn(out, name) ? out[name] : undefined;
    setMember(out, name, mergeApplied(memberOf(plan, name).plan, before, value));
  }
  return out;
}

/**
 * The applied items in their order. Live items that nobody applied stay before the shared item that they stood before; a shared item
 * that comes out of turn goes where the configuration has it.
 *
 * Example: live [a x b y c], applied [c a n b] gives [x y c a n b].
 */
function mergeLists(plan: FieldPlan, live: readonly unknown[], applied: readonly unknown[]): unknown[] {
  const inside = itemPlan(plan);
  const liveItems = byElement(plan, live);
  const appliedElements = applied.map((item) => elementOf(plan, item));
  const isApplied = new Set(appliedElements);
  const out: unknown[] = [];
  let at = 0;
  const takeApplied = (): void => {
    const element = appliedElements[at] ?? '';
    out.push(mergeApplied(inside, liveItems.get(element), applied[at]));
    at++;
  };
  /** Of the applied items still to come, the first that is live too. */
  const nextShared = (): number => {
    for (let i = at; i < appliedElements.length; i++) if (liveItems.has(appliedElements[i] ?? '')) return i;
    return -1;
  };
  for (const item of live) {
    const element = elementOf(plan, item);
    if (!isApplied.has(element)) {
      out.push(item);
      continue;
    }
    const next = nextShared();
    if (next >= 0 && appliedElements[next] === element) while (at <= next) takeApplied();
    // With nothing shared to come this is a duplicate of what was merged: the next applied item stands in its place.
    if (next < 0 && at < applied.length) takeApplied();
  }
  while (at < applied.length) takeApplied();
  return out;
}

function byElement(plan: FieldPlan, items: readonly unknown[]): Map<string, unknown> {
  const out = new Map<string, unknown>();
  for (const item of items) {
    const element = elementOf(plan, item);
    // Of duplicates none is the one that was meant: what is applied takes their place.
    out.set(element, out.has(element) ? undefined : item);
  }
  return out;
}

/** The value without the members of the set, each with all that is in it (structured-merge-diff `RemoveItems`). */
export function removeItems(plan: FieldPlan, value: unknown, set: FieldSet): unknown {
  if (plan.kind === 'leaf' || value === null || !isContainer(plan, value)) return value;
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) {
      const inside = set[elementOf(plan, item)];
      if (inside === undefined) items.push(item);
      else if (!isMember(inside)) items.push(removeItems(itemPlan(plan), item, inside));
    }
    return items.length === 0 ? null : items;
  }
  const out: Json = {};
  for (const [name, member] of Object.entries(value as Json)) {
    const { element, plan: inside } = memberOf(plan, name);
    const gone = set[element];
    if (gone === undefined) setMember(out, name, member);
    else if (!isMember(gone)) setMember(out, name, removeItems(inside, member, gone));
  }
  return isEmptyNode(out as unknown as FieldSet) ? null : out;
}

/** A member that a client has named `__proto__` is a member like others. */
function setMember(out: Json, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(out, name, { value, enumerable: true, configurable: true, writable: true });
  else out[name] = value;
}

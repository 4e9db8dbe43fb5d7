import { stringifyJson } from '@reckon/api/machinery';
import type { FieldPlan, StructField } from './managed-fields-type';

type Json = Record<string, unknown>;
type Keyed = Extract<FieldPlan, { kind: 'keyed' }>;

/** Does the value have members of its own in this plan? null is an empty container. */
export function isContainer(plan: FieldPlan, value: unknown): boolean {
  if (plan.kind === 'leaf') return false;
  if (value === null) return true;
  return typeof value === 'object' && Array.isArray(value) === (plan.kind === 'set' || plan.kind === 'keyed');
}

export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.length === 0;
  for (const _name in value) return false;
  return true;
}

export const leafPlan: FieldPlan = { kind: 'leaf' };

export function memberOf(plan: FieldPlan, name: string): StructField {
  switch (plan.kind) {
    case 'struct':
      return plan.fields.get(name) ?? { element: `f:${name}`, plan: plan.rest };
    case 'map':
      return { element: `f:${name}`, plan: plan.of };
    case 'deduced':
      return { element: `f:${name}`, plan };
    default:
      return { element: `f:${name}`, plan: leafPlan };
  }
}

export const itemPlan = (plan: FieldPlan): FieldPlan => (plan.kind === 'keyed' ? plan.of : leafPlan);

export function itemsByElement(plan: FieldPlan, items: readonly unknown[]): Map<string, unknown[]> {
  const out = new Map<string, unknown[]>();
  for (const item of items) {
    const element = ownElementOf(plan, item);
    const list = out.get(element);
    if (list === undefined) out.set(element, [item]);
    else list.push(item);
  }
  return out;
}

/**
 * How an item is told from others (structured-merge-diff `listItemToPathElement`). A key that it leaves out has its default, or is left
 * out of the element too.
 */
export function elementOf(plan: FieldPlan, item: unknown): string {
  if (plan.kind !== 'keyed') return `v:${stringifyJson(item)}`;
  const members = (typeof item === 'object' && item !== null ? item : {}) as Json;
  let keys = '';
  for (const key of plan.keys) {
    const value = (Object.hasOwn(members, key) ? members[key] : undefined) ?? defaultOf(plan, members, key);
    if (value !== undefined) keys += `${keys === '' ? '' : ','}"${key}":${jsonOf(value)}`;
  }
  return `k:{${keys}}`;
}

/** The same of an item that somebody is to own. Throws KeylessItemError. */
export function ownElementOf(plan: FieldPlan, item: unknown): string {
  const element = elementOf(plan, item);
  if (element === keylessElement) throw new KeylessItemError();
  return element;
}

/** A list that is merged by keys has an item without any: nobody can be said to own it. */
export class KeylessItemError extends Error {
  readonly code = 'KeylessItem';

  constructor() {
    super('an item of a list has none of the keys that tell its items apart');
  }
}

/** The element of an item that has none of its list's keys: it stands for nothing. */
export const keylessElement = 'k:{}';

const plainText = /^[\w./-]*$/;

function jsonOf(value: unknown): string {
  return typeof value === 'string' && plainText.test(value) ? `"${value}"` : stringifyJson(value);
}

/** A key that says null is there. */
const defaultOf = (plan: Keyed, members: Json, key: string): unknown =>
  Object.hasOwn(members, key) && members[key] === null ? null : plan.defaults[key];

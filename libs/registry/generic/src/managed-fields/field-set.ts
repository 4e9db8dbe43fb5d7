/**
 * A set of field paths in the form of metav1.FieldsV1, which is also how it is stored. A node `{}` is a path in the set without
 * children; with children, `'.'` says that the path itself is in the set too. Path elements: `f:<field>`,
 * `k:<keys of a list item as JSON>`, `v:<value in a set as JSON>`. Nodes are never changed once made.
 *
 * Example: `{"f:labels": {".": {}, "f:app": {}}}` holds `labels` and `labels.app`.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

export type MutableFieldSet = Record<string, FieldSet>;

/** The one leaf. */
export const leaf: FieldSet = Object.freeze({});

/**
 * Is this a set that the functions here can take? Elements begin with what kind they are, so no name that a client chooses can
 * touch the prototype.
 */
export function isFieldSet(value: unknown): value is FieldSet {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  for (const element of Object.keys(value)) {
    if (element !== '.' && !elementPattern.test(element)) return false;
    if (!isFieldSet((value as Record<string, unknown>)[element])) return false;
  }
  return true;
}

const elementPattern = /^[fkvi]:/;

export function isEmptyNode(node: FieldSet): boolean {
  for (const _key in node) return false;
  return true;
}

/** Is the path of this node itself in the set? */
export const isMember = (node: FieldSet): boolean => '.' in node || isEmptyNode(node);

/** What is in `a` and not in `b`; undefined when nothing is left, `a` itself when nothing was taken. */
export function difference(a: FieldSet, b: FieldSet): FieldSet | undefined {
  if (isEmptyNode(a)) return isMember(b) ? undefined : a;
  const takesSelf = isMember(b);
  let out: MutableFieldSet | undefined;
  for (const element in a) {
    const child = a[element] ?? leaf;
    if (element === '.') {
      if (takesSelf) out ??= copyBefore(a, element);
      else if (out !== undefined) out['.'] = child;
      continue;
    }
    const other = b[element];
    const rest = other === undefined ? child : difference(child, other);
    if (rest !== child) out ??= copyBefore(a, element);
    if (out !== undefined && rest !== undefined) out[element] = rest;
  }
  return out === undefined ? a : normal(out);
}

/** Everything that is in `a` or in `b`, in FieldsV1 order. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  const elements = new Set<string>();
  for (const element in a) if (element !== '.') elements.add(element);
  const before = elements.size;
  for (const element in b) if (element !== '.') elements.add(element);
  if (elements.size === 0) return leaf;
  const names = [...elements];
  if (before > 0 && elements.size > before) names.sort(compareElements);
  const out: MutableFieldSet = {};
  if (isMember(a) || isMember(b)) out['.'] = leaf;
  for (const element of names) {
    const left = a[element];
    const right = b[element];
    if (left === undefined) out[element] = right ?? leaf;
    else out[element] = right === undefined ? left : union(left, right);
  }
  return out;
}

/** What is in both; undefined when there is nothing. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet | undefined {
  const out: MutableFieldSet = {};
  if (isMember(a) && isMember(b)) out['.'] = leaf;
  for (const element in a) {
    const left = a[element];
    const right = element === '.' || !Object.hasOwn(b, element) ? undefined : b[element];
    if (left === undefined || right === undefined) continue;
    const both = intersection(left, right);
    if (both !== undefined) out[element] = both;
  }
  return normal(out);
}

/** The set without the whole subtree at `path` (elements as in `f:status`). */
export function withoutSubtree(set: FieldSet, path: readonly string[], at = 0): FieldSet | undefined {
  const element = path[at];
  if (element === undefined) return undefined;
  const child = set[element];
  if (child === undefined) return set;
  const rest = withoutSubtree(child, path, at + 1);
  if (rest === child) return set;
  const out: MutableFieldSet = {};
  for (const other in set) {
    const value = other === element ? rest : set[other];
    if (value !== undefined) out[other] = value;
  }
  return normal(out);
}

/** `{'.'}` alone is a leaf, `{}` made by taking things away is nothing. */
export function normal(node: FieldSet): FieldSet | undefined {
  let only = '';
  let count = 0;
  for (const element in node) {
    only = element;
    if (++count > 1) return node;
  }
  if (count === 0) return undefined;
  return only === '.' ? leaf : node;
}

function copyBefore(node: FieldSet, end: string): MutableFieldSet {
  const out: MutableFieldSet = {};
  for (const element in node) {
    if (element === end) break;
    out[element] = node[element] ?? leaf;
  }
  return out;
}

/** structured-merge-diff `PathElement.Less`: fields, keys, values; keys and values by value, so that port 80 comes before 443. */
export function compareElements(a: string, b: string): number {
  const kind = a.charCodeAt(0) - b.charCodeAt(0);
  if (kind !== 0) return kind;
  if (a.startsWith('f:')) return a < b ? -1 : a > b ? 1 : 0;
  // One key of letters that sort after the quote that ends them: then the text sorts as the value does.
  if (oneName.test(a) && oneName.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  return compareJson(a.slice(2), b.slice(2));
}

const oneName = /^k:\{"name":"[\w./-]*"\}$/;

function compareJson(a: string, b: string): number {
  try {
    return compareValues(JSON.parse(a), JSON.parse(b));
  } catch {
    // A client may write path elements that are no JSON; any steady order will do.
    return a < b ? -1 : a > b ? 1 : 0;
  }
}

function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    const left = Object.entries(a);
    const right = Object.entries(b);
    for (const [i, [key, value]] of left.entries()) {
      const other = right[i];
      if (other === undefined) return 1;
      if (key !== other[0]) return key < other[0] ? -1 : 1;
      const order = compareValues(value, other[1]);
      if (order !== 0) return order;
    }
    return left.length - right.length;
  }
  const [x, y] = [String(a), String(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

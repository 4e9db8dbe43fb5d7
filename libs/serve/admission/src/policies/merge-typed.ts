import type { MergeSchema } from '@reckon/api/kinds';
import { jsonEqual } from '@reckon/api/machinery';

/** A configuration that cannot be merged; messages as structured-merge-diff and policy/mutating/patch word them. */
export class MergeError extends Error {
  readonly code = 'Merge';

  constructor(message: string) {
    super(message);
    this.name = 'MergeError';
  }
}

type Json = Record<string, unknown>;

/**
 * An object with a configuration put over it (policy/mutating/patch `ApplyStructuredMergeDiff`): what the configuration states is set,
 * items of associative lists meet by their keys, nothing is taken away. What could only be replaced as a whole is refused, since a
 * policy would take away what it does not know. Nobody owns what it sets. Shares parts of both. Throws MergeError.
 */
export function mergeTyped(schema: MergeSchema, live: Json, configuration: Json): Json {
  const undeclared: string[] = [];
  checkFields(schema, configuration, '', undeclared);
  if (undeclared.length > 0)
    throw new MergeError(`failed to convert patch object to typed object: ${joined(undeclared)}`);
  const atomics: string[] = [];
  findAtomics(schema, configuration, '', atomics);
  if (atomics.length > 0)
    throw new MergeError(
      `invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`,
    );
  return merge(schema, live, configuration) as Json;
}

const joined = (problems: readonly string[]): string =>
  problems.length === 1 ? (problems[0] ?? '') : `errors:\n${problems.map((problem) => `  ${problem}`).join('\n')}`;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** typed.ValidationErrors of what the type does not have, or has otherwise. */
function checkFields(schema: MergeSchema, value: unknown, path: string, problems: string[]): void {
  if (value === null || schema.shape === 'untyped' || schema.shape === 'scalar') return;
  if (schema.shape === 'list') {
    if (!Array.isArray(value)) {
      problems.push(`${path}: expected list, got ${goKind(value)}`);
      return;
    }
    for (const [i, item] of value.entries())
      if (schema.item !== undefined) checkFields(schema.item, item, `${path}[${itemName(schema, item, i)}]`, problems);
    return;
  }
  if (!isObject(value)) {
    problems.push(`${path}: expected map, got ${goKind(value)}`);
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    const inside = schema.child(name);
    const at = `${path}.${name}`;
    if (inside === undefined) problems.push(`${at}: field not declared in schema`);
    else checkFields(inside, member, at, problems);
  }
}

const goKind = (value: unknown): string => `&{${typeof value === 'string' ? value : JSON.stringify(value)}}`;

/** `name="c"` of an item that is found by its keys. */
function itemName(schema: MergeSchema, item: unknown, index: number): string {
  const { listType } = schema;
  if (listType.type !== 'map' || !isObject(item)) return String(index);
  return listType.keys.map((key) => `${key}=${JSON.stringify(item[key] ?? null)}`).join(',');
}

function findAtomics(schema: MergeSchema, value: unknown, path: string, atomics: string[]): void {
  if (Array.isArray(value)) {
    if (schema.shape !== 'list') return;
    if (schema.atomic) atomics.push(path);
    for (const [i, item] of value.entries())
      if (schema.item !== undefined) findAtomics(schema.item, item, `${path}[${String(i)}]`, atomics);
  } else if (isObject(value) && (schema.shape === 'struct' || schema.shape === 'map')) {
    if (schema.atomic) atomics.push(path);
    if (schema.shape === 'map') return;
    for (const [name, member] of Object.entries(value)) {
      const inside = schema.child(name);
      if (inside !== undefined) findAtomics(inside, member, `${path}.${name}`, atomics);
    }
  }
}

function merge(schema: MergeSchema, live: unknown, applied: unknown): unknown {
  if (live === undefined || live === null) return applied;
  if (schema.shape === 'list' && Array.isArray(live) && Array.isArray(applied))
    return mergeLists(schema, live, applied);
  if ((schema.shape === 'struct' || schema.shape === 'map') && isObject(live) && isObject(applied)) {
    const out: Json = { ...live };
    for (const [name, member] of Object.entries(applied)) {
      const before = Object.hasOwn(out, name) ? out[name] : undefined;
      const inside = schema.child(name);
      const value = inside === undefined ? member : merge(inside, before, member);
      Object.defineProperty(out, name, { value, enumerable: true, writable: true, configurable: true });
    }
    return out;
  }
  return applied;
}

/** Items that are there already stay where they are; new ones come after them. */
function mergeLists(schema: MergeSchema, live: readonly unknown[], applied: readonly unknown[]): unknown[] {
  const out = [...live];
  for (const item of applied) {
    const at = out.findIndex((before) => isSame(schema, before, item));
    if (at < 0) out.push(item);
    else out[at] = schema.item === undefined ? item : merge(schema.item, out[at], item);
  }
  return out;
}

function isSame({ listType, item }: MergeSchema, a: unknown, b: unknown): boolean {
  if (listType.type === 'set') return jsonEqual(a, b);
  if (listType.type !== 'map' || !isObject(a) || !isObject(b)) return false;
  return listType.keys.every((key) => {
    const usual = item?.child(key)?.default;
    return jsonEqual(a[key] ?? usual ?? null, b[key] ?? usual ?? null);
  });
}

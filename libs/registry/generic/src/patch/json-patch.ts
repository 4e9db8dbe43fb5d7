import { deepestNesting } from '@reckon/api/kinds';
import { jsonEqual, stringifyJson } from '@reckon/api/machinery';
import { unprocessablePatch } from './patch-error';

/** endpoints/handlers `maxJSONPatchOperations` */
export const maxJsonPatchOperations = 10_000;

export interface JsonPatchOperation {
  readonly op: string;
  readonly path: string;
  readonly from: string;
  readonly value: unknown;
}

/** The apiserver's `JSONPatchMaxCopyBytes`: what all copies of a patch come to. A few of them could double an object over and over. */
const maxCopyBytes = 3 * 1024 * 1024;
/** Each operation may put what is there one level deeper. */
const shallowOperations = 100;

type Container = Record<string, unknown> | unknown[];

/**
 * Applies a JSON Patch (RFC 6902) in place, as evanphx/json-patch v4 does for upstream, which differs from the RFC, and from the
 * usual libraries, where clients can see it: `replace` of a missing member adds it, `copy` of one adds null, array indices may be
 * negative, the whole document can be replaced and tested, but not added or removed. Answers the document, which is another one when
 * it was replaced. Containers that were changed are put into `touched`.
 */
export function applyJsonPatch(
  document: Container,
  operations: readonly JsonPatchOperation[],
  touched: Set<object>,
): Container {
  const copied = { bytes: 0 };
  let whole = document;
  for (const operation of operations) {
    if (operation.path === '' && operation.op === 'replace') whole = containerOf(operation.value, touched);
    else if (operation.path === '' && operation.op === 'test') {
      if (!jsonEqual(whole, operation.value ?? null)) throw unprocessablePatch();
    } else applyOperation(whole, operation, touched, copied);
  }
  if (operations.length > shallowOperations && isTooDeep(whole)) throw unprocessablePatch();
  return whole;
}

function containerOf(value: unknown, touched: Set<object>): Container {
  if (typeof value !== 'object' || value === null) throw unprocessablePatch();
  touched.add(value);
  return value as Container;
}

function applyOperation(
  document: Container,
  operation: JsonPatchOperation,
  touched: Set<object>,
  copied: { bytes: number },
): void {
  const target = find(document, operation.path, touched);
  switch (operation.op) {
    case 'add':
      add(target, operation.value ?? null);
      return;
    case 'remove':
      remove(target);
      return;
    case 'replace':
      replace(target, operation.value ?? null);
      return;
    case 'move': {
      const source = find(document, operation.from, touched);
      const value = read(source) ?? null;
      remove(source);
      add(find(document, operation.path, touched), value);
      return;
    }
    case 'copy': {
      const value = read(find(document, operation.from, touched)) ?? null;
      const text = value === null ? '' : stringifyJson(value);
      copied.bytes += Buffer.byteLength(text);
      if (copied.bytes > maxCopyBytes) throw unprocessablePatch();
      add(find(document, operation.path, touched), structuredClone(value));
      return;
    }
    case 'test':
      if (!jsonEqual(read(target) ?? null, operation.value ?? null)) throw unprocessablePatch();
      return;
    default:
      throw unprocessablePatch();
  }
}

/** Level by level: it is asked where recursion could not go. */
function isTooDeep(document: Container): boolean {
  let level: unknown[] = [document];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepestNesting) return true;
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value as Container) : [],
    );
  }
  return false;
}

/** The last step of a pointer and what it is taken in. */
interface Target {
  readonly container: Container;
  readonly key: string;
}

function find(document: Container, pointer: string, touched: Set<object>): Target {
  const parts = pointer.split('/');
  if (parts.length < 2) throw unprocessablePatch();
  touched.add(document);
  let container = document;
  for (const part of parts.slice(1, -1)) {
    const next = read({ container, key: unescapePart(part) });
    if (typeof next !== 'object' || next === null) throw unprocessablePatch();
    container = next as Container;
    touched.add(container);
  }
  return { container, key: unescapePart(parts.at(-1) ?? '') };
}

const unescapePart = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

/** undefined for a missing member; a bad index is an error. */
function read({ container, key }: Target): unknown {
  if (Array.isArray(container)) return container[indexOf(key, container.length)];
  return Object.hasOwn(container, key) ? container[key] : undefined;
}

function add({ container, key }: Target, value: unknown): void {
  if (!Array.isArray(container)) {
    setMember(container, key, value);
    return;
  }
  // One past the end is where an item can be added; -1 is that place.
  const index = key === '-' ? container.length : indexOf(key, container.length + 1);
  container.splice(index, 0, value);
}

function replace({ container, key }: Target, value: unknown): void {
  if (Array.isArray(container)) container[indexOf(key, container.length)] = value;
  else setMember(container, key, value);
}

function remove({ container, key }: Target): void {
  if (Array.isArray(container)) {
    container.splice(indexOf(key, container.length), 1);
    return;
  }
  if (!Object.hasOwn(container, key)) throw unprocessablePatch();
  delete container[key];
}

function indexOf(key: string, length: number): number {
  if (!/^[+-]?\d+$/.test(key)) throw unprocessablePatch();
  const index = Number(key);
  if (index >= length || index < -length) throw unprocessablePatch();
  return index < 0 ? index + length : index;
}

/** `__proto__` is a member like any other. */
function setMember(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  else object[key] = value;
}

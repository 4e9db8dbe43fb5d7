import { goKindOf, goQuote, jsonEqual } from '@reckon/api/machinery';
import type { Operation } from './apply-patch';

/**
 * Why a JSON patch cannot be applied, in the words of evanphx/json-patch v4; undefined if it can be: then its result may still not
 * fit the type.
 */
export function patchProblem(document: object, operations: readonly Operation[]): string | undefined {
  let whole = structuredClone(document) as Container;
  for (const operation of operations) {
    if (operation['op'] === 'replace' && operation['path'] === '') {
      const value = structuredClone(operation['value']);
      if (!isContainer(value)) return 'replace operation value must be object or array: %!w(<nil>)';
      whole = value;
      continue;
    }
    const problem = step(whole, operation);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

type Container = Record<string, unknown> | unknown[];

/** A member or an element, which need not be there; or why there is no place for it. */
type Found = { readonly value: unknown; readonly problem?: undefined } | { readonly problem: string };

const missing = 'missing value';

function step(document: Container, operation: Operation): string | undefined {
  const op = typeof operation['op'] === 'string' ? operation['op'] : 'unknown';
  switch (op) {
    case 'add':
    case 'remove':
      return change(document, operation, op);
    case 'replace':
      return replace(document, operation);
    case 'test':
      return test(document, operation);
    case 'move':
    case 'copy':
      return transfer(document, operation, op);
    default:
      return `Unexpected kind: ${op}`;
  }
}

function change(document: Container, operation: Operation, op: 'add' | 'remove'): string | undefined {
  const { path } = operation;
  if (typeof path !== 'string') return `${op} operation failed to decode path: ${missing}`;
  const container = containerOf(document, path);
  if (container === undefined) return `${op} operation does not apply: doc is missing path: "${path}": ${missing}`;
  const key = lastPart(path);
  const problem = op === 'add' ? put(container, key, operation['value'] ?? null) : drop(container, key);
  return problem === undefined ? undefined : `error in ${op} for path: '${path}': ${problem}`;
}

function replace(document: Container, operation: Operation): string | undefined {
  const path = textOf(operation, 'path');
  if (path.problem !== undefined) return `replace operation failed to decode path: ${path.problem}`;
  const container = containerOf(document, path.text);
  if (container === undefined) return `replace operation does not apply: doc is missing path: ${path.text}: ${missing}`;
  const key = lastPart(path.text);
  // A member that is not there is added.
  if (get(container, key).problem !== undefined)
    return `replace operation does not apply: doc is missing key: ${path.text}: ${missing}`;
  set(container, key, operation['value'] ?? null);
  return undefined;
}

function test(document: Container, operation: Operation): string | undefined {
  const path = textOf(operation, 'path');
  if (path.problem !== undefined) return `test operation failed to decode path: ${path.problem}`;
  const failed = `testing value ${path.text} failed: test failed`;
  const wanted = operation['value'] ?? null;
  if (path.text === '') return jsonEqual(document, wanted) ? undefined : failed;
  const container = containerOf(document, path.text);
  if (container === undefined) return `test operation does not apply: is missing path: ${path.text}: ${missing}`;
  const found = get(container, lastPart(path.text));
  if (found.problem !== undefined) return `error in test for path: '${path.text}': ${found.problem}`;
  return jsonEqual(found.value ?? null, wanted) ? undefined : failed;
}

function transfer(document: Container, operation: Operation, op: 'move' | 'copy'): string | undefined {
  const from = textOf(operation, 'from');
  if (from.problem !== undefined) return `${op} operation failed to decode from: ${from.problem}`;
  const source = containerOf(document, from.text);
  if (source === undefined) return `${op} operation does not apply: doc is missing from path: ${from.text}: ${missing}`;
  const key = lastPart(from.text);
  const found = get(source, key);
  if (found.problem !== undefined)
    return op === 'move'
      ? `error in move for path: '${key}': ${found.problem}`
      : `error in copy for from: '${from.text}': ${found.problem}`;
  const dropped = op === 'move' ? drop(source, key) : undefined;
  if (dropped !== undefined) return `error in move for path: '${key}': ${dropped}`;
  const path = textOf(operation, 'path');
  if (path.problem !== undefined)
    return `${op} operation failed to decode path: ${op === 'move' ? path.problem : missing}`;
  const target = containerOf(document, path.text);
  if (target === undefined)
    return `${op} operation does not apply: doc is missing destination path: ${path.text}: ${missing}`;
  const problem = put(target, lastPart(path.text), structuredClone(found.value ?? null));
  if (problem === undefined) return undefined;
  return op === 'move'
    ? `error in move for path: '${path.text}': ${problem}`
    : `error while adding value during copy: ${problem}`;
}

function textOf(
  operation: Operation,
  field: 'path' | 'from',
): { readonly text: string; readonly problem?: undefined } | { readonly problem: string } {
  const value = operation[field];
  if (typeof value === 'string') return { text: value };
  if (value === undefined)
    return { problem: `operation${field === 'from' ? ',' : ''} missing ${field} field: ${missing}` };
  return { problem: `json: cannot unmarshal ${goKindOf(value)} into Go value of type string` };
}

const unescapePart = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

const lastPart = (path: string): string => unescapePart(path.slice(path.lastIndexOf('/') + 1));

function containerOf(document: Container, path: string): Container | undefined {
  const parts = path.split('/');
  if (parts.length < 2) return undefined;
  let container: Container = document;
  for (const part of parts.slice(1, -1)) {
    const { value } = { value: undefined, ...get(container, unescapePart(part)) };
    if (!isContainer(value)) return undefined;
    container = value;
  }
  return container;
}

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

const invalidIndex = (index: number): string =>
  `Unable to access invalid index: ${String(index)}: invalid index referenced`;

/** Counted from the end where it is below zero; a text says why it is none. `length`: of places that there are. */
function indexOf(key: string, length: number): number | string {
  if (!/^[+-]?\d+$/.test(key)) return `strconv.Atoi: parsing ${goQuote(key)}: invalid syntax`;
  const index = Number(key);
  if (!Number.isSafeInteger(index)) return `strconv.Atoi: parsing ${goQuote(key)}: value out of range`;
  if (index >= length || index < -length) return invalidIndex(index);
  return index < 0 ? index + length : index;
}

function get(container: Container, key: string): Found {
  if (!Array.isArray(container)) return { value: Object.hasOwn(container, key) ? container[key] : undefined };
  const index = indexOf(key, container.length);
  return typeof index === 'string' ? { problem: index } : { value: container[index] };
}

function put(container: Container, key: string, value: unknown): string | undefined {
  if (!Array.isArray(container)) {
    set(container, key, value);
    return undefined;
  }
  const index = key === '-' ? container.length : indexOf(key, container.length + 1);
  if (typeof index === 'string')
    return index.startsWith('strconv') ? `value was not a proper array index: '${key}': ${index}` : index;
  container.splice(index, 0, value);
  return undefined;
}

function set(container: Container, key: string, value: unknown): void {
  if (!Array.isArray(container)) {
    Object.defineProperty(container, key, { value, enumerable: true, writable: true, configurable: true });
    return;
  }
  const index = indexOf(key, container.length);
  if (typeof index === 'number') container[index] = value;
}

function drop(container: Container, key: string): string | undefined {
  if (!Array.isArray(container)) {
    if (!Object.hasOwn(container, key)) return `Unable to remove nonexistent key: ${key}: ${missing}`;
    delete container[key];
    return undefined;
  }
  const index = indexOf(key, container.length);
  if (typeof index === 'string') return index;
  container.splice(index, 1);
  return undefined;
}

import { jsonEqual } from '@reckon/api/machinery';
import type { Operation } from './apply-patch';

/**
 * Why a JSON patch cannot be applied, in the words of evanphx/json-patch; undefined if it could be: then its result does not fit the
 * type. Only asked of a patch that has failed.
 */
export function patchProblem(document: object, operations: readonly Operation[]): string | undefined {
  const copy: unknown = structuredClone(document);
  for (const operation of operations) {
    const problem = step(copy, operation);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

type Container = Record<string, unknown> | unknown[];

function step(document: unknown, operation: Operation): string | undefined {
  const op = text(operation['op']);
  const path = text(operation['path']);
  const container = containerOf(document, path);
  const key = lastPart(path);
  switch (op) {
    case 'add':
      if (container === undefined) return `add operation does not apply: doc is missing path: "${path}": missing value`;
      return put(container, key, operation['value'])
        ? undefined
        : `error in add for path: '${path}': ${badIndex(container, key)}`;
    case 'remove':
      if (container === undefined)
        return `remove operation does not apply: doc is missing path: "${path}": missing value`;
      return drop(container, key)
        ? undefined
        : `error in remove for path: '${path}': Unable to remove nonexistent key: ${key}: missing value`;
    case 'replace':
      if (container === undefined)
        return `replace operation does not apply: doc is missing path: ${path}: missing value`;
      if (read(container, key) === undefined)
        return `replace operation does not apply: doc is missing key: ${path}: missing value`;
      set(container, key, operation['value']);
      return undefined;
    case 'test':
      if (container !== undefined && jsonEqual(read(container, key) ?? null, operation['value'] ?? null))
        return undefined;
      return `testing value ${path} failed: test failed`;
    case 'move':
    case 'copy':
      return transfer(document, operation, op);
    default:
      return `Unexpected kind: ${op}`;
  }
}

function transfer(document: unknown, operation: Operation, op: 'move' | 'copy'): string | undefined {
  const from = text(operation['from']);
  const path = text(operation['path']);
  const source = containerOf(document, from);
  if (source === undefined) return `${op} operation does not apply: doc is missing from path: ${from}: missing value`;
  const value = read(source, lastPart(from));
  if (op === 'move' && !drop(source, lastPart(from)))
    return `error in move for path: '${lastPart(from)}': Unable to remove nonexistent key: ${lastPart(from)}: missing value`;
  const target = containerOf(document, path);
  if (target === undefined)
    return `${op} operation does not apply: doc is missing destination path: ${path}: missing value`;
  return put(target, lastPart(path), structuredClone(value))
    ? undefined
    : `error in ${op} for path: '${path}': ${badIndex(target, lastPart(path))}`;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : 'unknown');

const unescapePart = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

const lastPart = (path: string): string => unescapePart(path.slice(path.lastIndexOf('/') + 1));

function containerOf(document: unknown, path: string): Container | undefined {
  const parts = path.split('/');
  if (parts.length < 2) return undefined;
  let container = document;
  for (const part of parts.slice(1, -1)) {
    if (!isContainer(container)) return undefined;
    container = read(container, unescapePart(part));
  }
  return isContainer(container) ? container : undefined;
}

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

function read(container: Container, key: string): unknown {
  if (Array.isArray(container)) return container[indexIn(container, key)];
  return Object.hasOwn(container, key) ? container[key] : undefined;
}

const indexIn = (list: readonly unknown[], key: string): number => {
  const index = /^-?\d+$/.test(key) ? Number(key) : NaN;
  return index < 0 ? index + list.length : index;
};

const badIndex = (container: Container, key: string): string =>
  Array.isArray(container) && /^-?\d+$/.test(key)
    ? `Unable to access invalid index: ${key}: invalid index referenced`
    : `strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`;

function put(container: Container, key: string, value: unknown): boolean {
  if (!Array.isArray(container)) {
    set(container, key, value);
    return true;
  }
  const index = key === '-' ? container.length : indexIn(container, key);
  if (!(index >= 0 && index <= container.length)) return false;
  container.splice(index, 0, value);
  return true;
}

function set(container: Container, key: string, value: unknown): void {
  if (Array.isArray(container)) container[indexIn(container, key)] = value;
  else Object.defineProperty(container, key, { value, enumerable: true, writable: true, configurable: true });
}

function drop(container: Container, key: string): boolean {
  if (read(container, key) === undefined) return false;
  if (Array.isArray(container)) container.splice(indexIn(container, key), 1);
  else delete container[key];
  return true;
}

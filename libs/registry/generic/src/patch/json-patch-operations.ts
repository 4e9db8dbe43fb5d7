import { goKindOf, statusErrors } from '@reckon/api/machinery';
import { type JsonPatchOperation, maxJsonPatchOperations } from './json-patch';
import type { ReadPatch } from './read-patch';

export type { JsonPatchOperation };

const members = ['op', 'path', 'from', 'value'] as const;

/** The operations of a JSON Patch (endpoints/handlers `applyJSPatch`). Throws 400 or 413. */
export function readJsonPatch(
  patch: ReadPatch,
  isStrict: boolean,
): { readonly list: readonly JsonPatchOperation[]; readonly strictErrors: readonly string[] } {
  const { value } = patch;
  const list = value === null ? [] : value;
  if (!Array.isArray(list)) throw wrongType(value, 'Go value of type []handlers.jsonPatchOp');
  const strictErrors = patch.duplicates.map((text) => `json patch ${text}`);
  const operations = list.map((item: unknown, i) => readOperation(item, i, strictErrors));
  if (operations.length > maxJsonPatchOperations) {
    throw statusErrors.tooLarge(
      `Request entity too large: The allowed maximum operations in a JSON patch is ${String(maxJsonPatchOperations)}, got ${String(operations.length)}`,
    );
  }
  return { list: operations, strictErrors: isStrict ? strictErrors : [] };
}

function readOperation(item: unknown, index: number, strictErrors: string[]): JsonPatchOperation {
  if (item === null) return { op: '', path: '', from: '', value: undefined };
  if (typeof item !== 'object' || Array.isArray(item)) throw wrongType(item, 'Go value of type handlers.jsonPatchOp');
  const operation = item as Record<string, unknown>;
  for (const name of Object.keys(operation)) {
    if (!members.some((known) => known === name))
      strictErrors.push(`json patch unknown field "[${String(index)}].${name}"`);
  }
  const text = (name: 'op' | 'path' | 'from'): string => {
    const member = Object.hasOwn(operation, name) ? operation[name] : undefined;
    if (member === undefined || member === null) return '';
    if (typeof member === 'string') return member;
    throw wrongType(member, `Go struct field jsonPatchOp.${name} of type string`);
  };
  return { op: text('op'), path: text('path'), from: text('from'), value: operation['value'] };
}

const wrongType = (value: unknown, into: string): Error =>
  statusErrors.badRequest(`error decoding patch: json: cannot unmarshal ${goKindOf(value)} into ${into}`);

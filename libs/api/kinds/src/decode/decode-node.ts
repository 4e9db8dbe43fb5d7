import { canonicalQuantity, QuantityError, stringifyJson } from '@reckon/api/machinery';
import type { TypeRef } from '../go-type';
import { type JsonNode, numberOf, valueOf } from '../json/node';
import type { StructType, TypeTable } from '../table';
import { readBase64 } from './base64';
import { readGoTime, type TimeLayout } from './go-time';

/** A body that is JSON but does not fit its type; the message is Go's. */
export class DecodeError extends Error {
  readonly code = 'Decode';
  constructor(message: string) {
    super(message);
    this.name = 'DecodeError';
  }
}

const mostStrictErrors = 100;

/** Of a key that is there twice a later null takes back what these were; others stay. */
const emptiedByNull: ReadonlySet<TypeRef['kind']> = new Set(['slice', 'map', 'bytes', 'time', 'microTime', 'quantity']);

/**
 * Reads a JSON tree into a type as sigs.k8s.io/json does (`decodeState.object` and its neighbours): names are matched by
 * case, of equal keys the later is read over the earlier, unknown and duplicate fields are noted in the order met.
 * The first wrong type ends up as the error, after the whole was read; a custom type's own error ends the reading.
 * The result holds the fields that were there; a plan gives it its final form.
 */
export function decodeNode(
  types: TypeTable,
  struct: StructType,
  root: JsonNode,
): { readonly value: unknown; readonly strictErrors: readonly string[] } {
  const strictErrors = new Set<string>();
  /** JSON path with indices and keys for strict errors; field names alone for type errors. */
  let path = '';
  let fieldPath: readonly string[] = [];
  let owner = '';
  let firstError: string | undefined;

  const value = intoStruct(root, struct, undefined);
  if (firstError !== undefined) throw new DecodeError(firstError);
  return { value, strictErrors: [...strictErrors] };

  function strict(what: 'unknown' | 'duplicate', field: string): void {
    if (strictErrors.size < mostStrictErrors) strictErrors.add(`${what} field "${field}"`);
  }

  function mismatch(what: string, type: TypeRef | StructType): unknown {
    firstError ??= mismatchText(what, type.goName);
    return undefined;
  }

  function mismatchText(what: string, goType: string): string {
    const place =
      fieldPath.length === 0 ? 'Go value of type' : `Go struct field ${owner}.${fieldPath.join('.')} of type`;
    return `json: cannot unmarshal ${what} into ${place} ${goType}`;
  }

  /** What a custom type finds wrong when it reads itself as a simpler one. */
  function notA(goType: string, what: string): DecodeError {
    return new DecodeError(mismatchText(what, goType));
  }

  function intoStruct(node: JsonNode, into: StructType, before: unknown): unknown {
    if (node.kind === 'null') return before ?? {};
    if (node.kind !== 'object') return mismatch(nameOf(node), into);
    const out = (before ?? {}) as Record<string, unknown>;
    const seen = new Set<string>();
    const outer = { path, fieldPath, owner };
    for (const [key, child] of node.members) {
      path = outer.path === '' ? key : `${outer.path}.${key}`;
      const field = into.byName.get(key);
      if (field === undefined) {
        if (into.open) setOwn(out, key, valueOf(child));
        else strict('unknown', path);
        continue;
      }
      if (seen.has(key)) strict('duplicate', path);
      seen.add(key);
      fieldPath = [...outer.fieldPath, key];
      owner = into.goName.slice(into.goName.lastIndexOf('.') + 1);
      const result = intoType(child, field.type, out[key]);
      if (result !== undefined) out[key] = result;
    }
    ({ path, fieldPath, owner } = outer);
    return out;
  }

  function intoType(node: JsonNode, type: TypeRef, before: unknown): unknown {
    if (type.kind === 'pointer') return node.kind === 'null' ? null : intoType(node, type.of, before);
    if (type.kind === 'struct') return intoStruct(node, types.struct(type.struct), before ?? undefined);
    if (node.kind === 'null') return emptiedByNull.has(type.kind) ? null : before;
    switch (type.kind) {
      case 'slice':
        return intoSlice(node, type);
      case 'map':
        return intoMap(node, type, before);
      case 'string':
        return node.kind === 'string' ? node.text : mismatch(nameOf(node), type);
      case 'bool':
        return node.kind === 'bool' ? node.value : mismatch(nameOf(node), type);
      case 'int':
      case 'int32':
      case 'int64':
        return intoInteger(node, type);
      case 'float64':
        return node.kind === 'number' ? Number(node.digits) : mismatch(nameOf(node), type);
      case 'bytes':
        return intoBytes(node, type);
      case 'any':
      case 'rawExtension':
      case 'fieldsV1':
      case 'json':
        return valueOf(node);
      default:
        return intoCustom(node, type.kind);
    }
  }

  function intoSlice(node: JsonNode, type: TypeRef & { readonly kind: 'slice' }): unknown {
    if (node.kind !== 'array') return mismatch(nameOf(node), type);
    const outer = path;
    const out = node.items.map((item, i) => {
      path = `${outer}[${String(i)}]`;
      return intoType(item, type.of, undefined) ?? null;
    });
    path = outer;
    return out;
  }

  function intoMap(node: JsonNode, type: TypeRef & { readonly kind: 'map' }, before: unknown): unknown {
    if (node.kind !== 'object') return mismatch(nameOf(node), type);
    const out = (before ?? {}) as Record<string, unknown>;
    const outer = path;
    const seen = new Set<string>();
    for (const [key, child] of node.members) {
      path = outer === '' ? key : `${outer}.${key}`;
      if (seen.has(key)) strict('duplicate', path);
      seen.add(key);
      setOwn(out, key, intoType(child, type.of, undefined) ?? null);
    }
    path = outer;
    return out;
  }

  function intoInteger(node: JsonNode, type: TypeRef): unknown {
    if (node.kind !== 'number') return mismatch(nameOf(node), type);
    return readInteger(node.digits, type.kind === 'int32' ? 32 : 64) ?? mismatch(`number ${node.digits}`, type);
  }

  function intoBytes(node: JsonNode, type: TypeRef): unknown {
    if (node.kind !== 'string') return mismatch(nameOf(node), type);
    const read = readBase64(node.text);
    if ('canonical' in read) return read.canonical;
    firstError ??= `illegal base64 data at input byte ${String(read.corruptAt)}`;
    return undefined;
  }

  /** These types read themselves in Go: what they cannot read ends the reading. */
  function intoCustom(node: JsonNode, kind: Extract<TypeRef, { goName: string }>['kind']): unknown {
    switch (kind) {
      case 'time':
        return readTime(node, '2006-01-02T15:04:05Z07:00');
      case 'microTime':
        return readTime(node, '2006-01-02T15:04:05.000000Z07:00');
      case 'duration':
        if (node.kind !== 'string') throw notA('string', nameOf(node));
        return node.text;
      case 'quantity':
        return readQuantity(node);
      case 'intOrString': {
        if (node.kind === 'string') return node.text;
        if (node.kind !== 'number') throw notA('int32', nameOf(node));
        const read = readInteger(node.digits, 32);
        if (read === undefined) throw notA('int32', `number ${node.digits}`);
        return read;
      }
      default:
        return intoSchemaUnion(node, kind);
    }
  }

  function readTime(node: JsonNode, layout: TimeLayout): string | null {
    if (node.kind !== 'string') throw notA('string', nameOf(node));
    return readOrRefuse(() => readGoTime(node.text, layout));
  }

  function intoSchemaUnion(node: JsonNode, kind: string): unknown {
    const schema = types.struct('apiextensions/v1.JSONSchemaProps');
    if (node.kind === 'object') return intoStruct(node, schema, undefined);
    if (kind === 'schemaOrBool') {
      if (node.kind !== 'bool') throw new DecodeError('boolean or JSON schema expected');
      return node.value;
    }
    if (node.kind !== 'array') return null;
    if (kind === 'schemaOrArray') return node.items.map((item) => intoStruct(item, schema, undefined));
    return node.items.map((item) => {
      if (item.kind !== 'string') throw notA('string', nameOf(item));
      return item.text;
    });
  }
}

/** undefined when the digits are no integer of that width. */
function readInteger(digits: string, bits: 32 | 64): number | bigint | undefined {
  if (!/^-?\d+$/.test(digits)) return undefined;
  const exact = BigInt(digits);
  if (BigInt.asIntN(bits, exact) !== exact) return undefined;
  return numberOf(digits === '-0' ? '0' : digits);
}

function readQuantity(node: JsonNode): string {
  const text = node.kind === 'string' ? node.text : node.kind === 'number' ? node.digits : stringifyJson(valueOf(node));
  return readOrRefuse(() => canonicalQuantity(text.trim()));
}

function readOrRefuse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError || error instanceof QuantityError) throw new DecodeError(error.message);
    throw error;
  }
}

const nameOf = (node: JsonNode): string => node.kind;

function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}

import { valueOf } from '../json/node';
import { deepestNesting, JsonSyntaxError, parseJsonNode } from '../json/parse-node';
import type { TypeRef } from '../go-type';
import type { FieldFacts, StructType, TypeTable } from '../table';
import { ProtobufError, ProtobufReader, wire } from './reader';

type Fields = Record<string, unknown>;

/**
 * Reads a message by the numbers of the table into the JSON form, with the fields that were there; a plan gives it its
 * final form. Unknown fields are skipped, as in upstream. Throws ProtobufError.
 */
export function decodeProtobuf(types: TypeTable, struct: StructType, data: Buffer): Fields {
  const tables = new Map<StructType, ReadonlyMap<number, FieldFacts | StructType>>();
  let depth = 0;
  return readStruct(struct, data, {});

  function numbersOf(type: StructType): ReadonlyMap<number, FieldFacts | StructType> {
    const known = tables.get(type);
    if (known !== undefined) return known;
    const numbers = new Map<number, FieldFacts | StructType>();
    for (const field of type.ownFields) if (field.number > 0) numbers.set(field.number, field);
    for (const inner of type.inlined) numbers.set(inner.number, types.struct(inner.struct));
    tables.set(type, numbers);
    return numbers;
  }

  function readStruct(type: StructType, bytes: Buffer, into: Fields): Fields {
    const reader = new ProtobufReader(bytes, type.goName.slice(type.goName.lastIndexOf('.') + 1));
    const numbers = numbersOf(type);
    if (++depth > deepestNesting) throw new ProtobufError('exceeded max depth');
    while (!reader.done) {
      const { number, wireType } = reader.tag();
      const entry = numbers.get(number);
      if (entry === undefined) reader.skip(wireType);
      else if ('goName' in entry) readStruct(entry, bytesOf(reader, wireType, entry.goName), into);
      else into[entry.name] = readField(entry.type, reader, wireType, into[entry.name], entry.name);
    }
    depth--;
    return into;
  }

  function readField(type: TypeRef, reader: ProtobufReader, wireType: number, before: unknown, name: string): unknown {
    switch (type.kind) {
      case 'pointer':
        return readField(type.of, reader, wireType, before, name);
      case 'slice':
        return type.wrapped
          ? readWrapped(bytesOf(reader, wireType, name))
          : readRepeated(type.of, reader, wireType, (before as unknown[] | undefined) ?? [], name);
      case 'map':
        return readEntry(type.of, bytesOf(reader, wireType, name), (before as Fields | undefined) ?? {});
      default:
        return readOne(type, reader, wireType, before, name);
    }
  }

  /** Scalars may come packed into one field. */
  function readRepeated(
    of: TypeRef,
    reader: ProtobufReader,
    wireType: number,
    list: unknown[],
    name: string,
  ): unknown[] {
    const isScalar = ['bool', 'int', 'int32', 'int64', 'float64'].includes(of.kind);
    if (!isScalar || wireType !== wire.bytes) {
      list.push(readField(of, reader, wireType, undefined, name));
      return list;
    }
    const packed = new ProtobufReader(reader.bytes(), name);
    const elementWire = of.kind === 'float64' ? wire.fixed64 : wire.varint;
    while (!packed.done) list.push(readOne(of, packed, elementWire, undefined, name));
    return list;
  }

  /** ExtraValue and Verbs: a message with one repeated string. */
  function readWrapped(bytes: Buffer): string[] {
    const items: string[] = [];
    const reader = new ProtobufReader(bytes, 'items');
    while (!reader.done) {
      const { number, wireType } = reader.tag();
      if (number === 1) items.push(bytesOf(reader, wireType, 'Items').toString('utf8'));
      else reader.skip(wireType);
    }
    return items;
  }

  function readEntry(of: TypeRef, bytes: Buffer, map: Fields): Fields {
    const reader = new ProtobufReader(bytes, 'entry');
    let key = '';
    let value: unknown;
    while (!reader.done) {
      const { number, wireType } = reader.tag();
      if (number === 1) key = bytesOf(reader, wireType, 'key').toString('utf8');
      else if (number === 2) value = readField(of, reader, wireType, undefined, 'value');
      else reader.skip(wireType);
    }
    Object.defineProperty(map, key, { value: value ?? null, enumerable: true, writable: true, configurable: true });
    return map;
  }

  function readOne(type: TypeRef, reader: ProtobufReader, wireType: number, before: unknown, name: string): unknown {
    switch (type.kind) {
      case 'bool':
        return numeric(reader, wireType, wire.varint, name).varint() !== 0n;
      case 'int':
      case 'int64':
        return numeric(reader, wireType, wire.varint, name).int64();
      case 'int32':
        return numeric(reader, wireType, wire.varint, name).int32();
      case 'float64':
        return numeric(reader, wireType, wire.fixed64, name).double();
      default:
        return readBytes(type, bytesOf(reader, wireType, name), before);
    }
  }

  function readBytes(type: TypeRef, bytes: Buffer, before: unknown): unknown {
    switch (type.kind) {
      case 'string':
      case 'duration':
        return bytes.toString('utf8');
      case 'bytes':
        return bytes.toString('base64');
      case 'struct':
        return readStruct(types.struct(type.struct), bytes, (before as Fields | undefined) ?? {});
      case 'time':
        return readTime(bytes, false);
      case 'microTime':
        return readTime(bytes, true);
      case 'quantity':
        return readMessage(bytes, 'Quantity')[1]?.toString('utf8') ?? '0';
      case 'intOrString':
        return readIntOrString(bytes);
      case 'rawExtension':
      case 'fieldsV1':
      case 'json':
        return readRaw(readMessage(bytes, 'RawExtension')[1]);
      default:
        return readSchemaUnion(type.kind, bytes);
    }
  }

  function readSchemaUnion(kind: string, bytes: Buffer): unknown {
    const schema = types.struct('apiextensions/v1.JSONSchemaProps');
    const reader = new ProtobufReader(bytes, 'JSONSchemaProps');
    let one: unknown;
    let allows = false;
    const list: unknown[] = [];
    while (!reader.done) {
      const { number, wireType } = reader.tag();
      if (kind === 'schemaOrBool' && number === 1) allows = reader.varint() !== 0n;
      else if (number === (kind === 'schemaOrBool' ? 2 : 1))
        one = readStruct(schema, bytesOf(reader, wireType, 'schema'), {});
      else if (number === 2) {
        const item = bytesOf(reader, wireType, 'property');
        list.push(kind === 'schemaOrStrings' ? item.toString('utf8') : readStruct(schema, item, {}));
      } else reader.skip(wireType);
    }
    if (kind === 'schemaOrBool') return one ?? allows;
    return list.length > 0 ? list : (one ?? null);
  }
}

function numeric(reader: ProtobufReader, wireType: number, expected: number, name: string): ProtobufReader {
  if (wireType !== expected) throw wrongWire(wireType, name);
  return reader;
}

function bytesOf(reader: ProtobufReader, wireType: number, name: string): Buffer {
  if (wireType !== wire.bytes) throw wrongWire(wireType, name);
  return reader.bytes();
}

/** Go names the field as its struct does: the JSON name with a capital. */
function wrongWire(wireType: number, name: string): ProtobufError {
  const field = name.slice(0, 1).toUpperCase() + name.slice(1);
  return new ProtobufError(`proto: wrong wireType = ${String(wireType)} for field ${field}`);
}

/** Length-delimited fields of a small message by number, the last of each. */
function readMessage(bytes: Buffer, message: string): Readonly<Record<number, Buffer>> {
  const fields: Record<number, Buffer> = {};
  const reader = new ProtobufReader(bytes, message);
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (wireType === wire.bytes) fields[number] = reader.bytes();
    else reader.skip(wireType);
  }
  return fields;
}

/** Seconds and nanoseconds since 1970; an empty message is Go's zero time, written as null. */
function readTime(bytes: Buffer, withMicros: boolean): string | null {
  let seconds = 0;
  let nanos = 0;
  const reader = new ProtobufReader(bytes, 'Timestamp');
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (number === 1) seconds = Number(numeric(reader, wireType, wire.varint, 'Seconds').int64());
    else if (number === 2) nanos = numeric(reader, wireType, wire.varint, 'Nanos').int32();
    else reader.skip(wireType);
  }
  if (seconds === 0 && nanos === 0) return null;
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime()))
    throw new ProtobufError(`proto: Timestamp: ${String(seconds)} seconds are out of range`);
  const whole = date.toISOString().slice(0, -5);
  return withMicros ? `${whole}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z` : `${whole}Z`;
}

function readIntOrString(bytes: Buffer): number | string {
  let isString = false;
  let intValue = 0;
  let text = '';
  const reader = new ProtobufReader(bytes, 'IntOrString');
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (number === 1) isString = numeric(reader, wireType, wire.varint, 'Type').varint() !== 0n;
    else if (number === 2) intValue = numeric(reader, wireType, wire.varint, 'IntVal').int32();
    else if (number === 3) text = bytesOf(reader, wireType, 'StrVal').toString('utf8');
    else reader.skip(wireType);
  }
  return isString ? text : intValue;
}

function readRaw(raw: Buffer | undefined): unknown {
  if (raw === undefined || raw.length === 0) return null;
  try {
    return valueOf(parseJsonNode(raw));
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw new ProtobufError(`raw JSON: ${error.message}`);
    throw error;
  }
}

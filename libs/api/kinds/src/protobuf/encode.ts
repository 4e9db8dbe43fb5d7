import { stringifyObject } from '../json/stringify-object';
import type { TypeRef } from '../go-type';
import type { FieldFacts, StructType, TypeTable } from '../table';
import { ProtobufWriter } from './writer';

type Fields = Readonly<Record<string, unknown>>;

/** The message for an object in canonical form, as gogo writes it: fields by number, plain values even when zero. */
export function encodeProtobuf(types: TypeTable, struct: StructType, object: Fields): Buffer {
  return writeStruct(struct, object).finish();

  function writeStruct(type: StructType, value: Fields): ProtobufWriter {
    const writer = new ProtobufWriter();
    const parts: (FieldFacts | StructType['inlined'][number])[] = [
      ...type.ownFields.filter((field) => field.number > 0),
      ...type.inlined,
    ];
    for (const part of parts.sort((a, b) => a.number - b.number)) {
      if ('struct' in part) writer.message(part.number, writeStruct(types.struct(part.struct), value));
      else writeField(writer, part.number, part.type, value[part.name]);
    }
    return writer;
  }

  function writeField(writer: ProtobufWriter, number: number, type: TypeRef, value: unknown): void {
    if (value === undefined || value === null) {
      writeAbsent(writer, number, type);
      return;
    }
    switch (type.kind) {
      case 'pointer':
        writeField(writer, number, type.of, value);
        return;
      case 'slice':
        if (type.wrapped) writer.message(number, wrapped(value as string[]));
        else for (const item of value as unknown[]) writeField(writer, number, type.of, item);
        return;
      case 'map':
        for (const key of Object.keys(value).sort()) {
          writer.message(number, entry(type.of, key, (value as Fields)[key]));
        }
        return;
      case 'bool':
        writer.varint(number, value === true ? 1 : 0);
        return;
      case 'int':
      case 'int32':
      case 'int64':
        writer.varint(number, value as number | bigint);
        return;
      case 'float64':
        writer.double(number, value as number);
        return;
      case 'bytes':
        writer.bytes(number, Buffer.from(value as string, 'base64'));
        return;
      case 'string':
      case 'duration':
        writer.text(number, value as string);
        return;
      default:
        writer.message(number, message(type, value));
    }
  }

  /** Go writes plain values and structs that hold nothing; pointers, lists and maps are left out. */
  function writeAbsent(writer: ProtobufWriter, number: number, type: TypeRef): void {
    switch (type.kind) {
      case 'pointer':
      case 'slice':
      case 'map':
      case 'bytes':
      case 'any':
        return;
      case 'struct':
        writer.message(number, writeStruct(types.struct(type.struct), {}));
        return;
      case 'string':
        writer.text(number, '');
        return;
      case 'bool':
      case 'int':
      case 'int32':
      case 'int64':
        writer.varint(number, 0);
        return;
      case 'float64':
        writer.double(number, 0);
        return;
      default:
        writer.message(number, new ProtobufWriter());
    }
  }

  function message(type: TypeRef, value: unknown): ProtobufWriter {
    const writer = new ProtobufWriter();
    switch (type.kind) {
      case 'struct':
        return writeStruct(types.struct(type.struct), value as Fields);
      case 'time':
      case 'microTime':
        return timestamp(value as string);
      case 'quantity':
        writer.text(1, value as string);
        return writer;
      case 'intOrString':
        writer.varint(1, typeof value === 'string' ? 1 : 0);
        writer.varint(2, typeof value === 'string' ? 0 : (value as number));
        writer.text(3, typeof value === 'string' ? value : '');
        return writer;
      case 'schemaOrBool':
      case 'schemaOrArray':
      case 'schemaOrStrings':
        return schemaUnion(type.kind, value);
      default:
        writer.bytes(1, Buffer.from(stringifyObject(value), 'utf8'));
        return writer;
    }
  }

  function schemaUnion(kind: string, value: unknown): ProtobufWriter {
    const schema = types.struct('apiextensions/v1.JSONSchemaProps');
    const writer = new ProtobufWriter();
    if (kind === 'schemaOrBool') writer.varint(1, value === false ? 0 : 1);
    if (Array.isArray(value)) {
      for (const item of value as unknown[]) {
        if (typeof item === 'string') writer.text(2, item);
        else writer.message(2, writeStruct(schema, item as Fields));
      }
    } else if (typeof value === 'object') {
      writer.message(kind === 'schemaOrBool' ? 2 : 1, writeStruct(schema, value as Fields));
    }
    return writer;
  }

  function entry(of: TypeRef, key: string, value: unknown): ProtobufWriter {
    const writer = new ProtobufWriter();
    writer.text(1, key);
    writeField(writer, 2, of, value);
    return writer;
  }
}

function wrapped(items: readonly string[]): ProtobufWriter {
  const writer = new ProtobufWriter();
  for (const item of items) writer.text(1, item);
  return writer;
}

function timestamp(text: string): ProtobufWriter {
  const writer = new ProtobufWriter();
  writer.varint(1, Math.floor(Date.parse(text) / 1000));
  const micros = /\.(\d{6})Z$/.exec(text)?.[1] ?? '0';
  writer.varint(2, Number(micros) * 1000);
  return writer;
}

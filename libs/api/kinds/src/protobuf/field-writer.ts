import { stringifyObject } from '../json/stringify-object';
import type { TypeRef } from '../go-type';
import type { StructType, TypeTable } from '../table';
import { wire } from './reader';
import type { ReverseWriter } from './reverse-writer';

type Fields = Readonly<Record<string, unknown>>;
/** Writes one value, or what Go writes where there is none. */
type Write = (writer: ReverseWriter, value: unknown) => void;
export type WriteStruct = (writer: ReverseWriter, value: Fields) => void;

interface Part {
  /** undefined: a struct that JSON inlines, whose fields are in the same object. */
  readonly name: string | undefined;
  readonly write: Write;
}

const none: Fields = {};
const noParts: readonly Part[] = [];

/**
 * Makes writers of structs, each when it is first needed. They write as gogo does (`MarshalToSizedBuffer` of the API's
 * generated.pb.go): fields in the order of their numbers, plain values and structs even when they are zero; pointers, lists and
 * maps only when they are there; keys of maps sorted.
 */
export function createStructWriters(types: TypeTable): (struct: StructType) => WriteStruct {
  const writers = new Map<StructType, WriteStruct>();
  const schema = (): WriteStruct => writerOf(types.struct('apiextensions/v1.JSONSchemaProps'));
  return writerOf;

  function writerOf(struct: StructType): WriteStruct {
    const known = writers.get(struct);
    if (known !== undefined) return known;
    // Read on first use: a schema holds schemas.
    let parts = noParts;
    const write: WriteStruct = (writer, value) => {
      if (parts === noParts) parts = partsOf(struct);
      for (const part of parts) part.write(writer, part.name === undefined ? value : value[part.name]);
    };
    writers.set(struct, write);
    return write;
  }

  /** Last field first. */
  function partsOf(struct: StructType): Part[] {
    const parts = [
      ...struct.ownFields
        .filter((field) => field.number > 0)
        .map(({ number, name, type }) => ({ number, name, write: fieldOf(number, type) })),
      ...struct.inlined.map(({ number, struct: inner }) => ({
        number,
        name: undefined,
        write: structField(number, writerOf(types.struct(inner))),
      })),
    ];
    return parts.sort((a, b) => b.number - a.number);
  }

  function fieldOf(number: number, type: TypeRef): Write {
    switch (type.kind) {
      case 'pointer':
        return present(fieldOf(number, type.of));
      case 'slice':
        return present(type.wrapped ? wrappedField(number) : repeated(fieldOf(number, type.of)));
      case 'map':
        return present(mapField(number, type.of));
      case 'bytes':
        return present(bytesField(number));
      case 'struct':
        return structField(number, writerOf(types.struct(type.struct)));
      case 'string':
      case 'duration':
        return (writer, value) => {
          writer.text((value as string | null | undefined) ?? '');
          writer.tag(number, wire.bytes);
        };
      case 'bool':
        return (writer, value) => {
          writer.varint(value === true ? 1 : 0);
          writer.tag(number, wire.varint);
        };
      case 'int':
      case 'int32':
      case 'int64':
        return (writer, value) => {
          writer.varint((value as number | bigint | null | undefined) ?? 0);
          writer.tag(number, wire.varint);
        };
      case 'float64':
        return (writer, value) => {
          writer.double((value as number | null | undefined) ?? 0);
          writer.tag(number, wire.fixed64);
        };
      default:
        return messageField(number, contentOf(type.kind));
    }
  }

  function contentOf(kind: string): Write {
    switch (kind) {
      case 'time':
      case 'microTime':
        return writeTime;
      case 'quantity':
        return (writer, value) => {
          writer.text((value as string | null | undefined) ?? '0');
          writer.tag(1, wire.bytes);
        };
      case 'intOrString':
        return writeIntOrString;
      case 'rawExtension':
      case 'fieldsV1':
      case 'json':
        return present((writer, value) => {
          writer.text(stringifyObject(value));
          writer.tag(1, wire.bytes);
        });
      case 'schemaOrBool':
        return (writer, value) => {
          const isSchema = typeof value === 'object' && value !== null;
          if (isSchema) structField(2, schema())(writer, value);
          writer.varint(isSchema || value === true ? 1 : 0);
          writer.tag(1, wire.varint);
        };
      case 'schemaOrArray':
      case 'schemaOrStrings':
        return present((writer, value) => {
          if (Array.isArray(value))
            repeated(kind === 'schemaOrArray' ? structField(2, schema()) : textField(2))(writer, value);
          else structField(1, schema())(writer, value);
        });
      default:
        throw new RangeError(`protobuf has no form for ${kind}`);
    }
  }

  function mapField(number: number, of: TypeRef): Write {
    // The lists that maps hold (`ExtraValue`) are messages, there even when empty.
    const entry = of.kind === 'slice' ? wrappedField(2) : fieldOf(2, of);
    return (writer, value) => {
      const map = value as Fields;
      const keys = Object.keys(map).sort();
      for (let i = keys.length - 1; i >= 0; i--) {
        const key = keys[i] as string;
        const before = writer.length;
        entry(writer, map[key]);
        writer.text(key);
        writer.tag(1, wire.bytes);
        writer.close(number, before);
      }
    };
  }
}

const present =
  (write: Write): Write =>
  (writer, value) => {
    if (value !== undefined && value !== null) write(writer, value);
  };

const repeated =
  (write: Write): Write =>
  (writer, value) => {
    const list = value as readonly unknown[];
    for (let i = list.length - 1; i >= 0; i--) write(writer, list[i]);
  };

const messageField =
  (number: number, write: Write): Write =>
  (writer, value) => {
    const before = writer.length;
    write(writer, value);
    writer.close(number, before);
  };

const structField = (number: number, write: WriteStruct): Write =>
  messageField(number, (writer, value) => {
    write(writer, (value as Fields | null | undefined) ?? none);
  });

const textField =
  (number: number): Write =>
  (writer, value) => {
    writer.text(value as string);
    writer.tag(number, wire.bytes);
  };

/** A list that is a message of its own, with one repeated field. */
const wrappedField = (number: number): Write =>
  messageField(number, (writer, value) => {
    repeated(textField(1))(writer, value ?? []);
  });

const bytesField =
  (number: number): Write =>
  (writer, value) => {
    const before = writer.length;
    writer.raw(Buffer.from(value as string, 'base64'));
    writer.close(number, before);
  };

/** Seconds and nanoseconds; Go's zero time is an empty message. */
const writeTime: Write = (writer, value) => {
  if (value === undefined || value === null) return;
  const text = value as string;
  // `…:05.123456Z`
  writer.varint(text.length === 27 ? Number(text.slice(20, 26)) * 1000 : 0);
  writer.tag(2, wire.varint);
  writer.varint(Math.floor(Date.parse(text) / 1000));
  writer.tag(1, wire.varint);
};

const writeIntOrString: Write = (writer, value) => {
  const isText = typeof value === 'string';
  writer.text(isText ? value : '');
  writer.tag(3, wire.bytes);
  writer.varint(isText ? 0 : ((value as number | null | undefined) ?? 0));
  writer.tag(2, wire.varint);
  writer.varint(isText ? 1 : 0);
  writer.tag(1, wire.varint);
};

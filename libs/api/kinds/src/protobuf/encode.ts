import type { StructType, TypeTable } from '../table';
import { createStructWriters } from './field-writer';
import { wire } from './reader';
import { ReverseWriter } from './reverse-writer';
import { magic } from './unknown';

type Fields = Readonly<Record<string, unknown>>;

export interface TypeMeta {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * Writes objects in canonical form as protobuf. What a body is stands in its envelope (`runtime.Unknown` after the magic `k8s\0`),
 * not in the message: `apiVersion` and `kind` of an object are not read.
 */
export interface ProtobufEncoder {
  /** The bare message. */
  message(struct: StructType, object: Fields): Buffer;
  /** A whole body. */
  body(type: TypeMeta, struct: StructType, object: Fields): Buffer;
  /** One item for `list`. */
  item(struct: StructType, object: Fields): Buffer;
  /** A body of a list, in pieces that nobody copied, and their length. */
  list(
    type: TypeMeta,
    metadata: Fields,
    items: readonly Buffer[],
  ): { readonly parts: Buffer[]; readonly length: number };
  /**
   * One event of a watch: four bytes of length, then a `meta/v1.WatchEvent` that carries a whole body
   * (k8s.io/apimachinery/pkg/util/framer `NewLengthDelimitedFrameWriter`).
   */
  watchFrame(event: string, type: TypeMeta, struct: StructType, object: Fields): Buffer;
}

const metadataField = 1;
const itemsField = 2;
const rawField = 2;
/** The two last fields of an envelope, contentEncoding and contentType, are empty and written all the same. */
const envelopeEnd = Buffer.from([0x1a, 0x00, 0x22, 0x00]);

export function createProtobufEncoder(types: TypeTable): ProtobufEncoder {
  const writers = createStructWriters(types);
  const listMeta = types.struct('meta/v1.ListMeta');
  const writer = new ReverseWriter();

  function openEnvelope({ apiVersion, kind }: TypeMeta): void {
    const before = writer.length;
    writer.text(kind);
    writer.tag(2, wire.bytes);
    writer.text(apiVersion);
    writer.tag(1, wire.bytes);
    writer.close(1, before);
    writer.raw(magic);
  }

  function writeBody(type: TypeMeta, struct: StructType, object: Fields): void {
    writer.raw(envelopeEnd);
    const before = writer.length;
    writers(struct)(writer, object);
    writer.close(rawField, before);
    openEnvelope(type);
  }

  return {
    message(struct, object) {
      writer.clear();
      writers(struct)(writer, object);
      return writer.finish();
    },
    body(type, struct, object) {
      writer.clear();
      writeBody(type, struct, object);
      return writer.finish();
    },
    item(struct, object) {
      writer.clear();
      writers(struct)(writer, object);
      writer.close(itemsField, 0);
      return writer.finish();
    },
    list(type, metadata, items) {
      writer.clear();
      writers(listMeta)(writer, metadata);
      writer.close(metadataField, 0);
      const itemBytes = items.reduce((sum, item) => sum + item.length, 0);
      writer.varint(writer.length + itemBytes);
      writer.tag(rawField, wire.bytes);
      openEnvelope(type);
      const head = writer.finish();
      return { parts: [head, ...items, envelopeEnd], length: head.length + itemBytes + envelopeEnd.length };
    },
    watchFrame(event, type, struct, object) {
      writer.clear();
      writeBody(type, struct, object);
      writer.close(1, 0);
      writer.close(2, 0);
      writer.text(event);
      writer.tag(1, wire.bytes);
      writer.uint32(writer.length);
      return writer.finish();
    },
  };
}

import { ProtobufError, ProtobufReader, wire } from './reader';

/** The first bytes of every protobuf body. */
export const magic = Buffer.from('k8s\0', 'latin1');

/** The envelope around every protobuf body (`runtime.Unknown`): what it is, and the message itself. */
export interface Unknown {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Buffer;
}

/** Throws ProtobufError with the texts of runtime/serializer/protobuf. */
export function unwrapUnknown(body: Buffer): Unknown {
  if (body.length === 0) throw new ProtobufError('empty data');
  if (!body.subarray(0, magic.length).equals(magic)) {
    throw new ProtobufError(
      `provided data does not appear to be a protobuf message, expected prefix [${magic.join(' ')}]`,
    );
  }
  if (body.length === magic.length) throw new ProtobufError('empty body');
  const unknown: { apiVersion: string; kind: string; raw: Buffer } = { apiVersion: '', kind: '', raw: Buffer.alloc(0) };
  const reader = new ProtobufReader(body, 'Unknown', magic.length);
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (number > 4) {
      reader.skip(wireType);
      continue;
    }
    if (wireType !== wire.bytes) {
      const name = ['TypeMeta', 'Raw', 'ContentEncoding', 'ContentType'][number - 1] ?? '';
      throw new ProtobufError(`proto: wrong wireType = ${String(wireType)} for field ${name}`);
    }
    const bytes = reader.bytes();
    if (number === 1) readTypeMeta(bytes, unknown);
    if (number === 2) unknown.raw = bytes;
  }
  return unknown;
}

function readTypeMeta(bytes: Buffer, into: { apiVersion: string; kind: string }): void {
  const reader = new ProtobufReader(bytes, 'TypeMeta');
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (wireType === wire.bytes && number === 1) into.apiVersion = reader.text();
    else if (wireType === wire.bytes && number === 2) into.kind = reader.text();
    else reader.skip(wireType);
  }
}

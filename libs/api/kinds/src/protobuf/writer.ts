import { wire } from './reader';

/** Gathers the fields of one message. */
export class ProtobufWriter {
  private readonly parts: Buffer[] = [];
  private length = 0;

  chunks(): readonly Buffer[] {
    return this.parts;
  }

  finish(): Buffer {
    return Buffer.concat(this.parts, this.length);
  }

  text(number: number, value: string): void {
    this.bytes(number, Buffer.from(value, 'utf8'));
  }

  bytes(number: number, value: Buffer): void {
    this.head(number, wire.bytes);
    this.push(varintBytes(BigInt(value.length)));
    this.push(value);
  }

  message(number: number, inner: ProtobufWriter): void {
    this.head(number, wire.bytes);
    this.push(varintBytes(BigInt(inner.length)));
    for (const part of inner.parts) this.push(part);
  }

  /** Negative numbers take ten bytes, as protobuf's int32 and int64 do. */
  varint(number: number, value: number | bigint): void {
    this.head(number, wire.varint);
    this.push(varintBytes(BigInt.asUintN(64, BigInt(value))));
  }

  double(number: number, value: number): void {
    this.head(number, wire.fixed64);
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    this.push(bytes);
  }

  private head(number: number, wireType: number): void {
    this.push(varintBytes((BigInt(number) << 3n) | BigInt(wireType)));
  }

  private push(part: Buffer): void {
    this.parts.push(part);
    this.length += part.length;
  }
}

function varintBytes(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

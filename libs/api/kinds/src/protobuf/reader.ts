/** Bytes that are not the protobuf they should be; the message is that of gogo's generated readers. */
export class ProtobufError extends Error {
  readonly code = 'Protobuf';
  constructor(message: string) {
    super(message);
    this.name = 'ProtobufError';
  }
}

export const wire = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

/** Walks one message. `message` is its Go name for error texts. */
export class ProtobufReader {
  private at: number;

  constructor(
    private readonly data: Buffer,
    private readonly message: string,
    start = 0,
    private readonly end = data.length,
  ) {
    this.at = start;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** The next field's number and wire type. */
  tag(): { readonly number: number; readonly wireType: number } {
    const tag = this.varint();
    const number = Number(BigInt.asIntN(32, tag >> 3n));
    const wireType = Number(tag & 7n);
    if (wireType === wire.endGroup) throw new ProtobufError(`proto: ${this.message}: wiretype end group for non-group`);
    if (number <= 0) {
      throw new ProtobufError(`proto: ${this.message}: illegal tag ${String(number)} (wire type ${String(tag)})`);
    }
    return { number, wireType };
  }

  /** Unsigned, at most 64 bits. */
  varint(): bigint {
    // Up to four bytes (most tags and lengths) need no bigint arithmetic.
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt(low);
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 64n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError('proto: integer overflow');
  }

  /** A signed 64-bit integer; a bigint only when a number would lose digits. */
  int64(): number | bigint {
    const value = BigInt.asIntN(64, this.varint());
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  }

  int32(): number {
    return Number(BigInt.asIntN(32, this.varint()));
  }

  double(): number {
    if (this.at + 8 > this.end) throw new ProtobufError('unexpected EOF');
    const value = this.data.readDoubleLE(this.at);
    this.at += 8;
    return value;
  }

  /** A view, not a copy. */
  bytes(): Buffer {
    const length = Number(BigInt.asIntN(64, this.varint()));
    if (length < 0) throw new ProtobufError('proto: negative length found during unmarshaling');
    if (this.at + length > this.end) throw new ProtobufError('unexpected EOF');
    const view = this.data.subarray(this.at, this.at + length);
    this.at += length;
    return view;
  }

  text(): string {
    return this.bytes().toString('utf8');
  }

  /** A field that the type does not know. */
  skip(wireType: number): void {
    switch (wireType) {
      case wire.varint:
        this.varint();
        return;
      case wire.fixed64:
        this.pass(8);
        return;
      case wire.bytes:
        this.bytes();
        return;
      case wire.startGroup:
        this.skipGroup();
        return;
      case wire.fixed32:
        this.pass(4);
        return;
      default:
        throw new ProtobufError(`proto: illegal wireType ${String(wireType)}`);
    }
  }

  private skipGroup(): void {
    for (let depth = 1; depth > 0;) {
      const wireType = Number(this.varint() & 7n);
      if (wireType === wire.startGroup) depth++;
      else if (wireType === wire.endGroup) depth--;
      else this.skip(wireType);
    }
  }

  private pass(count: number): void {
    if (this.at + count > this.end) throw new ProtobufError('unexpected EOF');
    this.at += count;
  }

  private byte(): number {
    if (this.at >= this.end) throw new ProtobufError('unexpected EOF');
    return this.data[this.at++] as number;
  }
}

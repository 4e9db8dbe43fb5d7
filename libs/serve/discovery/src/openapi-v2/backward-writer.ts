/**
 * Writes protobuf from its end to its start: when the head of a message is due its length is known, and nothing is moved or
 * measured twice. Fields must therefore be handed over last one first.
 */
export class BackwardWriter {
  private bytes: Buffer;
  /** Where what is written begins. */
  private at: number;

  constructor(initialBytes: number) {
    this.bytes = Buffer.allocUnsafe(initialBytes);
    this.at = initialBytes;
  }

  /** Bytes written so far; the difference between two is the length of what came between. */
  get length(): number {
    return this.bytes.length - this.at;
  }

  finish(): Buffer {
    return this.bytes.subarray(this.at);
  }

  /** The head of a field of `length` bytes that were just written. */
  head(number: number, length: number): void {
    this.varint(length);
    this.varint((number << 3) | wireBytes);
  }

  text(number: number, value: string): void {
    const length = Buffer.byteLength(value);
    this.reserve(length);
    this.at -= length;
    this.bytes.write(value, this.at);
    this.head(number, length);
  }

  integer(number: number, value: number): void {
    this.varint(value);
    this.varint((number << 3) | wireVarint);
  }

  double(number: number, value: number): void {
    this.reserve(8);
    this.at -= 8;
    this.bytes.writeDoubleLE(value, this.at);
    this.varint((number << 3) | wireFixed64);
  }

  /** `value` is a whole number from 0 to 2^53. */
  private varint(value: number): void {
    let size = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
    this.reserve(size);
    this.at -= size;
    let at = this.at;
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.bytes[at++] = (rest % 0x80) | 0x80;
    this.bytes[at] = rest;
  }

  private reserve(size: number): void {
    if (this.at >= size) return;
    const written = this.finish();
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, written.length + size));
    this.at = grown.length - written.length;
    written.copy(grown, this.at);
    this.bytes = grown;
  }
}

const wireVarint = 0;
const wireFixed64 = 1;
const wireBytes = 2;

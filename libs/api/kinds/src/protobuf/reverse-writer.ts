import { wire } from './reader';

const firstBytes = 16 * 1024;
/** A buffer that one large object made is not kept. */
const keptBytes = 1024 * 1024;
const shortText = 64;

/**
 * Writes messages from their last byte to their first, as gogo's generated code does: when a field's content is there its length is
 * known, so that nothing is measured or copied twice. One is used again and again: `finish` copies out and makes it empty.
 *
 * Example, `{1: "ab"}`: `text('ab')` puts 61 62 and, before them, the length 02; then `tag(1, wire.bytes)` puts 0a.
 */
export class ReverseWriter {
  private bytes = Buffer.allocUnsafe(firstBytes);
  private at = firstBytes;

  /** What is written so far. */
  get length(): number {
    return this.bytes.length - this.at;
  }

  /** What is left of a message that failed half way is dropped with it. */
  clear(): void {
    if (this.bytes.length > keptBytes) this.bytes = Buffer.allocUnsafe(firstBytes);
    this.at = this.bytes.length;
  }

  finish(): Buffer {
    const written = Buffer.from(this.bytes.subarray(this.at));
    this.clear();
    return written;
  }

  tag(number: number, wireType: number): void {
    this.varint(number * 8 + wireType);
  }

  /** The length of what was written since it was `before`, and the tag: closes a message. */
  close(number: number, before: number): void {
    this.varint(this.length - before);
    this.tag(number, wire.bytes);
  }

  /** Negative numbers take ten bytes, as protobuf's int32 and int64 do. */
  varint(value: number | bigint): void {
    if (typeof value === 'bigint' || value < 0) this.longVarint(BigInt.asUintN(64, BigInt(value)));
    else if (value < 0x80) {
      this.reserve(1);
      this.bytes[--this.at] = value;
    } else this.wideVarint(value);
  }

  private wideVarint(value: number): void {
    let size = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
    this.reserve(size);
    this.at -= size;
    const last = this.at + size - 1;
    let rest = value;
    for (let i = this.at; i < last; i++) {
      this.bytes[i] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[last] = rest;
  }

  private longVarint(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest));
    this.raw(Buffer.from(bytes));
  }

  double(value: number): void {
    this.reserve(8);
    this.at -= 8;
    this.bytes.writeDoubleLE(value, this.at);
  }

  uint32(value: number): void {
    this.reserve(4);
    this.at -= 4;
    this.bytes.writeUInt32BE(value, this.at);
  }

  raw(value: Buffer): void {
    this.reserve(value.length);
    this.at -= value.length;
    value.copy(this.bytes, this.at);
  }

  /** UTF-8 with its length before it. */
  text(value: string): void {
    const before = this.length;
    if (value.length > shortText || !this.ascii(value)) {
      const size = Buffer.byteLength(value);
      this.reserve(size);
      this.at -= size;
      this.bytes.write(value, this.at, size, 'utf8');
    }
    this.varint(this.length - before);
  }

  /** Most texts are short and plain: a loop is faster than the call into node. False when it is not plain; nothing is written then. */
  private ascii(value: string): boolean {
    const size = value.length;
    this.reserve(size);
    const from = this.at - size;
    for (let i = 0; i < size; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) return false;
      this.bytes[from + i] = code;
    }
    this.at = from;
    return true;
  }

  private reserve(count: number): void {
    if (this.at >= count) return;
    const written = this.bytes.subarray(this.at);
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, written.length + count));
    this.at = grown.length - written.length;
    written.copy(grown, this.at);
    this.bytes = grown;
  }
}

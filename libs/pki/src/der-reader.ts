/** What is wrong with bytes that are not DER, said as Go's encoding/asn1 says it: clients of the API see it. */
export class DerError extends Error {
  readonly code = 'Der';
  constructor(message: string) {
    super(message);
    this.name = 'DerError';
  }
}

const syntaxError = (what: string): DerError => new DerError(`asn1: syntax error: ${what}`);

export interface DerValue {
  /** The whole identifier byte: class, constructed bit and number. */
  readonly tag: number;
  readonly content: Buffer;
  /** Header and content. */
  readonly raw: Buffer;
}

/** The universal tags that are looked for. */
export const derTags = { integer: 0x02, bitString: 0x03, octets: 0x04, oid: 0x06, sequence: 0x30, set: 0x31 } as const;

/**
 * Reads values one after another: as much of X.690 as it takes to see what a certificate request asks for, strict as Go's
 * reader, and synchronous, which the library that reads certificates is not.
 */
export class DerReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  /** The next value, which must have this tag; `what` is the name of the Go type that a message shows. */
  take(tag: number, what: string): DerValue {
    const from = this.at;
    const header = this.header();
    if (header.tag !== tag) throw mismatch(tag, header, what, this.at);
    return this.finish(from, header);
  }

  /** The next value, whatever it is. */
  next(): DerValue {
    const from = this.at;
    return this.finish(from, this.header());
  }

  /** Throws when something follows. */
  end(): void {
    if (!this.isAtEnd) throw syntaxError('trailing data');
  }

  private finish(from: number, { tag, length }: Header): DerValue {
    const end = this.at + length;
    if (end > this.bytes.length) throw syntaxError('data truncated');
    const value = { tag, content: this.bytes.subarray(this.at, end), raw: this.bytes.subarray(from, end) };
    this.at = end;
    return value;
  }

  /** asn1.parseTagAndLength, for tags below 31, which are all that X.509 uses. */
  private header(): Header {
    if (this.isAtEnd) throw syntaxError('sequence truncated');
    const tag = this.byte();
    if ((tag & 0x1f) === 0x1f) throw syntaxError('truncated base 128 integer');
    const first = this.byte();
    if (first < 0x80) return { tag, length: first };
    const count = first & 0x7f;
    if (count === 0) throw syntaxError('indefinite length found (not DER)');
    let length = 0;
    for (let i = 0; i < count; i++) {
      const byte = this.byte();
      if (length >= 2 ** 23) throw new DerError('asn1: structure error: length too large');
      length = length * 256 + byte;
      if (length === 0) throw new DerError('asn1: structure error: superfluous leading zeros in length');
    }
    if (length < 0x80) throw new DerError('asn1: structure error: non-minimal length');
    return { tag, length };
  }

  private byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw syntaxError('truncated tag or length');
    return byte;
  }
}

interface Header {
  readonly tag: number;
  readonly length: number;
}

function mismatch(expected: number, { tag, length }: Header, what: string, at: number): DerError {
  const found = `{class:${String(tag >> 6)} tag:${String(tag & 0x1f)} length:${String(length)} isCompound:${String((tag & 0x20) !== 0)}}`;
  const field =
    '{optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false}';
  return new DerError(
    `asn1: structure error: tags don't match (${String(expected & 0x1f)} vs ${found}) ${field} ${what} @${String(at)}`,
  );
}

/** The dotted form of an object identifier's content. */
export function oidText(content: Buffer): string {
  const parts: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    if (parts.length === 0) {
      const first = Math.min(Math.floor(value / 40), 2);
      parts.push(first, value - first * 40);
    } else parts.push(value);
    value = 0;
  }
  return parts.join('.');
}

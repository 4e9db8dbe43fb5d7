import { timingSafeEqual } from 'node:crypto';

/**
 * NaCl's secretbox: XSalsa20 and Poly1305, which OpenSSL does not have together. Written for a few dozen bytes (it wraps data keys),
 * not for speed. Layout of a box as NaCl's: 16 bytes of tag, then the ciphertext.
 */

const tagBytes = 16;
/** "expand 32-byte k" */
const sigma = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;

export function secretboxSeal(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Buffer {
  const { macKey, text } = applied(key, nonce, plain);
  return Buffer.concat([poly1305(macKey, text), text]);
}

/** undefined: the box was not made with this key and nonce. */
export function secretboxOpen(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Buffer | undefined {
  if (box.length < tagBytes) return undefined;
  const sealed = box.subarray(tagBytes);
  const { macKey, text } = applied(key, nonce, sealed);
  return timingSafeEqual(poly1305(macKey, sealed), box.subarray(0, tagBytes)) ? text : undefined;
}

/** The text xored with the stream, whose first 32 bytes are the key of the tag. */
function applied(key: Uint8Array, nonce: Uint8Array, text: Uint8Array): { macKey: Buffer; text: Buffer } {
  const inner = hsalsa20(words(key), words(nonce.subarray(0, 16)));
  const rest = words(nonce.subarray(16, 24));
  const stream = Buffer.alloc(Math.ceil((text.length + 32) / 64) * 64);
  for (let block = 0; block * 64 < stream.length; block++) {
    const input = salsaInput(inner, [rest[0] ?? 0, rest[1] ?? 0, block, 0]);
    const mixed = salsaRounds(input);
    for (let i = 0; i < 16; i++) stream.writeUInt32LE(((mixed[i] ?? 0) + (input[i] ?? 0)) >>> 0, block * 64 + i * 4);
  }
  const out = Buffer.alloc(text.length);
  for (let i = 0; i < text.length; i++) out[i] = (text[i] ?? 0) ^ (stream[32 + i] ?? 0);
  return { macKey: stream.subarray(0, 32), text: out };
}

/** The state of Salsa20: the constant on the diagonal, the key around it, the input in the middle. */
function salsaInput(key: readonly number[], input: readonly number[]): Uint32Array {
  const [s0, s1, s2, s3] = sigma;
  return Uint32Array.from([s0, ...key.slice(0, 4), s1, ...input, s2, ...key.slice(4, 8), s3]);
}

function hsalsa20(key: readonly number[], input: readonly number[]): number[] {
  const mixed = salsaRounds(salsaInput(key, input));
  return [0, 5, 10, 15, 6, 7, 8, 9].map((i) => mixed[i] ?? 0);
}

/** Which words a quarter round mixes: the columns, then the rows. */
const quarters: readonly (readonly [number, number, number, number])[] = [
  [0, 4, 8, 12],
  [5, 9, 13, 1],
  [10, 14, 2, 6],
  [15, 3, 7, 11],
  [0, 1, 2, 3],
  [5, 6, 7, 4],
  [10, 11, 8, 9],
  [15, 12, 13, 14],
];

function salsaRounds(input: Uint32Array): Uint32Array {
  const x = Uint32Array.from(input);
  const at = (i: number): number => x[i] ?? 0;
  const mix = (to: number, a: number, b: number, by: number): void => {
    const sum = (at(a) + at(b)) >>> 0;
    x[to] = at(to) ^ ((sum << by) | (sum >>> (32 - by)));
  };
  for (let round = 0; round < 10; round++)
    for (const [a, b, c, d] of quarters) {
      mix(b, a, d, 7);
      mix(c, b, a, 9);
      mix(d, c, b, 13);
      mix(a, d, c, 18);
    }
  return x;
}

function words(bytes: Uint8Array): number[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 4 }, (_, i) => buffer.readUInt32LE(i * 4));
}

const prime = (1n << 130n) - 5n;

function poly1305(key: Uint8Array, text: Uint8Array): Buffer {
  const r = number(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  let sum = 0n;
  for (let i = 0; i < text.length; i += 16) {
    const block = text.subarray(i, i + 16);
    sum = ((sum + number(block) + (1n << BigInt(block.length * 8))) * r) % prime;
  }
  let tag = sum + number(key.subarray(16, 32));
  const bytes = Buffer.alloc(tagBytes);
  for (let i = 0; i < tagBytes; i++, tag >>= 8n) bytes[i] = Number(tag & 0xffn);
  return bytes;
}

/** Little-endian. */
function number(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return value;
}

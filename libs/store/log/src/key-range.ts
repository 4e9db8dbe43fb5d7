/** Higher than any key that starts with the prefix, in byte order: U+10FFFF is the last code point and no key holds it. */
export const endOfPrefix = (prefix: string): string => `${prefix}\u{10ffff}`;

/** Byte order of the UTF-8 text, as SQLite's BINARY collation has it (UTF-16 order differs beyond U+D7FF). */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

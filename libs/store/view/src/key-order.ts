/**
 * Byte order of UTF-8 texts. JavaScript compares UTF-16 units, which differs only where a surrogate (U+D800…U+DFFF, a character
 * beyond the BMP) meets a unit from U+E000 on; names are nearly always ASCII, so an index asks `isWide` once per key and compares
 * natively while no wide key has come.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

const rank = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x10000 : unit);

/** True if native order may be wrong for this key. */
export function isWide(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0xd800) return true;
  return false;
}

/** The least text beyond all that start with the prefix, which must end with `/`. */
export const prefixEnd = (prefix: string): string => `${prefix.slice(0, -1)}0`;

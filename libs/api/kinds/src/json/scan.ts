/** What a glance over a JSON text tells; it presumes that the text is JSON (`JSON.parse` decides that). */
export interface Scan {
  /** Keys written in the text. If the parsed objects hold fewer, some key was there twice. */
  readonly keys: number;
  /** Only plain integers of at most 15 digits and no lone surrogates: `JSON.parse` loses nothing. */
  readonly isPlain: boolean;
  /** Deepest nesting. */
  readonly depth: number;
}

const quote = 0x22;
const backslash = 0x5c;
const longestSafe = 15;

/** One pass over the bytes, without building anything. */
export function scanJson(body: Uint8Array): Scan {
  let keys = 0;
  let isPlain = true;
  let depth = 0;
  let deepest = 0;
  const { length } = body;
  for (let i = 0; i < length; i++) {
    const byte = body[i] as number;
    if (byte === quote) {
      for (i++; i < length; i++) {
        const inside = body[i] as number;
        if (inside === quote) break;
        if (inside === backslash) {
          i++;
          // \ud… may be half a pair.
          if (body[i] === 0x75 && ((body[i + 1] as number) | 0x20) === 0x64) isPlain = false;
        }
      }
    } else if (byte === 0x3a) {
      keys++;
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > deepest) deepest = depth;
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--;
    } else if (byte >= 0x30 && byte <= 0x39) {
      const start = i;
      while ((body[i + 1] as number) >= 0x30 && (body[i + 1] as number) <= 0x39) i++;
      const next = body[i + 1];
      if (i - start >= longestSafe || next === 0x2e || next === 0x65 || next === 0x45) isPlain = false;
    }
  }
  return { keys, isPlain, depth: deepest };
}

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;
const colon = 0x3a;

/** Where a member's value stands in the bytes: `[start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the value at a path of member names in a JSON object without parsing the rest: `memberSpan(pod, ['metadata', 'labels'])`.
 * The bytes must be valid JSON. Names must be plain (no character that JSON escapes). Undefined if the path is not there.
 */
export function memberSpan(bytes: Uint8Array, path: readonly string[]): Span | undefined {
  let start = skipSpace(bytes, 0);
  for (const name of path) {
    const found = bytes[start] === openBrace ? findMember(bytes, start, name) : undefined;
    if (found === undefined) return undefined;
    start = found;
  }
  return { start, end: path.length === 0 ? bytes.length : skipValue(bytes, start) };
}

/** Where the value of a member begins; `at` stands on the `{`. */
function findMember(bytes: Uint8Array, at: number, name: string): number | undefined {
  let i = skipSpace(bytes, at + 1);
  while (bytes[i] === quote) {
    const afterName = skipString(bytes, i);
    const isIt = sameText(bytes, i + 1, afterName - 1, name);
    i = skipSpace(bytes, afterName);
    if (bytes[i] !== colon) return undefined;
    i = skipSpace(bytes, i + 1);
    if (isIt) return i;
    i = skipSpace(bytes, skipValue(bytes, i));
    if (bytes[i] === comma) i = skipSpace(bytes, i + 1);
  }
  return undefined;
}

function skipSpace(bytes: Uint8Array, at: number): number {
  let i = at;
  for (let c = bytes[i]; c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09; c = bytes[i]) i++;
  return i;
}

/** `at` stands on the opening quote; the answer is one past the closing one. */
function skipString(bytes: Uint8Array, at: number): number {
  let i = at + 1;
  for (;;) {
    const c = bytes[i];
    if (c === undefined) return i;
    if (c === quote) return i + 1;
    i += c === backslash ? 2 : 1;
  }
}

function skipValue(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first === quote) return skipString(bytes, at);
  if (first !== openBrace && first !== openBracket) {
    let i = at;
    for (
      let c = bytes[i];
      c !== undefined && c !== comma && c !== closeBrace && c !== closeBracket && c > 0x20;
      c = bytes[i]
    )
      i++;
    return i;
  }
  // One loop over strings and all: this is most of what a span costs.
  const { length } = bytes;
  let depth = 0;
  let i = at;
  while (i < length) {
    const c = bytes[i++];
    if (c === quote) {
      for (let d = bytes[i++]; d !== quote && i <= length; d = bytes[i++]) if (d === backslash) i++;
    } else if (c === openBrace || c === openBracket) depth++;
    else if ((c === closeBrace || c === closeBracket) && --depth === 0) return i;
  }
  return length;
}

function sameText(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}

import { type KubeObject, stringifyJson } from '@reckon/api/machinery';
import { numberOf } from './node';

const marker = '\u0000int64:';

/** JSON.stringify for API objects, in which integers beyond 2^53 are bigint. */
export const stringifyObject = (value: unknown): string => stringifyJson(value);

const longest = 15;

/** Whether so many digits follow each other that they may be no number of JavaScript's. Looks at one character in sixteen. */
function hasLongInteger(text: string): boolean {
  for (let i = longest; i < text.length; i += longest + 1) {
    if (!isDigit(text.charCodeAt(i))) continue;
    let from = i;
    let to = i;
    while (isDigit(text.charCodeAt(from - 1))) from--;
    while (isDigit(text.charCodeAt(to + 1))) to++;
    if (to - from >= longest) return true;
  }
  return false;
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** The inverse, for bytes of our own making (each key once, valid UTF-8). Integers beyond 2^53 become bigint. */
export function parseObject(bytes: Uint8Array): KubeObject {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  if (!hasLongInteger(text)) return JSON.parse(text) as KubeObject;
  return reviveLongIntegers(text);
}

/** Marks long integers that stand outside strings, then parses. */
function reviveLongIntegers(text: string): KubeObject {
  const tokens = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g;
  const marked = text.replace(tokens, (token) => (token.startsWith('"') ? token : `"\\u0000int64:${token}"`));
  return JSON.parse(marked, (_, item: unknown) =>
    typeof item === 'string' && item.startsWith(marker) ? numberOf(item.slice(marker.length)) : item,
  ) as KubeObject;
}

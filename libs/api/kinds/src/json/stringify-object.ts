import type { KubeObject } from '@reckon/api/machinery';
import { numberOf } from './node';

const marker = '\u0000int64:';

/**
 * JSON.stringify for API objects. Integers beyond 2^53 are bigint in our objects, which JSON.stringify refuses: then, and
 * only then, they go out as marked strings whose quotes are taken off afterwards.
 */
export function stringifyObject(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  const marked = JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'bigint' ? `${marker}${item.toString()}` : item,
  );
  return marked.replace(/"\\u0000int64:(-?\d+)"/g, '$1');
}

const longInteger = /\d{16}/;

/** The inverse, for bytes of our own making (each key once, valid UTF-8). Integers beyond 2^53 become bigint. */
export function parseObject(bytes: Uint8Array): KubeObject {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  if (!longInteger.test(text)) return JSON.parse(text) as KubeObject;
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

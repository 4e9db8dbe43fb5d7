import type { JsonNode } from './node';

/** `message` is Go's text for the error, `offset` the byte where it stands. */
export class JsonSyntaxError extends Error {
  readonly code = 'JsonSyntax';

  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
    this.name = 'JsonSyntaxError';
  }
}

/**
 * Upstream stops at 10,000 levels. Plans recurse, as does JSON.stringify, and must not overflow the stack of a thread, nor must writing YAML;
 * no kind nests deeper than some thirty levels.
 */
export const deepestNesting = 500;

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** Reads JSON byte by byte with the error texts of Go's encoding/json (`scanner.error`). Invalid UTF-8 becomes U+FFFD. */
export function parseJsonNode(body: Uint8Array): JsonNode {
  // One char per byte, so that positions are byte offsets; strings are decoded when they end.
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
  let at = 0;

  const node = parseValue(1);
  skipSpace();
  if (at < text.length) throw unexpected('after top-level value');
  return node;

  function unexpected(context: string): JsonSyntaxError {
    const char = text[at];
    if (char === undefined) return new JsonSyntaxError('unexpected end of JSON input', at);
    return new JsonSyntaxError(`invalid character ${quoteChar(char)} ${context}`, at);
  }

  function skipSpace(): void {
    while (at < text.length && ' \t\r\n'.includes(text[at] ?? 'x')) at++;
  }

  function parseValue(depth: number): JsonNode {
    skipSpace();
    switch (text[at]) {
      case '{':
        return parseObject(depth);
      case '[':
        return parseArray(depth);
      case '"':
        return { kind: 'string', text: parseString() };
      case 't':
        return word('true', { kind: 'bool', value: true });
      case 'f':
        return word('false', { kind: 'bool', value: false });
      case 'n':
        return word('null', { kind: 'null' });
      default:
        return parseNumber();
    }
  }

  function enter(depth: number): void {
    if (depth > deepestNesting) throw new JsonSyntaxError('exceeded max depth', at);
    at++;
  }

  function parseObject(depth: number): JsonNode {
    enter(depth);
    const members: (readonly [string, JsonNode])[] = [];
    skipSpace();
    if (text[at] === '}') {
      at++;
      return { kind: 'object', members };
    }
    for (;;) {
      skipSpace();
      if (text[at] !== '"') throw unexpected('looking for beginning of object key string');
      const key = parseString();
      skipSpace();
      if (text[at] !== ':') throw unexpected('after object key');
      at++;
      members.push([key, parseValue(depth + 1)]);
      skipSpace();
      if (text[at] === '}') {
        at++;
        return { kind: 'object', members };
      }
      if (text[at] !== ',') throw unexpected('after object key:value pair');
      at++;
    }
  }

  function parseArray(depth: number): JsonNode {
    enter(depth);
    const items: JsonNode[] = [];
    skipSpace();
    if (text[at] === ']') {
      at++;
      return { kind: 'array', items };
    }
    for (;;) {
      items.push(parseValue(depth + 1));
      skipSpace();
      if (text[at] === ']') {
        at++;
        return { kind: 'array', items };
      }
      if (text[at] !== ',') throw unexpected('after array element');
      at++;
    }
  }

  function parseString(): string {
    at++;
    let raw = '';
    let out = '';
    for (;;) {
      const char = text[at];
      if (char === undefined || char < ' ') throw unexpected('in string literal');
      at++;
      if (char === '"') return wellFormed(out + decodeUtf8(raw));
      if (char !== '\\') {
        raw += char;
        continue;
      }
      out += decodeUtf8(raw);
      raw = '';
      out += parseEscape();
    }
  }

  function parseEscape(): string {
    const escaped = text[at];
    if (escaped === 'u') {
      at++;
      const start = at;
      while (at < start + 4) {
        if (!/[0-9a-fA-F]/.test(text[at] ?? '')) throw unexpected('in \\u hexadecimal character escape');
        at++;
      }
      return String.fromCharCode(Number.parseInt(text.slice(start, at), 16));
    }
    const plain = escaped === undefined ? undefined : escapes[escaped];
    if (plain === undefined) throw unexpected('in string escape code');
    at++;
    return plain;
  }

  function word<T extends JsonNode>(expected: string, result: T): T {
    for (let i = 1; i < expected.length; i++) {
      at++;
      if (text[at] !== expected[i]) throw unexpected(`in literal ${expected} (expecting '${expected[i] ?? ''}')`);
    }
    at++;
    return result;
  }

  function parseNumber(): JsonNode {
    const start = at;
    if (text[at] === '-') {
      at++;
      if (!isDigit(text[at])) throw unexpected('in numeric literal');
    } else if (!isDigit(text[at])) throw unexpected('looking for beginning of value');
    if (text[at] === '0') at++;
    else digits();
    if (text[at] === '.') {
      at++;
      if (!isDigit(text[at])) throw unexpected('after decimal point in numeric literal');
      digits();
    }
    if (text[at] === 'e' || text[at] === 'E') {
      at++;
      if (text[at] === '+' || text[at] === '-') at++;
      if (!isDigit(text[at])) throw unexpected('in exponent of numeric literal');
      digits();
    }
    return { kind: 'number', digits: text.slice(start, at) };
  }

  function digits(): void {
    while (isDigit(text[at])) at++;
  }
}

/** Half a surrogate pair becomes U+FFFD, as in Go. */
function wellFormed(text: string): string {
  return /[\ud800-\udfff]/.test(text) ? Buffer.from(text, 'utf8').toString('utf8') : text;
}

const isDigit = (char: string | undefined): boolean => char !== undefined && char >= '0' && char <= '9';

/** As encoding/json's `quoteChar`: the offending byte, read as a code point. */
function quoteChar(char: string): string {
  if (char === "'") return String.raw`'\''`;
  if (char === '"') return `'"'`;
  const code = char.charCodeAt(0);
  const named: Readonly<Record<string, string>> = {
    '\\': '\\\\',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\b': '\\b',
    '\f': '\\f',
    '\v': '\\v',
    '\x07': '\\a',
  };
  if (named[char] !== undefined) return `'${named[char]}'`;
  if (code < 0x20 || code === 0x7f) return `'\\x${code.toString(16).padStart(2, '0')}'`;
  if ((code >= 0x80 && code <= 0xa0) || code === 0xad) return `'\\u${code.toString(16).padStart(4, '0')}'`;
  return `'${char}'`;
}

/** Bytes (one per char) to text; every byte that is not UTF-8 becomes one U+FFFD, as in Go. */
function decodeUtf8(raw: string): string {
  if (/^[\x00-\x7f]*$/.test(raw)) return raw;
  return raw.replace(
    /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g,
    (bytes) => (bytes.length === 1 ? '\ufffd' : Buffer.from(bytes, 'latin1').toString('utf8')),
  );
}

import { stringifyJson } from './stringify-json';

const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\u000b', '\\v'],
]);

const needsNoCare = /^[\u0020-\u0021\u0023-\u005b\u005d-\u007e]*$/;

/** Whether Go's `unicode.IsPrint` holds: letters, marks, numbers, punctuation, symbols and the ASCII space. */
export function isPrintable(character: string): boolean {
  return printable.test(character);
}

/** A string as Go's `%q` prints it: printable characters stay, others become `\n`, `\x7f`, `\u00ad` or `\U000e0001`. */
export function goQuote(text: string): string {
  if (needsNoCare.test(text)) return `"${text}"`;
  let out = '"';
  for (const character of text) out += quoteCharacter(character);
  return `${out}"`;
}

function quoteCharacter(character: string): string {
  const short = shortEscapes.get(character);
  if (short !== undefined) return short;
  if (isPrintable(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  // Go's strings hold no lone surrogates: decoding replaced them.
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd';
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

/** `[]string{"a", "b"}`: a list of strings as Go's `%#v` prints it. */
export function goStringList(texts: readonly string[]): string {
  return `[]string{${texts.map(goQuote).join(', ')}}`;
}

/** A value as Go's `json.Marshal` writes it: as JSON, but `<`, `>`, `&`, U+2028 and U+2029 escaped. Keys keep their order. */
export function goJson(value: unknown): string {
  return stringifyJson(value).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${hex(c.charCodeAt(0), 4)}`);
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

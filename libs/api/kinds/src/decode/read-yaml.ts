import { isUtf8 } from 'node:buffer';
import { nextTurn } from '@reckon/kernel';
import { Composer, type Document, type ErrorCode, Lexer, LineCounter, Parser, type ScalarTag, type Tags } from 'yaml';
import { TypeMetaError } from './type-meta';
import { yamlValue } from './yaml-value';

/**
 * YAML 1.1 as upstream's library reads it: no dates, no base-60 numbers, a set is a map and an ordered map a list. What `<<` merges
 * is found where values are made.
 */
const skippedTags = new Set(['timestamp', 'merge', 'omap', 'pairs', 'set'].map((name) => `tag:yaml.org,2002:${name}`));
const customTags = (tags: Tags): Tags => [
  ...tags.filter((tag) => typeof tag === 'string' || !(skippedTags.has(tag.tag) || tag.format === 'TIME')),
  octal,
];

/** YAML 1.2's form of file modes, which upstream's library takes beside 1.1's. */
const octal: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?0o[0-7_]+$/,
  resolve: (text) => BigInt(text.replaceAll('_', '').replace(/^[-+]/, '')) * (text.startsWith('-') ? -1n : 1n),
};

/** Upstream stops at 10,000 levels; the composer recurses, and must not overflow the stack. No kind nests deeper than some thirty. */
const deepestNesting = 400;
const lexemesPerTurn = 4096;

/** What upstream's library says of the same fault, where that is one thing. */
const texts: Readonly<Partial<Record<ErrorCode, string>>> = {
  BLOCK_AS_IMPLICIT_KEY: 'mapping values are not allowed in this context',
  TAB_AS_INDENT: 'found character that cannot start any token',
};

/**
 * The first document of a YAML body as a JSON value, with keys in order as upstream's detour over JSON leaves them; what follows that
 * document is not read. `duplicates` is upstream's text for keys that were there twice. Throws TypeMetaError, or DecodeError for a
 * value that JSON has no form for.
 */
export async function readYaml(
  body: Buffer,
): Promise<{ readonly value: unknown; readonly duplicates: string | undefined }> {
  const lines = new LineCounter();
  const document = await firstDocument(textOf(body), lines);
  if (document === undefined) return { value: null, duplicates: undefined };
  const [error] = document.errors;
  if (error !== undefined) {
    const said = texts[error.code] ?? firstLine(error.message);
    throw new TypeMetaError(`yaml: line ${String(lines.linePos(error.pos[0]).line)}: ${said}`);
  }
  const { value, twice } = yamlValue(document);
  const told = twice.map(
    ({ key, offset }) => `  line ${String(lines.linePos(offset).line)}: key ${key} already set in map`,
  );
  return { value, duplicates: told.length === 0 ? undefined : `yaml: unmarshal errors:\n${told.join('\n')}` };
}

/** Reads no further than its end: a body may hold a million others. */
async function firstDocument(text: string, lines: LineCounter): Promise<Document.Parsed | undefined> {
  const composer = new Composer({
    version: '1.1',
    uniqueKeys: false,
    logLevel: 'silent',
    intAsBigInt: true,
    customTags,
  });
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) for (const document of composer.next(token)) return document;
    if (parser.stack.length > deepestNesting) throw new TypeMetaError('yaml: exceeded max depth of 10000');
    // A body of full length takes seconds: others get their turn.
    if (++lexemes % lexemesPerTurn === 0) await new Promise<void>(nextTurn);
  }
  for (const token of parser.end()) for (const document of composer.next(token)) return document;
  for (const document of composer.end()) return document;
  return undefined;
}

/** As yaml_parser_determine_encoding and yaml_parser_update_buffer. */
function textOf(body: Buffer): string {
  const [first, second] = body;
  if (first === 0xff && second === 0xfe) return body.toString('utf16le');
  if (first === 0xfe && second === 0xff) {
    const even = Buffer.from(body.subarray(0, body.length & ~1));
    return even.swap16().toString('utf16le');
  }
  if (!isUtf8(body)) throw new TypeMetaError('yaml: invalid leading UTF-8 octet');
  const text = body.toString('utf8');
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/.test(text))
    throw new TypeMetaError('yaml: control characters are not allowed');
  return text;
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
}

import type { CelProblem } from './cel-node';

/** Kinds of tokens in the order of the grammar, which is that of messages. */
export const tokenKinds = [
  '<EOF>',
  "'=='",
  "'!='",
  "'in'",
  "'<'",
  "'<='",
  "'>='",
  "'>'",
  "'&&'",
  "'||'",
  "'['",
  "']'",
  "'{'",
  "'}'",
  "'('",
  "')'",
  "'.'",
  "','",
  "'-'",
  "'!'",
  "'?'",
  "':'",
  "'+'",
  "'*'",
  "'/'",
  "'%'",
  "'true'",
  "'false'",
  "'null'",
  'NUM_FLOAT',
  'NUM_INT',
  'NUM_UINT',
  'STRING',
  'BYTES',
  'IDENTIFIER',
  'ESC_IDENTIFIER',
] as const;

export type TokenKind = (typeof tokenKinds)[number];

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
}

const skipped = /(?:[\t \r\n\f]+|\/\/[^\n]*)+/y;
const words: ReadonlySet<string> = new Set(['in', 'true', 'false', 'null']);
const escapeSequence = String.raw`\\(?:[abfnrtv"'\\?${'`'}]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})`;
const quoted = (quote: string, more: string): string => `${quote}(?:${more}|${escapeSequence})*${quote}`;
const cooked = [
  `"""(?:[^\\\\]|${escapeSequence})*?"""`,
  `'''(?:[^\\\\]|${escapeSequence})*?'''`,
  quoted('"', '[^\\\\"\\n\\r]'),
  quoted("'", "[^\\\\'\\n\\r]"),
].join('|');
const raw = `[rR](?:"""[^]*?"""|'''[^]*?'''|"[^"\\n\\r]*"|'[^'\\n\\r]*')`;

/** In the order in which they are tried; of two that fit the longer one is meant, which none of the later ones is. */
const patterns: readonly (readonly [RegExp, TokenKind | undefined])[] = [
  [new RegExp(`[bB](?:${raw}|${cooked})`, 'y'), 'BYTES'],
  [new RegExp(`${raw}|${cooked}`, 'y'), 'STRING'],
  [/(?:[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)/y, 'NUM_FLOAT'],
  [/(?:0x[0-9a-fA-F]+|[0-9]+)[uU]/y, 'NUM_UINT'],
  [/0x[0-9a-fA-F]+|[0-9]+/y, 'NUM_INT'],
  [/[A-Za-z_][A-Za-z0-9_]*/y, 'IDENTIFIER'],
  [/`[A-Za-z0-9_.\-/ ]+`/y, 'ESC_IDENTIFIER'],
  [/==|!=|<=|>=|&&|\|\||[<>[\]{}().,\-!?:+*/%]/y, undefined],
];

/** The tokens of an expression, the end of it last; what is none of the language is reported and passed over. */
export function readTokens(text: string): { readonly tokens: readonly Token[]; readonly problems: CelProblem[] } {
  const tokens: Token[] = [];
  const problems: CelProblem[] = [];
  let at = 0;
  for (;;) {
    at += matchAt(skipped, text, at).length;
    if (at >= text.length) break;
    const token = readToken(text, at);
    if (token !== undefined) {
      tokens.push(token);
      at += token.text.length;
      continue;
    }
    const end = failureEnd(text, at);
    problems.push({ at, message: `Syntax error: token recognition error at: '${text.slice(at, end)}'` });
    at = end;
  }
  tokens.push({ kind: '<EOF>', text: '<EOF>', at: text.length });
  return { tokens, problems };
}

function readToken(text: string, at: number): Token | undefined {
  for (const [pattern, kind] of patterns) {
    const found = matchAt(pattern, text, at);
    if (found === '') continue;
    const isWord = kind === undefined || words.has(found);
    return { kind: isWord ? (`'${found}'` as TokenKind) : kind, text: found, at };
  }
  return undefined;
}

/** What an escape begins with that is not ended as it must be. */
const halfEscape = String.raw`\\(?:[xX][0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7}|[0-3][0-7]?)?`;
const begun = new RegExp(
  `(?:[bB]?[rR]?)?["'](?:[^\\\\\\n\\r]|${escapeSequence})*(?:${halfEscape})?|\`[A-Za-z0-9_.\\-/ ]*|[&|=]`,
  'y',
);

/** Where the text stops to be the beginning of a token, with the character that ends it. */
function failureEnd(text: string, at: number): number {
  const length = matchAt(begun, text, at).length;
  const end = Math.min(at + length, text.length);
  const next = text.codePointAt(end);
  return next === undefined ? end : end + (next > 0xffff ? 2 : 1);
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

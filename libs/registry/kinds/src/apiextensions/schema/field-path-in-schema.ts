import { additionalSchemaOf, type JsonSchema, propertyOf } from './json-schema';

/** What a path like `.spec.hosts['a.b']` leads to, or why it leads nowhere. */
type SchemaFieldPath =
  | {
      readonly schema: JsonSchema | undefined;
      /** The steps as one text, equal for paths that mean the same field. */
      readonly text: string;
      readonly first: string;
      readonly problem?: never;
    }
  | { readonly problem: string };

interface FieldPathOptions {
  /** Whether `['name']` may be used. */
  readonly brackets: 'allowed' | 'refused';
}

/** pkg/apiserver/schema/cel `ValidFieldPath`. */
export function fieldPathIn(schema: JsonSchema | undefined, path: string, options: FieldPathOptions): SchemaFieldPath {
  const tokens = tokensOf(path);
  let at = schema;
  let text = '';
  let first = '';
  const step = (name: string): string | undefined => {
    if (first === '') first = name;
    if (at && Object.keys(at.properties ?? {}).length > 0) {
      const property = propertyOf(at, name);
      if (!property) return 'does not refer to a valid field';
      at = property;
      text += `.${name}`;
      return undefined;
    }
    if (at?.additionalProperties === undefined) return 'does not refer to a valid field';
    at = additionalSchemaOf(at);
    text += `[${name}]`;
    return undefined;
  };
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] ?? '';
    if (token === '[') {
      if (options.brackets === 'refused') return { problem: 'array notation is not allowed' };
      const quoted = tokens[++i];
      if (quoted === undefined) return { problem: 'unexpected end of JSON path' };
      if (quoted.length < 2 || !quoted.startsWith("'") || !quoted.endsWith("'"))
        return { problem: `expected single quoted string but got ${quoted}` };
      const name = unescape(quoted.slice(1, -1));
      if (name.problem !== undefined) return { problem: `invalid string literal: ${name.problem}` };
      const problem = step(name.text);
      if (problem !== undefined) return { problem };
      const closing = tokens[++i];
      if (closing === undefined) return { problem: 'unexpected end of JSON path' };
      if (closing !== ']') return { problem: `expected ] but got ${closing}` };
    } else if (token === '.') {
      const name = tokens[++i];
      if (name === undefined) return { problem: 'unexpected end of JSON path' };
      const problem = step(name);
      if (problem !== undefined) return { problem };
    } else return { problem: `expected [ or . but got: ${token}` };
  }
  return { schema: at, text, first };
}

/** `.`, `[` and `]` are tokens, so is all that stands between them; a quoted text may hold any of them. */
function tokensOf(path: string): readonly string[] {
  return path.match(/'(?:.*?[^\\])??'|[.[\]]|'.*$|[^.[\]]+/gs) ?? [];
}

const escapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\u000b',
  "'": "'",
  '\\': '\\',
};

function unescape(text: string): { readonly text: string; readonly problem?: string } {
  let problem: string | undefined;
  const plain = text.replace(/\\(.)/gs, (whole, c: string) => {
    const character = Object.hasOwn(escapes, c) ? escapes[c] : undefined;
    if (character === undefined) problem ??= `invalid escape char ${whole}`;
    return character ?? '';
  });
  return problem === undefined ? { text: plain } : { text: plain, problem };
}

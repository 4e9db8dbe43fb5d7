import { type LabelOperator, type LabelRequirement, newRequirement } from './label-requirement';
import { fieldErrors, fieldPath } from './field-error';
import { validateQualifiedName } from './label-format';
import { SelectorError } from './selector-error';

/**
 * The grammar of `labelSelector=` (k8s.io/apimachinery/pkg/labels):
 *
 *     selector    = [ requirement { "," requirement } ]
 *     requirement = [ "!" ] key [ operator ]
 *     operator    = ( "=" | "==" | "!=" | "<" | ">" ) [ value ]  |  ( "in" | "notin" ) "(" [ value ] { "," [ value ] } ")"
 *
 * `in` and `notin` are ordinary words wherever no operator is expected. A NUL ends the text.
 */
type TokenKind = 'end' | 'word' | 'error' | '(' | ')' | ',' | '!' | '=' | '==' | '!=' | '<' | '>';

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const end: Token = { kind: 'end', text: '' };
const symbols: ReadonlySet<string> = new Set(['(', ')', ',', '!', '=', '==', '!=', '<', '>']);
const operatorNames = 'in, notin, =, ==, !=, gt, lt';

const isSpace = (c: string): boolean => c === ' ' || c === '\t' || c === '\r' || c === '\n';
const isSymbolCharacter = (c: string): boolean => symbols.has(c);

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const peek = (): string => (text[at] === '\0' ? '' : (text[at] ?? ''));
  while (peek() !== '') {
    const c = peek();
    if (isSpace(c)) {
      at++;
      continue;
    }
    const start = at;
    if (isSymbolCharacter(c)) {
      // The longest symbol: `!=` and `==` are the only ones of two characters.
      at++;
      if (symbols.has(text.slice(start, at + 1))) at++;
      const symbol = text.slice(start, at);
      tokens.push({ kind: symbol as TokenKind, text: symbol });
      continue;
    }
    while (peek() !== '' && !isSpace(peek()) && !isSymbolCharacter(peek())) at++;
    tokens.push({ kind: 'word', text: text.slice(start, at) });
  }
  tokens.push(end);
  return tokens;
}

/** Reads the requirements in the order written; throws `SelectorError`. */
export function parseLabelRequirements(text: string): LabelRequirement[] {
  const parser = new RequirementParser(tokenize(text));
  const requirements: LabelRequirement[] = [];
  for (;;) {
    const token = parser.peek();
    if (token.kind === 'end') return requirements;
    if (token.kind !== 'word' && token.kind !== '!') throw found(token, "!, identifier, or 'end of string'");
    requirements.push(withPrefix(() => parser.requirement()));
    const after = parser.take();
    if (after.kind === 'end') return requirements;
    if (after.kind !== ',') throw found(after, "',' or 'end of string'");
    const next = parser.peek();
    if (next.kind !== 'word' && next.kind !== '!') throw found(next, "identifier after ','");
  }
}

function withPrefix(parse: () => LabelRequirement): LabelRequirement {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    throw new SelectorError(`unable to parse requirement: ${error.message}`);
  }
}

const found = (token: Token, expected: string): SelectorError =>
  new SelectorError(`found '${token.text}', expected: ${expected}`);

class RequirementParser {
  private at = 0;
  constructor(private readonly tokens: readonly Token[]) {}

  peek(): Token {
    return this.tokens[this.at] ?? end;
  }

  take(): Token {
    return this.tokens[this.at++] ?? end;
  }

  requirement(): LabelRequirement {
    let isNegated = false;
    let token = this.take();
    if (token.kind === '!') {
      isNegated = true;
      token = this.take();
    }
    if (token.kind !== 'word') throw found(token, 'identifier');
    const key = token.text;
    const messages = validateQualifiedName(key);
    if (messages.length > 0) {
      // Upstream parses with a nil path, which prints so.
      throw new SelectorError(fieldErrors.invalid(fieldPath('<nil>'), key, messages.join('; ')).toString());
    }
    if (isNegated) return newRequirement(key, '!', []);
    const next = this.peek().kind;
    if (next === 'end' || next === ',') return newRequirement(key, 'exists', []);
    const operator = this.operator();
    const values = operator === 'in' || operator === 'notin' ? this.values() : [this.exactValue()];
    return newRequirement(key, operator, [...new Set(values)].sort());
  }

  private operator(): LabelOperator {
    const token = this.take();
    switch (token.kind) {
      case '=':
      case '==':
      case '!=':
        return token.kind;
      case '>':
        return 'gt';
      case '<':
        return 'lt';
      default:
        if (token.kind === 'word' && (token.text === 'in' || token.text === 'notin')) return token.text;
        throw found(token, operatorNames);
    }
  }

  private exactValue(): string {
    const { kind } = this.peek();
    if (kind === 'end' || kind === ',') return '';
    const token = this.take();
    if (token.kind !== 'word') throw found(token, 'identifier');
    return token.text;
  }

  /** `(a,,b)` holds `a`, the empty value and `b`; `()` holds the empty value. */
  private values(): string[] {
    const open = this.take();
    if (open.kind !== '(') throw new SelectorError(`found '${open.text}' expected: '('`);
    const first = this.peek();
    if (first.kind !== ')' && first.kind !== 'word' && first.kind !== ',') {
      throw found(first, "',', ')' or identifier");
    }
    const values: string[] = [];
    let isValueExpected = true;
    for (;;) {
      const token = this.take();
      if (token.kind === ')') {
        if (isValueExpected) values.push('');
        return values;
      }
      if (token.kind === ',') {
        if (isValueExpected) values.push('');
        isValueExpected = true;
      } else if (token.kind === 'word') {
        if (!isValueExpected) throw found(token, "',' or ')'");
        values.push(token.text);
        isValueExpected = false;
      } else {
        throw found(token, isValueExpected ? "',', or identifier" : "',' or ')'");
      }
    }
  }
}

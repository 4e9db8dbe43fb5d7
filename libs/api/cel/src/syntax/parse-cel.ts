import type { CelEntry, CelField, CelNode, CelProblem } from './cel-node';
import { reservedIdentifiers } from './cel-identifier';
import { readTokens } from './cel-tokens';
import { celTypes } from '../check/cel-type';
import { literalOf } from './cel-literal';
import { RecoveringReader, tokenSet, type TokenSet } from './recovering-reader';

const literals = tokenSet("'true'", "'false'", "'null'", 'NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES');
const beginsPrimary = tokenSet("'['", "'{'", "'('", "'.'", "'-'", 'IDENTIFIER', ...literals);
const beginsExpression = tokenSet("'!'", ...beginsPrimary);
/** Binary operators, the loosest first; the logical ones have two levels. */
const levels = [
  tokenSet("'||'"),
  tokenSet("'&&'"),
  tokenSet("'=='", "'!='", "'in'", "'<'", "'<='", "'>='", "'>'"),
  tokenSet("'+'", "'-'"),
  tokenSet("'*'", "'/'", "'%'"),
];
const logicalLevels = 2;
const operators = tokenSet(...levels.flatMap((kinds) => [...kinds]));
const afterOperand = tokenSet("'.'", "'['", "'?'", ...operators);
const identifiers = tokenSet('IDENTIFIER', 'ESC_IDENTIFIER');
const nothing: CelNode = { kind: 'literal', at: 0, type: celTypes.dyn, value: null };
const longestExpression = 100_000;
/** How far upstream's parser goes into an expression. */
const deepest = 250;
/** Operators one after the other make a tree as deep as they are many. */
const longestChain = 500;
export const tooDeepMessage = `expression recursion limit exceeded: ${String(deepest)}`;

export interface ParsedCel {
  readonly node: CelNode;
  readonly problems: readonly CelProblem[];
}

/**
 * Reads an expression by the grammar of CEL. What is wrong is said as cel-go's generated parser says it, which tries to
 * go on after a mistake: each rule is a method, named after the grammar's, and `RecoveringReader` does what ANTLR does.
 */
export function parseCel(text: string): ParsedCel {
  const length = Array.from(text).length;
  if (length > longestExpression)
    return {
      node: nothing,
      problems: [
        {
          at: -1,
          message: `expression code point size exceeds limit: size: ${String(length)}, limit ${String(longestExpression)}`,
        },
      ],
    };
  const { tokens, problems } = readTokens(text);
  const parser = new Parser(new RecoveringReader(tokens, problems));
  const node = parser.start();
  return { node, problems };
}

class Parser {
  private depth = 0;

  constructor(private readonly reader: RecoveringReader) {}

  start(): CelNode {
    const { reader } = this;
    return reader.rule(tokenSet(), nothing, () => {
      const node = this.expr(tokenSet('<EOF>'));
      reader.match('<EOF>', tokenSet());
      return node;
    });
  }

  /** `conditionalOr ('?' conditionalOr ':' expr)?` */
  private expr(follow: TokenSet): CelNode {
    const { reader } = this;
    if (++this.depth > deepest) reader.fail(tooDeepMessage);
    const node = reader.rule(follow, nothing, () => {
      const condition = this.operation(0, tokenSet("'?'"));
      if (!reader.is("'?'")) return condition;
      const { at } = reader.match("'?'", beginsExpression);
      const then = this.operation(0, tokenSet("':'"));
      reader.match("':'", beginsExpression);
      return call('_?_:_', at, condition, then, this.expr(tokenSet()));
    });
    this.depth--;
    return node;
  }

  /** `conditionalOr` to `calc`: operators that bind no less than those of a level, and their operands. */
  private operation(level: number, follow: TokenSet): CelNode {
    const { reader } = this;
    const next = tokenSet(...follow, ...operators);
    let node = this.operand(next);
    for (let length = 0; ; length++) {
      const found = levels.findIndex((kinds) => kinds.has(reader.kind()));
      if (found < level) return node;
      if (length > longestChain) reader.fail(tooDeepMessage);
      const { text, at } = reader.consume();
      if (found < logicalLevels) {
        const terms = [node, this.operation(found + 1, next)];
        const places = [at];
        while (levels[found]?.has(reader.kind()) === true) {
          places.push(reader.consume().at);
          terms.push(this.operation(found + 1, next));
        }
        node = balanced(`_${text}_`, terms, places);
      } else node = call(text === 'in' ? '@in' : `_${text}_`, at, node, this.operation(found + 1, next));
    }
  }

  /** `unary`, `member` and `primary` as one rule. */
  private operand(follow: TokenSet): CelNode {
    const { reader } = this;
    return reader.rule(tokenSet("'.'", "'['", ...follow), nothing, () => {
      reader.sync(beginsExpression);
      if (reader.is("'!'")) return this.signed("'!'", '!_');
      if (!reader.is("'-'")) return this.member();
      const second = reader.kind(1);
      if (second !== "'-'" && !beginsPrimary.has(second)) reader.noViable(1);
      // The sign of a number is part of it, which is how the smallest one can be written.
      return second === 'NUM_INT' || second === 'NUM_FLOAT' ? this.member() : this.signed("'-'", '-_');
    });
  }

  /** An even number of signs is none. */
  private signed(kind: "'!'" | "'-'", name: string): CelNode {
    const { reader } = this;
    const first = reader.consume();
    let count = 1;
    while (reader.is(kind)) {
      reader.consume();
      count++;
    }
    if (kind === "'!'") reader.syncLoop(beginsExpression);
    const operand = this.member();
    return count % 2 === 0 ? operand : call(name, first.at, operand);
  }

  private member(): CelNode {
    const { reader } = this;
    let node = this.primary();
    for (let length = 0; length <= longestChain; length++) {
      if (reader.is("'.'")) node = this.selection(node);
      else if (reader.is("'['")) node = this.index(node);
      else return node;
    }
    return reader.fail(tooDeepMessage);
  }

  private selection(operand: CelNode): CelNode {
    const { reader } = this;
    const next = reader.kind(1);
    if (next !== "'?'" && !identifiers.has(next)) reader.noViable(1);
    const { at } = reader.consume();
    const isOptional = reader.is("'?'");
    if (isOptional) reader.consume();
    const field = this.escapedIdentifier();
    if (isOptional || !reader.is("'('") || field.isEscaped)
      return { kind: 'select', at, operand, field: field.name, isOptional };
    const { at: open, list } = this.callArguments();
    return { kind: 'call', at: open, name: field.name, target: operand, arguments: list };
  }

  private escapedIdentifier(): { name: string; isEscaped: boolean } {
    const { reader } = this;
    reader.sync(identifiers);
    const { kind, text } = reader.consume();
    return kind === 'ESC_IDENTIFIER' ? { name: text.slice(1, -1), isEscaped: true } : { name: text, isEscaped: false };
  }

  private index(operand: CelNode): CelNode {
    const { reader } = this;
    const { at } = reader.consume();
    reader.sync(tokenSet("'?'", ...beginsExpression));
    const isOptional = reader.is("'?'");
    if (isOptional) reader.consume();
    const index = this.expr(tokenSet("']'"));
    reader.match("']'", reader.following(afterOperand));
    return call(isOptional ? '_[?_]' : '_[_]', at, operand, index);
  }

  private callArguments(): { at: number; list: CelNode[] } {
    const { reader } = this;
    const { at } = reader.consume();
    reader.sync(tokenSet("')'", ...beginsExpression));
    const list: CelNode[] = [];
    if (!reader.is("')'")) {
      list.push(this.expr(tokenSet("','", "')'")));
      while (reader.is("','")) {
        reader.consume();
        list.push(this.expr(tokenSet("','", "')'")));
      }
    }
    reader.match("')'", reader.following(afterOperand));
    return { at, list };
  }

  private primary(): CelNode {
    const { reader } = this;
    reader.sync(beginsPrimary);
    switch (reader.kind()) {
      case "'('": {
        reader.consume();
        const node = this.expr(tokenSet("')'"));
        reader.match("')'", reader.following(afterOperand));
        return node;
      }
      case "'['":
        return this.list();
      case "'{'":
        return this.map();
      case "'.'":
        if (reader.kind(1) !== 'IDENTIFIER') reader.noViable(1);
        reader.consume();
        return this.named('.');
      case 'IDENTIFIER':
        return this.named('');
      default:
        if (!literals.has(reader.kind()) && !reader.is("'-'")) reader.noViable(0);
        return this.literal();
    }
  }

  /** A name, a call of one, or an object of a type by that name, which may have dots. */
  private named(dot: string): CelNode {
    const { reader } = this;
    const length = this.messageNameLength();
    if (length > 0) return this.message(dot, length);
    const { text, at } = reader.consume();
    if (reservedIdentifiers.has(text)) reader.report({ at, message: `reserved identifier: ${text}` });
    if (!reader.is("'('")) return { kind: 'ident', at, name: dot + text };
    const { at: open, list } = this.callArguments();
    return { kind: 'call', at: open, name: dot + text, arguments: list };
  }

  /** How many tokens are the name of a type that a brace follows. */
  private messageNameLength(): number {
    let length = 1;
    while (this.reader.kind(length) === "'.'" && this.reader.kind(length + 1) === 'IDENTIFIER') length += 2;
    return this.reader.kind(length) === "'{'" ? length : 0;
  }

  private message(dot: string, length: number): CelNode {
    const { reader } = this;
    let name = dot;
    for (let i = 0; i < length; i++) name += reader.consume().text;
    const { at } = reader.consume();
    const fields: CelField[] = [];
    reader.sync(tokenSet("'}'", "','", "'?'", ...identifiers));
    while (!reader.is("'}'") && !reader.is("','")) {
      const isOptional = this.optionalMark();
      const field = this.escapedIdentifier();
      const colon = reader.match("':'", beginsExpression);
      fields.push({ name: field.name, at: colon.at, value: this.expr(tokenSet("','", "'}'")), isOptional });
      if (!this.goesOn("'}'")) break;
    }
    this.close("'}'");
    return { kind: 'message', at, name, fields };
  }

  private list(): CelNode {
    const { reader } = this;
    const { at } = reader.consume();
    const elements: { value: CelNode; isOptional: boolean }[] = [];
    reader.sync(tokenSet("']'", "','", "'?'", ...beginsExpression));
    while (!reader.is("']'") && !reader.is("','")) {
      const isOptional = this.optionalMark();
      elements.push({ value: this.expr(tokenSet("','", "']'")), isOptional });
      if (!this.goesOn("']'")) break;
    }
    this.close("']'");
    return { kind: 'list', at, elements };
  }

  private map(): CelNode {
    const { reader } = this;
    const { at } = reader.consume();
    const entries: CelEntry[] = [];
    reader.sync(tokenSet("'}'", "','", "'?'", ...beginsExpression));
    while (!reader.is("'}'") && !reader.is("','")) {
      const isOptional = this.optionalMark();
      const key = this.expr(tokenSet("':'"));
      reader.match("':'", beginsExpression);
      entries.push({ key, value: this.expr(tokenSet("','", "'}'")), isOptional });
      if (!this.goesOn("'}'")) break;
    }
    this.close("'}'");
    return { kind: 'map', at, entries };
  }

  private optionalMark(): boolean {
    if (!this.reader.is("'?'")) return false;
    this.reader.consume();
    return true;
  }

  /** Passes the comma between two elements; one before the end is left to `close`. */
  private goesOn(end: "'}'" | "']'"): boolean {
    if (!this.reader.is("','") || this.reader.kind(1) === end) return false;
    this.reader.consume();
    return true;
  }

  private close(end: "'}'" | "']'"): void {
    const { reader } = this;
    reader.sync(tokenSet("','", end));
    if (reader.is("','")) reader.consume();
    reader.match(end, reader.following(afterOperand));
  }

  private literal(): CelNode {
    const { reader } = this;
    const first = reader.consume();
    const sign = first.kind === "'-'" ? '-' : '';
    const token = sign === '' ? first : reader.consume();
    const literal = literalOf(token, sign);
    if ('type' in literal) return { kind: 'literal', at: first.at, ...literal };
    reader.report({ at: first.at, message: literal.problem });
    return nothing;
  }
}

const call = (name: string, at: number, ...list: readonly CelNode[]): CelNode => ({
  kind: 'call',
  at,
  name,
  arguments: list,
});

/** Chains of `&&` and `||` become flat trees, as many as there may be (cel-go's `logicManager`). */
function balanced(name: string, terms: readonly CelNode[], places: readonly number[]): CelNode {
  if (terms.length === 1) return terms[0] ?? nothing;
  const middle = Math.ceil(terms.length / 2);
  return call(
    name,
    places[middle - 1] ?? 0,
    balanced(name, terms.slice(0, middle), places.slice(0, middle - 1)),
    balanced(name, terms.slice(middle), places.slice(middle)),
  );
}

import type { CelProblem } from './cel-node';
import { tokenKinds, type Token, type TokenKind } from './cel-tokens';

export type TokenSet = ReadonlySet<TokenKind>;

export const tokenSet = (...kinds: readonly TokenKind[]): TokenSet => new Set(kinds);

/** Ends the rule that it is thrown in; the rule recovers. */
class RuleError extends Error {
  readonly code = 'Rule';
}

/** Ends the whole expression. */
class ParseEnd extends Error {
  readonly code = 'ParseEnd';
}

/**
 * Tokens, with what ANTLR's default error strategy does at a wrong one: leave it out when the next one fits, take a
 * missing one for there when what follows it fits, else report, leave the rule and pass over what no outer rule waits
 * for. While it recovers, it reports nothing until a token fits again.
 */
export class RecoveringReader {
  private position = 0;
  private isRecovering = false;
  /** What the rules that are being read wait for, the innermost last. */
  private readonly follows: TokenSet[] = [];

  constructor(
    private readonly tokens: readonly Token[],
    private readonly problems: CelProblem[],
  ) {}

  private token(ahead = 0): Token {
    const index = Math.min(this.position + ahead, this.tokens.length - 1);
    return this.tokens[index] ?? { kind: '<EOF>', text: '<EOF>', at: 0 };
  }

  kind(ahead = 0): TokenKind {
    return this.token(ahead).kind;
  }

  is(kind: TokenKind): boolean {
    return this.kind() === kind;
  }

  consume(): Token {
    const token = this.token();
    this.isRecovering = false;
    if (token.kind !== '<EOF>') this.position++;
    return token;
  }

  /** Reads a rule whose caller waits for `follow` after it; `failed` when it had to be left. */
  rule<T>(follow: TokenSet, failed: T, read: () => T): T {
    this.follows.push(follow);
    try {
      return read();
    } catch (error) {
      if (error instanceof ParseEnd && this.follows.length === 1) return failed;
      if (!(error instanceof RuleError)) throw error;
      const waitedFor = this.waitedFor();
      while (!waitedFor.has(this.kind()) && !this.is('<EOF>')) this.position++;
      return failed;
    } finally {
      this.follows.pop();
    }
  }

  /** What may stand after an operand here. */
  following(own: TokenSet): TokenSet {
    return new Set([...own, ...this.waitedFor()]);
  }

  private waitedFor(): Set<TokenKind> {
    return new Set(this.follows.flatMap((follow) => [...follow]));
  }

  /** A token that must be here; `after` is what may follow it. */
  match(kind: TokenKind, after: TokenSet): Token {
    if (this.is(kind)) return this.consume();
    const expected = tokenSet(kind);
    if (this.leaveOut(expected)) return this.consume();
    const token = this.token();
    if (after.has(token.kind)) {
      this.reportSyntax(token, `missing ${kind} at ${shown(token)}`);
      return { kind, text: '', at: token.at };
    }
    throw this.mismatch(expected);
  }

  /** Before a choice: the next token must be one that a choice begins with. */
  sync(expected: TokenSet): void {
    if (this.isRecovering || expected.has(this.kind()) || this.leaveOut(expected)) return;
    throw this.mismatch(expected);
  }

  /** After a repetition: what cannot follow it is passed over. */
  syncLoop(expected: TokenSet): void {
    if (this.isRecovering || expected.has(this.kind())) return;
    this.reportUnwanted(expected);
    const waitedFor = this.following(expected);
    while (!waitedFor.has(this.kind()) && !this.is('<EOF>')) this.position++;
  }

  /** No choice begins with the tokens up to the one `ahead`. */
  noViable(ahead: number): never {
    const offending = this.token(ahead);
    const texts = Array.from({ length: ahead + 1 }, (_, i) => this.token(i)).filter(({ kind }) => kind !== '<EOF>');
    const first = texts[0];
    const last = texts.at(-1);
    const input = first === undefined || last === undefined ? '<EOF>' : texts.map(({ text }) => text).join('');
    this.reportSyntax(offending, `no viable alternative at input '${escaped(input)}'`);
    throw new RuleError('no viable alternative');
  }

  report(problem: CelProblem): void {
    this.problems.push(problem);
  }

  /** Gives the expression up. */
  fail(message: string): never {
    this.report({ at: this.token().at, message });
    throw new ParseEnd(message);
  }

  private leaveOut(expected: TokenSet): boolean {
    if (!expected.has(this.kind(1)) || this.is('<EOF>')) return false;
    this.reportUnwanted(expected);
    this.position++;
    this.isRecovering = false;
    return true;
  }

  private reportUnwanted(expected: TokenSet): void {
    const token = this.token();
    this.reportSyntax(token, `extraneous input ${shown(token)} expecting ${listed(expected)}`);
  }

  private mismatch(expected: TokenSet): RuleError {
    const token = this.token();
    this.reportSyntax(token, `mismatched input ${shown(token)} expecting ${listed(expected)}`);
    return new RuleError('mismatched input');
  }

  private reportSyntax({ at }: Token, message: string): void {
    if (!this.isRecovering) this.report({ at, message: `Syntax error: ${message}` });
    this.isRecovering = true;
  }
}

const escaped = (text: string): string => text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');

const shown = ({ text }: Token): string => `'${escaped(text)}'`;

function listed(set: TokenSet): string {
  const kinds = tokenKinds.filter((kind) => set.has(kind));
  return kinds.length === 1 ? (kinds[0] ?? '') : `{${kinds.join(', ')}}`;
}

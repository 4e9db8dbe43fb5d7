const ended = 'unexpected end of JSON input';
const space = /[ \t\r\n]/;
/** encoding/json gives up on what is nested deeper. */
const deepest = 10_000;

type Container = '{' | '[';

/** Finds the first thing wrong with a JSON text and says it in the words of Go's encoding/json scanner. */
export class JsonScanner {
  private at = 0;
  /** The containers that are open, outermost first; a stack of its own, because a client chooses how deep it gets. */
  private readonly open: Container[] = [];

  constructor(private readonly text: string) {}

  problem(): string | undefined {
    for (;;) {
      const wrong = this.value();
      if (wrong !== undefined) return wrong;
      const state = this.afterValue();
      if (state === 'done') break;
      if (state !== 'next') return state.wrong;
    }
    this.skipSpace();
    return this.at < this.text.length ? this.unexpected('after top-level value') : undefined;
  }

  /** Reads one scalar, one empty container, or everything up to the first of these. */
  private value(): string | undefined {
    for (;;) {
      this.skipSpace();
      const character = this.text[this.at];
      if (character !== '{' && character !== '[') return this.scalar(character);
      this.at++;
      this.open.push(character);
      if (this.open.length > deepest) return 'exceeded max depth';
      this.skipSpace();
      if (this.take(character === '{' ? '}' : ']')) {
        this.open.pop();
        return undefined;
      }
      if (character === '{') {
        const wrong = this.key();
        if (wrong !== undefined) return wrong;
      }
    }
  }

  private scalar(character: string | undefined): string | undefined {
    if (character === undefined) return ended;
    if (character === '"') return this.string();
    if (character === 't') return this.literal('true');
    if (character === 'f') return this.literal('false');
    if (character === 'n') return this.literal('null');
    if (character === '-' || isDigit(character)) return this.number();
    return this.unexpected('looking for beginning of value');
  }

  private key(): string | undefined {
    this.skipSpace();
    if (this.text[this.at] === undefined) return ended;
    if (this.text[this.at] !== '"') return this.unexpected('looking for beginning of object key string');
    const wrong = this.string();
    if (wrong !== undefined) return wrong;
    this.skipSpace();
    if (this.text[this.at] === undefined) return ended;
    return this.take(':') ? undefined : this.unexpected('after object key');
  }

  /** Closes what ends here; `next` when another value must follow. */
  private afterValue(): 'done' | 'next' | { readonly wrong: string } {
    for (;;) {
      const container = this.open.at(-1);
      if (container === undefined) return 'done';
      this.skipSpace();
      if (this.text[this.at] === undefined) return { wrong: ended };
      if (this.take(container === '{' ? '}' : ']')) {
        this.open.pop();
        continue;
      }
      if (!this.take(','))
        return { wrong: this.unexpected(container === '{' ? 'after object key:value pair' : 'after array element') };
      const wrong = container === '{' ? this.key() : undefined;
      return wrong === undefined ? 'next' : { wrong };
    }
  }

  private string(): string | undefined {
    this.at++;
    for (;;) {
      const character = this.text[this.at];
      if (character === undefined) return ended;
      if (character === '"') {
        this.at++;
        return undefined;
      }
      if (character < ' ') return this.unexpected('in string literal');
      this.at++;
      if (character !== '\\') continue;
      const escape = this.text[this.at];
      if (escape === undefined) return ended;
      if (!'"\\/bfnrtu'.includes(escape)) return this.unexpected('in string escape code');
      this.at++;
      if (escape !== 'u') continue;
      for (let digit = 0; digit < 4; digit++, this.at++) {
        const hex = this.text[this.at];
        if (hex === undefined) return ended;
        if (!/[0-9a-fA-F]/.test(hex)) return this.unexpected('in \\u hexadecimal character escape');
      }
    }
  }

  private number(): string | undefined {
    if (this.take('-')) {
      const digit = this.text[this.at];
      if (digit === undefined) return ended;
      if (!isDigit(digit)) return this.unexpected('in numeric literal');
    }
    if (!this.take('0')) this.digits();
    if (this.take('.')) {
      const wrong = this.needDigit('after decimal point in numeric literal');
      if (wrong !== undefined) return wrong;
    }
    if (this.take('e') || this.take('E')) {
      if (!this.take('+')) this.take('-');
      return this.needDigit('in exponent of numeric literal');
    }
    return undefined;
  }

  private needDigit(where: string): string | undefined {
    const digit = this.text[this.at];
    if (digit === undefined) return ended;
    if (!isDigit(digit)) return this.unexpected(where);
    this.digits();
    return undefined;
  }

  private digits(): void {
    while (isDigit(this.text[this.at] ?? '')) this.at++;
  }

  private literal(word: string): string | undefined {
    for (let index = 0; index < word.length; index++, this.at++) {
      const character = this.text[this.at];
      if (character === undefined) return ended;
      const expected = word.charAt(index);
      if (character !== expected) return this.unexpected(`in literal ${word} (expecting '${expected}')`);
    }
    return undefined;
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private skipSpace(): void {
    while (this.at < this.text.length && space.test(this.text.charAt(this.at))) this.at++;
  }

  private unexpected(where: string): string {
    const character = String.fromCodePoint(this.text.codePointAt(this.at) ?? 0);
    const quoted =
      character === "'" ? "'\\''" : character === '"' ? `'"'` : `'${JSON.stringify(character).slice(1, -1)}'`;
    return `invalid character ${quoted} ${where}`;
  }
}

const isDigit = (character: string): boolean => character >= '0' && character <= '9';

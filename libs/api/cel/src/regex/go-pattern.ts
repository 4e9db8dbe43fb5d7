import { character, GoPatternError, readClass, readEscape, refusal } from './go-pattern-class';
import { type CharacterTest, findMatch, type Match, type Position, runProgram, type Step } from './go-pattern-program';

/** What a pattern is to Go's `regexp`: a matcher, or why it is none. */
export type GoPattern =
  | {
      readonly matches: (text: string) => boolean;
      /** The first match from a place on, as Go's `FindStringIndex` prefers it; places are those of UTF-16. */
      readonly find: (text: string, from: number) => Match | undefined;
      /** How many steps its automaton has: what a character of a text can cost at most. */
      readonly size: number;
      readonly problem?: never;
    }
  | { readonly problem: string; readonly matches?: never };

/** `regexp.Compile`: RE2's syntax, with Go's words for what is none, and matched in linear time as there. */
export function compileGoPattern(pattern: string): GoPattern {
  try {
    const reader = new PatternReader(pattern);
    const start = reader.readAll();
    const { steps } = reader;
    return {
      matches: (text) => runProgram(steps, start, text),
      find: (text, from) => findMatch(steps, start, text, from),
      size: steps.length,
    };
  } catch (error) {
    if (error instanceof GoPatternError) return { problem: `error parsing regexp: ${error.message}` };
    throw error;
  }
}

/** Makes the steps of a part, given where to go on; a part that is repeated is made as often as it can be there. */
type Part = (next: number) => number;

interface Flags {
  readonly foldsCase: boolean;
  readonly isMultiline: boolean;
  readonly dotTakesLines: boolean;
}

const mostRepeats = 1000;
/** Go allows millions; nobody writes so many, and each costs time at every character. */
const mostSteps = 20_000;
const deepest = 1000;

class PatternReader {
  readonly steps: Step[] = [];
  private at = 0;
  private depth = 0;
  private flags: Flags = { foldsCase: false, isMultiline: false, dotTakesLines: false };

  constructor(private readonly pattern: string) {}

  readAll(): number {
    const part = this.readAlternatives();
    if (this.at < this.pattern.length) throw refusal('unexpected )', this.pattern);
    return part(this.add({ op: 'match' }));
  }

  private add(step: Step): number {
    if (this.steps.length >= mostSteps) throw refusal('expression too large', this.pattern);
    return this.steps.push(step) - 1;
  }

  private readAlternatives(): Part {
    const parts = [this.readSequence()];
    while (this.pattern.charAt(this.at) === '|') {
      this.at++;
      parts.push(this.readSequence());
    }
    return (next) =>
      parts.map((part) => part(next)).reduceRight((other, start) => this.add({ op: 'fork', next: start, other }));
  }

  private readSequence(): Part {
    const parts: Part[] = [];
    for (let c = this.pattern.charAt(this.at); c !== '' && c !== '|' && c !== ')'; c = this.pattern.charAt(this.at)) {
      const atom = this.readAtom();
      if (atom !== undefined) parts.push(this.readRepetition(atom));
    }
    return (next) => parts.reduceRight((after, part) => part(after), next);
  }

  private tail(): string {
    return this.pattern.slice(this.at);
  }

  /** Undefined for flags, which are not repeated. */
  private readAtom(): Part | undefined {
    const tail = this.tail();
    switch (tail.charAt(0)) {
      case '(':
        return this.readGroup(tail);
      case '[':
        return this.readCharacters(readClass(tail, this.flags.foldsCase));
      case '.': {
        const takesLines = this.flags.dotTakesLines;
        return this.readCharacters({ test: (code) => takesLines || code !== 10, length: 1 });
      }
      case '^':
        return this.readPosition(this.flags.isMultiline ? 'lineStart' : 'textStart', 1);
      case '$':
        return this.readPosition(this.flags.isMultiline ? 'lineEnd' : 'textEnd', 1);
      case '\\':
        return this.readEscaped(tail);
      case '*':
      case '+':
      case '?':
        throw refusal('missing argument to repetition operator', repetitionOf(tail)?.text ?? tail.charAt(0));
      case '{': {
        const repetition = repetitionOf(tail);
        if (repetition !== undefined) throw refusal('missing argument to repetition operator', repetition.text);
        break;
      }
      default:
    }
    const code = tail.codePointAt(0) ?? 0;
    return this.readCharacters({ test: character(code, this.flags.foldsCase), length: code > 0xffff ? 2 : 1 });
  }

  private readEscaped(tail: string): Part {
    const position = positions[tail.slice(0, 2)];
    if (position !== undefined) return this.readPosition(position, 2);
    if (!tail.startsWith('\\Q')) return this.readCharacters(readEscape(tail, this.flags.foldsCase));
    const end = tail.indexOf('\\E');
    const text = tail.slice(2, end < 0 ? undefined : end);
    this.at += end < 0 ? tail.length : end + 2;
    const tests = Array.from(text, (c) => character(c.codePointAt(0) ?? 0, this.flags.foldsCase));
    return (next) => tests.reduceRight((after, test) => this.add({ op: 'character', test, next: after }), next);
  }

  private readCharacters({ test, length }: { readonly test: CharacterTest; readonly length: number }): Part {
    this.at += length;
    return (next) => this.add({ op: 'character', test, next });
  }

  private readPosition(position: Position, length: number): Part {
    this.at += length;
    return (next) => this.add({ op: 'position', position, next });
  }

  private readGroup(tail: string): Part | undefined {
    const outside = this.flags;
    if (/^\(\?P?</.test(tail)) this.at += namedGroup(tail).length;
    else if (!tail.startsWith('(?')) this.at++;
    else if (this.readFlags(tail) === 'flags') return undefined;
    if (++this.depth > deepest) throw refusal('expression nests too deeply', this.pattern);
    const part = this.readAlternatives();
    if (this.pattern.charAt(this.at) !== ')') throw refusal('missing closing )', this.pattern);
    this.at++;
    this.depth--;
    this.flags = outside;
    return part;
  }

  /** `(?i)` holds until the end of the group around it, `(?i:` begins one. */
  private readFlags(tail: string): 'flags' | 'group' {
    const match = /^\(\?([imsU]*)(-[imsU]+)?([:)])/.exec(tail);
    if (match === null) {
      const read = /^\(\?[imsU]*(?:-[imsU]*)?[^]?/u.exec(tail)?.[0] ?? tail;
      throw read === tail && /[imsU?-]$/.test(read)
        ? refusal('missing closing )', this.pattern)
        : refusal('invalid or unsupported Perl syntax', read);
    }
    const [text, on = '', off = '', end] = match;
    const flag = (letter: string, was: boolean): boolean => (was || on.includes(letter)) && !off.includes(letter);
    this.flags = {
      foldsCase: flag('i', this.flags.foldsCase),
      isMultiline: flag('m', this.flags.isMultiline),
      dotTakesLines: flag('s', this.flags.dotTakesLines),
    };
    this.at += text.length;
    return end === ')' ? 'flags' : 'group';
  }

  private readRepetition(part: Part): Part {
    const repetition = repetitionOf(this.tail());
    if (repetition === undefined) return part;
    const { text, min, max, isLazy } = repetition;
    this.at += text.length;
    const more = repetitionOf(this.tail());
    if (more !== undefined) throw refusal('invalid nested repetition operator', text + more.text);
    if (min > mostRepeats || (max ?? 0) > mostRepeats || (max !== undefined && max < min))
      throw refusal('invalid repeat count', text.replace(/\?$/, ''));
    return (next) => this.repeat(part, { min, max, isLazy }, next);
  }

  private repeat(part: Part, { min, max, isLazy }: Omit<Repetition, 'text'>, next: number): number {
    /** Once more first, or going on first. */
    const fork = (more: number): Step => ({
      op: 'fork',
      next: isLazy ? next : more,
      other: isLazy ? more : next,
    });
    let start = next;
    if (max === undefined) {
      start = this.add(fork(next));
      this.steps[start] = fork(part(start));
    } else for (let i = min; i < max; i++) start = this.add(fork(part(start)));
    for (let i = 0; i < min; i++) start = part(start);
    return start;
  }
}

const positions: Readonly<Record<string, Position>> = {
  '\\A': 'textStart',
  '\\z': 'textEnd',
  '\\b': 'boundary',
  '\\B': 'noBoundary',
};

interface Repetition {
  readonly text: string;
  readonly min: number;
  /** Undefined: as often as there is. */
  readonly max: number | undefined;
  /** Rather less often. */
  readonly isLazy: boolean;
}

function repetitionOf(tail: string): Repetition | undefined {
  const match = /^(?:([*+?])|\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\})\??/.exec(tail);
  if (match === null) return undefined;
  const [text, sign, low, comma, high] = match;
  const isLazy = text.length > 1 && text.endsWith('?');
  if (sign !== undefined) return { text, min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : undefined, isLazy };
  const min = Number(low);
  return { text, min, max: comma === undefined ? min : high === undefined ? undefined : Number(high), isLazy };
}

function namedGroup(tail: string): string {
  const opening = /^\(\?P?<([^>]*)>/.exec(tail);
  if (opening === null) throw refusal('invalid named capture', tail);
  if (!/^\w+$/.test(opening[1] ?? '')) throw refusal('invalid named capture', opening[0]);
  return opening[0];
}

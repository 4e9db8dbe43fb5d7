import type { CharacterTest } from './go-pattern-program';

/** Why a pattern is none, as Go says it. */
export class GoPatternError extends Error {
  readonly code = 'GoPattern';
}

export const refusal = (reason: string, text: string): GoPatternError => new GoPatternError(`${reason}: \`${text}\``);

/** What was read and how long it is. */
interface Piece {
  readonly test: CharacterTest;
  readonly length: number;
  /** The character when it is just one. */
  readonly single?: number;
}

const oneOf =
  (set: RegExp): CharacterTest =>
  (code) =>
    set.test(String.fromCodePoint(code));

const not =
  (test: CharacterTest): CharacterTest =>
  (code) =>
    !test(code);

const perl: Readonly<Record<string, CharacterTest>> = {
  d: oneOf(/^[0-9]$/),
  s: oneOf(/^[\t\n\f\r ]$/),
  w: oneOf(/^[0-9A-Za-z_]$/),
};

const named: Readonly<Record<string, CharacterTest>> = {
  alnum: oneOf(/^[0-9A-Za-z]$/),
  alpha: oneOf(/^[A-Za-z]$/),
  ascii: (code) => code < 128,
  blank: oneOf(/^[\t ]$/),
  cntrl: (code) => code < 32 || code === 127,
  digit: oneOf(/^[0-9]$/),
  graph: oneOf(/^[!-~]$/),
  lower: oneOf(/^[a-z]$/),
  print: oneOf(/^[ -~]$/),
  punct: oneOf(/^[!-/:-@[-`{-~]$/),
  space: oneOf(/^[\t\n\v\f\r ]$/),
  upper: oneOf(/^[A-Z]$/),
  word: oneOf(/^[0-9A-Za-z_]$/),
  xdigit: oneOf(/^[0-9A-Fa-f]$/),
};

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** What stands for itself, or for the other case of itself too. */
export function character(code: number, foldsCase: boolean): CharacterTest {
  if (!foldsCase) return (other) => other === code;
  const folded = fold(code);
  return (other) => other === code || fold(other) === folded;
}

const fold = (code: number): string => String.fromCodePoint(code).toUpperCase().toLowerCase();

/** An escape, in a class or outside of one; what only stands outside (`\b`, `\A`) is not read here. */
export function readEscape(tail: string, foldsCase: boolean): Piece {
  const c = tail.charAt(1);
  if (c === '') throw refusal('trailing backslash at end of expression', '');
  const set = perl[c.toLowerCase()];
  if (set !== undefined) return { test: c === c.toLowerCase() ? set : not(set), length: 2 };
  if (c === 'p' || c === 'P') return readProperty(tail);
  const single = (code: number, length: number): Piece => ({ test: character(code, foldsCase), length, single: code });
  const hex = /^\\x(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2}))/.exec(tail);
  if (hex !== null) {
    const code = Number.parseInt(hex[1] ?? hex[2] ?? '', 16);
    if (code <= 0x10ffff) return single(code, hex[0].length);
  }
  // A digit alone would refer back to a group.
  const octal = /^\\(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(tail)?.[0];
  if (octal !== undefined) return single(Number.parseInt(octal.slice(1), 8), octal.length);
  const control = Object.hasOwn(controls, c) ? controls[c] : undefined;
  if (control !== undefined) return single(control, 2);
  if (/[0-9A-Za-z]/.test(c) || c > '\u007f')
    throw refusal('invalid escape sequence', `\\${String.fromCodePoint(tail.codePointAt(1) ?? 0)}`);
  return single(c.charCodeAt(0), 2);
}

function readProperty(tail: string): Piece {
  const match = /^\\([pP])(?:\{(\^?)(\w+)\}|(\w))/.exec(tail);
  if (match === null) throw refusal('invalid character class range', tail.slice(0, 2));
  const [text, letter, caret, long, short] = match;
  const name = long ?? short ?? '';
  let test: CharacterTest;
  try {
    test = name === 'Any' ? () => true : oneOf(new RegExp(`^\\p{${name.length > 2 ? `Script=${name}` : name}}$`, 'u'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw refusal('invalid character class range', text);
  }
  return { test: (letter === 'P') !== (caret === '^') ? not(test) : test, length: text.length };
}

/** `[…]`. */
export function readClass(tail: string, foldsCase: boolean): Piece {
  let i = 1;
  const isNegated = tail.charAt(i) === '^';
  if (isNegated) i++;
  const tests: CharacterTest[] = [];
  for (let isFirst = true; isFirst || tail.charAt(i) !== ']'; isFirst = false) {
    if (i >= tail.length) throw refusal('missing closing ]', tail);
    const posix = /^\[:(\^?)(\w+):\]/.exec(tail.slice(i));
    if (posix !== null) {
      const test = Object.hasOwn(named, posix[2] ?? '') ? named[posix[2] ?? ''] : undefined;
      if (test === undefined) throw refusal('invalid character class range', posix[0]);
      tests.push(posix[1] === '^' ? not(test) : test);
      i += posix[0].length;
      continue;
    }
    const low = readOne(tail.slice(i), foldsCase);
    const start = i;
    i += low.length;
    const isRange = low.single !== undefined && tail.charAt(i) === '-' && !['', ']'].includes(tail.charAt(i + 1));
    if (!isRange || low.single === undefined) {
      tests.push(low.test);
      continue;
    }
    const high = readOne(tail.slice(i + 1), foldsCase);
    i += 1 + high.length;
    if (high.single === undefined || high.single < low.single)
      throw refusal('invalid character class range', tail.slice(start, i));
    tests.push(range(low.single, high.single, foldsCase));
  }
  const isIn: CharacterTest = (code) => tests.some((test) => test(code));
  return { test: isNegated ? not(isIn) : isIn, length: i + 1 };
}

function range(low: number, high: number, foldsCase: boolean): CharacterTest {
  const isIn: CharacterTest = (code) => code >= low && code <= high;
  if (!foldsCase) return isIn;
  return (code) => {
    const text = String.fromCodePoint(code);
    return isIn(code) || isIn(text.toLowerCase().codePointAt(0) ?? 0) || isIn(text.toUpperCase().codePointAt(0) ?? 0);
  };
}

function readOne(tail: string, foldsCase: boolean): Piece {
  if (tail.startsWith('\\')) return readEscape(tail, foldsCase);
  const code = tail.codePointAt(0) ?? 0;
  return { test: character(code, foldsCase), length: code > 0xffff ? 2 : 1, single: code };
}

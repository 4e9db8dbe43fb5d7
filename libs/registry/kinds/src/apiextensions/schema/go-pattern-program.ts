/** What a character must be. */
export type CharacterTest = (code: number) => boolean;

/** What must hold between two characters. */
export type Position = 'textStart' | 'textEnd' | 'lineStart' | 'lineEnd' | 'boundary' | 'noBoundary';

/** One step of a Thompson automaton; `next` and `other` are indexes. */
export type Step =
  | { readonly op: 'character'; readonly test: CharacterTest; next: number }
  | { readonly op: 'position'; readonly position: Position; next: number }
  | { readonly op: 'fork'; next: number; other: number }
  | { readonly op: 'match' };

const isWord = (code: number | undefined): boolean =>
  code !== undefined && code < 128 && /\w/.test(String.fromCharCode(code));

function holds(position: Position, before: number | undefined, after: number | undefined): boolean {
  switch (position) {
    case 'textStart':
      return before === undefined;
    case 'textEnd':
      return after === undefined;
    case 'lineStart':
      return before === undefined || before === 10;
    case 'lineEnd':
      return after === undefined || after === 10;
    case 'boundary':
      return isWord(before) !== isWord(after);
    case 'noBoundary':
      return isWord(before) === isWord(after);
  }
}

/**
 * Whether a program matches anywhere in a text: all threads advance together, so that the time grows with the text and never with
 * the ways to match it. Patterns come from clients, and an engine that backtracks could be held up by one for ever.
 */
export function runProgram(steps: readonly Step[], start: number, text: string): boolean {
  let threads: number[] = [];
  let next: number[] = [];
  // The position at which a step was last added: a set that need not be emptied.
  const seen = new Int32Array(steps.length).fill(-1);
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  for (let i = 0; ; i++) {
    const [before, after] = [codes[i - 1], codes[i]];
    const stack = [start];
    const pending = threads;
    threads = [];
    for (let t = pending.length - 1; t >= 0; t--) stack.push(pending[t] ?? 0);
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (seen[at] === i) continue;
      seen[at] = i;
      const step = steps[at];
      switch (step?.op) {
        case 'match':
          return true;
        case 'fork':
          stack.push(step.other, step.next);
          break;
        case 'position':
          if (holds(step.position, before, after)) stack.push(step.next);
          break;
        case 'character':
          threads.push(at);
          break;
        case undefined:
          break;
      }
    }
    if (after === undefined) return false;
    next = [];
    for (const at of threads) {
      const step = steps[at];
      if (step?.op === 'character' && step.test(after)) next.push(step.next);
    }
    threads = next;
  }
}

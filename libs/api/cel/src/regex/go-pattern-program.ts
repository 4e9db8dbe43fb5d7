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
  const threads: number[] = [];
  const next: number[] = [];
  const stack: number[] = [];
  // The place at which a step was last added: a set that need not be emptied.
  const seen = new Int32Array(steps.length).fill(-1);
  let before: number | undefined;
  for (let i = 0; ;) {
    const after = text.codePointAt(i);
    threads.length = 0;
    next.push(start);
    for (const first of next) {
      stack.push(first);
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
    }
    if (after === undefined) return false;
    next.length = 0;
    for (const at of threads) {
      const step = steps[at];
      if (step?.op === 'character' && step.test(after)) next.push(step.next);
    }
    before = after;
    i += after > 0xffff ? 2 : 1;
  }
}

export interface Match {
  readonly start: number;
  readonly end: number;
  /** How far the text was read to know it. */
  readonly readTo: number;
}

/**
 * The match that begins first, and of those the one that a backtracking engine would find first: threads keep the order of
 * preference, and one that ends cuts off those behind it. As linear as `runProgram`.
 */
export function findMatch(steps: readonly Step[], start: number, text: string, from: number): Match | undefined {
  const seen = new Int32Array(steps.length).fill(-1);
  let threads: Thread[] = [];
  let match: Omit<Match, 'readTo'> | undefined;
  for (let i = from; ;) {
    const after = text.codePointAt(i);
    const before = i === 0 ? undefined : text.charCodeAt(i - 1);
    const pending = threads;
    // A new beginning is the last choice, and none any more when a match has begun earlier.
    if (match === undefined) pending.push({ at: start, begin: i });
    threads = [];
    for (const thread of pending) {
      if (!follow(thread, i, { steps, seen, threads, before, after })) continue;
      match = { start: thread.begin, end: i };
      break;
    }
    if (match !== undefined && (after === undefined || threads.length === 0)) return { ...match, readTo: i };
    if (after === undefined) return undefined;
    const next: Thread[] = [];
    for (const { at, begin } of threads) {
      const step = steps[at];
      if (step?.op === 'character' && step.test(after)) next.push({ at: step.next, begin });
    }
    threads = next;
    i += after > 0xffff ? 2 : 1;
  }
}

interface Thread {
  readonly at: number;
  readonly begin: number;
}

interface Here {
  readonly steps: readonly Step[];
  /** The place at which a step was last come to. */
  readonly seen: Int32Array;
  readonly threads: Thread[];
  readonly before: number | undefined;
  readonly after: number | undefined;
}

/** Adds what a thread waits for; true when it has matched, before those that it would rather do less. */
function follow({ at: first, begin }: Thread, place: number, { steps, seen, threads, before, after }: Here): boolean {
  const stack = [first];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (seen[at] === place) continue;
    seen[at] = place;
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
        threads.push({ at, begin });
        break;
      case undefined:
        break;
    }
  }
  return false;
}

/** One flag of a program, read as pflag reads it. `T` is the type of its value. */
export interface Flag<T> {
  /** What stands for the value in the help; '' for a flag that needs none. */
  readonly placeholder: string;
  readonly initial: T;
  /** What the default looks like in the help; undefined: it is not told. */
  readonly initialText: string | undefined;
  /** `--flag` alone is `--flag=true`; a following word is not its value. */
  readonly isBoolean: boolean;
  readonly shorthand?: string;
  readonly help: string;
  /** What of a value that was given is without effect, for the person at the terminal. */
  doubts?(value: T): readonly string[];
  /** The value of one occurrence. `before` is what earlier occurrences gave. Throws `FlagValueError`. */
  read(text: string, before: T | undefined): T;
}

/** Why a text is no value of a flag: the second half of the sentence that a person reads. */
export class FlagValueError extends Error {
  readonly code = 'FlagValue';

  constructor(message: string) {
    super(message);
    this.name = 'FlagValueError';
  }
}

interface Looks {
  readonly placeholder?: string;
  readonly shorthand?: string;
}

const made = <T>(
  flag: Omit<Flag<T>, 'isBoolean' | 'initialText'> & Partial<Pick<Flag<T>, 'isBoolean' | 'initialText'>>,
): Flag<T> => ({ isBoolean: false, initialText: undefined, ...flag });

/** A text; '' is as good as none. */
export const text = (help: string, initial = '', { placeholder = 'string' }: Looks = {}): Flag<string> =>
  made({
    help,
    placeholder,
    initial,
    initialText: initial === '' ? undefined : JSON.stringify(initial),
    read: (t) => t,
  });

export const file = (help: string): Flag<string> => text(help, '', { placeholder: 'file' });

export const bool = (help: string, initial = false, { shorthand }: Looks = {}): Flag<boolean> =>
  made({
    help,
    placeholder: '',
    initial,
    initialText: initial ? 'true' : undefined,
    isBoolean: true,
    ...(shorthand === undefined ? {} : { shorthand }),
    read: (t) => {
      // As Go's strconv.ParseBool.
      if (/^(1|t|T|TRUE|true|True)$/.test(t)) return true;
      if (/^(0|f|F|FALSE|false|False)$/.test(t)) return false;
      throw new FlagValueError('must be true or false');
    },
  });

export const whole = (
  help: string,
  range: { readonly initial: number; readonly least?: number; readonly most?: number },
  { placeholder = 'int', shorthand }: Looks = {},
): Flag<number> => {
  const { initial, least = 0, most = 2 ** 31 - 1 } = range;
  return made({
    help,
    placeholder,
    initial,
    initialText: String(initial),
    ...(shorthand === undefined ? {} : { shorthand }),
    read: (t) => {
      const n = Number(t);
      if (!/^-?\d+$/.test(t) || n < least || n > most)
        throw new FlagValueError(`must be a whole number from ${String(least)} to ${String(most)}`);
      return n;
    },
  });
};

/** Not negative, with or without a decimal point. */
export const fraction = (help: string, initial: number): Flag<number> =>
  made({
    help,
    placeholder: 'float32',
    initial,
    initialText: String(initial),
    read: (t) => {
      if (!/^\d+(\.\d+)?$/.test(t)) throw new FlagValueError('must be a number that is not negative');
      return Number(t);
    },
  });

/** Of either sign. */
export const float = (help: string, initial: number): Flag<number> =>
  made({
    help,
    placeholder: 'float32',
    initial,
    initialText: initial === 0 ? undefined : String(initial),
    read: (t) => {
      if (!/^-?\d+(\.\d+)?$/.test(t)) throw new FlagValueError('must be a number');
      return Number(t);
    },
  });

/** 0 takes a free one where the server may choose. */
export const port = (help: string, initial: number): Flag<number> => whole(help, { initial, most: 65_535 });

/** Milliseconds, written as Go writes durations: `1h30m`, `15s`, `100ms`. */
export const duration = (help: string, initial: string): Flag<number> =>
  made({ help, placeholder: 'duration', initial: durationMs(initial), initialText: initial, read: durationMs });

/** `a,b` and repeated flags add up. */
export const list = (
  help: string,
  initial: readonly string[] = [],
  { placeholder = 'strings' }: Looks = {},
): Flag<readonly string[]> =>
  made({
    help,
    placeholder,
    initial,
    initialText: initial.length === 0 ? undefined : `[${initial.join(',')}]`,
    read: (t, before = []) => [...before, ...t.split(',').filter((one) => one !== '')],
  });

/** Repeated flags add up; a value is taken as a whole, commas and all. */
export const each = (help: string, { placeholder = 'string' }: Looks = {}): Flag<readonly string[]> =>
  made({
    help,
    placeholder,
    initial: [] as readonly string[],
    read: (t, before = []) => [...before, t],
  });

/** `key=value,key=value`; repeated flags add up. */
export const map = (help: string): Flag<Readonly<Record<string, string>>> =>
  made({
    help,
    placeholder: 'mapStringString',
    initial: {},
    read: (t, before = {}) => {
      const pairs = t.split(',').filter((pair) => pair !== '');
      for (const pair of pairs)
        if (!pair.includes('=')) throw new FlagValueError(`${pair} must be formatted as key=value`);
      const read = pairs.map((pair) => [
        pair.slice(0, pair.indexOf('=')).trim(),
        pair.slice(pair.indexOf('=') + 1).trim(),
      ]);
      return { ...before, ...(Object.fromEntries(read) as Record<string, string>) };
    },
  });

export const choice = <T extends string>(help: string, choices: readonly T[], initial: T): Flag<T> =>
  made({
    help,
    placeholder: choices.join('|'),
    initial,
    initialText: JSON.stringify(initial),
    read: chosenFrom(choices),
  });

/** A choice that is made elsewhere when it is not made here. */
export const oneOf = <T extends string>(help: string, choices: readonly T[]): Flag<T | undefined> =>
  made<T | undefined>({ help, placeholder: choices.join('|'), initial: undefined, read: chosenFrom(choices) });

const chosenFrom =
  <T extends string>(choices: readonly T[]) =>
  (t: string): T => {
    const found = choices.find((one) => one === t);
    if (found === undefined) throw new FlagValueError(`must be one of ${choices.join(', ')}`);
    return found;
  };

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** Go's time.ParseDuration, in milliseconds. Throws `FlagValueError`. */
export function durationMs(written: string): number {
  if (written === '0') return 0;
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(written))
    throw new FlagValueError('must be a duration such as 15s, 1m30s or 100ms');
  let ms = 0;
  for (const [, amount = '', unit = ''] of written.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g))
    ms += Number(amount) * (unitMs[unit] ?? 0);
  return ms;
}

/** `30000-32767`. */
export const portRange = (
  help: string,
  initial: { readonly from: number; readonly to: number },
): Flag<{ readonly from: number; readonly to: number }> =>
  made({
    help,
    placeholder: 'from-to',
    initial,
    initialText: `${String(initial.from)}-${String(initial.to)}`,
    read: (t) => {
      const [, from = NaN, to = NaN] = (/^(\d+)-(\d+)$/.exec(t) ?? []).map(Number);
      if (!(from >= 1 && to >= from && to <= 65_535)) throw new FlagValueError('must be like 30000-32767');
      return { from, to };
    },
  });

import type { Flag } from './flag';

/** Flags by name, under the title of the section that `-h` shows them in; upstream's sections, in upstream's order. */
export type FlagSections = Readonly<Record<string, Readonly<Record<string, Flag<unknown>>>>>;

/** Upstream's flags that mean nothing here: taken, and said to be without effect. */
export interface IdleFlags {
  readonly section: string;
  /** Names between white space; `name?` needs no value. */
  readonly names: string;
  /** What the warning says of them; default: `it has no effect here`. */
  readonly because?: string;
}

/** Flags that would be another thing if they were taken without effect: they are refused by name. */
export interface RefusedFlags {
  readonly section: string;
  /** Names between white space. */
  readonly names: string;
  readonly because: string;
  /** What to do instead. */
  readonly hint: string;
}

export interface FlagTable<S extends FlagSections = FlagSections> {
  /** Upstream's name of the program. */
  readonly program: string;
  readonly about: string;
  readonly sections: S;
  readonly idle: readonly IdleFlags[];
  readonly refused?: readonly RefusedFlags[];
}

/** A flag and what it is worth as `T` says: the table of `S` as one object of values. */
export type FlagValues<S extends FlagSections> = {
  readonly [K in NamesOf<S[keyof S]>]: ValueOf<S[keyof S], K>;
};

type NamesOf<F> = F extends unknown ? keyof F : never;
type ValueOf<F, K extends PropertyKey> = F extends Readonly<Record<K, Flag<infer T>>> ? T : never;

/** What was given on a command line. */
export interface ParsedFlags<S extends FlagSections> {
  /** Defaults where nothing was given. */
  readonly values: FlagValues<S>;
  /** Names of the flags that were given. */
  readonly given: ReadonlySet<string>;
  /** For the person at the terminal: what was taken without effect. */
  readonly warnings: readonly string[];
}

import { OptionError } from '../option-error';
import { type Flag, FlagValueError } from './flag';
import type { FlagSections, FlagTable, FlagValues, ParsedFlags } from './flag-table';

/**
 * Reads a command line as pflag does: `--name=value` or `--name value`, `--name` alone for a boolean, `-v 2`, `-v=2`, `-v2`;
 * `_` in a name is `-`. Throws `OptionError` that names the flag.
 */
export function parseFlags<S extends FlagSections>(table: FlagTable<S>, args: readonly string[]): ParsedFlags<S> {
  const known = flagsOf(table);
  const idle = idleOf(table);
  const values = new Map<string, unknown>([...known].map(([name, flag]) => [name, flag.initial]));
  const given = new Set<string>();
  const warnings = new Set<string>();
  const rest = args.values();

  for (const arg of rest) {
    if (arg === '--') continue;
    if (!/^-./.test(arg)) throw new OptionError(`${table.program} takes no arguments, but was given ${arg}`, seeHelp);
    const found = written(arg, known);
    const { shown } = found;
    const name = found.name.replaceAll('_', '-');
    const flag = known.get(name);
    const without = idle.get(name);
    refuse(table, name, shown);
    if (flag === undefined && without === undefined) throw unknownFlag(shown, [...known.keys(), ...idle.keys()]);
    const isBoolean = flag?.isBoolean ?? without?.isBoolean ?? false;
    let value = found.value;
    if (value === undefined && isBoolean) value = 'true';
    if (value === undefined) {
      const next = rest.next();
      if (next.done === true) throw new OptionError(`flag needs an argument: ${shown}`, seeHelp);
      value = next.value;
    }
    if (flag === undefined) {
      warnings.add(`${shown}: ${without?.because ?? ''}`);
      continue;
    }
    values.set(name, read(flag, shown, value, given.has(name) ? values.get(name) : undefined));
    given.add(name);
  }
  for (const name of given)
    for (const doubt of known.get(name)?.doubts?.(values.get(name)) ?? []) warnings.add(`--${name}: ${doubt}`);
  return { values: Object.fromEntries(values) as FlagValues<S>, given, warnings: [...warnings] };
}

const seeHelp = '--help lists the flags';

function flagsOf(table: FlagTable): Map<string, Flag<unknown>> {
  return new Map(Object.values(table.sections).flatMap((flags) => Object.entries(flags)));
}

function idleOf(table: FlagTable): Map<string, { readonly isBoolean: boolean; readonly because: string }> {
  return new Map(
    table.idle.flatMap(({ names, because = 'it has no effect here' }) =>
      idleNames(names).map(({ name, isBoolean }) => [name, { isBoolean, because }] as const),
    ),
  );
}

function refuse({ refused = [] }: FlagTable, name: string, shown: string): void {
  const row = refused.find(({ names }) => idleNames(names).some((one) => one.name === name));
  if (row !== undefined) throw new OptionError(`${shown}: ${row.because}`, row.hint);
}

/** The names of a text as `IdleFlags` has them. */
export function idleNames(names: string): readonly { readonly name: string; readonly isBoolean: boolean }[] {
  return (names.match(/\S+/g) ?? []).map((word) => ({ name: word.replace('?', ''), isBoolean: word.endsWith('?') }));
}

interface Written {
  readonly name: string;
  readonly value: string | undefined;
  /** As the person wrote it, without the value. */
  readonly shown: string;
}

function written(arg: string, known: ReadonlyMap<string, Flag<unknown>>): Written {
  if (arg.startsWith('--')) {
    const equals = arg.indexOf('=');
    const shown = equals === -1 ? arg : arg.slice(0, equals);
    return { name: shown.slice(2), value: equals === -1 ? undefined : arg.slice(equals + 1), shown };
  }
  const letter = arg.slice(1, 2);
  const value = arg.length === 2 ? undefined : arg.slice(2).replace(/^=/, '');
  const long = [...known].find(([, flag]) => flag.shorthand === letter);
  if (long === undefined) throw unknownFlag(`-${letter}`, []);
  return { name: long[0], value, shown: `-${letter}` };
}

function read(flag: Flag<unknown>, shown: string, value: string, before: unknown): unknown {
  try {
    return flag.read(value, before);
  } catch (cause) {
    if (!(cause instanceof FlagValueError)) throw cause;
    throw new OptionError(`invalid argument ${JSON.stringify(value)} for ${shown}: ${cause.message}`, seeHelp, {
      cause,
    });
  }
}

function unknownFlag(shown: string, names: readonly string[]): OptionError {
  const near = names.filter((name) => isNear(name, shown.slice(2)));
  const hint = near.length === 0 ? seeHelp : `did you mean ${near.map((name) => `--${name}`).join(' or ')}? ${seeHelp}`;
  return new OptionError(`unknown flag: ${shown}`, hint);
}

/** One slip of the finger: a letter more, less, other, or two exchanged. */
function isNear(a: string, b: string): boolean {
  if (b.length < 3 || Math.abs(a.length - b.length) > 1) return false;
  let from = 0;
  while (from < a.length && a[from] === b[from]) from++;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - from && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const [left, right] = [a.slice(from, a.length - tail), b.slice(from, b.length - tail)];
  return left.length + right.length <= 2 || (left.length === 2 && left[0] === right[1] && left[1] === right[0]);
}

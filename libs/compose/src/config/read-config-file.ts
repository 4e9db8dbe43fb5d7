import { readFileSync } from 'node:fs';
import type * as z from 'zod';
import type { FlagSections, FlagValues, ParsedFlags } from '../flags/flag-table';
import { OptionError } from '../option-error';

export interface ConfigKind<T> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly schema: z.ZodType<T>;
  /** Upstream's fields that mean nothing here. */
  readonly idle: ReadonlySet<string>;
  /** What else a file says without effect. */
  readonly doubts?: (values: T) => readonly string[];
}

/** What a file of a program's configuration says. Fields that nobody knows are refused by name; idle ones are warned of. */
export async function readConfigFile<T>(file: string, of: ConfigKind<T>, warn: (line: string) => void): Promise<T> {
  const hint = `it must hold a ${of.kind} of ${of.apiVersion}, in YAML or JSON`;
  let content: unknown;
  try {
    const { parse } = await import('../yaml-text');
    content = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new OptionError(`--config: cannot read ${file}: ${why}`, hint, { cause });
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new OptionError(`--config: ${file} holds no object`, hint);
  const { apiVersion, kind, ...fields } = content as Record<string, unknown>;
  if (apiVersion !== of.apiVersion || kind !== of.kind)
    throw new OptionError(`--config: ${file} is ${told(apiVersion)} ${told(kind)}`, hint);
  for (const name of of.idle) {
    if (!Object.hasOwn(fields, name)) continue;
    delete fields[name];
    warn(`reckon: ${file}: ${name}: it has no effect here`);
  }
  const parsed = of.schema.safeParse(fields);
  if (parsed.success) {
    for (const doubt of of.doubts?.(parsed.data) ?? []) warn(`reckon: ${file}: ${doubt}`);
    return parsed.data;
  }
  const issues = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  throw new OptionError(`--config: ${file}: ${issues.join('; ')}`, hint);
}

const told = (value: unknown): string => (typeof value === 'string' && value !== '' ? value : 'of no version or kind');

/** Flags with what a file says where no flag was given. */
export function overlaid<S extends FlagSections>(
  { values, given }: ParsedFlags<S>,
  fromFile: Partial<FlagValues<S>>,
): FlagValues<S> {
  const said = Object.entries(fromFile).filter(([name, value]) => value !== undefined && !given.has(name));
  return { ...values, ...Object.fromEntries(said) };
}

/** Names between white space. */
export const idleFields = (names: string): ReadonlySet<string> => new Set(names.match(/\S+/g) ?? []);

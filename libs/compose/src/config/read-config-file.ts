import { readFileSync } from 'node:fs';
import type * as z from 'zod';
import type { FlagSections, FlagValues, ParsedFlags } from '../flags/flag-table';
import { OptionError } from '../option-error';

export interface ConfigKind<T> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly schema: z.ZodType<T>;
  /** Upstream's fields that mean nothing here, and what is said of them; `Section.Field` for one of a section. */
  readonly idle: ReadonlyMap<string, string>;
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
  for (const [name, because] of of.idle) if (isTaken(fields, name)) warn(`reckon: ${file}: ${name}: ${because}`);
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

/** Whether the field was there; it is not any more. Sections are copied before they are changed. */
function isTaken(fields: Record<string, unknown>, path: string): boolean {
  const [name = '', ...rest] = path.split('.');
  if (!Object.hasOwn(fields, name)) return false;
  if (rest.length === 0) return delete fields[name];
  const section = fields[name];
  if (typeof section !== 'object' || section === null || Array.isArray(section)) return false;
  const copy = { ...section };
  fields[name] = copy;
  return isTaken(copy, rest.join('.'));
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
export const idleFields = (names: string, because = 'it has no effect here'): ReadonlyMap<string, string> =>
  new Map((names.match(/\S+/g) ?? []).map((name) => [name, because]));

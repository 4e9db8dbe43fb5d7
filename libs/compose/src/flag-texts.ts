import { durationText } from '@reckon/api/machinery';
import type { FlagTable } from './flags/flag-table';

/** Flags and their values without what is secret in them: passwords, and who one is in URLs. */
export const withoutSecrets = (flags: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const { nats, 'nats-password': password } = flags;
  return {
    ...flags,
    ...(typeof nats === 'string' ? { nats: nats.replace(/\/\/[^@/]*@/g, '//…@') } : {}),
    ...(typeof password === 'string' && password !== '' ? { 'nats-password': '…' } : {}),
  };
};

/** The same with durations as Go writes them. */
export function withDurations(table: FlagTable, flags: object): Readonly<Record<string, unknown>> {
  const kinds = new Map(
    Object.values(table.sections).flatMap((section) =>
      Object.entries(section).map(([name, { placeholder }]) => [name, placeholder] as const),
    ),
  );
  const shown = Object.entries(withoutSecrets({ ...flags })).map(([name, value]): [string, unknown] => [
    name,
    kinds.get(name) === 'duration' && typeof value === 'number' ? durationText(value) : value,
  ]);
  return Object.fromEntries(shown);
}

/** What `/flagz` of a program shows. */
export const shownFlags = (table: FlagTable, flags: object): Readonly<Record<string, string>> =>
  flagTexts(withDurations(table, flags));

type FlagValue =
  | string
  | number
  | boolean
  | readonly string[]
  | { readonly from: number; readonly to: number }
  | Readonly<Record<string, string>>
  | undefined;

/** The same as `/flagz` shows them: each value as text, as upstream's flags write theirs. */
export const flagTexts = (flags: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(withoutSecrets(flags)).map(([name, value]) => [name, textOf(value as FlagValue)]));

function textOf(value: FlagValue): string {
  if (value === undefined) return '';
  if (typeof value !== 'object') return String(value);
  // As pflag's lists write themselves.
  if (Array.isArray(value)) return `[${value.join(',')}]`;
  if ('from' in value && typeof value.from === 'number') return `${String(value.from)}-${String(value.to)}`;
  return Object.entries(value)
    .map((pair) => pair.join('='))
    .join(',');
}

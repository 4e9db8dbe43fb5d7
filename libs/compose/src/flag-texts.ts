/** Flags and their values without what is secret in them: passwords, and who one is in URLs. */
export const withoutSecrets = (flags: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const { nats, 'nats-password': password } = flags;
  return {
    ...flags,
    ...(typeof nats === 'string' ? { nats: nats.replace(/\/\/[^@/]*@/g, '//…@') } : {}),
    ...(typeof password === 'string' && password !== '' ? { 'nats-password': '…' } : {}),
  };
};

type FlagValue =
  | string
  | number
  | boolean
  | readonly string[]
  | { readonly from: number; readonly to: number }
  | Readonly<Record<string, string>>
  | undefined;

/** The same as `/flagz` shows them: each value as text, as it could be given. */
export const flagTexts = (flags: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(withoutSecrets(flags)).map(([name, value]) => [name, textOf(value as FlagValue)]));

function textOf(value: FlagValue): string {
  if (value === undefined) return '';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.join(',');
  if ('from' in value && typeof value.from === 'number') return `${String(value.from)}-${String(value.to)}`;
  return Object.entries(value)
    .map((pair) => pair.join('='))
    .join(',');
}

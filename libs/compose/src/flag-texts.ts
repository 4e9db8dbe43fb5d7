/** Flags and their values without what is secret in them: passwords, and who one is in URLs. */
export const withoutSecrets = (flags: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const { nats, 'nats-password': password } = flags;
  return {
    ...flags,
    ...(typeof nats === 'string' ? { nats: nats.replace(/\/\/[^@/]*@/g, '//…@') } : {}),
    ...(typeof password === 'string' && password !== '' ? { 'nats-password': '…' } : {}),
  };
};

/** The same as `/flagz` shows them: each value as text, as it could be given. */
export const flagTexts = (flags: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(withoutSecrets(flags)).map(([name, value]) => [name, textOf(value)]));

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(textOf).join(',');
  if (typeof value !== 'object') return String(value as string | number | boolean);
  // A range of ports.
  return Object.values(value).map(textOf).join('-');
}

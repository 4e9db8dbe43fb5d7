/** What an extender answers, as far as it can be made out. Names of fields count without regard to case, as in Go's decoder. */
export type Fields = (name: string) => unknown;

export class ExtenderAnswerError extends Error {
  readonly code = 'ExtenderAnswer';
  constructor(message: string) {
    super(message);
    this.name = 'ExtenderAnswerError';
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const refuse = (what: string, value: unknown): never => {
  throw new ExtenderAnswerError(`extender answered ${what} that is ${describe(value)}`);
};
const describe = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'an array' : isObject(value) ? 'an object' : `a ${typeof value}`;

/** Null is as good as an object without fields. */
export function fieldsOf(what: string, value: unknown): Fields {
  if (value === null) return () => undefined;
  if (!isObject(value)) return refuse(what, value);
  const byName = new Map(Object.entries(value).map(([name, field]) => [name.toLowerCase(), field]));
  return (name) => byName.get(name.toLowerCase()) ?? undefined;
}

export function readText(what: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : refuse(what, value);
}

export function readList(what: string, value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly unknown[]) : refuse(what, value);
}

export function readInteger(what: string, value: unknown): number {
  if (value === undefined || value === null) return 0;
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : refuse(what, value);
}

/** By name of a node. */
export function readMap(what: string, value: unknown): ReadonlyMap<string, unknown> {
  if (value === undefined || value === null) return new Map();
  return isObject(value) ? new Map(Object.entries(value)) : refuse(what, value);
}

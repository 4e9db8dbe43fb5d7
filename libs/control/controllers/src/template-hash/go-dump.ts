import table from './generated/template-structs.json';
import { intOrStringFields, quantityFields } from './go-values';

interface Field {
  readonly go: string;
  /** `-`: the fields are those of the struct that this one is in. */
  readonly json: string;
  readonly type: string;
}

const named = new Map<string, string>(Object.entries(table.named));
const structs = new Map<string, readonly Field[]>(
  Object.entries(table.structs).map(([name, lines]) => [name, lines.map(fieldOf)]),
);

/** Types whose JSON is not that of their fields. Times stand as zero: nobody dates a template. */
const customFields: Readonly<Record<string, (value: unknown) => unknown>> = {
  'resource.Quantity': quantityFields,
  'intstr.IntOrString': intOrStringFields,
  'meta/v1.Time': () => undefined,
};

/**
 * A JSON value as Go prints the struct that it stands for, absent fields with their zero values: what k8s.io/apimachinery/pkg/util/dump
 * `ForHash` writes (spew's `%#v` with sorted keys and neither methods nor addresses nor capacities). `type` is a struct that a pod
 * template has, as in `core/v1.PodTemplateSpec`. Empty lists and maps are nil, as they are after protobuf.
 */
export function goDump(type: string, value: unknown): string {
  return dump(type, value, true);
}

/** Within a list, a map and behind a pointer the type has been said already. */
function dump(type: string, value: unknown, isTyped: boolean): string {
  const prefix = isTyped ? `(${typeText(type)})` : '';
  if (type.startsWith('*')) {
    if (value === undefined || value === null) return `${prefix}<nil>`;
    return `${isTyped ? prefix : '<*>'}${dump(type.slice(1), value, false)}`;
  }
  return prefix + dumpUntyped(named.get(type) ?? type, value);
}

function dumpUntyped(type: string, value: unknown): string {
  const fields = structs.get(type);
  if (fields !== undefined) return dumpStruct(fields, (customFields[type]?.(value) ?? value ?? {}) as Json);
  if (type.startsWith('[]')) return dumpList(type.slice(2), value);
  if (type.startsWith('map[')) return dumpMap(type.slice(type.indexOf(']') + 1), value);
  if (type === 'string') return (value as string | undefined) ?? '';
  if (type === 'bool') return String((value as boolean | undefined) ?? false);
  return String((value as number | undefined) ?? 0);
}

type Json = Readonly<Record<string, unknown>>;

function dumpStruct(fields: readonly Field[], value: Json): string {
  const parts = fields.map(({ go, json, type }) => {
    const member = json === '-' ? value : Object.hasOwn(value, json) ? value[json] : undefined;
    return `${go}:${dump(type, member, true)}`;
  });
  return `{${parts.join(' ')}}`;
}

function dumpList(type: string, value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return '<nil>';
  return `[${value.map((item) => dump(type, item, false)).join(' ')}]`;
}

function dumpMap(type: string, value: unknown): string {
  const entries = Object.entries((value ?? {}) as Json).sort(([a], [b]) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  if (entries.length === 0) return '<nil>';
  return `map[${entries.map(([key, item]) => `${key}:${dump(type, item, false)}`).join(' ')}]`;
}

/** Go says only the last part of a package's path. */
const typeText = (type: string): string => type.replace(/[\w.]+\//g, '');

function fieldOf(line: string): Field {
  const [go = '', json = '', type = ''] = line.split(' ');
  return { go, json, type };
}

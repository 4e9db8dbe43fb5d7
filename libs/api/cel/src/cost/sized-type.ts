import type { CelSchema } from '../scope/schema-environment';
import { escapeName } from '../scope/escape-name';

/** How large the values of a type can be: characters, bytes, elements or entries. */
export interface SizedType {
  readonly maxElements: number;
  /** The least that a value takes as JSON: what bounds how often it can be in a request. */
  readonly minSerializedSize: number;
  readonly key?: SizedType;
  /** Of lists and maps. */
  readonly element?: SizedType;
  /** By the names that expressions use. */
  readonly fields?: ReadonlyMap<string, SizedType>;
  /** Of maps whose keys are used as fields. */
  readonly anyField?: SizedType;
}

/** apiserver/pkg/cel `MaxRequestSizeBytes`, and the least that values take. */
const maxRequestSize = 3 * 1024 * 1024;
const dateSize = 12;
const timeSize = 32;
const minTimeSize = 21;
const minDurationSize = 3;
const minTextSize = 2;
const bytesPerCharacter = 4;

/** A schema with the bounds that it sets. */
export interface BoundedSchema extends CelSchema {
  readonly maxLength?: number | bigint;
  readonly maxItems?: number | bigint;
  readonly maxProperties?: number | bigint;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, BoundedSchema>>;
  readonly additionalProperties?: BoundedSchema | boolean;
  readonly items?: BoundedSchema | readonly BoundedSchema[];
}

const textSize: SizedType = { maxElements: maxRequestSize - 2, minSerializedSize: minTextSize };

/** How often a value that takes at least so much can be in one request. */
export const maxCardinality = (minSerializedSize: number): number =>
  Math.floor(maxRequestSize / (minSerializedSize + 1));

/** apiserver/pkg/cel/common `SchemaDeclType`: the sizes of it. Undefined where expressions see nothing. */
export function sizedType(schema: BoundedSchema, isResource: boolean): SizedType | undefined {
  if (schema['x-kubernetes-int-or-string'] === true)
    return { maxElements: textBound(schema) ?? maxRequestSize - 2, minSerializedSize: 1 };
  switch (schema.type) {
    case 'array':
      return sizedList(schema);
    case 'object':
      return typeof schema.additionalProperties === 'object'
        ? sizedMap(schema, schema.additionalProperties)
        : sizedObject(schema, isResource);
    case 'string':
      return sizedText(schema);
    case 'boolean':
      return { maxElements: 0, minSerializedSize: 4 };
    case 'number':
    case 'integer':
      return { maxElements: 0, minSerializedSize: 1 };
    default:
      return undefined;
  }
}

const inner = (schema: BoundedSchema): SizedType | undefined =>
  sizedType(schema, schema['x-kubernetes-embedded-resource'] === true);

const bound = (most: number | bigint | undefined): number | undefined =>
  most === undefined ? undefined : Math.max(0, Number(most));

/** A character can be as many bytes. */
function textBound({ maxLength }: BoundedSchema): number | undefined {
  const most = bound(maxLength);
  return most === undefined ? undefined : most * bytesPerCharacter;
}

function sizedText(schema: BoundedSchema): SizedType {
  switch (schema.format) {
    case 'byte':
      return { maxElements: bound(schema.maxLength) ?? maxRequestSize - 2, minSerializedSize: minTextSize };
    case 'duration':
      return { maxElements: timeSize, minSerializedSize: minDurationSize };
    case 'date':
      return { maxElements: dateSize, minSerializedSize: dateSize };
    case 'date-time':
      return { maxElements: timeSize, minSerializedSize: minTimeSize };
    default: {
      const longest = (schema.enum ?? []).map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0));
      const maxElements = textBound(schema) ?? (longest.length > 0 ? Math.max(...longest) : textSize.maxElements);
      return { maxElements, minSerializedSize: minTextSize };
    }
  }
}

function sizedList({ items, maxItems }: BoundedSchema): SizedType | undefined {
  const element = items === undefined || Array.isArray(items) ? undefined : inner(items as BoundedSchema);
  if (element === undefined) return undefined;
  const most = bound(maxItems) ?? Math.floor((maxRequestSize - 2) / (element.minSerializedSize + 1));
  return { maxElements: most, minSerializedSize: 2, element };
}

/** An entry takes two quotes, a colon and a comma beside its value, and something for its key. */
const entrySize = 6;

function sizedMap({ maxProperties }: BoundedSchema, values: BoundedSchema): SizedType | undefined {
  const element = inner(values);
  if (element === undefined) return undefined;
  const most = bound(maxProperties) ?? Math.floor((maxRequestSize - 2) / (element.minSerializedSize + entrySize));
  return { maxElements: most, minSerializedSize: 2, key: keySize, element };
}

/** Nothing bounds a key. */
const keySize: SizedType = { maxElements: 0, minSerializedSize: minTextSize };

function sizedObject(schema: BoundedSchema, isResource: boolean): SizedType {
  const fields = new Map<string, SizedType>();
  let minSerializedSize = 2;
  for (const [raw, property] of Object.entries(schema.properties ?? {})) {
    const type = inner(property);
    if (type === undefined) continue;
    const name = escapeName(raw);
    if (name !== undefined) fields.set(name, type);
    // Quotes, colon and comma; what has a default need not be sent.
    if (schema.required?.includes(raw) === true && property.default === undefined)
      minSerializedSize += Buffer.byteLength(raw) + type.minSerializedSize + 4;
  }
  if (isResource && !fields.has('metadata')) {
    const names = new Map([
      ['name', textSize],
      ['generateName', textSize],
    ]);
    fields.set('metadata', { maxElements: 0, minSerializedSize: 2, fields: names });
    fields.set('kind', textSize);
    fields.set('apiVersion', textSize);
  }
  return { maxElements: 0, minSerializedSize, fields };
}

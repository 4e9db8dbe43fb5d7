import { additionalSchemaOf, itemSchemaOf, type JsonSchema } from './json-schema';

/**
 * The fields of upstream's internal JSONSchemaProps (pkg/apis/apiextensions/types_jsonschema.go) in its order, each with the name
 * that clients know: messages about a whole schema print it, and the first field that may not be there, so.
 */
export const internalSchemaFields = [
  ['ID', 'id', 'text'],
  ['Schema', '$schema', 'text'],
  ['Ref', '$ref', 'pointer'],
  ['Description', 'description', 'text'],
  ['Type', 'type', 'text'],
  ['Nullable', 'nullable', 'flag'],
  ['Format', 'format', 'text'],
  ['Title', 'title', 'text'],
  ['Default', 'default', 'pointer'],
  ['Maximum', 'maximum', 'pointer'],
  ['ExclusiveMaximum', 'exclusiveMaximum', 'flag'],
  ['Minimum', 'minimum', 'pointer'],
  ['ExclusiveMinimum', 'exclusiveMinimum', 'flag'],
  ['MaxLength', 'maxLength', 'pointer'],
  ['MinLength', 'minLength', 'pointer'],
  ['Pattern', 'pattern', 'text'],
  ['MaxItems', 'maxItems', 'pointer'],
  ['MinItems', 'minItems', 'pointer'],
  ['UniqueItems', 'uniqueItems', 'flag'],
  ['MultipleOf', 'multipleOf', 'pointer'],
  ['Enum', 'enum', 'pointer'],
  ['MaxProperties', 'maxProperties', 'pointer'],
  ['MinProperties', 'minProperties', 'pointer'],
  ['Required', 'required', 'pointer'],
  ['Items', 'items', 'schemaOrArray'],
  ['AllOf', 'allOf', 'schemas'],
  ['OneOf', 'oneOf', 'schemas'],
  ['AnyOf', 'anyOf', 'schemas'],
  ['Not', 'not', 'schema'],
  ['Properties', 'properties', 'schemaMap'],
  ['AdditionalProperties', 'additionalProperties', 'schemaOrBool'],
  ['PatternProperties', 'patternProperties', 'schemaMap'],
  ['Dependencies', 'dependencies', 'dependencies'],
  ['AdditionalItems', 'additionalItems', 'schemaOrBool'],
  ['Definitions', 'definitions', 'schemaMap'],
  ['ExternalDocs', 'externalDocs', 'docs'],
  ['Example', 'example', 'pointer'],
  ['XPreserveUnknownFields', 'x-kubernetes-preserve-unknown-fields', 'pointer'],
  ['XEmbeddedResource', 'x-kubernetes-embedded-resource', 'flag'],
  ['XIntOrString', 'x-kubernetes-int-or-string', 'flag'],
  ['XListMapKeys', 'x-kubernetes-list-map-keys', 'pointer'],
  ['XListType', 'x-kubernetes-list-type', 'pointer'],
  ['XMapType', 'x-kubernetes-map-type', 'pointer'],
  ['XValidations', 'x-kubernetes-validations', 'rules'],
] as const satisfies readonly (readonly [string, keyof JsonSchema, string])[];

type Form = (typeof internalSchemaFields)[number][2];

/** Whether Go would see the zero value: pointers count when they are there at all. */
export function isUnset(schema: JsonSchema, field: keyof JsonSchema): boolean {
  const value = schema[field];
  return value === undefined || value === '' || (value === false && isFlag(field));
}

const flags: ReadonlySet<keyof JsonSchema> = new Set(
  internalSchemaFields.filter(([, , form]) => form === 'flag').map(([, name]) => name),
);
const isFlag = (field: keyof JsonSchema): boolean => flags.has(field);

/** A schema as `%v` of the internal type in JSON. */
export function internalSchema(schema: JsonSchema): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, field, form] of internalSchemaFields) out[name] = forms[form](schema[field], schema);
  return out;
}

const forms: Readonly<Record<Form, (value: unknown, schema: JsonSchema) => unknown>> = {
  text: (value) => value ?? '',
  flag: (value) => value ?? false,
  pointer: (value) => value ?? null,
  schema: (value) => (value === undefined ? null : internalSchema(value as JsonSchema)),
  schemas: (value) => (value === undefined ? null : (value as JsonSchema[]).map(internalSchema)),
  schemaMap: (value) => (value === undefined ? null : internalMap(value as Record<string, JsonSchema>)),
  schemaOrArray: (value, schema) => (value === undefined ? null : internalItems(schema)),
  schemaOrBool: (value, schema) => {
    if (value === undefined) return null;
    if (typeof value === 'boolean') return { Allows: value, Schema: null };
    return { Allows: true, Schema: internalSchema(additionalSchemaOf(schema) ?? (value as JsonSchema)) };
  },
  dependencies: (value) => {
    if (value === undefined) return null;
    return mapValues(value as Record<string, JsonSchema | string[]>, (item) =>
      Array.isArray(item) ? { Schema: null, Property: item } : { Schema: internalSchema(item), Property: null },
    );
  },
  docs: (value) => {
    if (value === undefined) return null;
    const { description = '', url = '' } = value as { description?: string; url?: string };
    return { Description: description, URL: url };
  },
  rules: (value) => (value === undefined ? null : (value as Rule[]).map(internalRule)),
};

type Rule = NonNullable<JsonSchema['x-kubernetes-validations']>[number];

/** One rule as messages print it. */
export function internalRule(rule: Rule): Record<string, unknown> {
  return {
    Rule: rule.rule,
    Message: rule.message ?? '',
    MessageExpression: rule.messageExpression ?? '',
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  };
}

export function internalItems(schema: JsonSchema): Record<string, unknown> {
  const item = itemSchemaOf(schema);
  return item
    ? { Schema: internalSchema(item), JSONSchemas: null }
    : { Schema: null, JSONSchemas: (schema.items as JsonSchema[]).map(internalSchema) };
}

const internalMap = (map: Record<string, JsonSchema>): Record<string, unknown> => mapValues(map, internalSchema);

const mapValues = <T>(map: Record<string, T>, form: (value: T) => unknown): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(map)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, form(value)]),
  );

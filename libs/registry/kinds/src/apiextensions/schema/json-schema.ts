import type { apiextensionsv1 } from '@reckon/api/types';

/** A schema as a definition holds it. */
export type JsonSchema = apiextensionsv1.JSONSchemaProps;

/** The union `items`, as upstream's internal JSONSchemaPropsOrArray tells it apart. */
export const itemSchemaOf = ({ items }: JsonSchema): JsonSchema | undefined =>
  items === undefined || Array.isArray(items) ? undefined : items;

export const itemSchemasOf = ({ items }: JsonSchema): readonly JsonSchema[] => (Array.isArray(items) ? items : []);

/** The schema of `additionalProperties`; undefined when it is a mere yes or no. */
export const additionalSchemaOf = ({ additionalProperties }: JsonSchema): JsonSchema | undefined =>
  typeof additionalProperties === 'object' ? additionalProperties : undefined;

/** The schema of one property; names come from clients, so nothing inherited is one. */
export function propertyOf(schema: JsonSchema, name: string): JsonSchema | undefined {
  const { properties } = schema;
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

export const propertiesOf = ({ properties }: JsonSchema): readonly [string, JsonSchema][] =>
  properties === undefined ? [] : Object.entries(properties);

/** All schemas directly inside, whatever they are there for. */
export function* innerSchemas(schema: JsonSchema): Iterable<JsonSchema> {
  const item = itemSchemaOf(schema);
  if (item) yield item;
  yield* itemSchemasOf(schema);
  yield* schema.allOf ?? [];
  yield* schema.anyOf ?? [];
  yield* schema.oneOf ?? [];
  if (schema.not) yield schema.not;
  yield* Object.values(schema.properties ?? {});
  if (typeof schema.additionalProperties === 'object') yield schema.additionalProperties;
  yield* Object.values(schema.patternProperties ?? {});
  if (typeof schema.additionalItems === 'object') yield schema.additionalItems;
  yield* Object.values(schema.definitions ?? {});
  for (const dependency of Object.values(schema.dependencies ?? {})) if (!Array.isArray(dependency)) yield dependency;
}

/** pkg/apis/apiextensions/validation `SchemaHas`: whether a schema or anything inside it is so. */
export function someSchema(schema: JsonSchema | undefined, isSo: (schema: JsonSchema) => boolean): boolean {
  if (!schema) return false;
  if (isSo(schema)) return true;
  for (const inner of innerSchemas(schema)) if (someSchema(inner, isSo)) return true;
  return false;
}

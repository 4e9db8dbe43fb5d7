import { additionalSchemaOf, itemSchemaOf, type JsonSchema, propertyOf } from './json-schema';

type Json = Record<string, unknown>;

const metaFields = new Set(['apiVersion', 'kind', 'metadata']);

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** pkg/apiserver/schema/pruning `Prune`: removes, in place, what the schema does not specify. */
export function prune(value: unknown, schema: JsonSchema | undefined): void {
  if (schema?.['x-kubernetes-preserve-unknown-fields'] === true) {
    pruneKnown(value, schema);
    return;
  }
  if (Array.isArray(value)) {
    const item = schema === undefined ? undefined : itemSchemaOf(schema);
    for (const element of value) prune(element, item);
    return;
  }
  if (!isObject(value)) return;
  for (const key of Object.keys(value)) {
    if (schema?.['x-kubernetes-embedded-resource'] === true && metaFields.has(key)) continue;
    const property = schema === undefined ? undefined : propertyOf(schema, key);
    if (property) prune(value[key], property);
    else if (schema?.additionalProperties !== undefined) prune(value[key], additionalSchemaOf(schema));
    else delete value[key];
  }
}

/** Where unknown fields stay, the known ones are still pruned inside. */
function pruneKnown(value: unknown, schema: JsonSchema | undefined): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    const item = itemSchemaOf(schema);
    for (const element of value) pruneKnown(element, item);
    return;
  }
  if (!isObject(value)) return;
  for (const key of Object.keys(value)) {
    if (schema['x-kubernetes-embedded-resource'] === true && metaFields.has(key)) continue;
    const property = propertyOf(schema, key);
    if (property) prune(value[key], property);
    else if (schema.additionalProperties !== undefined) prune(value[key], additionalSchemaOf(schema));
  }
}

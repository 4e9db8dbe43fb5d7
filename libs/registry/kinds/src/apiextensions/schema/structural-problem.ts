import { additionalSchemaOf, itemSchemaOf, itemSchemasOf, type JsonSchema } from './json-schema';

/**
 * Why a schema cannot even be read as a structural one (pkg/apiserver/schema `NewStructural`); undefined when it can. What is said
 * here is said of a field by the OpenAPI rules too, so it is shown only when those have nothing to say.
 */
export function structuralProblem(schema: JsonSchema | undefined): string | undefined {
  if (!schema) return undefined;
  const unsupported = unsupportedField(schema);
  if (unsupported !== undefined) return `OpenAPIV3Schema '${unsupported}' is not supported`;
  const juncts = [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  for (const junct of schema.not ? [schema.not, ...juncts] : juncts) {
    const problem = structuralProblem(junct);
    if (problem !== undefined) return problem;
  }
  const additional = structuralProblem(additionalSchemaOf(schema));
  if (additional !== undefined) return additional;
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
  if (itemSchemasOf(schema).length > 0) return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  const item = structuralProblem(itemSchemaOf(schema));
  if (item !== undefined) return item;
  for (const property of Object.values(schema.properties ?? {})) {
    const problem = structuralProblem(property);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function unsupportedField(schema: JsonSchema): string | undefined {
  if (schema.id) return 'id';
  if (schema.$schema) return 'schema';
  if (schema.$ref) return '$ref';
  if (schema.patternProperties && Object.keys(schema.patternProperties).length > 0) return 'patternProperties';
  if (schema.dependencies && Object.keys(schema.dependencies).length > 0) return 'dependencies';
  if (schema.additionalItems !== undefined) return 'additionalItems';
  if (schema.definitions && Object.keys(schema.definitions).length > 0) return 'definitions';
  return undefined;
}

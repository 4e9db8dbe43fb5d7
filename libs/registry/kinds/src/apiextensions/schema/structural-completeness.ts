import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { Errors } from '../../field-checks';
import { itemSchemaOf, type JsonSchema, propertiesOf, propertyOf } from './json-schema';

/** Where a schema stands, and where the junct stands that speaks of it. */
interface Pair {
  readonly schema: JsonSchema | undefined;
  readonly path: FieldPath;
  readonly junct: JsonSchema;
  readonly junctPath: FieldPath;
}

/** pkg/apiserver/schema `validateStructuralCompleteness`: what junctors speak of is specified outside of them. */
export function validateCompleteness(errors: Errors, schema: JsonSchema, path: FieldPath): void {
  validateJuncts(errors, { schema, path, junct: schema, junctPath: path });
}

function validateJuncts(errors: Errors, pair: Pair): void {
  const { junct, junctPath } = pair;
  if (junct.not) validatePair(errors, { ...pair, junct: junct.not, junctPath: junctPath.child('not') });
  for (const junctor of ['allOf', 'anyOf', 'oneOf'] as const)
    for (const [i, inner] of (junct[junctor] ?? []).entries())
      validatePair(errors, { ...pair, junct: inner, junctPath: junctPath.child(junctor).index(i) });
}

function validatePair(errors: Errors, pair: Pair): void {
  const { schema, path, junct, junctPath } = pair;
  if (!schema) {
    errors.push(unspecified(path, junctPath));
    return;
  }
  validateJuncts(errors, pair);
  const item = itemSchemaOf(junct);
  if (item)
    validatePair(errors, {
      schema: itemSchemaOf(schema),
      path: path.child('items'),
      junct: item,
      junctPath: junctPath.child('items'),
    });
  for (const [name, property] of propertiesOf(junct))
    validatePair(errors, {
      schema: propertyOf(schema, name),
      path: path.child('properties').key(name),
      junct: property,
      junctPath: junctPath.child('properties').key(name),
    });
}

const unspecified = (path: FieldPath, junctPath: FieldPath): ReturnType<typeof fieldErrors.required> =>
  fieldErrors.required(path, `because it is defined in ${junctPath.toString()}`);

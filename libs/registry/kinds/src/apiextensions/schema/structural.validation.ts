import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { Errors } from '../../field-checks';
import { compileGoPattern } from '@reckon/api/cel';
import { additionalSchemaOf, itemSchemaOf, type JsonSchema, propertiesOf, propertyOf } from './json-schema';
import { validateCompleteness } from './structural-completeness';

type Level = 'root' | 'item' | 'field';

/**
 * pkg/apiserver/schema `ValidateStructural`: every field's type is said outside of logical junctors, which only narrow values; so
 * the shape of an object can be known without evaluating anything. Sorted by text, as upstream's.
 */
export function validateStructural(path: FieldPath, schema: JsonSchema): Errors {
  const errors: Errors = [];
  validateInvariants(errors, path, schema, 'root');
  validateCompleteness(errors, schema, path);
  return errors
    .map((error) => ({ error, text: String(error) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ error }) => error);
}

function validateInvariants(errors: Errors, path: FieldPath, schema: JsonSchema, level: Level): void {
  const { type = '' } = schema;
  const item = itemSchemaOf(schema);
  if (type === 'array' && schema.items === undefined)
    errors.push(fieldErrors.required(path.child('items'), 'must be specified'));
  if (item) validateInvariants(errors, path.child('items'), item, 'item');
  for (const [name, property] of propertiesOf(schema))
    validateInvariants(errors, path.child('properties').key(name), property, 'field');
  if (schema.additionalProperties !== undefined) {
    const additionalPath = path.child('additionalProperties');
    if (level === 'root') errors.push(fieldErrors.forbidden(additionalPath, 'must not be used at the root'));
    const additional = additionalSchemaOf(schema);
    if (additional) validateInvariants(errors, additionalPath, additional, 'field');
  }
  validateExtensions(errors, path, schema);
  validateValues(errors, path, schema, {
    skipsAnyOf: isIntOrString(schema.anyOf),
    skipsFirstAllOf: isIntOrString(schema.allOf?.[0]?.anyOf),
  });
  validateType(errors, path, schema, level);
  validateMetadata(errors, path, schema, level);
}

function validateType(errors: Errors, path: FieldPath, schema: JsonSchema, level: Level): void {
  const { type = '' } = schema;
  const typePath = path.child('type');
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  if (isEmbedded && type !== 'object') {
    const message = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? fieldErrors.required(typePath, message) : fieldErrors.invalid(typePath, type, message));
  } else if (
    type === '' &&
    schema['x-kubernetes-int-or-string'] !== true &&
    schema['x-kubernetes-preserve-unknown-fields'] !== true
  )
    errors.push(fieldErrors.required(typePath, untyped[level]));
  if (isEmbedded && schema.additionalProperties !== undefined)
    errors.push(
      fieldErrors.forbidden(
        path.child('additionalProperties'),
        'must not be used if x-kubernetes-embedded-resource is set',
      ),
    );
  if (level === 'root' && type !== '' && type !== 'object')
    errors.push(fieldErrors.invalid(typePath, type, 'must be object at the root'));
}

const untyped: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

/** What every object has is the server's to say; a schema may only narrow the name. */
function validateMetadata(errors: Errors, path: FieldPath, schema: JsonSchema, level: Level): void {
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  const isResource = level === 'root' || isEmbedded;
  for (const name of ['kind', 'apiVersion']) {
    const property = propertyOf(schema, name);
    if (isResource && property && property.type !== 'string')
      errors.push(
        fieldErrors.invalid(path.child('properties').key(name).child('type'), property.type ?? '', 'must be string'),
      );
  }
  const metadata = propertyOf(schema, 'metadata');
  if (metadata) {
    const metadataPath = path.child('properties').key('metadata');
    if (isResource && metadata.type !== 'object')
      errors.push(fieldErrors.invalid(metadataPath.child('type'), metadata.type ?? '', 'must be object'));
    if (level === 'root' && !saysNamesOnly(metadata))
      errors.push(
        fieldErrors.forbidden(
          metadataPath,
          'must not specify anything other than name and generateName, but metadata is implicitly specified',
        ),
      );
  }
  if (
    isEmbedded &&
    schema['x-kubernetes-preserve-unknown-fields'] !== true &&
    Object.keys(schema.properties ?? {}).length === 0
  )
    errors.push(
      fieldErrors.required(
        path.child('properties'),
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      ),
    );
}

function saysNamesOnly(metadata: JsonSchema): boolean {
  const others = Object.keys(metadata).filter((field) => !['type', 'default', 'properties', 'example'].includes(field));
  if (others.length > 0) return false;
  return Object.keys(metadata.properties ?? {}).every((name) => name === 'name' || name === 'generateName');
}

/** `anyOf: [{type: integer}, {type: string}]`, the one junctor in which types may stand. */
function isIntOrString(anyOf: readonly JsonSchema[] | undefined): boolean {
  return anyOf?.length === 2 && isBareType(anyOf[0], 'integer') && isBareType(anyOf[1], 'string');
}

const isBareType = (schema: JsonSchema | undefined, type: string): boolean =>
  schema?.type === type && Object.keys(schema).length === 1;

function validateExtensions(errors: Errors, path: FieldPath, schema: JsonSchema): void {
  if (schema['x-kubernetes-int-or-string'] !== true) return;
  for (const extension of ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const)
    if (schema[extension] === true)
      errors.push(
        fieldErrors.invalid(path.child(extension), true, 'must be false if x-kubernetes-int-or-string is true'),
      );
}

interface Skips {
  readonly skipsAnyOf: boolean;
  readonly skipsFirstAllOf: boolean;
}

const noSkips: Skips = { skipsAnyOf: false, skipsFirstAllOf: false };

function validateValues(errors: Errors, path: FieldPath, schema: JsonSchema, skips: Skips): void {
  if (!skips.skipsAnyOf)
    for (const [i, junct] of (schema.anyOf ?? []).entries())
      validateJunct(errors, path.child('anyOf').index(i), junct, noSkips);
  for (const [i, junct] of (schema.allOf ?? []).entries())
    validateJunct(errors, path.child('allOf').index(i), junct, {
      skipsAnyOf: skips.skipsFirstAllOf && i === 0,
      skipsFirstAllOf: false,
    });
  for (const [i, junct] of (schema.oneOf ?? []).entries())
    validateJunct(errors, path.child('oneOf').index(i), junct, noSkips);
  if (schema.not) validateJunct(errors, path.child('not'), schema.not, noSkips);
  if (schema.pattern) {
    const { problem } = compileGoPattern(schema.pattern);
    if (problem !== undefined)
      errors.push(
        fieldErrors.invalid(
          path.child('pattern'),
          schema.pattern,
          `must be a valid regular expression, but isn't: ${problem}`,
        ),
      );
  }
}

/** What a schema in a junctor may not say, in upstream's order. */
const forbiddenInJuncts = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['externalDocs', 'must be undefined to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
] as const satisfies readonly (readonly [keyof JsonSchema, string])[];

/** `validateNestedValueValidation`. */
function validateJunct(errors: Errors, path: FieldPath, junct: JsonSchema, skips: Skips): void {
  validateValues(errors, path, junct, skips);
  const item = itemSchemaOf(junct);
  if (item) validateJunct(errors, path.child('items'), item, noSkips);
  for (const [name, property] of propertiesOf(junct))
    validateJunct(errors, path.child('properties').key(name), property, noSkips);
  for (const [field, message] of forbiddenInJuncts) {
    const value: unknown = junct[field];
    const isThere =
      value !== undefined &&
      value !== '' &&
      (value !== false || field === 'additionalProperties' || field === 'default');
    if (isThere && !(Array.isArray(value) && value.length === 0))
      errors.push(fieldErrors.forbidden(path.child(field), message));
  }
  if (propertyOf(junct, 'metadata'))
    errors.push(
      fieldErrors.forbidden(path.child('properties').key('metadata'), 'must not be specified in a nested context'),
    );
}

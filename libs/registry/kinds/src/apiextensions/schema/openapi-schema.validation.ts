import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { Errors } from '../../field-checks';
import { additionalSchemaOf, itemSchemaOf, itemSchemasOf, type JsonSchema, propertiesOf } from './json-schema';
import { validateListType, validateMapKeys } from './list-type.validation';
import { validateRuleForms } from './rule-form.validation';
import type { ExpressionCost, RulesChecker } from './rules-checker';

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const ownedFields = new Set(['metadata', 'kind', 'apiVersion']);

/** What holds for one definition; old mistakes may stay where an update finds them. */
export interface SchemaTolerance {
  readonly invalidTypes: boolean;
  readonly nonAtomicSets: boolean;
  readonly badMapKeys: boolean;
}

interface ExpressionContext {
  readonly check: RulesChecker;
  readonly stored: ReadonlySet<string>;
  readonly isUnchanged: boolean;
  /** What each expression of the schema may cost; written to. */
  readonly costs: ExpressionCost[];
}

/** What changes on the way down; each schema gets its own. */
interface Place {
  readonly tolerance: SchemaTolerance;
  /** Undefined: below a junctor, or in a schema that is not structural. */
  readonly expressions: ExpressionContext | undefined;
  /** Why no default may stand here; undefined where one may. */
  readonly noDefaults: string | undefined;
  readonly insideMeta: boolean;
  readonly isRoot: boolean;
  readonly uncorrelatable: FieldPath | undefined;
  readonly maxCardinality: number | undefined;
}

/** pkg/apis/apiextensions/validation `ValidateCustomResourceDefinitionOpenAPISchema`; errors of expressions come last. */
export function validateOpenApiSchema(
  path: FieldPath,
  schema: JsonSchema,
  tolerance: SchemaTolerance,
  expressions: ExpressionContext | undefined,
): Errors {
  const found: Found = { schema: [], expressions: [] };
  visit(found, path, schema, {
    tolerance,
    expressions,
    noDefaults: undefined,
    insideMeta: false,
    isRoot: true,
    uncorrelatable: undefined,
    maxCardinality: 1,
  });
  return [...found.schema, ...found.expressions];
}

interface Found {
  readonly schema: Errors;
  readonly expressions: Errors;
}

function visit(found: Found, path: FieldPath, schema: JsonSchema, here: Place): void {
  const errors = found.schema;
  const before = errors.length;
  validateKeywords(errors, path, schema, here);
  if (schema.uniqueItems === true)
    errors.push(
      fieldErrors.forbidden(
        path.child('uniqueItems'),
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    );
  visitInner(found, path, schema, { ...here, isRoot: false }, here.isRoot);
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    errors.push(
      fieldErrors.invalid(path.child('x-kubernetes-preserve-unknown-fields'), false, 'must be true or undefined'),
    );
  validateMapType(errors, path, schema);
  validateListType(errors, path, schema, here.tolerance);
  if (!here.tolerance.badMapKeys) validateMapKeys(errors, path, schema);
  const rules = schema['x-kubernetes-validations'] ?? [];
  if (rules.length === 0) return;
  validateRuleForms(errors, path, schema);
  // A schema that is wrong itself makes messages about expressions that mean nothing.
  if (errors.length > before || here.expressions === undefined) return;
  const { check, stored, isUnchanged, costs } = here.expressions;
  costs.push(
    ...check(found.expressions, {
      schema,
      path,
      scope: here.isRoot || schema['x-kubernetes-embedded-resource'] === true ? 'resource' : 'value',
      maxCardinality: here.maxCardinality,
      uncorrelatable: here.uncorrelatable,
      stored,
      isUnchanged,
    }),
  );
}

function visitInner(found: Found, path: FieldPath, schema: JsonSchema, here: Place, isRoot: boolean): void {
  const additional = additionalSchemaOf(schema);
  if (schema.additionalProperties !== undefined) {
    const additionalPath = path.child('additionalProperties');
    if (Object.keys(schema.properties ?? {}).length > 0 && schema.additionalProperties !== true)
      found.schema.push(
        fieldErrors.forbidden(additionalPath, 'additionalProperties and properties are mutual exclusive'),
      );
    if (additional)
      visit(found, additionalPath, additional, {
        ...here,
        // Pruning could not tell which keys are there.
        noDefaults: here.insideMeta ? 'inside additionalProperties applying to object metadata' : here.noDefaults,
        maxCardinality: times(here.maxCardinality, schema.maxProperties),
      });
  }
  const hasOwnMeta = isRoot || schema['x-kubernetes-embedded-resource'] === true;
  for (const [name, property] of propertiesOf(schema)) {
    const isMeta = hasOwnMeta && ownedFields.has(name);
    visit(found, path.child('properties').key(name), property, {
      ...here,
      uncorrelatable: here.uncorrelatable ?? (isCorrelatableMap(schema) ? undefined : path),
      insideMeta: here.insideMeta || isMeta,
      noDefaults: isMeta && isRoot ? `in top-level ${name}` : here.noDefaults,
    });
  }
  visitJuncts(found, path, schema, { ...here, expressions: undefined });
  visitItems(found, path, schema, here);
}

/** A bound beyond 2^53 comes as a bigint. */
const times = (cardinality: number | undefined, most: number | bigint | undefined): number | undefined =>
  cardinality === undefined || most === undefined ? undefined : cardinality * Number(most);

function isCorrelatableMap(schema: JsonSchema): boolean {
  const type = schema['x-kubernetes-map-type'];
  return type === undefined || type === 'granular' || type === 'atomic';
}

/** Below these no expression can stand. */
function visitJuncts(found: Found, path: FieldPath, schema: JsonSchema, here: Place): void {
  if (schema.not) visit(found, path.child('not'), schema.not, here);
  for (const junctor of ['allOf', 'oneOf', 'anyOf'] as const)
    for (const [i, junct] of (schema[junctor] ?? []).entries()) visit(found, path.child(junctor).index(i), junct, here);
  for (const [name, definition] of Object.entries(schema.definitions ?? {}))
    visit(found, path.child('definitions').key(name), definition, here);
  for (const [name, dependency] of Object.entries(schema.dependencies ?? {}))
    if (!Array.isArray(dependency)) visit(found, path.child('dependencies').key(name), dependency, here);
}

function visitItems(found: Found, path: FieldPath, schema: JsonSchema, here: Place): void {
  const itemPath = path.child('items');
  const place: Place = {
    ...here,
    // Only the items of a map-like list are known again after an update.
    uncorrelatable: here.uncorrelatable ?? (schema['x-kubernetes-list-type'] === 'map' ? undefined : path),
    maxCardinality: times(here.maxCardinality, schema.maxItems),
  };
  const item = itemSchemaOf(schema);
  if (item) visit(found, itemPath, item, place);
  for (const [i, inner] of itemSchemasOf(schema).entries()) visit(found, itemPath.index(i), inner, place);
}

/** `specStandardValidatorV3.validate`: the keywords that have no place in a definition. */
function validateKeywords(errors: Errors, path: FieldPath, schema: JsonSchema, here: Place): void {
  const { type = '' } = schema;
  if (!here.tolerance.invalidTypes && type !== '' && !types.includes(type))
    errors.push(fieldErrors.notSupported(path.child('type'), type, types));
  if (schema.default !== undefined && here.noDefaults !== undefined)
    errors.push(fieldErrors.forbidden(path.child('default'), `must not be set ${here.noDefaults}`));
  const refuse = (field: string): void => {
    errors.push(fieldErrors.forbidden(path.child(field), `${field} is not supported`));
  };
  if (schema.id) refuse('id');
  if (schema.additionalItems !== undefined) refuse('additionalItems');
  if (Object.keys(schema.patternProperties ?? {}).length > 0) refuse('patternProperties');
  if (Object.keys(schema.definitions ?? {}).length > 0) refuse('definitions');
  if (schema.dependencies !== undefined) refuse('dependencies');
  if (schema.$ref !== undefined) refuse('$ref');
  if (type === 'null')
    errors.push(
      fieldErrors.forbidden(path.child('type'), 'type cannot be set to null, use nullable as an alternative'),
    );
  if (itemSchemasOf(schema).length > 0)
    errors.push(fieldErrors.forbidden(path.child('items'), 'items must be a schema object and not an array'));
  if (here.insideMeta && schema['x-kubernetes-embedded-resource'] === true)
    errors.push(
      fieldErrors.forbidden(path.child('x-kubernetes-embedded-resource'), 'must not be used inside of resource meta'),
    );
}

function validateMapType(errors: Errors, path: FieldPath, schema: JsonSchema): void {
  const mapType = schema['x-kubernetes-map-type'];
  if (mapType === undefined) return;
  if (schema.type !== 'object') {
    const message = 'must be object if x-kubernetes-map-type is specified';
    const typePath = path.child('type');
    errors.push(
      schema.type ? fieldErrors.invalid(typePath, schema.type, message) : fieldErrors.required(typePath, message),
    );
  }
  if (mapType !== 'atomic' && mapType !== 'granular')
    errors.push(fieldErrors.notSupported(path.child('x-kubernetes-map-type'), mapType, ['atomic', 'granular']));
}

import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { Errors } from '../../field-checks';
import { validateDefaults } from '../schema/default.validation';
import { internalSchema, internalSchemaFields, isUnset } from '../schema/internal-schema';
import type { JsonSchema } from '../schema/json-schema';
import { validateOpenApiSchema } from '../schema/openapi-schema.validation';
import type { RulesChecker } from '../schema/rules-checker';
import { validateStructural } from '../schema/structural.validation';
import { structuralProblem } from '../schema/structural-problem';
import type { Tolerance } from './tolerance';

/** What all rules of one schema's expressions may cost together. */
const expressionCostLimit = 100_000_000;

/** With a status subresource, what the root says would be lost for `status`, but for these. */
const allowedAtRoot =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations';

interface SchemaPlace {
  /** Of the validation: `…versions[0].schema` or `spec.validation`. */
  readonly path: FieldPath;
  readonly hasStatus: boolean;
  readonly mustBeStructural: boolean;
  readonly isUnchanged: boolean;
  readonly tolerance: Tolerance;
  readonly checkRules: RulesChecker;
}

/** `validateCustomResourceDefinitionValidation`. */
export function validateSchema(errors: Errors, schema: JsonSchema, place: SchemaPlace): void {
  const { tolerance } = place;
  const path = place.path.child('openAPIV3Schema');
  const before = errors.length;
  if (place.hasStatus) validateRootFields(errors, place.path, schema);
  if (schema.nullable === true)
    errors.push(
      fieldErrors.forbidden(place.path.child('openAPIV3Schema.nullable'), 'nullable cannot be true at the root'),
    );
  const problem = place.mustBeStructural ? structuralProblem(schema) : undefined;
  let mayCheckRules = false;
  if (place.mustBeStructural && problem === undefined) {
    const structural = validateStructural(path, schema);
    const shape = structural.length > 0 ? structural : validateDefaults(path, schema, tolerance.unprunedDefaults);
    errors.push(...shape);
    mayCheckRules = shape.length === 0;
  }
  const total = { cost: 0 };
  errors.push(
    ...validateOpenApiSchema(
      path,
      schema,
      tolerance,
      mayCheckRules
        ? { check: place.checkRules, stored: tolerance.storedExpressions, isUnchanged: place.isUnchanged, total }
        : undefined,
    ),
  );
  if (problem !== undefined && errors.length === before) errors.push(fieldErrors.invalid(path, '', problem));
  if (total.cost > expressionCostLimit) errors.push(fieldErrors.forbidden(path, costMessage(total.cost)));
}

/** The message of `getCostErrorMessage` for a whole schema. */
function costMessage(cost: number): string {
  const factor = cost / expressionCostLimit;
  const times = factor > 100 ? 'more than 100x' : `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`;
  return `x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of ${times} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

/** Only the first field that is wrong is told. */
function validateRootFields(errors: Errors, path: FieldPath, schema: JsonSchema): void {
  const allowed = allowedAtRoot.split(' ');
  for (const [name, field] of internalSchemaFields) {
    if (isUnset(schema, field)) continue;
    if (name === 'Type') {
      if (schema.type === 'object') continue;
      errors.push(
        fieldErrors.invalid(
          path.child('openAPIV3Schema.type'),
          schema.type,
          'only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
        ),
      );
      return;
    }
    if (allowed.includes(name)) continue;
    errors.push(
      fieldErrors.invalid(
        path.child('openAPIV3Schema'),
        internalSchema(schema),
        `only [${allowedAtRoot}] fields are allowed at the root of the schema if the status subresource is enabled`,
      ),
    );
    return;
  }
}

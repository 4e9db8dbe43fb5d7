import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { Errors } from '../../field-checks';
import { validateDefaults } from '../schema/default.validation';
import { internalSchema, internalSchemaFields, isUnset } from '../schema/internal-schema';
import type { JsonSchema } from '../schema/json-schema';
import { validateOpenApiSchema } from '../schema/openapi-schema.validation';
import { costMessage } from '../schema/cost-message';
import type { ExpressionCost, RulesChecker } from '../schema/rules-checker';
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
  const costs: ExpressionCost[] = [];
  errors.push(
    ...validateOpenApiSchema(
      path,
      schema,
      tolerance,
      mayCheckRules
        ? { check: place.checkRules, stored: tolerance.storedExpressions, isUnchanged: place.isUnchanged, costs }
        : undefined,
    ),
  );
  if (problem !== undefined && errors.length === before) errors.push(fieldErrors.invalid(path, '', problem));
  checkTotalCost(errors, path, costs);
}

/** How many expressions are named when all together are too much, and the least that one of them costs. */
const mostNamed = 4;
const leastNamed = expressionCostLimit / 100;

function checkTotalCost(errors: Errors, path: FieldPath, costs: readonly ExpressionCost[]): void {
  const total = costs.reduce((sum, { cost }) => sum + cost, 0);
  if (total <= expressionCostLimit) return;
  const expensive = costs.filter(({ cost }) => cost >= leastNamed).sort((a, b) => b.cost - a.cost);
  for (const one of expensive.slice(0, mostNamed))
    errors.push(
      fieldErrors.forbidden(
        one.path,
        'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
      ),
    );
  const name = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
  errors.push(fieldErrors.forbidden(path, costMessage(name, total, expressionCostLimit)));
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

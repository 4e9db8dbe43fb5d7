import { fieldErrors, fieldPath, semanticEqual, validateDns1123Subdomain } from '@reckon/api/machinery';
import type { flowcontrolv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { checkText, type Errors } from '../../field-checks';
import { countSpecChange } from '../../generation';
import { keepSpec, keepStatus } from '../../status-keeping';
import { validateConditions } from './conditions';
import { validateFlowRule } from './flow-rules';
import { flowSchemaSpecForm } from './internal-form';
import { keepMetadata } from './keep-metadata';
import { mandatoryFlowSchemas } from './mandatory';

const defaultPrecedence = 1000;
const highestPrecedence = 10_000;
const distinguishers = ['ByNamespace', 'ByUser'];

export const flowSchemaStrategy: Strategy<flowcontrolv1.FlowSchema> = {
  defaults: (schema) => {
    const spec = (schema.spec ??= { priorityLevelConfiguration: { name: '' }, matchingPrecedence: 0 });
    spec.matchingPrecedence ||= defaultPrecedence;
  },
  prepareForCreate: (_ctx, schema) => {
    schema.status = {};
    schema.metadata.generation = 1;
  },
  validate: (_ctx, schema) => validateFlowSchema(schema),
  prepareForUpdate: (_ctx, schema, old) => {
    keepStatus(schema, old);
    countSpecChange(schema, old, schema.spec, old.spec);
  },
  validateUpdate: (_ctx, schema) => validateFlowSchema(schema),
};

export const flowSchemaStatusStrategy: Strategy<flowcontrolv1.FlowSchema> = {
  resetFields: [['spec'], ['metadata']],
  prepareForUpdate: (_ctx, schema, old) => {
    keepSpec(schema, old);
    keepMetadata(schema, old);
  },
  validateUpdate: (_ctx, schema) => {
    const errors: Errors = [];
    validateConditions(errors, fieldPath('status', 'conditions'), schema.status?.conditions);
    return errors;
  },
};

function validateFlowSchema(schema: flowcontrolv1.FlowSchema): Errors {
  const errors: Errors = [];
  const name = schema.metadata.name ?? '';
  const spec = schema.spec ?? { priorityLevelConfiguration: { name: '' }, matchingPrecedence: 0 };
  validateSpec(errors, name, spec);
  const mandatory = mandatoryFlowSchemas.get(name);
  if (mandatory !== undefined && !semanticEqual(spec, mandatory.spec))
    errors.push(
      fieldErrors.invalid(fieldPath('spec'), flowSchemaSpecForm(spec), `spec of '${name}' must equal the fixed value`),
    );
  validateConditions(errors, fieldPath('status', 'conditions'), schema.status?.conditions);
  return errors;
}

function validateSpec(errors: Errors, name: string, spec: flowcontrolv1.FlowSchemaSpec): void {
  const path = fieldPath('spec');
  const precedence = spec.matchingPrecedence;
  const wrongPrecedence = (why: string): void => {
    errors.push(fieldErrors.invalid(path.child('matchingPrecedence'), precedence, why));
  };
  if (precedence <= 0) wrongPrecedence('must be a positive value');
  if (precedence > highestPrecedence) wrongPrecedence(`must not be greater than ${String(highestPrecedence)}`);
  if (precedence === 1 && name !== 'exempt')
    wrongPrecedence("only the schema named 'exempt' may have matchingPrecedence 1");
  const method = spec.distinguisherMethod;
  if (method !== undefined && !distinguishers.includes(method.type))
    errors.push(
      fieldErrors.notSupported(path.child('distinguisherMethod', 'type'), { Type: method.type }, distinguishers),
    );
  const levelPath = path.child('priorityLevelConfiguration', 'name');
  const level = spec.priorityLevelConfiguration.name;
  if (level) checkText(errors, levelPath, level, validateDns1123Subdomain);
  else errors.push(fieldErrors.required(levelPath, 'must reference a priority level'));
  for (const [index, rule] of (spec.rules ?? []).entries())
    validateFlowRule(errors, path.child('rules').index(index), rule);
}

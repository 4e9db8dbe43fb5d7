import { type CelChecker, type CelScope, celTypes } from '@reckon/api/cel';
import { type FieldPath, fieldErrors, fieldPath, semanticEqual, validateQualifiedName } from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import { byteLength, checkOptionalOneOf, checkText, type Errors } from '../../field-checks';
import { checkExpression, trimSpace } from './expressions';
import { validateMatchConditions } from './match-conditions.validation';
import { validateMatchConstraints } from './match-resources.validation';
import { validateParamKind } from './param.validation';
import { validateFailurePolicy, validateVariables } from './policy.validation';

type Policy = admissionregistrationv1.ValidatingAdmissionPolicy;

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const mostAnnotations = 20;
const longestValueExpression = 5 * 1024;

/** ValidateValidatingAdmissionPolicy, ValidateValidatingAdmissionPolicyUpdate. */
export function validateValidatingPolicy(cel: CelChecker, policy: Policy, old?: Policy): Errors {
  const errors: Errors = [];
  const path = fieldPath('spec');
  const spec = policy.spec ?? {};
  validateFailurePolicy(errors, path.child('failurePolicy'), spec.failurePolicy);
  if (spec.paramKind !== undefined) validateParamKind(errors, path.child('paramKind'), spec.paramKind);
  validateMatchConstraints(errors, path.child('matchConstraints'), spec.matchConstraints);
  const scope: CelScope = { hasParams: spec.paramKind !== undefined, hasAuthorizer: true };
  if (!hasSameConditions(policy, old))
    validateMatchConditions(errors, path.child('matchConditions'), spec.matchConditions, { cel, scope });
  const composed = validateVariables(errors, path.child('variables'), spec.variables, {
    cel,
    scope,
    hasComposition: false,
  });
  const validations = spec.validations ?? [];
  const annotations = spec.auditAnnotations ?? [];
  if (validations.length === 0 && annotations.length === 0) {
    for (const field of ['validations', 'auditAnnotations'])
      errors.push(
        fieldErrors.required(path.child(field), 'validations or auditAnnotations must contain at least one item'),
      );
    return errors;
  }
  const rules: Rules = { cel, scope: composed };
  for (const [index, validation] of validations.entries())
    validateValidation(errors, path.child('validations').index(index), validation, rules);
  validateAnnotations(errors, path.child('auditAnnotations'), policy, rules);
  return errors;
}

/** What was accepted stays accepted while nothing changes that it depends on. */
export function hasSameConditions(
  policy: Policy | admissionregistrationv1.MutatingAdmissionPolicy,
  old: Policy | admissionregistrationv1.MutatingAdmissionPolicy | undefined,
): boolean {
  return (
    old !== undefined &&
    semanticEqual(policy.spec?.paramKind, old.spec?.paramKind) &&
    semanticEqual(policy.spec?.matchConditions, old.spec?.matchConditions)
  );
}

interface Rules {
  readonly cel: CelChecker;
  readonly scope: CelScope;
}

function validateValidation(
  errors: Errors,
  path: FieldPath,
  validation: admissionregistrationv1.Validation,
  { cel, scope }: Rules,
): void {
  const { expression, message = '', messageExpression = '', reason } = validation;
  const expressionPath = path.child('expression');
  if (trimSpace(expression) === '') errors.push(fieldErrors.required(expressionPath, 'expression is not specified'));
  else checkExpression(errors, expressionPath, expression, { cel, scope, results: [celTypes.bool] });
  const messageScope = { ...scope, hasAuthorizer: false };
  const messagePath = path.child('messageExpression');
  if (trimSpace(messageExpression) !== '')
    checkExpression(errors, messagePath, messageExpression, { cel, scope: messageScope, results: [celTypes.string] });
  else if (messageExpression !== '')
    errors.push(fieldErrors.invalid(messagePath, messageExpression, 'must be non-empty if specified'));
  const trimmed = trimSpace(message);
  if (message !== '' && trimmed === '')
    errors.push(fieldErrors.invalid(path.child('message'), message, 'must be non-empty if specified'));
  else if (/[\n\r]/.test(trimmed))
    errors.push(fieldErrors.invalid(path.child('message'), message, 'must not contain line breaks'));
  checkOptionalOneOf(errors, path.child('reason'), reason, reasons);
}

function validateAnnotations(errors: Errors, path: FieldPath, policy: Policy, rules: Rules): void {
  const annotations = policy.spec?.auditAnnotations ?? [];
  if (annotations.length > mostAnnotations)
    errors.push(
      fieldErrors.invalid(
        path,
        annotations.map(({ key, valueExpression }) => ({ Key: key, ValueExpression: valueExpression })),
        `must not have more than ${String(mostAnnotations)} auditAnnotations`,
      ),
    );
  const seen = new Set<string>();
  for (const [index, annotation] of annotations.entries()) {
    const keyPath = path.index(index).child('key');
    const { key } = annotation;
    const { name = '' } = policy.metadata;
    if (name === '') errors.push(fieldErrors.invalid(keyPath, key, 'requires metadata.name be non-empty'));
    else checkText(errors, keyPath, `${name}/${key}`, validateQualifiedName);
    validateValueExpression(errors, path.index(index).child('valueExpression'), annotation, rules);
    if (seen.has(key)) errors.push(fieldErrors.duplicate(keyPath, key));
    seen.add(key);
  }
}

function validateValueExpression(
  errors: Errors,
  path: FieldPath,
  { valueExpression: shown }: admissionregistrationv1.AuditAnnotation,
  rules: Rules,
): void {
  const trimmed = trimSpace(shown);
  if (trimmed === '') errors.push(fieldErrors.required(path, 'valueExpression is not specified'));
  else if (byteLength(trimmed) > longestValueExpression)
    errors.push(fieldErrors.required(path, `must not exceed ${String(longestValueExpression)} bytes in length`));
  else checkExpression(errors, path, trimmed, { ...rules, shown, results: [celTypes.string, celTypes.null] });
}

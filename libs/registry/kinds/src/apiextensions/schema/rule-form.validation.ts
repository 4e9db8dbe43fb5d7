import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import { checkOptionalOneOf, type Errors } from '../../field-checks';
import { fieldPathIn } from './field-path-in-schema';
import type { JsonSchema } from './json-schema';
import { structuralProblem } from './structural-problem';

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

const hasNewlines = (text: string): boolean => /[\n\r]/.test(text);

/** What can be said of `x-kubernetes-validations` without understanding their expressions. */
export function validateRuleForms(errors: Errors, path: FieldPath, schema: JsonSchema): void {
  for (const [i, rule] of (schema['x-kubernetes-validations'] ?? []).entries()) {
    const rulePath = path.child('x-kubernetes-validations').index(i);
    validateTexts(errors, rulePath, rule);
    if (rule.messageExpression && rule.messageExpression.trim() === '')
      errors.push(
        fieldErrors.required(rulePath.child('messageExpression'), 'messageExpression must be non-empty if specified'),
      );
    checkOptionalOneOf(errors, rulePath.child('reason'), rule.reason, reasons);
    const { fieldPath } = rule;
    if (!fieldPath) continue;
    const refuse = (message: string): void => {
      errors.push(fieldErrors.invalid(rulePath.child('fieldPath'), fieldPath, message));
    };
    if (fieldPath.trim() === '') refuse('fieldPath must be non-empty if specified');
    if (hasNewlines(fieldPath)) refuse('fieldPath must not contain line breaks');
    if (!isValidPath(schema, fieldPath)) refuse('fieldPath must be a valid path');
  }
}

const isValidPath = (schema: JsonSchema, path: string): boolean =>
  structuralProblem(schema) !== undefined || fieldPathIn(schema, path, { brackets: 'allowed' }).problem === undefined;

function validateTexts(
  errors: Errors,
  path: FieldPath,
  { rule, message = '' }: { readonly rule: string; readonly message?: string },
): void {
  const told = message.trim();
  const messagePath = path.child('message');
  if (rule.trim() === '') errors.push(fieldErrors.required(path.child('rule'), 'rule is not specified'));
  else if (message !== '' && told === '')
    errors.push(fieldErrors.invalid(messagePath, message, 'message must be non-empty if specified'));
  else if (hasNewlines(told))
    errors.push(fieldErrors.invalid(messagePath, message, 'message must not contain line breaks'));
  else if (hasNewlines(rule.trim()) && told === '')
    errors.push(fieldErrors.required(messagePath, 'message must be specified if rule contains line breaks'));
}

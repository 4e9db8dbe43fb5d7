import {
  type Condition,
  type FieldPath,
  fieldErrors,
  patternMessage,
  utf8Length,
  validateLabelName,
} from '@reckon/api/machinery';
import type { Errors } from './field-checks';

const statuses = ['False', 'True', 'Unknown'];
const longestReason = 1024;
const longestMessage = 32 * 1024;
const reasonPattern = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const reasonMessage = patternMessage(
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
  reasonPattern,
  'my_name',
  'MY_NAME',
  'MyName',
  'ReasonA,ReasonB',
  'ReasonA:ReasonB',
);
const reasonRule = new RegExp(`^${reasonPattern}$`);

/** apimachinery/pkg/apis/meta/v1/validation `ValidateConditions`, for the kinds whose conditions are `metav1.Condition`. */
export function validateConditions(errors: Errors, path: FieldPath, conditions: readonly Condition[]): void {
  const seen = new Set<string>();
  for (const [index, condition] of conditions.entries()) {
    const { type } = condition;
    if (seen.has(type)) errors.push(fieldErrors.duplicate(path.index(index).child('type'), type));
    seen.add(type);
    validateCondition(errors, path.index(index), condition);
  }
}

function validateCondition(errors: Errors, path: FieldPath, condition: Condition): void {
  const { status, observedGeneration = 0, reason = '', message = '' } = condition;
  errors.push(...validateLabelName(condition.type, path.child('type')));
  if (!statuses.includes(status)) errors.push(fieldErrors.notSupported(path.child('status'), status, statuses));
  if (observedGeneration < 0)
    errors.push(
      fieldErrors.invalid(
        path.child('observedGeneration'),
        observedGeneration,
        'must be greater than or equal to zero',
      ),
    );
  if (!condition.lastTransitionTime) errors.push(fieldErrors.required(path.child('lastTransitionTime'), 'must be set'));
  if (reason === '') errors.push(fieldErrors.required(path.child('reason'), 'must be set'));
  else {
    if (!reasonRule.test(reason)) errors.push(fieldErrors.invalid(path.child('reason'), reason, reasonMessage));
    if (utf8Length(reason) > longestReason) errors.push(fieldErrors.tooLong(path.child('reason'), longestReason));
  }
  if (utf8Length(message) > longestMessage) errors.push(fieldErrors.tooLong(path.child('message'), longestMessage));
}

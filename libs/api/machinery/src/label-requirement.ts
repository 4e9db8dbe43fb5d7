import { type FieldError, fieldErrors, fieldPath, type FieldPath } from './field-error';
import { aggregateMessage } from './aggregate-message';
import { tryParseInt64 } from './go-number';
import { validateLabelValue, validateQualifiedName } from './label-format';
import { SelectorError } from './selector-error';

/** As k8s.io/apimachinery/pkg/selection names them. */
export type LabelOperator = 'in' | 'notin' | '=' | '==' | '!=' | 'exists' | '!' | 'gt' | 'lt';

/** One condition on one label; a selector is their conjunction. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

export type Labels = Readonly<Record<string, string>> | null | undefined;

/** labels.NewRequirement: throws `SelectorError` with every rule that is broken. */
export function newRequirement(key: string, operator: LabelOperator, values: readonly string[]): LabelRequirement {
  const errors = requirementErrors(key, operator, values);
  if (errors.length > 0) throw new SelectorError(aggregateMessage(errors.map(String)));
  return { key, operator, values };
}

function requirementErrors(key: string, operator: LabelOperator, values: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  const keyMessages = validateQualifiedName(key);
  if (keyMessages.length > 0) errors.push(fieldErrors.invalid(fieldPath('key'), key, keyMessages.join('; ')));
  const path = fieldPath('values');
  const countMessage = countRule(operator, values.length);
  if (countMessage !== '') errors.push(fieldErrors.invalid(path, values, countMessage));
  for (const [i, value] of values.entries()) errors.push(...integerErrors(operator, value, path.index(i)));
  for (const [i, value] of values.entries()) {
    const messages = validateLabelValue(value);
    if (messages.length > 0) errors.push(fieldErrors.invalid(path.index(i).key(key), value, messages.join('; ')));
  }
  return errors;
}

function countRule(operator: LabelOperator, count: number): string {
  switch (operator) {
    case 'in':
    case 'notin':
      return count === 0 ? "for 'in', 'notin' operators, values set can't be empty" : '';
    case '=':
    case '==':
    case '!=':
      return count === 1 ? '' : 'exact-match compatibility requires one single value';
    case 'exists':
    case '!':
      return count === 0 ? '' : 'values set must be empty for exists and does not exist';
    case 'gt':
    case 'lt':
      return count === 1 ? '' : "for 'Gt', 'Lt' operators, exactly one value is required";
  }
}

function integerErrors(operator: LabelOperator, value: string, path: FieldPath): FieldError[] {
  if ((operator !== 'gt' && operator !== 'lt') || tryParseInt64(value) !== undefined) return [];
  return [fieldErrors.invalid(path, value, "for 'Gt', 'Lt' operators, the value must be an integer")];
}

/** Requirement.Matches. */
export function requirementMatches(requirement: LabelRequirement, labels: Labels): boolean {
  const { key, operator, values } = requirement;
  const actual = labels != null && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'in':
    case '=':
    case '==':
      return actual !== undefined && values.includes(actual);
    case 'notin':
    case '!=':
      return actual === undefined || !values.includes(actual);
    case 'exists':
      return actual !== undefined;
    case '!':
      return actual === undefined;
    case 'gt':
    case 'lt': {
      const left = actual === undefined ? undefined : tryParseInt64(actual);
      const right = tryParseInt64(values[0] ?? '');
      if (left === undefined || right === undefined) return false;
      return operator === 'gt' ? left > right : left < right;
    }
  }
}

/** Requirement.String. */
export function requirementText({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${[...values].sort().join(',')})`;
    case 'gt':
      return `${key}>${values.join(',')}`;
    case 'lt':
      return `${key}<${values.join(',')}`;
    default:
      return `${key}${operator}${values.join(',')}`;
  }
}

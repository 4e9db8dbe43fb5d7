import { type FieldError, fieldErrors, type FieldPath } from './field-error';
import { goQuote } from './go-quote';
import { validateLabelValue, validateQualifiedName } from './label-format';
import { type LabelOperator, newRequirement } from './label-requirement';
import { everyLabel, type LabelSelector, noLabel, selectorOf } from './label-selector';
import { SelectorError } from './selector-error';

/** `metav1.LabelSelector` as it stands in objects. */
export interface LabelSelectorObject {
  matchLabels?: Record<string, string>;
  matchExpressions?: readonly LabelSelectorExpression[];
}

export interface LabelSelectorExpression {
  key: string;
  operator: string;
  values?: readonly string[];
}

const operators: ReadonlyMap<string, LabelOperator> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
]);

/**
 * metav1.LabelSelectorAsSelector: an absent selector matches nothing, an empty one everything.
 * Throws `SelectorError` where an expression is invalid.
 */
export function labelSelectorFromObject(object: LabelSelectorObject | null | undefined): LabelSelector {
  if (object == null) return noLabel();
  const labels = Object.entries(object.matchLabels ?? {});
  const expressions = object.matchExpressions ?? [];
  if (labels.length + expressions.length === 0) return everyLabel();
  const requirements = labels.map(([key, value]) => newRequirement(key, '=', [value]));
  for (const { key, operator, values } of expressions) {
    const op = operators.get(operator);
    if (op === undefined) throw new SelectorError(`${goQuote(operator)} is not a valid label selector operator`);
    requirements.push(newRequirement(key, op, values ?? []));
  }
  return selectorOf(requirements);
}

/** metav1.FormatLabelSelector: for table columns. */
export function formatLabelSelector(object: LabelSelectorObject | null | undefined): string {
  try {
    return labelSelectorFromObject(object).toString() || '<none>';
  } catch (error) {
    if (error instanceof SelectorError) return '<error>';
    throw error;
  }
}

export interface LabelSelectorRules {
  /** Objects stored before values were checked keep theirs (`AllowInvalidLabelValueInSelector`). */
  readonly allowInvalidValues?: boolean;
}

/** k8s.io/apimachinery/pkg/apis/meta/v1/validation.ValidateLabelSelector; labels are visited in key order. */
export function validateLabelSelector(
  object: LabelSelectorObject | null | undefined,
  path: FieldPath,
  rules: LabelSelectorRules = {},
): FieldError[] {
  if (object == null) return [];
  const errors = validateLabels(object.matchLabels, path.child('matchLabels'));
  for (const [i, expression] of (object.matchExpressions ?? []).entries()) {
    errors.push(...validateExpression(expression, path.child('matchExpressions').index(i), rules));
  }
  return errors;
}

function validateExpression(
  expression: LabelSelectorExpression,
  path: FieldPath,
  rules: LabelSelectorRules,
): FieldError[] {
  const errors: FieldError[] = [];
  const { key, operator, values = [] } = expression;
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) {
      errors.push(fieldErrors.required(path.child('values'), "must be specified when `operator` is 'In' or 'NotIn'"));
    }
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) {
      errors.push(
        fieldErrors.forbidden(
          path.child('values'),
          "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        ),
      );
    }
  } else {
    errors.push(fieldErrors.invalid(path.child('operator'), operator, 'not a valid selector operator'));
  }
  errors.push(...validateLabelName(key, path.child('key')));
  if (rules.allowInvalidValues !== true) {
    for (const [i, value] of values.entries()) {
      for (const message of validateLabelValue(value)) {
        errors.push(fieldErrors.invalid(path.child('values').index(i), value, message));
      }
    }
  }
  return errors;
}

/** metav1validation.ValidateLabelName. */
export function validateLabelName(name: string, path: FieldPath): FieldError[] {
  return validateQualifiedName(name).map((message) => fieldErrors.invalid(path, name, message));
}

/** metav1validation.ValidateLabels; Go visits maps in any order, here it is the keys' order. */
export function validateLabels(
  labels: Readonly<Record<string, string>> | null | undefined,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  if (labels == null) return errors;
  for (const key of Object.keys(labels).sort()) {
    const value = labels[key] ?? '';
    errors.push(...validateLabelName(key, path));
    for (const message of validateLabelValue(value)) errors.push(fieldErrors.invalid(path, value, message));
  }
  return errors;
}

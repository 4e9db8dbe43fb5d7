import {
  type FieldPath,
  fieldErrors,
  stringifyJson,
  validateLabelName,
  validateLabelValue,
} from '@reckon/api/machinery';
import type { resourcev1 } from '@reckon/api/types';
import { byteLength, checkOptionalOneOf, checkText, type Errors } from '../../field-checks';
import { checkItems } from './list-checks';
import { checkDriverName } from './resource-names';
import type { SelectorChecker } from './selector-checker';

const longestExpression = 10 * 1024;
const longestParameters = 10 * 1024;
const mostSelectors = 32;

/** New text, or text that was there before later limits. */
type Origin = 'new' | 'stored';

/** `validateSelector` for each. */
export function validateSelectors(
  errors: Errors,
  path: FieldPath,
  selectors: readonly resourcev1.DeviceSelector[] | undefined,
  origin: Origin,
  check: SelectorChecker,
): void {
  checkItems(errors, path, selectors, mostSelectors, (_, selectorPath, { cel }) => {
    if (!cel) {
      errors.push(fieldErrors.required(selectorPath.child('cel')));
      return;
    }
    const expressionPath = selectorPath.child('cel', 'expression');
    // Nobody compiles a book.
    if (byteLength(cel.expression) > longestExpression)
      errors.push(fieldErrors.tooLong(expressionPath, longestExpression));
    else check(errors, expressionPath, cel.expression, origin);
  });
}

/** `validateDeviceConfiguration`. */
export function validateConfiguration(
  errors: Errors,
  path: FieldPath,
  { opaque }: resourcev1.DeviceConfiguration,
  origin: Origin,
): void {
  const opaquePath = path.child('opaque');
  if (!opaque) {
    errors.push(fieldErrors.required(opaquePath));
    return;
  }
  checkDriverName(errors, opaquePath.child('driver'), opaque.driver);
  checkRawObject(errors, opaquePath.child('parameters'), opaque.parameters, origin, longestParameters);
}

/** `validateRawExtension`: an object, whatever is in it. */
export function checkRawObject(errors: Errors, path: FieldPath, value: unknown, origin: Origin, longest: number): void {
  if (value === undefined || value === null) errors.push(fieldErrors.required(path));
  else if (origin === 'new' && byteLength(stringifyJson(value)) > longest)
    errors.push(fieldErrors.tooLong(path, longest));
  else if (typeof value !== 'object' || Array.isArray(value))
    errors.push(fieldErrors.invalid(path, '<value omitted>', 'must be a valid JSON object'));
}

const effects = ['NoExecute', 'NoSchedule', 'None'];

/** `validateDeviceTaint`. */
export function validateTaint(errors: Errors, path: FieldPath, taint: resourcev1.DeviceTaint): void {
  errors.push(...validateLabelName(taint.key, path.child('key')));
  if (taint.value) checkText(errors, path.child('value'), taint.value, validateLabelValue);
  if (!taint.effect) errors.push(fieldErrors.required(path.child('effect')));
  else checkOptionalOneOf(errors, path.child('effect'), taint.effect, effects);
}

/** `validateDeviceToleration`. */
export function validateToleration(errors: Errors, path: FieldPath, toleration: resourcev1.DeviceToleration): void {
  const { key, operator = '', value = '', effect } = toleration;
  if (key) errors.push(...validateLabelName(key, path.child('key')));
  switch (operator) {
    case 'Exists':
      if (value !== '')
        errors.push(fieldErrors.invalid(path.child('value'), value, 'must be empty for operator `Exists`'));
      break;
    case 'Equal':
      checkText(errors, path.child('value'), value, validateLabelValue);
      break;
    case '':
      errors.push(fieldErrors.required(path.child('operator')));
      break;
    default:
      errors.push(fieldErrors.notSupported(path.child('operator'), operator, ['Equal', 'Exists']));
  }
  if (effect) checkOptionalOneOf(errors, path.child('effect'), effect, effects);
}

const mostConditions = 4;

interface Binding {
  readonly bindingConditions?: readonly string[];
  readonly bindingFailureConditions?: readonly string[];
}

/** `validateDeviceBindingParameters`: both kinds of conditions or none, and no condition of both. */
export function validateBinding(errors: Errors, path: FieldPath, binding: Binding): void {
  const { bindingConditions: good = [], bindingFailureConditions: bad = [] } = binding;
  const [goodPath, badPath] = [path.child('bindingConditions'), path.child('bindingFailureConditions')];
  for (const [list, listPath] of [
    [good, goodPath],
    [bad, badPath],
  ] as const)
    checkItems(errors, listPath, list, mostConditions, (_, itemPath, condition) => {
      errors.push(...validateLabelName(condition, itemPath));
    });
  const seen = new Set<string>();
  for (const [i, condition] of good.entries()) {
    if (seen.has(condition)) errors.push(fieldErrors.duplicate(goodPath.index(i), condition));
    seen.add(condition);
  }
  const failures = new Set<string>();
  for (const [i, condition] of bad.entries()) {
    if (failures.has(condition)) errors.push(fieldErrors.duplicate(badPath.index(i), condition));
    failures.add(condition);
    if (seen.has(condition))
      errors.push(
        fieldErrors.invalid(
          badPath.index(i),
          condition,
          'bindingFailureConditions must not overlap with bindingConditions',
        ),
      );
  }
  if (good.length === 0 && bad.length > 0)
    errors.push(fieldErrors.invalid(goodPath, null, 'bindingConditions are required to use bindingFailureConditions'));
  if (bad.length === 0 && good.length > 0)
    errors.push(fieldErrors.invalid(badPath, null, 'bindingFailureConditions are required to use bindingConditions'));
}

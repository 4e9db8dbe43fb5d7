import {
  compareQuantities,
  type FieldPath,
  fieldErrors,
  fieldPath,
  parseQuantity,
  type Quantity,
  quantityMilliValue,
  quantityValue,
  validateQualifiedName,
} from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkText, type Errors } from '../../field-checks';
import { checkContainerResourceName, checkResourceName } from './resource-checks';
import { isOvercommitAllowed } from './resource-names';

const limitTypes = ['Pod', 'Container', 'PersistentVolumeClaim'];

/** resource.MaxMilliValue: beyond it thousandths would overflow. */
const maxMilliValue = (2n ** 63n - 1n) / 1000n;

/** ValidateLimitRange. */
export function validateLimitRange(range: corev1.LimitRange): Errors {
  const errors: Errors = [];
  const path = fieldPath('spec', 'limits');
  const types = new Set<string>();
  for (const [index, item] of (range.spec?.limits ?? []).entries()) {
    const itemPath = path.index(index);
    checkLimitType(errors, itemPath.child('type'), item.type);
    if (types.has(item.type)) errors.push(fieldErrors.duplicate(itemPath.child('type'), item.type));
    types.add(item.type);
    validateItem(errors, itemPath, item);
  }
  return errors;
}

function checkLimitType(errors: Errors, path: FieldPath, type: string): void {
  const before = errors.length;
  checkText(errors, path, type, validateQualifiedName);
  if (errors.length === before && !type.includes('/') && !limitTypes.includes(type))
    errors.push(fieldErrors.invalid(path, type, 'must be a standard limit type or fully qualified'));
}

function validateItem(errors: Errors, path: FieldPath, item: corev1.LimitRangeItem): void {
  const names = new Set<string>();
  const collect = (field: string, list: Record<string, string> | undefined): void => {
    for (const name of Object.keys(list ?? {})) {
      const namePath = path.child(field).key(name);
      if (item.type === 'Pod' || item.type === 'Container') checkContainerResourceName(errors, namePath, name);
      else checkResourceName(errors, namePath, name);
      names.add(name);
    }
  };
  collect('max', item.max);
  collect('min', item.min);
  const isPod = item.type === 'Pod';
  if (isPod) {
    for (const [field, list] of [
      ['default', item.default],
      ['defaultRequest', item.defaultRequest],
    ] as const)
      if (Object.keys(list ?? {}).length > 0)
        errors.push(fieldErrors.forbidden(path.child(field), "may not be specified when `type` is 'Pod'"));
  } else {
    collect('default', item.default);
    collect('defaultRequest', item.defaultRequest);
  }
  if (item.type === 'PersistentVolumeClaim' && !has(item.min, 'storage') && !has(item.max, 'storage'))
    errors.push(
      fieldErrors.required(
        path.child('limits'),
        'either minimum or maximum storage value is required, but neither was provided',
      ),
    );
  collect('maxLimitRequestRatio', item.maxLimitRequestRatio);
  for (const name of names)
    compareBounds(errors, path, name, {
      min: bound(item.min, name),
      max: bound(item.max, name),
      limit: isPod ? undefined : bound(item.default, name),
      request: isPod ? undefined : bound(item.defaultRequest, name),
      ratio: bound(item.maxLimitRequestRatio, name),
    });
}

const has = (list: Record<string, string> | undefined, name: string): boolean => Object.hasOwn(list ?? {}, name);

interface Bound {
  readonly text: string;
  readonly quantity: Quantity;
}

function bound(list: Record<string, string> | undefined, name: string): Bound | undefined {
  if (!has(list, name)) return undefined;
  const text = list?.[name] ?? '0';
  return { text, quantity: parseQuantity(text) };
}

interface Bounds {
  readonly min: Bound | undefined;
  readonly max: Bound | undefined;
  readonly limit: Bound | undefined;
  readonly request: Bound | undefined;
  readonly ratio: Bound | undefined;
}

const exceeds = (a: Bound | undefined, b: Bound | undefined): boolean =>
  a !== undefined && b !== undefined && compareQuantities(a.quantity, b.quantity) > 0;

/** min ≤ default request ≤ default limit ≤ max, said in upstream's words and at upstream's fields. */
function compareBounds(errors: Errors, path: FieldPath, name: string, bounds: Bounds): void {
  const { min, max, limit, request, ratio } = bounds;
  const say = (field: string, value: Bound | undefined, text: string): void => {
    errors.push(fieldErrors.invalid(path.child(field).key(name), value?.text, text));
  };
  const minText = min?.text ?? '';
  const maxText = max?.text ?? '';
  const limitText = limit?.text ?? '';
  const requestText = request?.text ?? '';
  if (exceeds(min, max)) say('min', min, `min value ${minText} is greater than max value ${maxText}`);
  if (exceeds(min, request))
    say('defaultRequest', request, `min value ${minText} is greater than default request value ${requestText}`);
  if (exceeds(request, max))
    say('defaultRequest', request, `default request value ${requestText} is greater than max value ${maxText}`);
  if (exceeds(request, limit))
    say(
      'defaultRequest',
      request,
      `default request value ${requestText} is greater than default limit value ${limitText}`,
    );
  if (exceeds(min, limit)) say('default', min, `min value ${minText} is greater than default value ${limitText}`);
  if (exceeds(limit, max)) say('default', max, `default value ${limitText} is greater than max value ${maxText}`);
  if (ratio !== undefined) {
    if (compareQuantities(ratio.quantity, parseQuantity('1')) < 0)
      say('maxLimitRequestRatio', ratio, `ratio ${ratio.text} is less than 1`);
    if (min !== undefined && max !== undefined) {
      const most = largestRatio(min.quantity, max.quantity, ratio.quantity);
      if (most.ratio > most.limit)
        say('maxLimitRequestRatio', ratio, `ratio ${ratio.text} is greater than max/min = ${most.limit.toFixed(6)}`);
    }
  }
  if (
    !isOvercommitAllowed(name) &&
    limit !== undefined &&
    request !== undefined &&
    compareQuantities(limit.quantity, request.quantity) !== 0
  )
    say(
      'defaultRequest',
      request,
      `default value ${limitText} must equal to defaultRequest value ${requestText} in ${name}`,
    );
}

/** In thousandths where they fit, else in units: what upstream divides. */
function largestRatio(min: Quantity, max: Quantity, ratio: Quantity): { ratio: number; limit: number } {
  const fits = [ratio, min, max].every((quantity) => quantityValue(quantity) < maxMilliValue);
  if (!fits)
    return { ratio: Number(quantityValue(ratio)), limit: Number(quantityValue(max)) / Number(quantityValue(min)) };
  return {
    ratio: Number(quantityMilliValue(ratio)) / 1000,
    limit: Number(quantityMilliValue(max)) / Number(quantityMilliValue(min)),
  };
}

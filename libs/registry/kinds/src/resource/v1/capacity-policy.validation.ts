import {
  addQuantities,
  canonicalQuantity,
  type FieldPath,
  fieldErrors,
  parseQuantity,
  quantityText,
  quantityValue,
} from '@reckon/api/machinery';
import type { resourcev1 } from '@reckon/api/types';
import { compareQuantityTexts } from '../../core/v1/resource-checks';
import type { Errors } from '../../field-checks';
import { checkSet } from './list-checks';

const mostValues = 10;

type Policy = resourcev1.CapacityRequestPolicy;

/** `validateRequestPolicy`: what amounts of a shared capacity can be asked for, each at most all of it. */
export function validateCapacityPolicy(errors: Errors, path: FieldPath, capacity: string, policy: Policy): void {
  const values = policy.validValues ?? [];
  if (values.length > 0 && policy.validRange) {
    errors.push(
      fieldErrors.forbidden(
        path,
        'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time',
      ),
    );
    return;
  }
  if (values.length > 0) {
    if (!policy.default)
      errors.push(fieldErrors.required(path.child('default'), 'required when validValues is defined'));
    else validateValues(errors, path.child('validValues'), capacity, policy.default, values);
  } else if (policy.validRange) {
    if (!policy.default)
      errors.push(fieldErrors.required(path.child('default'), 'required when validRange is defined'));
    else validateRange(errors, path.child('validRange'), capacity, policy.default, policy.validRange);
  }
}

const isMore = (a: string, b: string): boolean => compareQuantityTexts(a, b) > 0;

function validateValues(
  errors: Errors,
  path: FieldPath,
  capacity: string,
  usual: string,
  values: readonly string[],
): void {
  for (const [i, value] of values.entries()) {
    const before = values[i - 1];
    if (before !== undefined && isMore(before, value))
      errors.push(fieldErrors.invalid(path.index(i), value, 'values must be sorted in ascending order'));
  }
  checkSet(
    errors,
    path,
    values,
    mostValues,
    (value) => String(quantityValue(parseQuantity(value))),
    (_, itemPath, value) => {
      if (isMore(value, capacity))
        errors.push(fieldErrors.invalid(itemPath, value, `option is larger than capacity value: ${capacity}`));
    },
  );
  const isThere = values.length <= mostValues && values.some((value) => compareQuantityTexts(value, usual) === 0);
  if (!isThere)
    errors.push(fieldErrors.invalid(path, usual, 'default value is not valid according to the requestPolicy'));
}

function validateRange(
  errors: Errors,
  path: FieldPath,
  capacity: string,
  usual: string,
  { min, max, step }: resourcev1.CapacityRequestPolicyRange,
): void {
  const [minPath, maxPath, stepPath] = [path.child('min'), path.child('max'), path.child('step')];
  if (min === undefined) {
    errors.push(fieldErrors.required(minPath, 'required when validRange is defined'));
    return;
  }
  if (isMore(min, capacity))
    errors.push(fieldErrors.invalid(minPath, min, `min is larger than capacity value: ${capacity}`));
  if (isMore(min, usual)) errors.push(fieldErrors.invalid(minPath, usual, `default is less than min: ${min}`));
  if (max !== undefined) {
    if (isMore(min, max)) errors.push(fieldErrors.invalid(maxPath, min, `min is larger than max: ${max}`));
    if (isMore(max, capacity))
      errors.push(fieldErrors.invalid(maxPath, max, `max is larger than capacity value: ${capacity}`));
    if (isMore(usual, max)) errors.push(fieldErrors.invalid(maxPath, usual, `default is more than max: ${max}`));
  }
  if (step === undefined) return;
  const first = canonicalQuantity(quantityText(addQuantities(parseQuantity(min), parseQuantity(step))));
  if (isMore(first, capacity))
    errors.push(fieldErrors.invalid(stepPath, step, `one step ${first} is larger than capacity value: ${capacity}`));
  for (const value of max === undefined ? [usual] : [usual, max]) checkStep(errors, stepPath, value, min, step);
}

function checkStep(errors: Errors, path: FieldPath, value: string, min: string, step: string): void {
  const size = quantityValue(parseQuantity(step));
  const beyond = quantityValue(parseQuantity(value)) - quantityValue(parseQuantity(min));
  // Upstream divides by it, and fails on a step of nothing.
  if (size === 0n || beyond % size !== 0n)
    errors.push(fieldErrors.invalid(path, value, `value is not a multiple of a given step (${step}) from (${min})`));
}

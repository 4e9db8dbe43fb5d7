import {
  compareQuantities,
  type FieldPath,
  fieldErrors,
  parseQuantity,
  quantityMilliValue,
  quantitySign,
  quantityValue,
  validateQualifiedName,
} from '@reckon/api/machinery';
import { checkText, type Errors } from '../../field-checks';
import { isContainerResource, isExtended, isInteger, isNative, isStandard } from './resource-names';

/** Quantities of a decoded object are canonical, so their text is what upstream prints. */
export function compareQuantityTexts(a: string, b: string): number {
  if (a === b) return 0;
  const left = plainMilli(a);
  const right = plainMilli(b);
  if (left !== undefined && right !== undefined) return left - right;
  return compareQuantities(parseQuantity(a), parseQuantity(b));
}

const plain = /^(\d{1,12})(m|k|M|G|Ki|Mi|Gi)?$/;
const milliOf: Readonly<Record<string, number>> = {
  m: 1,
  '': 1e3,
  k: 1e6,
  M: 1e9,
  G: 1e12,
  Ki: 1024 * 1e3,
  Mi: 1024 ** 2 * 1e3,
  Gi: 1024 ** 3 * 1e3,
};

/** Thousandths of what nearly every quantity looks like, exact; undefined where a float would not be. */
function plainMilli(text: string): number | undefined {
  const match = plain.exec(text);
  if (match === null) return undefined;
  const milli = Number(match[1]) * (milliOf[match[2] ?? ''] ?? NaN);
  return milli <= Number.MAX_SAFE_INTEGER ? milli : undefined;
}

/** ValidateResourceQuantityValue: not negative, and whole where the resource comes in pieces. */
export function checkResourceQuantity(errors: Errors, path: FieldPath, name: string, quantity: string): void {
  // Almost every quantity is a plain positive number of something divisible: the parser is not needed to see that.
  const whole = isInteger(name);
  if (!whole && !quantity.startsWith('-')) return;
  const parsed = parseQuantity(quantity);
  if (quantitySign(parsed) < 0) errors.push(fieldErrors.invalid(path, quantity, 'must be greater than or equal to 0'));
  if (whole && quantityMilliValue(parsed) % 1000n !== 0n)
    errors.push(fieldErrors.invalid(path, quantity, 'must be an integer'));
}

/** `validateBasicResource`. */
export function checkBasicQuantity(errors: Errors, path: FieldPath, quantity: string): void {
  if (!quantity.startsWith('-')) return;
  const value = quantityValue(parseQuantity(quantity));
  if (value < 0n) errors.push(fieldErrors.invalid(path, value, 'must be a valid resource quantity'));
}

/** ValidatePositiveQuantityValue. */
export function checkPositiveQuantity(errors: Errors, path: FieldPath, quantity: string): void {
  if (quantitySign(parseQuantity(quantity)) <= 0)
    errors.push(fieldErrors.invalid(path, quantity, 'must be greater than zero'));
}

/** `validateResourceName`: false when nothing more can be said about the name. */
export function checkResourceName(errors: Errors, path: FieldPath, name: string): boolean {
  const before = errors.length;
  checkText(errors, path, name, validateQualifiedName);
  if (errors.length > before) return false;
  if (!name.includes('/') && !isStandard(name)) {
    errors.push(fieldErrors.invalid(path, name, 'must be a standard resource type or fully qualified'));
    return false;
  }
  return true;
}

/** `validateContainerResourceName`, which goes on after the first refusal. */
export function checkContainerResourceName(errors: Errors, path: FieldPath, name: string): void {
  if (isContainerResource(name)) {
    // `hugepages-` with nothing behind it is all that could be wrong with the name itself.
    if (name.startsWith('hugepages-')) checkText(errors, path, name, validateQualifiedName);
    return;
  }
  checkResourceName(errors, path, name);
  if (!name.includes('/')) errors.push(fieldErrors.invalid(path, name, 'must be a standard resource for containers'));
  else if (!isNative(name) && !isExtended(name))
    errors.push(fieldErrors.invalid(path, name, "doesn't follow extended resource name standard"));
}

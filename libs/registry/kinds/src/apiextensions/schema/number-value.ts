import type { JsonSchema } from './json-schema';
import { type ValueResult, valueErrors } from './value-result';

/** A number as Go's `%v` prints it. */
export function goNumber(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e21)) return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  return String(value);
}

/** `numberValidator`: of a whole number the bounds are cut to whole ones. */
export function validateNumber(result: ValueResult, name: string, value: number, schema: JsonSchema): void {
  const isWhole = Number.isInteger(value);
  const bound = (limit: number): number => (isWhole ? Math.trunc(limit) : limit);
  const { multipleOf, maximum, minimum } = schema;
  if (multipleOf !== undefined) validateMultiple(result, name, value, bound(multipleOf));
  if (maximum !== undefined) {
    const most = bound(maximum);
    const isExclusive = schema.exclusiveMaximum === true;
    if (value > most || (isExclusive && value >= most))
      result.add(
        valueErrors.invalid(name, `should be less than ${isExclusive ? '' : 'or equal to '}${goNumber(most)}`, value),
      );
  }
  if (minimum !== undefined) {
    const least = bound(minimum);
    const isExclusive = schema.exclusiveMinimum === true;
    if (value < least || (isExclusive && value <= least))
      result.add(
        valueErrors.invalid(
          name,
          `should be greater than ${isExclusive ? '' : 'or equal to '}${goNumber(least)}`,
          value,
        ),
      );
  }
}

function validateMultiple(result: ValueResult, name: string, value: number, factor: number): void {
  if (factor < 0) {
    result.add(valueErrors.negativeFactor(name, factor, goNumber(factor)));
    return;
  }
  const quotient = factor < 1 ? (1 / factor) * value : value / factor;
  if (Math.abs(quotient - Math.round(quotient)) > 1e-9 * Math.max(1, Math.abs(quotient)))
    result.add(valueErrors.invalid(name, `should be a multiple of ${goNumber(factor)}`, value));
}

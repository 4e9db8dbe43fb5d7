import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addQuantities,
  compareQuantities,
  isZeroQuantity,
  milliQuantityOf,
  multiplyQuantity,
  negateQuantity,
  type Quantity,
  quantityMilliValue,
  quantityNumber,
  quantityOf,
  quantitySign,
  quantityValue,
  scaledValue,
  subtractQuantities,
  zeroQuantity,
} from './quantity';
import { parseQuantity, QuantityError } from './quantity-parser';
import { quantityText } from './quantity-text';

const text = (q: Quantity): string => quantityText(q);
const sum = (a: string, b: string): string => text(addQuantities(parseQuantity(a), parseQuantity(b)));
const difference = (a: string, b: string): string => text(subtractQuantities(parseQuantity(a), parseQuantity(b)));
const compare = (a: string, b: string): number => compareQuantities(parseQuantity(a), parseQuantity(b));

describe('arithmetic on quantities', () => {
  it('keeps the notation of the left side, or of the right where the left is zero', () => {
    expect(sum('1Gi', '1Gi')).toBe('2Gi');
    expect(sum('100m', '0.4')).toBe('500m');
    expect(sum('1Gi', '1')).toBe('1073741825');
    expect(sum('0', '1Gi')).toBe('1Gi');
    expect(sum('1000', '24Ki')).toBe('25576');
    expect(difference('2', '500m')).toBe('1500m');
    expect(difference('0', '1Ki')).toBe('-1Ki');
    expect(text(multiplyQuantity(parseQuantity('250m'), 4))).toBe('1');
  });

  it('is exact where floats are not', () => {
    expect(sum('0.1', '0.2')).toBe('300m');
    expect(sum('9223372036854775807', '1')).toBe('9223372036854775808');
  });

  it('compares across notations', () => {
    expect(compare('1', '1000m')).toBe(0);
    expect(compare('1Ki', '1k')).toBe(1);
    expect(compare('-1', '1n')).toBe(-1);
    expect(compare('-2', '-1')).toBe(-1);
    expect(compare('-10', '-9.5')).toBe(-1);
    expect(compare('0', '0Ki')).toBe(0);
  });

  it('rounds away from zero', () => {
    expect(quantityValue(parseQuantity('1.1'))).toBe(2n);
    expect(quantityValue(parseQuantity('-1.1'))).toBe(-2n);
    expect(quantityMilliValue(parseQuantity('0.0001'))).toBe(1n);
    expect(quantityMilliValue(parseQuantity('2'))).toBe(2000n);
    expect(scaledValue(parseQuantity('1234'), 3)).toBe(2n);
    expect(quantityNumber(parseQuantity('250m'))).toBe(0.25);
  });

  it('holds values within int64', () => {
    expect(quantityValue(parseQuantity('1e30'))).toBe(2n ** 63n - 1n);
    expect(quantityValue(parseQuantity('-1e30'))).toBe(-(2n ** 63n - 1n));
    expect(quantityMilliValue(parseQuantity('8Ei'))).toBe(2n ** 63n - 1n);
  });

  it('survives monstrous exponents without writing them out', () => {
    const monster = parseQuantity('1e2000000000');
    expect(compareQuantities(monster, parseQuantity('1'))).toBe(1);
    expect(compareQuantities(negateQuantity(monster), parseQuantity('1'))).toBe(-1);
    expect(quantityValue(monster)).toBe(2n ** 63n - 1n);
    expect(text(addQuantities(parseQuantity('1Gi'), monster))).toBe('100');
    expect(text(addQuantities(monster, parseQuantity('1')))).toBe('100e1999999998');
    expect(text(parseQuantity('1e-2000000000'))).toBe('1e-9');
  });

  it('knows zero and signs', () => {
    expect(isZeroQuantity(parseQuantity('0Gi'))).toBe(true);
    expect(quantitySign(zeroQuantity)).toBe(0);
    expect(quantitySign(parseQuantity('-1'))).toBe(-1);
    expect(quantitySign(parseQuantity('1n'))).toBe(1);
    expect(text(quantityOf(2048, 'BinarySI'))).toBe('2Ki');
    expect(text(milliQuantityOf(1500))).toBe('1500m');
  });

  it('adds and subtracts back, in any notation', () => {
    const suffix = fc.constantFrom('', 'm', 'u', 'n', 'k', 'M', 'Ki', 'Mi', 'Gi', 'e3', 'e-3');
    const quantity = fc.tuple(fc.integer({ min: -1e9, max: 1e9 }), suffix).map(([n, s]) => `${String(n)}${s}`);
    fc.assert(
      fc.property(quantity, quantity, (a, b) => {
        const [left, right] = [parseQuantity(a), parseQuantity(b)];
        expect(compareQuantities(subtractQuantities(addQuantities(left, right), right), left)).toBe(0);
        expect(compareQuantities(left, right)).toBe(-compareQuantities(right, left) + 0);
        expect(compareQuantities(parseQuantity(text(addQuantities(left, right))), addQuantities(left, right))).toBe(0);
      }),
    );
  });

  it.each(['Pi', '-Ei', '.Ei', '1e30x'])('refuses %s, which is nothing or too much for a quick look', (given) => {
    expect(() => parseQuantity(given)).toThrow(QuantityError);
  });

  it('takes a small unit alone for none of it', () => {
    expect(text(parseQuantity('Ti'))).toBe('0');
  });

  it('is read once, however long its text is', () => {
    for (const text of ['0'.repeat(200_000), '1'.repeat(200_000), `1.${'0'.repeat(200_000)}`])
      expect(() => parseQuantity(`${text}x`)).toThrow('quantities must match');
  });
});

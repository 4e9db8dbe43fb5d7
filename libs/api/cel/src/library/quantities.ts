import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  type Quantity,
  QuantityError,
  quantityNumber,
  quantityOf,
  quantitySign,
  subtractQuantities,
} from '@reckon/api/machinery';
import { callCosts } from '../evaluate/call-cost';
import type { CelCall, CelFunctionTable } from '../evaluate/cel-run';
import { isInt64 } from '../value/cel-time';
import { CelError, CelLibraryValue, type CelValue } from '../value/cel-value';

export class CelQuantity extends CelLibraryValue {
  readonly typeName = 'kubernetes.Quantity';

  constructor(readonly quantity: Quantity) {
    super();
  }

  equals(other: unknown): boolean {
    return other instanceof CelQuantity && compareQuantities(this.quantity, other.quantity) === 0;
  }
}

/** Undefined for what is none, with the reason as an error value. */
export function quantityValueOf(text: string): CelQuantity | CelError {
  try {
    return new CelQuantity(parseQuantity(text));
  } catch (error) {
    if (error instanceof QuantityError) return new CelError(error.message);
    throw error;
  }
}

/** Whole numbers beyond this many digits are no int64. */
const mostScale = 19;

/** Quantity.AsInt64: undefined where it would not be exact. */
function integerOf({ unscaled, scale }: Quantity): bigint | undefined {
  if (unscaled === 0n) return 0n;
  if (scale > mostScale) return undefined;
  const unit = 10n ** BigInt(Math.abs(scale));
  if (scale < 0 && unscaled % unit !== 0n) return undefined;
  const value = scale < 0 ? unscaled / unit : unscaled * unit;
  return isInt64(value) ? value : undefined;
}

const onQuantity =
  (call: (quantity: Quantity) => CelValue): CelCall =>
  ([value]) =>
    value instanceof CelQuantity ? call(value.quantity) : undefined;

const combine =
  (operate: (a: Quantity, b: Quantity) => Quantity): CelCall =>
  ([a, b]) => {
    if (!(a instanceof CelQuantity)) return undefined;
    if (b instanceof CelQuantity) return new CelQuantity(operate(a.quantity, b.quantity));
    return typeof b === 'bigint' ? new CelQuantity(operate(a.quantity, quantityOf(b, 'DecimalExponent'))) : undefined;
  };

/** apiserver/pkg/cel/library `Quantity`; versions are compared by the same names (`comparisons`). */
export const quantityFunctions: CelFunctionTable = {
  quantity: {
    run: ([text]) => (typeof text === 'string' ? quantityValueOf(text) : undefined),
    cost: callCosts.traverse,
  },
  isQuantity: {
    run: ([text]) => (typeof text === 'string' ? quantityValueOf(text) instanceof CelQuantity : undefined),
    cost: callCosts.traverse,
  },
  sign: onQuantity((quantity) => BigInt(quantitySign(quantity))),
  asApproximateFloat: onQuantity(quantityNumber),
  asInteger: onQuantity((quantity) => integerOf(quantity) ?? new CelError('cannot convert value to integer')),
  isInteger: onQuantity((quantity) => integerOf(quantity) !== undefined),
  add: combine(addQuantities),
  sub: combine(subtractQuantities),
};

import type { CelFunctionTable } from '../evaluate/cel-run';
import {
  CelBytes,
  CelDuration,
  CelError,
  CelOptional,
  CelTimestamp,
  CelUint,
  type CelValue,
  none,
} from '../value/cel-value';

/** Go's zero values; nothing of a library is one. */
function isZero(value: CelValue): boolean {
  if (typeof value === 'bigint') return value === 0n;
  if (typeof value !== 'object') return !value;
  if (value === null) return true;
  if (value instanceof CelUint) return value.value === 0n;
  if (value instanceof CelBytes) return value.bytes.length === 0;
  if (value instanceof CelDuration) return value.nanos === 0n;
  // Go's zero time is the beginning of our era.
  if (value instanceof CelTimestamp) return value.nanos === -62_135_596_800_000_000_000n;
  if (value instanceof CelOptional) return value.value === undefined;
  return (value.kind === 'list' || value.kind === 'map') && value.size === 0;
}

/** cel-go `OptionalTypes`; `or` and `orValue` do not look at all of their arguments and are no functions. */
export const optionalFunctions: CelFunctionTable = {
  'optional.of': ([value = null]) => new CelOptional(value),
  'optional.ofNonZeroValue': ([value = null]) => (isZero(value) ? none : new CelOptional(value)),
  'optional.none': () => none,
  value: ([optional = null]) => {
    if (!(optional instanceof CelOptional)) return undefined;
    return optional.value === undefined ? new CelError('optional.none() dereference') : optional.value;
  },
  hasValue: ([optional = null]) => (optional instanceof CelOptional ? optional.value !== undefined : undefined),
};

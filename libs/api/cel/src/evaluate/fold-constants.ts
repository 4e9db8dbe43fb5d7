import { CelError, CelUint, type CelValue, isCelList, ValueMap } from '../value/cel-value';
import { CelMeter } from './cel-meter';
import { type CelRun, type CelStep, constantStep } from './cel-run';

/** A conversion of what is written there that fails: there is no program then. */
export class CelInstantiationError extends Error {
  readonly code = 'CelInstantiation';
  constructor(message: string) {
    super(`program instantiation failed: ${message}`);
    this.name = 'CelInstantiationError';
  }
}

/** cel-go common/overloads `IsTypeConversionFunction` */
const conversions: ReadonlySet<string> = new Set([
  'bool',
  'bytes',
  'double',
  'duration',
  'dyn',
  'int',
  'string',
  'timestamp',
  'type',
  'uint',
]);

/** A run of what knows no variables. */
const emptyRun = (): CelRun => ({ meter: new CelMeter(Infinity), locals: [], variable: () => null });

/** A list or map of nothing but constants is made once (cel-go interpreter `decOptimize`). */
export function foldLiteral(parts: readonly CelStep[], make: CelStep): CelStep {
  if (parts.some(({ constant }) => constant === undefined)) return make;
  const value = make(emptyRun());
  return value instanceof CelError ? make : constantStep(value);
}

/** Throws CelInstantiationError. */
export function foldConversion(name: string, parts: readonly CelStep[], call: CelStep): CelStep {
  if (parts.length !== 1 || parts[0]?.constant === undefined || !conversions.has(name)) return call;
  const value = call(emptyRun());
  if (value instanceof CelError) throw new CelInstantiationError(value.message);
  return constantStep(value);
}

/** `x in [1, 2]`: looked up, not gone through (interpreter `maybeOptimizeSetMembership`). Undefined for other lists. */
export function membershipStep(member: CelStep, list: CelStep): CelStep | undefined {
  const values = list.constant?.value;
  if (values === undefined || !isCelList(values)) return undefined;
  if (values.size === 0) return constantStep(false);
  const known = new ValueMap();
  for (let i = 0; i < values.size; i++) {
    const value = values.at(i);
    if (!isPlain(value)) return undefined;
    known.set(value, true);
  }
  return (run) => {
    const value = member(run);
    return value instanceof CelError ? value : known.find(value) !== undefined;
  };
}

const isPlain = (value: CelValue): boolean =>
  value instanceof CelUint || (value !== null && typeof value !== 'object' && !Number.isNaN(value));

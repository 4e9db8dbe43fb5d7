import { durationText, timestampText } from './cel-time';
import { CelCostExceeded, CelMeter } from '../evaluate/cel-meter';
import { type CelList, type CelMap, typeNameOf, type CelValue } from './cel-value';

/** A value that JSON cannot say: a function library's own, a type, an optional one that is none. */
export class CelJsonError extends Error {
  readonly code = 'CelJson';
  constructor(message: string) {
    super(message);
    this.name = 'CelJsonError';
  }
}

const costPerPart = 0.1;
/** A value can be small and its JSON not: what is in it twice is written twice. */
const mostCost = 100_000;

/** Plain JSON of what an expression evaluated to; throws `CelJsonError`. */
export function celJson(value: CelValue): unknown {
  try {
    return jsonOfValue(value, new CelMeter(mostCost));
  } catch (error) {
    if (error instanceof CelCostExceeded) throw new CelJsonError('the value is too large');
    throw error;
  }
}

/** Plain JSON of a value: integers as numbers where these are exact, else as bigints; fields that are optional and not there are left out. */
function jsonOfValue(value: CelValue, meter: CelMeter): unknown {
  meter.charge(costPerPart);
  if (typeof value === 'bigint') return numberOf(value);
  if (typeof value !== 'object' || value === null) return value;
  switch (value.kind) {
    case 'uint':
      return numberOf(value.value);
    case 'bytes':
      return Buffer.from(value.bytes).toString('base64');
    case 'timestamp':
      return timestampText(value.nanos);
    case 'duration':
      return durationText(value.nanos);
    case 'list':
      return jsonOfList(value, meter);
    case 'map':
      return jsonOfMap(value, meter);
    case 'optional':
      if (value.value === undefined) throw new CelJsonError('optional.none() has no JSON');
      return jsonOfValue(value.value, meter);
    case 'error':
      throw new CelJsonError(value.message);
    default:
      throw new CelJsonError(`type conversion error from '${typeNameOf(value)}' to 'JSON'`);
  }
}

const numberOf = (value: bigint): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};

/** One by one: a list that was joined often may say that it is longer than any array. */
function jsonOfList(list: CelList, meter: CelMeter): unknown[] {
  const result: unknown[] = [];
  for (let i = 0; i < list.size; i++) result.push(jsonOfValue(list.at(i), meter));
  return result;
}

function nameOf(key: CelValue): string {
  if (typeof key !== 'object') return String(key);
  if (key?.kind === 'uint') return String(key.value);
  throw new CelJsonError(`unsupported map key of type ${typeNameOf(key)}`);
}

function jsonOfMap(map: CelMap, meter: CelMeter): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const key of map.keys()) {
    const name = nameOf(key);
    // Defined, not assigned: a key may be `__proto__`.
    Object.defineProperty(result, name, {
      value: jsonOfValue(map.find(key, meter) ?? null, meter),
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  return result;
}

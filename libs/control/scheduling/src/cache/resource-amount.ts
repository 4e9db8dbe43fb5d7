import { parseQuantity, quantityMilliValue, quantityValue } from '@reckon/api/machinery';

/** Written out in numbers, so that a filter is an addition and a comparison. Exact up to 2^53 (9 PB, 9 trillion CPUs). */
export interface Amounts {
  milliCpu: number;
  memory: number;
  ephemeralStorage: number;
  /** Only of a node: how many pods it takes. */
  pods: number;
  /** Extended resources, huge pages, attachable volumes; absent until one is there. */
  scalars: Map<string, number> | undefined;
}

export type ResourceList = Readonly<Record<string, string>> | null | undefined;

export const noAmounts = (): Amounts => ({ milliCpu: 0, memory: 0, ephemeralStorage: 0, pods: 0, scalars: undefined });

/** Names that are counted beside the four fixed ones (pkg/scheduler/util.IsScalarResourceName). */
export const isScalarResource = (name: string): boolean =>
  name.includes('/') || name.startsWith('hugepages-') || name.startsWith('attachable-volumes-');

/** The amounts of a resource list, each number at most once. */
export function amountsOf(list: ResourceList): Amounts {
  const amounts = noAmounts();
  if (list == null) return amounts;
  for (const name of Object.keys(list)) {
    const text = list[name] ?? '0';
    switch (name) {
      case 'cpu':
        amounts.milliCpu = milliUnits(text);
        break;
      case 'memory':
        amounts.memory = units(text);
        break;
      case 'ephemeral-storage':
        amounts.ephemeralStorage = units(text);
        break;
      case 'pods':
        amounts.pods = units(text);
        break;
      default:
        if (isScalarResource(name)) (amounts.scalars ??= new Map()).set(name, units(text));
    }
  }
  return amounts;
}

export function addAmounts(to: Amounts, more: Amounts, sign: 1 | -1 = 1): void {
  to.milliCpu += sign * more.milliCpu;
  to.memory += sign * more.memory;
  to.ephemeralStorage += sign * more.ephemeralStorage;
  if (more.scalars !== undefined) {
    to.scalars ??= new Map();
    for (const [name, value] of more.scalars) {
      const sum = (to.scalars.get(name) ?? 0) + sign * value;
      if (sum === 0) to.scalars.delete(name);
      else to.scalars.set(name, sum);
    }
    if (to.scalars.size === 0) to.scalars = undefined;
  }
}

/** Each resource as the larger of both. */
export function raiseAmounts(to: Amounts, other: Amounts): void {
  to.milliCpu = Math.max(to.milliCpu, other.milliCpu);
  to.memory = Math.max(to.memory, other.memory);
  to.ephemeralStorage = Math.max(to.ephemeralStorage, other.ephemeralStorage);
  if (other.scalars !== undefined) {
    to.scalars ??= new Map();
    for (const [name, value] of other.scalars) to.scalars.set(name, Math.max(to.scalars.get(name) ?? 0, value));
  }
}

export const copyAmounts = (a: Amounts): Amounts => ({
  ...a,
  scalars: a.scalars === undefined ? undefined : new Map(a.scalars),
});

/** Thousandths, rounded up. */
export function milliUnits(text: string): number {
  const end = text.length - 1;
  if (text.charCodeAt(end) === milliSign) {
    const plain = plainInteger(text, end);
    if (plain !== undefined) return plain;
  }
  const plain = plainInteger(text, text.length);
  return plain === undefined ? Number(quantityMilliValue(parseQuantity(text))) : plain * 1000;
}

/** Whole units, rounded up. */
export function units(text: string): number {
  const length = text.length;
  if (length > 2 && text.charCodeAt(length - 1) === binarySign) {
    const plain = plainInteger(text, length - 2);
    const factor = binaryFactors[text.charAt(length - 2)];
    if (plain !== undefined && factor !== undefined) return plain * factor;
  }
  return plainInteger(text, length) ?? Number(quantityValue(parseQuantity(text)));
}

const milliSign = 'm'.charCodeAt(0);
const binarySign = 'i'.charCodeAt(0);
const binaryFactors: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** `text[0, end)` if it is nothing but up to twelve digits: nearly every quantity there is. */
function plainInteger(text: string, end: number): number | undefined {
  if (end === 0 || end > 12) return undefined;
  let value = 0;
  for (let i = 0; i < end; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

import type { CelType } from '../check/cel-type';
import type { SizedType } from './sized-type';

/** What a part of an expression may cost at most, and how large its value may be. */
export interface Estimate {
  readonly cost: number;
  /** Undefined where nothing bounds it. */
  readonly size?: number | undefined;
  /** Where the value comes from, when it is a part of what a schema describes. */
  readonly place?: SizedType | undefined;
  /** Of lists and maps that the expression makes: how large what is in them may be. */
  readonly entry?: Entry | undefined;
}

export interface Entry {
  readonly key: number;
  readonly value: number;
}

/** With the type that the checker found. */
export interface TypedEstimate extends Estimate {
  readonly type: CelType;
  /** Its size is not only the largest, but the one that it has. */
  readonly isLiteral?: boolean;
  /** The whole number that is written there. */
  readonly literal?: number | undefined;
}

/** Counts stay below what 64 bits hold (checker `addUint64NoOverflow`). */
export const unlimited = 2 ** 64 - 1;

export const plus = (...costs: readonly number[]): number =>
  Math.min(
    unlimited,
    costs.reduce((sum, cost) => sum + cost, 0),
  );
export const times = (a: number, b: number): number => Math.min(unlimited, a * b);
export const perUnit = (size: number, factor: number): number => Math.min(unlimited, Math.ceil(size * factor));
export const sizeOrUnlimited = ({ size }: Estimate): number => size ?? unlimited;

export const unite = (a: Entry | undefined, b: Entry | undefined): Entry | undefined =>
  a === undefined || b === undefined ? undefined : { key: Math.max(a.key, b.key), value: Math.max(a.value, b.value) };

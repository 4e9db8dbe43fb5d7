import type { CelValue } from '../value/cel-value';
import type { CelMeter } from './cel-meter';

/** One evaluation of an expression. */
export interface CelRun {
  readonly meter: CelMeter;
  /** Variables of the comprehensions that are being gone through, the outermost first. */
  readonly locals: CelValue[];
  variable(name: string): CelValue;
}

/** A part of an expression, ready to run. */
export interface CelStep {
  (run: CelRun): CelValue;
  /** What it always comes to: then it costs nothing (cel-go interpreter `InterpretableConst`). */
  readonly constant?: { readonly value: CelValue };
}

export const constantStep = (value: CelValue): CelStep => Object.assign(() => value, { constant: { value } });

/** Undefined: there is no overload for these values. A member's receiver is its first argument. */
export type CelCall = (values: readonly CelValue[], meter: CelMeter) => CelValue | undefined;

export interface CelFunction {
  readonly run: CelCall;
  /** What a call is charged before it is made; 1 when absent. */
  readonly cost?: (values: readonly CelValue[]) => number;
}

export type CelFunctionTable = Readonly<Record<string, CelFunction | CelCall>>;

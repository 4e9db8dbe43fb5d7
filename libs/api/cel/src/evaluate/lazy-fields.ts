import { CelError, type CelMap, CelObject, type CelValue } from '../value/cel-value';
import type { CelMeter } from './cel-meter';
import type { CelResult } from './compile-cel';

/**
 * The variable `variables` of a policy: each field is evaluated when it is first asked for, once. What that costs is
 * charged to the expression that asked; what goes wrong is the error of every expression that asks
 * (apiserver/pkg/admission/plugin/cel `variableAccessor`).
 */
export const celLazyFields = (fields: ReadonlyMap<string, () => CelResult>): unknown => new LazyFields(fields);

class LazyFields extends CelObject implements CelMap {
  readonly kind = 'map';
  readonly typeName = 'kubernetes.variables';
  private readonly found = new Map<string, CelValue>();

  constructor(private readonly fields: ReadonlyMap<string, () => CelResult>) {
    super();
  }

  get size(): number {
    return this.fields.size;
  }

  find(key: CelValue, meter: CelMeter): CelValue | undefined {
    if (typeof key !== 'string') return undefined;
    const known = this.found.get(key);
    if (known !== undefined) return known;
    const result = this.fields.get(key)?.();
    if (result === undefined) return undefined;
    const value =
      result.error === undefined
        ? result.value
        : new CelError(`composited variable "${key}" fails to evaluate: ${result.error}`);
    this.found.set(key, value);
    meter.charge(result.cost);
    return value;
  }

  keys(): readonly CelValue[] {
    return [...this.fields.keys()];
  }
}

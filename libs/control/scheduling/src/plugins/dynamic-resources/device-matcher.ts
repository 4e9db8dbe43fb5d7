import { type CelProgram, celDevice, celTypes, compileCel, deviceEnvironment } from '@reckon/api/cel';
import type { resourcev1 } from '@reckon/api/types';
import type { PoolDevice } from './device-pools';

/** Whether selectors choose a device. Throws `SelectorFailure` when one cannot tell. */
export interface DeviceMatcher {
  matches(selectors: readonly resourcev1.DeviceSelector[], device: PoolDevice): boolean;
}

export class SelectorFailure extends Error {
  readonly code = 'DeviceSelector';
  constructor(message: string) {
    super(message);
    this.name = 'SelectorFailure';
  }
}

/** Of expressions that have been read so many are remembered. */
const mostPrograms = 200;

/** Reads each expression once; expressions see the device as upstream's do (dynamic-resource-allocation/cel). */
export function createDeviceMatcher(): DeviceMatcher {
  const environment = deviceEnvironment();
  const programs = new Map<string, CelProgram | string>();
  const programOf = (expression: string): CelProgram | string => {
    let program = programs.get(expression);
    if (program === undefined) {
      const compiled = compileCel(expression, environment, { results: [celTypes.bool, celTypes.any] });
      program = compiled.program ?? compiled.problem;
      if (programs.size >= mostPrograms) programs.clear();
      programs.set(expression, program);
    }
    return program;
  };
  return {
    matches(selectors, { driver, device }) {
      const variable = celDevice({
        driver,
        ...(device.attributes === undefined ? {} : { attributes: device.attributes }),
        ...(device.capacity === undefined ? {} : { capacity: device.capacity }),
        ...(device.allowMultipleAllocations === undefined
          ? {}
          : { allowMultipleAllocations: device.allowMultipleAllocations }),
      });
      for (const [i, { cel }] of selectors.entries()) {
        const program = programOf(cel?.expression ?? '');
        if (typeof program === 'string')
          throw new SelectorFailure(`selector #${String(i)}: CEL compile error: ${program}`);
        const result = program.evaluate({ device: variable });
        if (result.error !== undefined)
          throw new SelectorFailure(`selector #${String(i)}: CEL runtime error: ${result.error}`);
        if (result.value !== true) return false;
      }
      return true;
    },
  };
}

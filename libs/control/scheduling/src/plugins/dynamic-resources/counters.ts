import { parseQuantity, quantityMilliValue } from '@reckon/api/machinery';
import type { resourcev1 } from '@reckon/api/types';
import type { DevicePool, PoolDevice } from './device-pools';

/** What is left of the counters that the devices of a pool share: parts of one piece of hardware (KEP 4815). */
export class Counters {
  private readonly left = new Map<string, bigint>();

  constructor(pools: readonly DevicePool[], allocated: ReadonlySet<string>) {
    for (const pool of pools) {
      for (const { spec } of pool.slices)
        for (const { name, counters = {} } of spec.sharedCounters ?? [])
          for (const [counter, { value }] of Object.entries(counters))
            this.left.set(keyOf(pool, name, counter), milli(value));
      for (const device of pool.devices) if (allocated.has(device.id)) this.move(device, -1n);
    }
  }

  /** False: there is too little left, and nothing was taken. */
  take(device: PoolDevice): boolean {
    for (const [key, amount] of consumed(device)) if ((this.left.get(key) ?? 0n) < amount) return false;
    this.move(device, -1n);
    return true;
  }

  give(device: PoolDevice): void {
    this.move(device, 1n);
  }

  private move(device: PoolDevice, sign: 1n | -1n): void {
    for (const [key, amount] of consumed(device)) this.left.set(key, (this.left.get(key) ?? 0n) + sign * amount);
  }
}

const milli = (value: string): bigint => quantityMilliValue(parseQuantity(value));

const keyOf = ({ id }: DevicePool, set: string, counter: string): string => `${id}/${set}/${counter}`;

const none: readonly resourcev1.DeviceCounterConsumption[] = [];

function* consumed({ pool, device }: PoolDevice): Generator<readonly [string, bigint]> {
  for (const { counterSet, counters = {} } of device.consumesCounters ?? none)
    for (const [counter, { value }] of Object.entries(counters)) yield [keyOf(pool, counterSet, counter), milli(value)];
}

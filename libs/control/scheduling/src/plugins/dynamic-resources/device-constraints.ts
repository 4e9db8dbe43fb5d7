import type { resourcev1 } from '@reckon/api/types';
import type { PoolDevice } from './device-pools';

/** What the devices of one claim must have in common, or must not. */
export class ConstraintSet {
  private readonly constraints: readonly Constraint[];

  constructor(constraints: readonly resourcev1.DeviceConstraint[]) {
    this.constraints = constraints.map((one) => new Constraint(one));
  }

  /** False: with the device a constraint would not hold; then nothing has changed. */
  add(wish: string, device: PoolDevice): boolean {
    for (const [i, constraint] of this.constraints.entries()) {
      if (constraint.add(wish, device)) continue;
      for (const before of this.constraints.slice(0, i)) before.remove(wish, device);
      return false;
    }
    return true;
  }

  remove(wish: string, device: PoolDevice): void {
    for (const constraint of this.constraints) constraint.remove(wish, device);
  }
}

class Constraint {
  /** How many devices have a value. */
  private readonly values = new Map<string, number>();
  private readonly attribute: string;

  constructor(private readonly of: resourcev1.DeviceConstraint) {
    this.attribute = of.matchAttribute ?? of.distinctAttribute ?? '';
  }

  add(wish: string, device: PoolDevice): boolean {
    if (!this.isFor(wish)) return true;
    const value = attributeOf(device, this.attribute);
    if (value === undefined) return false;
    const isKnown = this.values.has(value);
    if (this.of.matchAttribute === undefined ? isKnown : this.values.size > 0 && !isKnown) return false;
    this.values.set(value, (this.values.get(value) ?? 0) + 1);
    return true;
  }

  remove(wish: string, device: PoolDevice): void {
    const value = this.isFor(wish) ? attributeOf(device, this.attribute) : undefined;
    if (value === undefined) return;
    const devices = (this.values.get(value) ?? 0) - 1;
    if (devices <= 0) this.values.delete(value);
    else this.values.set(value, devices);
  }

  /** A request stands for each of its subrequests. */
  private isFor(wish: string): boolean {
    const { requests = [] } = this.of;
    return requests.length === 0 || requests.some((name) => name === wish || wish.startsWith(`${name}/`));
  }
}

/** `example.com/model`; a driver may leave out its own domain. As text that tells values and their types apart. */
function attributeOf({ driver, device: { attributes = {} } }: PoolDevice, name: string): string | undefined {
  const short = name.startsWith(`${driver}/`) ? name.slice(driver.length + 1) : name;
  const found = [name, short].find((one) => Object.hasOwn(attributes, one));
  return found === undefined ? undefined : JSON.stringify(attributes[found]);
}

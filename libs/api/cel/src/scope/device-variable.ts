import { CelError, type CelMap, CelObject, type CelValue, ValueMap } from '../value/cel-value';
import { quantityValueOf } from '../library/quantities';
import { CelSemver, parseSemver } from '../library/semver';

/** One of these. */
export interface DeviceAttribute {
  readonly int?: number | bigint;
  readonly bool?: boolean;
  readonly string?: string;
  readonly version?: string;
}

export interface CelDevice {
  readonly driver: string;
  /** By name; one without a domain is of the driver's. `example.com/model` */
  readonly attributes?: Readonly<Record<string, DeviceAttribute>>;
  readonly capacity?: Readonly<Record<string, { readonly value: string }>>;
  readonly allowMultipleAllocations?: boolean;
}

/** A device as the variable `device` of a selector (k8s.io/dynamic-resource-allocation/cel `DeviceMatches`). */
export const celDevice = (device: CelDevice): unknown => ({
  driver: device.driver,
  attributes: new Domains(device.driver, Object.entries(device.attributes ?? {}), attributeValue),
  capacity: new Domains(device.driver, Object.entries(device.capacity ?? {}), ({ value }) => quantityValueOf(value)),
  allowMultipleAllocations: device.allowMultipleAllocations ?? false,
});

function attributeValue({ int, bool, string, version }: DeviceAttribute): CelValue {
  if (version !== undefined) {
    const parsed = parseSemver(version);
    return parsed instanceof CelError
      ? new CelError(`parse semantic version: ${parsed.message}`)
      : new CelSemver(parsed);
  }
  if (int !== undefined) return BigInt(int);
  return bool ?? string ?? new CelError('unsupported attribute value');
}

const nothing = new ValueMap();

/** By domain; in one that the device does not have, there is nothing, which is no mistake to ask for. */
class Domains<T> extends CelObject implements CelMap {
  readonly kind = 'map';
  readonly typeName = 'map';
  private readonly domains = new ValueMap();

  constructor(driver: string, entries: readonly (readonly [string, T])[], valueOf: (part: T) => CelValue) {
    super();
    for (const [name, part] of entries) {
      const slash = name.indexOf('/');
      const domain = slash < 0 ? driver : name.slice(0, slash);
      const found = this.domains.find(domain);
      const inner = found instanceof ValueMap ? found : new ValueMap();
      inner.set(name.slice(slash + 1), valueOf(part));
      this.domains.set(domain, inner);
    }
  }

  get size(): number {
    return this.domains.size;
  }

  find(key: CelValue): CelValue {
    return this.domains.find(key) ?? nothing;
  }

  keys(): readonly CelValue[] {
    return this.domains.keys();
  }
}

import type { CelEnvironment } from '../check/cel-environment';
import { celTypes, type CelType } from '../check/cel-type';
import { parseDuration, parseTimestamp } from './cel-time';
import {
  CelBytes,
  CelDuration,
  CelError,
  CelObject,
  type CelList,
  type CelMap,
  CelTimestamp,
  CelUint,
  type CelValue,
  type ListMerge,
} from './cel-value';

/** JSON as an expression sees it: wrapped, not copied; what is inside is looked at when it is asked for. */
export function valueOfJson(raw: unknown, type: CelType, environment: CelEnvironment): CelValue {
  switch (typeof raw) {
    case 'boolean':
      return raw;
    case 'string':
      return valueOfText(raw, type);
    case 'bigint':
      return type.name === 'double' ? Number(raw) : type.name === 'uint' ? new CelUint(raw) : raw;
    case 'number':
      if (type.name === 'double' || !Number.isInteger(raw)) return raw;
      return type.name === 'uint' ? new CelUint(BigInt(raw)) : BigInt(raw);
    case 'object':
      if (raw === null) return null;
      if (Array.isArray(raw)) return new JsonList(raw, type, environment);
      if (raw instanceof CelObject) return raw as CelValue;
      return new JsonMap(raw as Readonly<Record<string, unknown>>, type, environment);
    default:
      return null;
  }
}

function valueOfText(text: string, { name }: CelType): CelValue {
  switch (name) {
    case 'google.protobuf.Timestamp': {
      // A date alone is a timestamp too (format `date`).
      const nanos = parseTimestamp(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
      return nanos === undefined ? new CelError(`Invalid date-time string: ${text}`) : new CelTimestamp(nanos);
    }
    case 'google.protobuf.Duration': {
      const nanos = parseDuration(text);
      return nanos === undefined ? new CelError(`Invalid duration string: ${text}`) : new CelDuration(nanos);
    }
    case 'bytes':
      return new CelBytes(Buffer.from(text, 'base64'));
    default:
      return text;
  }
}

/** A list type says how its values merge where a schema does. */
export interface MergedType extends CelType {
  readonly merge?: ListMerge;
}

class JsonList extends CelObject implements CelList {
  readonly kind = 'list';
  readonly size: number;
  readonly merge?: ListMerge;
  private readonly element: CelType;

  constructor(
    private readonly raw: readonly unknown[],
    type: MergedType,
    private readonly environment: CelEnvironment,
  ) {
    super();
    this.size = raw.length;
    this.element = (type.name === 'list' ? type.parameters[0] : undefined) ?? celTypes.dyn;
    if (type.merge !== undefined) this.merge = type.merge;
  }

  at(index: number): CelValue {
    return valueOfJson(this.raw[index], this.element, this.environment);
  }
}

/** An object: a map of its keys, or what a type says that its fields are. */
class JsonMap extends CelObject implements CelMap {
  readonly kind = 'map';
  readonly typeName: string;
  private names: readonly string[] | undefined;
  private readonly values: CelType;

  constructor(
    private readonly raw: Readonly<Record<string, unknown>>,
    type: CelType,
    private readonly environment: CelEnvironment,
  ) {
    super();
    const isObject = type.name !== 'map' && environment.fieldsOf(type.name) !== undefined;
    this.typeName = isObject ? type.name : 'map';
    this.values = (type.name === 'map' ? type.parameters[1] : undefined) ?? celTypes.dyn;
  }

  get size(): number {
    return this.rawNames().length;
  }

  find(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string') return undefined;
    if (this.typeName === 'map')
      return Object.hasOwn(this.raw, key) ? valueOfJson(this.raw[key], this.values, this.environment) : undefined;
    const name = this.environment.rawNameOf?.(this.typeName, key) ?? key;
    if (!Object.hasOwn(this.raw, name) || this.raw[name] === undefined) return undefined;
    return valueOfJson(this.raw[name], this.fieldType(key), this.environment);
  }

  keys(): readonly CelValue[] {
    return this.rawNames();
  }

  private fieldType(name: string): CelType {
    const fields = this.environment.fieldsOf(this.typeName);
    if (fields === undefined || fields === 'any' || !Object.hasOwn(fields, name)) return celTypes.dyn;
    return fields[name] ?? celTypes.dyn;
  }

  private rawNames(): readonly string[] {
    this.names ??= Object.keys(this.raw);
    return this.names;
  }
}

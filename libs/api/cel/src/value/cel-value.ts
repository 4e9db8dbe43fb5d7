import type { CelMeter } from '../evaluate/cel-meter';

/**
 * A value while an expression runs. Booleans, strings and null are JavaScript's own; an `int` is a bigint and a `double`
 * a number, so that the two are never taken for one another and 64 bits are exact; all else says by `kind` what it is.
 * An error is a value too: `&&`, `||` and comprehensions may make it go away.
 */
export type CelValue =
  | boolean
  | string
  | bigint
  | number
  | null
  | CelUint
  | CelBytes
  | CelTimestamp
  | CelDuration
  | CelList
  | CelMap
  | CelOptional
  | CelTypeValue
  | CelOpaque
  | CelError;

/** What tells these from JSON. */
export class CelObject {
  protected readonly isCel = true;
}

export class CelUint extends CelObject {
  readonly kind = 'uint';
  constructor(readonly value: bigint) {
    super();
  }
}

export class CelBytes extends CelObject {
  readonly kind = 'bytes';
  constructor(readonly bytes: Uint8Array) {
    super();
  }
}

export class CelTimestamp extends CelObject {
  readonly kind = 'timestamp';
  /** Since 1970. */
  constructor(readonly nanos: bigint) {
    super();
  }
}

export class CelDuration extends CelObject {
  readonly kind = 'duration';
  constructor(readonly nanos: bigint) {
    super();
  }
}

export interface CelList {
  readonly kind: 'list';
  readonly size: number;
  /** Only for places that there are. */
  at(index: number): CelValue;
  /** How elements are told apart where their order means nothing (`x-kubernetes-list-type`). */
  readonly merge?: ListMerge;
}

export type ListMerge = { readonly by: 'value' } | { readonly by: 'keys'; readonly keys: readonly string[] };

/** A map, or an object with fields. */
export interface CelMap {
  readonly kind: 'map';
  /** `map`, or the name of a type of objects. */
  readonly typeName: string;
  readonly size: number;
  /** Undefined for a key that it does not have; what finding costs is charged to the meter. */
  find(key: CelValue, meter: CelMeter): CelValue | undefined;
  keys(): readonly CelValue[];
}

export class CelOptional extends CelObject {
  readonly kind = 'optional';
  /** Undefined: none. */
  constructor(readonly value: CelValue | undefined) {
    super();
  }
}

export class CelTypeValue extends CelObject {
  readonly kind = 'type';
  constructor(readonly name: string) {
    super();
  }
}

/** A value of a library that only the library's functions look into. */
export interface CelOpaque {
  readonly kind: 'opaque';
  readonly typeName: string;
  equals(other: CelOpaque): boolean;
}

export class CelError extends CelObject {
  readonly kind = 'error';
  constructor(readonly message: string) {
    super();
  }
}

export const noOverload = new CelError('no such overload');
export const none = new CelOptional(undefined);

export const isCelList = (value: CelValue): value is CelList =>
  typeof value === 'object' && value !== null && value.kind === 'list';
export const isCelMap = (value: CelValue): value is CelMap =>
  typeof value === 'object' && value !== null && value.kind === 'map';

/** A list whose elements are there. */
export class ValueList extends CelObject implements CelList {
  readonly kind = 'list';
  constructor(readonly elements: readonly CelValue[]) {
    super();
  }

  get size(): number {
    return this.elements.length;
  }

  at(index: number): CelValue {
    return this.elements[index] ?? null;
  }
}

/** Two lists as one, without a copy: a list can be added to itself often, and is too long to copy soon. */
export class JoinedList extends CelObject implements CelList {
  readonly kind = 'list';
  readonly size: number;

  constructor(
    private readonly head: CelList,
    private readonly tail: CelList,
  ) {
    super();
    this.size = head.size + tail.size;
  }

  at(index: number): CelValue {
    return elementOf(this, index);
  }

  /** The part that a place is in, and the place in it. */
  partAt(index: number): readonly [part: CelList, index: number] {
    return index < this.head.size ? [this.head, index] : [this.tail, index - this.head.size];
  }
}

/** Without recursion: lists may be joined more often than calls nest. */
function elementOf(list: CelList, index: number): CelValue {
  let part = list;
  let place = index;
  while (part instanceof JoinedList) [part, place] = part.partAt(place);
  return part.at(place);
}

/** Keys that are equal have one text; numbers of the three kinds are equal when their values are. */
function keyText(key: CelValue): string | undefined {
  switch (typeof key) {
    case 'string':
      return `s${key}`;
    case 'bigint':
      return `n${String(key)}`;
    case 'boolean':
      return `b${String(key)}`;
    case 'number':
      return Number.isInteger(key) ? `n${String(BigInt(key))}` : `d${String(key)}`;
    default:
      return key instanceof CelUint ? `n${String(key.value)}` : undefined;
  }
}

export class ValueMap extends CelObject implements CelMap {
  readonly kind = 'map';
  readonly typeName: string;
  private readonly entries = new Map<string, readonly [key: CelValue, value: CelValue]>();

  constructor(typeName = 'map') {
    super();
    this.typeName = typeName;
  }

  get size(): number {
    return this.entries.size;
  }

  /** The later of two values of one key stays. False for what can be no key. */
  set(key: CelValue, value: CelValue): boolean {
    const text = keyText(key);
    if (text === undefined) return false;
    this.entries.set(text, [key, value]);
    return true;
  }

  find(key: CelValue): CelValue | undefined {
    const text = keyText(key);
    return text === undefined ? undefined : this.entries.get(text)?.[1];
  }

  keys(): readonly CelValue[] {
    return Array.from(this.entries.values(), ([key]) => key);
  }
}

/** A value of a library, made of what `equals` compares. */
export abstract class CelLibraryValue extends CelObject implements CelOpaque {
  readonly kind = 'opaque';
  abstract readonly typeName: string;
  abstract equals(other: CelOpaque): boolean;
}

const namesByKind = {
  bytes: 'bytes',
  duration: 'google.protobuf.Duration',
  error: 'error',
  list: 'list',
  optional: 'optional_type',
  timestamp: 'google.protobuf.Timestamp',
  type: 'type',
  uint: 'uint',
} as const;

/** `type(value)`, without what it is made of. */
export function typeNameOf(value: CelValue): string {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'string':
      return 'string';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    default:
      if (value === null) return 'null_type';
      return value.kind === 'map' || value.kind === 'opaque' ? value.typeName : namesByKind[value.kind];
  }
}

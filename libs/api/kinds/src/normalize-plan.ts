import { canonicalQuantity, QuantityError } from '@reckon/api/machinery';
import type { TypeRef } from './go-type';
import type { FieldFacts, StructType, TypeTable } from './table';
import { isCanonicalMicroTime, isCanonicalTime } from './canonical-time';

/** What one run of a plan has found. */
export interface PlanRun {
  /** Object keys met so far: equal to the number in the text means that no key was there twice. */
  keys: number;
  /** Something is not as it should be (unknown field, wrong type); the careful decoder finds out what. */
  doubtful: boolean;
  /** Members of the object that are in canonical form already: they are put into the result as they are. */
  readonly kept?: ReadonlySet<unknown>;
}

/** Gives the value as Go would write it after reading it. Never called with undefined or null. */
export type Plan = (value: unknown, run: PlanRun) => unknown;

interface FieldPlan {
  readonly name: string;
  readonly plan: Plan;
  readonly dropEmpty: boolean;
  /** Storage turns an empty list or map into none at all, which Go shows as null. */
  readonly emptyIsNull: boolean;
  /** Value of an absent field; undefined when it is left out. */
  readonly absent: (() => unknown) | undefined;
}

export interface Plans {
  ofStruct(struct: StructType): Plan;
}

const quantityCacheSize = 4096;

type Json = Record<string, unknown>;

/** Plans are compiled when a type is first met and kept. */
export function createPlans(types: TypeTable): Plans {
  const structPlans = new Map<StructType, Plan>();
  const quantities = new Map<string, string>();

  function ofStruct(struct: StructType): Plan {
    const known = structPlans.get(struct);
    if (known !== undefined) return known;
    let compiled: Plan | undefined;
    // Recursive types (JSONSchemaProps) and first use: compile on the first call.
    const plan: Plan = (value, run) => (compiled ??= compileStruct(struct))(value, run);
    structPlans.set(struct, plan);
    return plan;
  }

  function compileStruct(struct: StructType): Plan {
    const fields = struct.fields.map(fieldPlan);
    const { open, byName } = struct;
    const inOrder = open ? undefined : orderedPlan(fields);
    return (value, run) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return doubt(run);
      const source = value as Record<string, unknown>;
      if (inOrder?.fits(source) === true) return inOrder.plan(source, run);
      const out: Record<string, unknown> = {};
      let known = 0;
      for (const field of fields) {
        const raw = source[field.name];
        if (raw === undefined) {
          if (field.absent !== undefined) out[field.name] = field.absent();
          continue;
        }
        known++;
        putField(out, field, raw, run);
      }
      let present = 0;
      for (const key in source) {
        present++;
        if (open && !byName.has(key)) setOwn(out, key, countKeys(source[key], run));
      }
      if (present !== known && !open) run.doubtful = true;
      run.keys += present;
      return out;
    };
  }

  /**
   * For members that stand in Go's order, as in what is stored and in what Go clients send: goes through the few that are there and
   * not through all that could be.
   */
  function orderedPlan(fields: readonly FieldPlan[]): {
    readonly fits: (source: Json) => boolean;
    readonly plan: (source: Json, run: PlanRun) => Json;
  } {
    const indexOf = new Map(fields.map((field, i) => [field.name, i]));
    const always = fields.flatMap(({ absent }, i) => (absent === undefined ? [] : [i]));
    return {
      fits(source) {
        let last = -1;
        for (const key in source) {
          const i = indexOf.get(key);
          if (i === undefined || i <= last || source[key] === undefined) return false;
          last = i;
        }
        return true;
      },
      plan(source, run) {
        const out: Json = {};
        let nextAlways = 0;
        for (const key in source) {
          const i = indexOf.get(key) ?? 0;
          for (; (always[nextAlways] ?? i) < i; nextAlways++) putAbsent(out, fields[always[nextAlways] ?? 0]);
          if (always[nextAlways] === i) nextAlways++;
          run.keys++;
          putField(out, fields[i], source[key], run);
        }
        for (; nextAlways < always.length; nextAlways++) putAbsent(out, fields[always[nextAlways] ?? 0]);
        return out;
      },
    };
  }

  function fieldPlan(field: FieldFacts): FieldPlan {
    const { kind } = field.type;
    // A list kind, which is never stored, shows that it has none.
    const isItems = kind === 'slice' && field.name === 'items';
    const dropped = field.omitZero || (field.omitEmpty && canBeEmpty(field.type));
    return {
      name: field.name,
      plan: ofType(field.type),
      dropEmpty: dropped && kind !== 'pointer' && field.keepsEmpty !== true,
      emptyIsNull: (kind === 'slice' || kind === 'map') && !dropped && !isItems && field.keepsEmpty !== true,
      absent: dropped ? undefined : () => (isItems ? [] : zero(field.type)),
    };
  }

  function ofType(type: TypeRef): Plan {
    switch (type.kind) {
      case 'struct': {
        let plan: Plan | undefined;
        return (value, run) => (plan ??= ofStruct(types.struct(type.struct)))(value, run);
      }
      case 'pointer':
        return ofType(type.of);
      case 'slice':
        return listPlan(type.of);
      case 'map':
        return mapPlan(type.of);
      case 'quantity':
        return quantityPlan;
      case 'schemaOrBool':
      case 'schemaOrArray':
      case 'schemaOrStrings':
        return schemaPlan;
      default:
        return leafPlans[type.kind];
    }
  }

  function listPlan(of: TypeRef): Plan {
    const plan = ofType(of);
    return (value, run) => {
      if (!Array.isArray(value)) return doubt(run);
      const items = value as unknown[];
      const out: unknown[] = [];
      for (const item of items) {
        const result = item === null || item === undefined ? undefined : plan(item, run);
        out.push(result === undefined ? zero(of) : result);
      }
      return out;
    };
  }

  function mapPlan(of: TypeRef): Plan {
    const plan = ofType(of);
    return (value, run) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return doubt(run);
      const source = value as Record<string, unknown>;
      const out: Record<string, unknown> = {};
      let isSorted = true;
      let previous = '';
      for (const key in source) {
        run.keys++;
        isSorted &&= key >= previous;
        previous = key;
        const raw = source[key];
        const result = raw === null || raw === undefined ? undefined : plan(raw, run);
        setOwn(out, key, result === undefined ? zeroOfEntry(of) : result);
      }
      return isSorted ? out : sorted(out);
    };
  }

  function quantityPlan(value: unknown, run: PlanRun): unknown {
    if (typeof value !== 'string') return doubt(run);
    const known = quantities.get(value);
    if (known !== undefined) return known;
    let canonical: string;
    try {
      canonical = canonicalQuantity(value.trim());
    } catch (error) {
      if (error instanceof QuantityError) return doubt(run);
      throw error;
    }
    if (quantities.size >= quantityCacheSize) quantities.clear();
    quantities.set(value, canonical);
    return canonical;
  }

  /** The three JSON schema unions differ only in what may stand beside a schema. */
  function schemaPlan(value: unknown, run: PlanRun): unknown {
    if (typeof value === 'boolean') return value;
    const plan = ofStruct(types.struct('apiextensions/v1.JSONSchemaProps'));
    if (!Array.isArray(value)) return plan(value, run);
    return (value as unknown[]).map((item) => (typeof item === 'string' ? item : plan(item, run)));
  }

  function zero(type: TypeRef): unknown {
    switch (type.kind) {
      case 'string':
        return '';
      case 'bool':
        return false;
      case 'int':
      case 'int32':
      case 'int64':
      case 'float64':
      case 'intOrString':
        return 0;
      case 'quantity':
        return '0';
      case 'struct':
        return ofStruct(types.struct(type.struct))({}, { keys: 0, doubtful: false });
      default:
        return null;
    }
  }

  /** Bytes of a map entry come back from storage as empty, not as null. */
  const zeroOfEntry = (of: TypeRef): unknown => (of.kind === 'bytes' ? '' : zero(of));

  return { ofStruct };
}

const leafPlans: Readonly<
  Record<Exclude<TypeRef['kind'], 'struct' | 'pointer' | 'slice' | 'map' | 'quantity' | `schema${string}`>, Plan>
> = {
  string: (value, run) => (typeof value === 'string' ? value : doubt(run)),
  bool: (value, run) => (typeof value === 'boolean' ? value : doubt(run)),
  int: wholeNumber(Number.MAX_SAFE_INTEGER),
  int32: wholeNumber(2 ** 31 - 1),
  int64: wholeNumber(Number.MAX_SAFE_INTEGER),
  float64: (value, run) => (typeof value === 'number' ? value : doubt(run)),
  bytes: (value, run) =>
    typeof value === 'string' && Buffer.from(value, 'base64').toString('base64') === value ? value : doubt(run),
  time: (value, run) => (typeof value === 'string' && isCanonicalTime(value) ? value : doubt(run)),
  microTime: (value, run) => (typeof value === 'string' && isCanonicalMicroTime(value) ? value : doubt(run)),
  duration: (value, run) => (typeof value === 'string' ? value : doubt(run)),
  intOrString: (value, run) =>
    typeof value === 'string' || (typeof value === 'number' && (value | 0) === value) ? value : doubt(run),
  any: countKeys,
  rawExtension: countKeys,
  fieldsV1: countKeys,
  json: countKeys,
};

function wholeNumber(max: number): Plan {
  return (value, run) =>
    (typeof value === 'number' && Number.isInteger(value) && value <= max && value >= -max - 1) ||
    (typeof value === 'bigint' && max > 2 ** 31)
      ? value
      : doubt(run);
}

function putField(out: Json, field: FieldPlan | undefined, raw: unknown, run: PlanRun): void {
  if (field === undefined) return;
  if (run.kept?.has(raw) === true) {
    out[field.name] = raw;
    return;
  }
  const result = raw === null ? undefined : field.plan(raw, run);
  if (result === undefined || (field.dropEmpty && isEmpty(result))) putAbsent(out, field);
  else out[field.name] = field.emptyIsNull && isEmpty(result) ? null : result;
}

function putAbsent(out: Json, field: FieldPlan | undefined): void {
  if (field?.absent !== undefined) out[field.name] = field.absent();
}

function doubt(run: PlanRun): unknown {
  run.doubtful = true;
  return undefined;
}

function canBeEmpty(type: TypeRef): boolean {
  switch (type.kind) {
    case 'struct':
    case 'time':
    case 'microTime':
    case 'quantity':
    case 'intOrString':
    case 'rawExtension':
    case 'fieldsV1':
    case 'json':
      return false;
    default:
      return true;
  }
}

function isEmpty(value: unknown): boolean {
  switch (typeof value) {
    case 'object':
      if (Array.isArray(value)) return value.length === 0;
      for (const _ in value) return false;
      return true;
    case 'string':
      return value === '';
    default:
      return value === 0 || value === false;
  }
}

/** `__proto__` as a key of a map is data like any other. */
function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
  else target[key] = value;
}

/** Go writes the keys of a map in order. */
function sorted(map: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(map).sort()) setOwn(out, key, map[key]);
  return out;
}

/** Free-form JSON is kept; its keys count too, without recursion, as it may be deep. */
function countKeys(value: unknown, run: PlanRun): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const open: object[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const items: unknown[] = Array.isArray(next) ? next : Object.values(next);
    for (const item of items) {
      if (typeof item === 'object' && item !== null) open.push(item);
    }
    if (!Array.isArray(next)) run.keys += Object.keys(next).length;
  }
  return value;
}

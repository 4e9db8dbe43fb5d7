import type { FieldFacts, KindRegistry, StructType, TypeRef } from '@reckon/api/kinds';

/**
 * How the fields of a type are owned (structured-merge-diff's schema): a leaf is owned as a whole, the others member by member.
 * Compiled once per type from the kinds table.
 */
export type FieldPlan =
  | { readonly kind: 'leaf' }
  | { readonly kind: 'struct'; readonly fields: ReadonlyMap<string, StructField>; readonly rest: FieldPlan }
  | { readonly kind: 'map'; readonly of: FieldPlan }
  | { readonly kind: 'set' }
  | {
      readonly kind: 'keyed';
      readonly keys: readonly string[];
      readonly defaults: Readonly<Record<string, unknown>>;
      readonly of: FieldPlan;
    }
  /** No schema: objects member by member, everything else whole. */
  | { readonly kind: 'deduced' };

export interface StructField {
  /** `f:<name>` */
  readonly element: string;
  readonly plan: FieldPlan;
}

export interface ManagedFieldsType {
  readonly plan: FieldPlan;
  /** What Go's zero value of the type looks like in JSON: a create is compared with it. */
  readonly zero: Readonly<Record<string, unknown>>;
}

const leafPlan: FieldPlan = { kind: 'leaf' };
const deduced: FieldPlan = { kind: 'deduced' };

/** Plans by struct; shared by all resources of a registry, so that PodSpec is compiled once. */
export type ManagedFieldsTypes = (type: StructType) => ManagedFieldsType;

export function createManagedFieldsTypes({ types, plans }: Pick<KindRegistry, 'types' | 'plans'>): ManagedFieldsTypes {
  // By the type itself: a custom kind may come back with another schema under the same name.
  const known = new WeakMap<StructType, FieldPlan>();

  function structPlan(type: StructType): FieldPlan {
    const before = known.get(type);
    if (before !== undefined) return before;
    const fields = new Map<string, StructField>();
    const plan: FieldPlan = { kind: 'struct', fields, rest: type.open ? deduced : leafPlan };
    known.set(type, plan);
    for (const field of type.fields) {
      fields.set(field.name, { element: `f:${field.name}`, plan: fieldPlan(field) });
    }
    return plan;
  }

  function fieldPlan(field: FieldFacts): FieldPlan {
    const type = settled(field.type);
    if (type.kind === 'slice') return listPlan(field, type.of);
    if (field.atomic === true) return leafPlan;
    return valuePlan(type, field.atomic);
  }

  function listPlan(field: FieldFacts, element: TypeRef): FieldPlan {
    const { listType } = field;
    switch (listType.type) {
      case 'atomic':
        return leafPlan;
      case 'set':
        return { kind: 'set' };
      case 'map': {
        const of = valuePlan(settled(element), undefined);
        return { kind: 'keyed', keys: [...listType.keys].sort(), defaults: keyDefaults(element, listType.keys), of };
      }
    }
  }

  function keyDefaults(element: TypeRef, keys: readonly string[]): Record<string, unknown> {
    const type = settled(element);
    const defaults: Record<string, unknown> = {};
    if (type.kind !== 'struct') return defaults;
    for (const key of keys) {
      const field = types.struct(type.struct).byName.get(key);
      const value = field === undefined ? undefined : (field.default ?? zeroScalar(field));
      if (value !== undefined) defaults[key] = value;
    }
    return defaults;
  }

  function valuePlan(type: TypeRef, atomic: boolean | undefined): FieldPlan {
    switch (type.kind) {
      case 'struct': {
        const struct = types.struct(type.struct);
        return atomic === undefined && struct.atomic ? leafPlan : structPlan(struct);
      }
      case 'map':
        return { kind: 'map', of: valuePlan(settled(type.of), undefined) };
      case 'json':
      case 'fieldsV1':
      case 'any':
        return deduced;
      default:
        // A runtime.RawExtension too: the published schema says of it only that it is an object.
        return leafPlan;
    }
  }

  return (type) => ({
    plan: structPlan(type),
    zero: plans.ofStruct(type)({ metadata: {} }, { keys: 0, doubtful: false }) as Record<string, unknown>,
  });
}

/** The default that the published schema gives a field which Go always writes (kube-openapi `generators.defaultFromComments`). */
function zeroScalar({ omitEmpty, type }: FieldFacts): string | number | undefined {
  if (omitEmpty) return undefined;
  switch (type.kind) {
    case 'string':
      return '';
    case 'int':
    case 'int32':
    case 'int64':
      return 0;
    default:
      return undefined;
  }
}

/** A pointer is in JSON what it points to. */
function settled(type: TypeRef): TypeRef {
  return type.kind === 'pointer' ? settled(type.of) : type;
}

import type { TypeRef } from './go-type';
import type { FieldFacts, ListType, StructType, TypeTable } from './table';

/**
 * How a place in an object merges, for strategic merge patch and server-side apply. Walked from the kind downwards along
 * with the patch.
 */
export interface MergeSchema {
  readonly shape: 'struct' | 'map' | 'list' | 'scalar' | 'untyped';
  /** As upstream's messages name the type: `PodSpec`, `[]v1.Container`. */
  readonly typeName: string;
  /** Strategic merge: `['merge']`, `['replace']`, `['retainKeys']`, `['merge', 'retainKeys']` or nothing. */
  readonly patchStrategy: readonly string[];
  /** Strategic merge of a list of objects; '' for lists of plain values. */
  readonly patchMergeKey: string;
  /** Server-side apply; lists only. */
  readonly listType: ListType;
  /** Server-side apply: replaced as a whole, owned as a whole. */
  readonly atomic: boolean;
  /** Assumed for a list key that is missing; undefined if none. */
  readonly default: unknown;
  /** A field of a struct, or the value of any key of a map; undefined when the struct has no such field. */
  child(name: string): MergeSchema | undefined;
  /** The elements of a list. */
  readonly item: MergeSchema | undefined;
}

const plain: Pick<FieldFacts, 'patchStrategy' | 'patchMergeKey' | 'listType' | 'atomic' | 'default'> = {
  patchStrategy: [],
  patchMergeKey: '',
  listType: { type: 'atomic' },
  atomic: undefined,
  default: undefined,
};

export function mergeSchema(types: TypeTable, root: StructType): MergeSchema {
  const ofFields = new Map<FieldFacts, MergeSchema>();
  return ofStruct(root, plain);

  function ofStruct(struct: StructType, facts: typeof plain): MergeSchema {
    return {
      ...common(facts),
      shape: 'struct',
      typeName: struct.goName.slice(struct.goName.lastIndexOf('.') + 1),
      atomic: facts.atomic ?? struct.atomic,
      item: undefined,
      child(name) {
        const field = struct.byName.get(name);
        if (field === undefined) return struct.open ? untyped : undefined;
        let schema = ofFields.get(field);
        if (schema === undefined) ofFields.set(field, (schema = ofType(field.type, field)));
        return schema;
      },
    };
  }

  function ofType(type: TypeRef, facts: typeof plain): MergeSchema {
    const base = { ...common(facts), typeName: type.goName, atomic: facts.atomic ?? false, item: undefined };
    switch (type.kind) {
      case 'pointer':
        return ofType(type.of, facts);
      case 'struct':
        return ofStruct(types.struct(type.struct), facts);
      case 'slice':
        return {
          ...base,
          shape: 'list',
          atomic: facts.listType.type === 'atomic',
          item: ofType(type.of, plain),
          child: noChild,
        };
      case 'map': {
        const value = ofType(type.of, plain);
        return { ...base, shape: 'map', child: () => value };
      }
      case 'any':
      case 'rawExtension':
      case 'fieldsV1':
      case 'json':
        return { ...base, shape: 'untyped', child: () => untyped };
      case 'schemaOrBool':
      case 'schemaOrArray':
      case 'schemaOrStrings':
        return ofStruct(types.struct('apiextensions/v1.JSONSchemaProps'), facts);
      default:
        return { ...base, shape: 'scalar', child: noChild };
    }
  }
}

const noChild = (): undefined => undefined;

function common({
  patchStrategy,
  patchMergeKey,
  listType,
  default: value,
}: typeof plain): Pick<MergeSchema, 'patchStrategy' | 'patchMergeKey' | 'listType' | 'default'> {
  return { patchStrategy, patchMergeKey, listType, default: value };
}

const untyped: MergeSchema = {
  ...common(plain),
  shape: 'untyped',
  typeName: 'interface {}',
  atomic: false,
  item: undefined,
  child: () => untyped,
};

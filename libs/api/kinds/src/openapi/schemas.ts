import type { GroupVersionKind } from '@reckon/api/machinery';
import type { TypeRef } from '../go-type';
import type { FieldFacts, StructType, TypeTable, Union } from '../table';
import type { Dialect, Ref } from './dialect';
import { enumerationOf } from './enumeration';
import { type CustomSchema, customSchemaName, customTypes, schemaName } from './schema-name';

export type Describe = (struct: string, field: string) => string;

/** A description as a schema, property or parameter has it: none at all where none is at hand. */
export const told = (description: string): { readonly description?: string } =>
  description === '' ? {} : { description };

/** Collects the schemas of structs and of all that they hold, each once. */
export class SchemaCollector {
  private readonly found = new Map<string, Record<string, unknown>>();
  private readonly kinds = new Map<string, GroupVersionKind[]>();

  constructor(
    readonly types: TypeTable,
    readonly describe: Describe,
    private readonly dialect: Dialect,
  ) {}

  /** A reference to the struct's schema, which is collected; `kind` is noted on it. */
  refer(struct: StructType, kind?: GroupVersionKind): Ref {
    const name = nameOf(struct, kind);
    if (kind !== undefined) this.note(name, kind);
    if (!this.found.has(name)) {
      // Entered before its fields are read: JSONSchemaProps holds itself.
      const schema: Record<string, unknown> = { type: 'object' };
      this.found.set(name, schema);
      this.fill(schema, struct);
    }
    return this.dialect.ref(name);
  }

  /** The same for the list of a type that the table has no list of. */
  referList(item: StructType, itemKind: GroupVersionKind, listKind: GroupVersionKind): Ref {
    const name = `${nameOf(item, itemKind)}List`;
    this.note(name, listKind);
    this.found.set(name, {
      type: 'object',
      required: ['items'],
      properties: {
        apiVersion: { ...told(this.describe(typeMeta, 'apiVersion')), type: 'string' },
        kind: { ...told(this.describe(typeMeta, 'kind')), type: 'string' },
        metadata: this.dialect.embed(this.refer(this.types.struct('meta/v1.ListMeta'))),
        items: { type: 'array', items: this.dialect.embed(this.refer(item, itemKind)) },
      },
    });
    return this.dialect.ref(name);
  }

  /** By name, in order. */
  schemas(): Record<string, object> {
    const out: Record<string, object> = {};
    for (const name of [...this.found.keys()].sort()) {
      const kinds = this.kinds.get(name);
      out[name] = {
        ...this.found.get(name),
        ...(kinds === undefined ? {} : { 'x-kubernetes-group-version-kind': kinds }),
      };
    }
    return out;
  }

  private note(name: string, kind: GroupVersionKind): void {
    const known = this.kinds.get(name) ?? [];
    const { group, version } = kind;
    if (!known.some((k) => k.group === group && k.version === version && k.kind === kind.kind))
      known.push({ group, kind: kind.kind, version });
    this.kinds.set(name, known);
  }

  private fill(schema: Record<string, unknown>, struct: StructType): void {
    Object.assign(schema, told(this.describe(struct.name, '')));
    const properties: Record<string, object> = {};
    const required: string[] = [];
    for (const field of struct.fields) {
      properties[field.name] = this.property(struct, field);
      if (!field.omitEmpty && !field.omitZero) required.push(field.name);
    }
    schema.properties = properties;
    if (required.length > 0) schema.required = required.sort();
    if (struct.atomic) schema['x-kubernetes-map-type'] = 'atomic';
    if (struct.unions.length > 0) schema['x-kubernetes-unions'] = struct.unions.map(unionOf);
  }

  private property(struct: StructType, field: FieldFacts): object {
    // What TypeMeta lends its owners is described there, unless they have words of their own for it; protobuf does not number it.
    const isLent = field.number === 0 && this.types.struct(typeMeta).byName.has(field.name);
    const own = this.describe(struct.name, field.name);
    const description = own === '' && isLent ? this.describe(typeMeta, field.name) : own;
    const values = enumerationOf(description);
    return {
      ...told(description),
      ...this.typeSchema(field.type),
      ...(values.length === 0 ? {} : { enum: values }),
      ...this.defaultOf(field.default ?? zeroOf(field.type, field.omitEmpty)),
      ...listFacts(field),
      ...(field.patchStrategy.length === 0 ? {} : { 'x-kubernetes-patch-strategy': field.patchStrategy.join(',') }),
      ...(field.patchMergeKey === '' ? {} : { 'x-kubernetes-patch-merge-key': field.patchMergeKey }),
    };
  }

  private typeSchema(type: TypeRef): Record<string, unknown> {
    switch (type.kind) {
      case 'string':
        return { type: 'string' };
      case 'bool':
        return { type: 'boolean' };
      case 'int':
        return { type: 'integer' };
      case 'int32':
      case 'int64':
        return { type: 'integer', format: type.kind };
      case 'float64':
        return { type: 'number', format: 'double' };
      case 'bytes':
        return { type: 'string', format: 'byte' };
      case 'any':
        return {};
      case 'struct':
        return this.dialect.embed(this.refer(this.types.struct(type.struct)));
      case 'pointer':
        return this.typeSchema(type.of);
      case 'slice':
        return { type: 'array', items: this.elementSchema(type.of) };
      case 'map':
        return { type: 'object', additionalProperties: this.elementSchema(type.of) };
      default:
        return this.dialect.embed(this.custom(type.kind));
    }
  }

  private elementSchema(type: TypeRef): Record<string, unknown> {
    return { ...this.typeSchema(type), ...this.defaultOf(zeroOf(type, false)) };
  }

  private defaultOf(value: unknown): object {
    return value === undefined || !this.dialect.tellsDefaults ? {} : { default: value };
  }

  private custom(kind: CustomSchema): Ref {
    const type = customTypes[kind];
    const name = schemaName(type);
    if (!this.found.has(name)) this.found.set(name, { ...told(this.describe(type, '')), ...this.dialect.custom[kind] });
    return this.dialect.ref(name);
  }
}

const typeMeta = 'meta/v1.TypeMeta';

/** A kind that no table describes is named after its group: its struct knows none. */
const nameOf = (struct: StructType, kind: GroupVersionKind | undefined): string =>
  struct.open && kind !== undefined ? customSchemaName(kind) : schemaName(struct.name);

/**
 * What a Go server reads where nothing is said: structs are never absent, plain values only where they are left out when empty. Types
 * that read themselves, such as times and quantities, are fed null, and have none (k8s.io/kube-openapi/pkg/generators
 * `mustEnforceDefault`).
 */
function zeroOf(type: TypeRef, omitEmpty: boolean): unknown {
  switch (type.kind) {
    case 'struct':
      return {};
    case 'string':
      return omitEmpty ? undefined : '';
    case 'bool':
      return omitEmpty ? undefined : false;
    case 'int':
    case 'int32':
    case 'int64':
    case 'float64':
      return omitEmpty ? undefined : 0;
    default:
      return undefined;
  }
}

/** How server-side apply and clients merge the field. */
function listFacts(field: FieldFacts): object {
  const isList = field.type.kind === 'slice' || (field.type.kind === 'pointer' && field.type.of.kind === 'slice');
  if (isList) {
    const { listType } = field;
    return listType.type === 'map'
      ? { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': listType.keys }
      : { 'x-kubernetes-list-type': listType.type };
  }
  return field.atomic === true ? { 'x-kubernetes-map-type': 'atomic' } : {};
}

/** k8s.io/kube-openapi/pkg/generators `union.emit`. */
const unionOf = ({ discriminator, fields }: Union): object => ({
  ...(discriminator === undefined ? {} : { discriminator }),
  'fields-to-discriminateBy': fields,
});

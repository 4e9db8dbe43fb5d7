import type { StructType, TypeTable } from './table';

/**
 * The type of a kind that only its own rules describe (custom resources): `apiVersion`, `kind` and `metadata` are read as
 * everywhere, all other fields are kept as they are. `goName` is what messages call it.
 */
export function openStructType(types: TypeTable, kind: string): StructType {
  const fields = types.struct('meta/v1.PartialObjectMetadata').fields;
  return {
    name: `open.${kind}`,
    goName: `unstructured.${kind}`,
    fields,
    byName: new Map(fields.map((field) => [field.name, field])),
    ownFields: fields,
    inlined: [],
    atomic: false,
    unions: [],
    open: true,
  };
}

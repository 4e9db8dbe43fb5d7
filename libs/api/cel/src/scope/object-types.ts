import type { CelFields } from '../check/cel-environment';
import { celTypes, type CelType } from '../check/cel-type';
import { type CelSchema, SchemaReader } from './schema-environment';

/** The types of `object` (and `oldObject`) and of `params`. */
export interface ObjectTypes {
  readonly object: CelType;
  readonly params: CelType | undefined;
  /** The fields of all types that these are made of, by name. */
  readonly objects: Readonly<Record<string, CelFields>>;
}

export interface NamedSchema {
  /** Messages show it; parts of the object are named after it. */
  readonly name: string;
  readonly schema: CelSchema;
}

/** Types by schemas (policy/validating `buildEnvSet`). A schema that says nothing stands for any value. */
export function objectTypes(object: NamedSchema, params: NamedSchema | undefined): ObjectTypes {
  const reader = new SchemaReader();
  const typeOf = ({ name, schema }: NamedSchema): CelType =>
    schema.type === undefined ? celTypes.dyn : (reader.typeOf(schema, true, name) ?? celTypes.dyn);
  const types = { object: typeOf(object), params: params === undefined ? undefined : typeOf(params) };
  return { ...types, objects: Object.fromEntries(reader.objects) };
}

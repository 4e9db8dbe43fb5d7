import { type CelEnvironment, type CelFields, environmentOf } from '../check/cel-environment';
import { celTypes, type CelType, listOf, mapOf, objectType, optionalOf } from '../check/cel-type';
import type { MergedType } from '../value/json-value';
import { escapeName } from './escape-name';

/** The part of a JSON schema that types come from. */
export interface CelSchema {
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, CelSchema>>;
  readonly additionalProperties?: CelSchema | boolean;
  readonly items?: CelSchema | readonly CelSchema[];
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
}

export interface SchemaScope {
  /** Resources, embedded ones too, have `apiVersion`, `kind` and a name without saying so. */
  readonly isResource: boolean;
  /** Rules that may run before there is an old value get an optional one. */
  readonly hasOptionalOldSelf?: boolean;
}

/**
 * What the rules of a schema see: `self` and `oldSelf`, typed by it (apiextensions-apiserver/pkg/apiserver/schema/cel
 * `prepareEnvSet`). Undefined for a schema whose values no expression can see.
 */
export function schemaEnvironment(schema: CelSchema, scope: SchemaScope): CelEnvironment | undefined {
  const reader = new SchemaReader();
  const self = reader.typeOf(schema, scope.isResource, 'self');
  if (self === undefined) return undefined;
  const { objects, rawNames } = reader;
  return environmentOf({
    variables: [
      ['self', self],
      ['oldSelf', scope.hasOptionalOldSelf === true ? optionalOf(self) : self],
    ],
    objects: Object.fromEntries(objects),
    rawNameOf: (type, field) => rawNames.get(type)?.get(field) ?? field,
  });
}

/** Types of schemas; the object types that they are made of gather in it. */
export class SchemaReader {
  readonly objects = new Map<string, CelFields>();
  readonly rawNames = new Map<string, ReadonlyMap<string, string>>();

  /** apiserver/pkg/cel/common `SchemaDeclType`; `name` is that of the type when it is one of objects. */
  typeOf(schema: CelSchema, isResource: boolean, name: string): CelType | undefined {
    if (schema['x-kubernetes-int-or-string'] === true) return celTypes.dyn;
    switch (schema.type) {
      case 'array':
        return this.listType(schema, name);
      case 'object':
        return this.objectType(schema, isResource, name);
      case 'string':
        return stringType(schema.format);
      case 'boolean':
        return celTypes.bool;
      case 'number':
        return celTypes.double;
      case 'integer':
        return celTypes.int;
      default:
        return undefined;
    }
  }

  private innerType(schema: CelSchema, name: string): CelType | undefined {
    return this.typeOf(schema, schema['x-kubernetes-embedded-resource'] === true, name);
  }

  private listType({ items, ...schema }: CelSchema, name: string): MergedType | undefined {
    if (items === undefined || Array.isArray(items)) return undefined;
    const element = this.innerType(items as CelSchema, `${name}.@idx`);
    if (element === undefined) return undefined;
    const type = listOf(element);
    switch (schema['x-kubernetes-list-type']) {
      case 'set':
        return { ...type, merge: { by: 'value' } };
      case 'map':
        return { ...type, merge: { by: 'keys', keys: (schema['x-kubernetes-list-map-keys'] ?? []).map(escaped) } };
      default:
        return type;
    }
  }

  private objectType(schema: CelSchema, isResource: boolean, name: string): CelType | undefined {
    const { additionalProperties } = schema;
    if (typeof additionalProperties === 'object') {
      const value = this.innerType(additionalProperties, `${name}.@elem`);
      return value === undefined ? undefined : mapOf(celTypes.string, value);
    }
    const fields: Record<string, CelType> = {};
    const rawNames = new Map<string, string>();
    const properties = isResource ? withMeta(schema) : (schema.properties ?? {});
    for (const [raw, property] of Object.entries(properties)) {
      const field = escapeName(raw);
      const type = this.innerType(property, `${name}.${field ?? raw}`);
      if (field === undefined || type === undefined) continue;
      fields[field] = type;
      if (field !== raw) rawNames.set(field, raw);
    }
    this.objects.set(name, fields);
    this.rawNames.set(name, rawNames);
    return objectType(name);
  }
}

const escaped = (name: string): string => escapeName(name) ?? name;

function stringType(format: string | undefined): CelType {
  switch (format) {
    case 'byte':
      return celTypes.bytes;
    case 'duration':
      return celTypes.duration;
    case 'date':
    case 'date-time':
      return celTypes.timestamp;
    default:
      return celTypes.string;
  }
}

const text: CelSchema = { type: 'string' };
const ownProperty = (schema: CelSchema | undefined, name: string): CelSchema | undefined =>
  schema?.properties !== undefined && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;

/** `WithTypeAndObjectMeta`: what is said of the metadata counts only when all of it is. */
function withMeta(schema: CelSchema): Readonly<Record<string, CelSchema>> {
  const metadata = ownProperty(schema, 'metadata');
  const isText = (of: CelSchema | undefined, name: string): boolean => ownProperty(of, name)?.type === 'string';
  const isComplete =
    isText(schema, 'kind') &&
    isText(schema, 'apiVersion') &&
    metadata?.type === 'object' &&
    isText(metadata, 'name') &&
    isText(metadata, 'generateName');
  if (isComplete) return schema.properties ?? {};
  return {
    ...schema.properties,
    kind: text,
    apiVersion: text,
    metadata: { type: 'object', properties: { name: text, generateName: text } },
  };
}

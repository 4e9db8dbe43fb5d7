import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Structs } from './facts';

interface SchemaType {
  readonly namedType?: string;
  readonly elementRelationship?: string;
  readonly list?: { readonly elementRelationship?: string; readonly keys?: readonly string[] };
  readonly map?: { readonly elementRelationship?: string };
}

interface SchemaStruct {
  readonly name: string;
  readonly map?: {
    readonly elementRelationship?: string;
    readonly fields?: readonly { readonly name: string; readonly type: SchemaType; readonly default?: unknown }[];
  };
}

/** What server-side apply knows of a field, as extras of its line in the table; '' for what is usual. */
export interface MergeFacts {
  isAtomic(struct: string): boolean;
  extras(struct: string, field: string): string[];
}

export function readMergeFacts(folder: string, structs: Structs): MergeFacts {
  const { types } = JSON.parse(readFileSync(join(folder, 'merge-schema.json'), 'utf8')) as { types: SchemaStruct[] };
  const byName = new Map(types.map((type) => [type.name.split('.').slice(-3).join('.'), type]));
  const schemaOf = (struct: string): SchemaStruct | undefined => byName.get(struct.replace('/', '.'));

  const owners = new Map<string, string[]>();
  for (const [name, fields] of structs) {
    for (const field of fields) {
      if (field.inline && field.type.form === 'named') {
        owners.set(field.type.name, [...(owners.get(field.type.name) ?? []), name]);
      }
    }
  }
  /** Upstream's schema has inlined structs flattened into their owners. */
  function fieldOf(
    struct: string,
    field: string,
  ): NonNullable<NonNullable<SchemaStruct['map']>['fields']>[number] | undefined {
    const own = schemaOf(struct)?.map?.fields?.find((f) => f.name === field);
    if (own !== undefined) return own;
    for (const owner of owners.get(struct) ?? []) {
      const found = fieldOf(owner, field);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  return {
    isAtomic: (struct) => schemaOf(struct)?.map?.elementRelationship === 'atomic',
    extras(struct, field) {
      const fact = fieldOf(struct, field);
      if (fact === undefined) return [];
      const extras: string[] = [];
      const { list, map, elementRelationship } = fact.type;
      if (list?.elementRelationship === 'associative') {
        extras.push(list.keys === undefined ? 'list=set' : `list=map:${list.keys.join(',')}`);
      }
      if (map?.elementRelationship === 'atomic') extras.push('map=atomic');
      if (elementRelationship === 'separable') extras.push('struct=granular');
      if (elementRelationship === 'atomic') extras.push('struct=atomic');
      if (hasMeaning(fact.default)) extras.push(`default=${JSON.stringify(fact.default)}`);
      return extras;
    },
  };
}

/** A zero value is what decoding gives anyway. */
function hasMeaning(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return false;
  return !(typeof value === 'object' && Object.keys(value).length === 0);
}

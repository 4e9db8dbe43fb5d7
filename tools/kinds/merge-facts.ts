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
    readonly unions?: readonly {
      readonly discriminator?: string;
      readonly fields: readonly { readonly fieldName: string; readonly discriminatorValue: string }[];
    }[];
  };
}

/** What server-side apply knows of a field, as extras of its line in the table; '' for what is usual. */
export interface MergeFacts {
  isAtomic(struct: string): boolean;
  /** Of which fields only one may be set, as lines of the table. */
  unions(struct: string): string[];
  extras(struct: string, field: string): string[];
}

const unionMark = '@union';

/**
 * The facts that the table has already: no package publishes them, so they stay until a newer schema is at hand. A list that is new since
 * then is merged by apply as by a strategic merge patch, which its tags say.
 */
export function keptMergeFacts(table: KindsTable, structs: Structs, say: (text: string) => void): MergeFacts {
  const known = new Map(
    Object.entries(table.structs).map(([name, lines]) => [
      name,
      new Map(lines.map((line) => [line.split(' ')[0] ?? '', line.split(' ').slice(4).filter(isMergeFact)])),
    ]),
  );
  return {
    isAtomic: (struct) => known.get(struct)?.has('@atomic') ?? false,
    unions: (struct) => (table.structs[struct] ?? []).filter((line) => line.startsWith(`${unionMark} `)),
    extras(struct, field) {
      const kept = known.get(struct)?.get(field);
      if (kept !== undefined) return kept;
      const fact = structs.get(struct)?.find(({ json }) => json === field);
      if (fact?.type.form !== 'slice') return [];
      const isMerged = fact.patchStrategy.split(',').includes('merge');
      const guess = !isMerged ? [] : fact.patchMergeKey === '' ? ['list=set'] : [`list=map:${fact.patchMergeKey}`];
      say(
        `${struct}.${field} is a new list, taken as ${guess[0] ?? 'atomic'}: if that is wrong, say so in overrides.ts`,
      );
      return guess;
    },
  };
}

/** The part of kinds.json that is read back. */
export interface KindsTable {
  readonly structs: Readonly<Record<string, readonly string[]>>;
}

const isMergeFact = (word: string): boolean => /^(?:list|map|struct|default)=/.test(word);

/** From the schema that upstream's typed clients apply with, as JSON: `<folder>/merge-schema.json`. */
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
    unions: (struct) =>
      (schemaOf(struct)?.map?.unions ?? []).map(({ discriminator = '-', fields }) =>
        [unionMark, discriminator, ...fields.map((field) => `${field.fieldName}=${field.discriminatorValue}`)].join(
          ' ',
        ),
      ),
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

import table from './generated/kinds.json';
import { parseGoType, type TypeRef } from './go-type';
import { fieldOverrides } from './overrides';

/** How server-side apply merges a list; `set` and `map` are what upstream calls associative. */
export type ListType = { readonly type: 'atomic' | 'set' } | { readonly type: 'map'; readonly keys: readonly string[] };

/** One field as the JSON form has it; inlined structs are flattened into their owner. */
export interface FieldFacts {
  readonly name: string;
  readonly type: TypeRef;
  /** Dropped from JSON when empty: '', 0, false, null, a list or map without entries (never a struct). */
  readonly omitEmpty: boolean;
  /** Dropped from JSON when it is its type's zero value, structs and times too. */
  readonly omitZero: boolean;
  /** An empty list is told from none: defaults and rules of the kind treat them differently, and refuse the empty one. */
  readonly keepsEmpty?: true;
  /** Protobuf field number; 0 when the field is not in protobuf. */
  readonly number: number;
  /** Strategic merge: `patchStrategy` words, e.g. `['merge']`, `['merge', 'retainKeys']`. */
  readonly patchStrategy: readonly string[];
  readonly patchMergeKey: string;
  /** Server-side apply: for lists only. */
  readonly listType: ListType;
  /** Server-side apply: a map or struct that is replaced as a whole; undefined leaves it to the struct's own type. */
  readonly atomic: boolean | undefined;
  /** The default that apply assumes for a missing list key (`protocol` is TCP), undefined if none. */
  readonly default: unknown;
}

/** A struct inlined in JSON that protobuf holds as a message of its own. */
export interface InlinedStruct {
  readonly struct: string;
  readonly number: number;
}

/** Fields of which only one may be set. Of a union that names a discriminator, that field says which. */
export interface Union {
  readonly discriminator: string | undefined;
  /** By field: what the discriminator is when it is set. */
  readonly fields: Readonly<Record<string, string>>;
}

export interface StructType {
  /** `core/v1.Pod`. */
  readonly name: string;
  /** As Go prints it in messages: `v1.Pod`. */
  readonly goName: string;
  /** In the order Go writes them. */
  readonly fields: readonly FieldFacts[];
  readonly byName: ReadonlyMap<string, FieldFacts>;
  /** Fields declared by the struct itself, which protobuf numbers; the inlined ones are in `inlined`. */
  readonly ownFields: readonly FieldFacts[];
  readonly inlined: readonly InlinedStruct[];
  /** Server-side apply replaces it as a whole. */
  readonly atomic: boolean;
  readonly unions: readonly Union[];
  /** Fields that no table knows are kept as they are (custom resources). */
  readonly open: boolean;
}

const structLines: Readonly<Record<string, readonly string[]>> = table.structs;
const namedTypes: Readonly<Record<string, string>> = table.named;

/** Looks types up by name; each is read from its lines when first asked for. */
export interface TypeTable {
  struct(name: string): StructType;
  has(name: string): boolean;
}

/**
 * Reads the generated table. A struct is a list of lines `name type flags number extras…`:
 * flags are o (omitempty), z (omitzero), i (inlined; its name is `-`); extras are `list=`, `map=`, `struct=`, `default=`
 * for server-side apply, `patch=` and `key=` for strategic merge. `@atomic` alone marks the whole struct,
 * `@union <discriminator or -> <field>=<value>…` fields of which only one may be set.
 */
export function createTypeTable(): TypeTable {
  const structs = new Map<string, StructType>();

  function struct(name: string): StructType {
    const known = structs.get(name);
    if (known !== undefined) return known;
    if (!Object.hasOwn(structLines, name)) throw new RangeError(`no struct ${name} in the table of kinds`);
    const read = readStruct(name, structLines[name] ?? []);
    structs.set(name, read);
    return read;
  }

  function readStruct(name: string, lines: readonly string[]): StructType {
    const fields: FieldFacts[] = [];
    const ownFields: FieldFacts[] = [];
    const inlined: InlinedStruct[] = [];
    for (const line of lines) {
      if (line.startsWith('@')) continue;
      const words = line.split(' ');
      if (words[2]?.includes('i') === true) {
        const inner = struct(words[1] ?? '');
        if (words[3] === '0') {
          // TypeMeta is not part of the message: its numbers hold only where it is a message itself.
          const unnumbered = inner.fields.map((field) => ({ ...field, number: 0 }));
          fields.push(...unnumbered);
          ownFields.push(...unnumbered);
        } else {
          fields.push(...inner.fields);
          inlined.push({ struct: inner.name, number: Number(words[3]) });
        }
        continue;
      }
      const field = readField(name, words);
      fields.push(field);
      ownFields.push(field);
    }
    return {
      name,
      goName: goNameOf(name),
      fields,
      byName: new Map(fields.map((field) => [field.name, field])),
      ownFields,
      inlined,
      atomic: lines.includes('@atomic'),
      unions: lines.filter((line) => line.startsWith('@union ')).map(readUnion),
      open: false,
    };
  }

  return { struct, has: (name) => Object.hasOwn(structLines, name) };
}

function readField(struct: string, [name = '', type = '', flags = '', number, ...extraWords]: string[]): FieldFacts {
  const extras = new Map(
    extraWords.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );
  const atomic = extras.get('map') ?? extras.get('struct');
  const defaultText = extras.get('default');
  const facts: FieldFacts = {
    name,
    type: parseGoType(type, namedTypes),
    omitEmpty: flags.includes('o'),
    omitZero: flags.includes('z'),
    number: Number(number),
    patchStrategy: extras.get('patch')?.split(',') ?? [],
    patchMergeKey: extras.get('key') ?? '',
    listType: readListType(extras.get('list')),
    atomic: atomic === undefined ? undefined : atomic === 'atomic',
    default: defaultText === undefined ? undefined : (JSON.parse(defaultText) as unknown),
  };
  return { ...facts, ...fieldOverrides[`${struct}.${name}`] };
}

function readUnion(line: string): Union {
  const [, discriminator, ...pairs] = line.split(' ');
  return {
    discriminator: discriminator === '-' ? undefined : discriminator,
    fields: Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string])),
  };
}

function readListType(text: string | undefined): ListType {
  if (text === undefined) return { type: 'atomic' };
  if (text === 'set') return { type: 'set' };
  return { type: 'map', keys: text.slice('map:'.length).split(',') };
}

/** `core/v1.PodSpec` → `v1.PodSpec`: Go prints the last element of the package path. */
function goNameOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

export const resourceRows: readonly (readonly unknown[])[] = table.resources;

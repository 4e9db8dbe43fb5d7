import { apiregistrationStructs } from './apiregistration-structs';
import { readElfFile } from './go-binary/elf-file';
import { reflectStructs, type ReflectedField, type ReflectedStructs } from './go-binary/reflected-structs';
import { type GoType, printGoType, shortName } from './go-type';

/** One field of a Go struct with what its tags say. `json` is '' for an inlined struct. */
export interface FieldFacts {
  readonly go: string;
  readonly json: string;
  readonly type: GoType;
  readonly omitempty: boolean;
  readonly omitzero: boolean;
  readonly inline: boolean;
  /** Protobuf field number; 0 when the field is not in protobuf. */
  readonly number: number;
  readonly patchStrategy: string;
  readonly patchMergeKey: string;
}

export type Structs = ReadonlyMap<string, readonly FieldFacts[]>;

const served =
  /^k8s\.io\/(?:api\/[a-z]+|apimachinery\/pkg\/apis\/meta|apiextensions-apiserver\/pkg\/apis\/apiextensions|kube-aggregator\/pkg\/apis\/apiregistration)\/v[12]$/;

/** Structs whose JSON is not that of their fields: the runtime decodes them by name. */
export const customJson = new Set([
  'meta/v1.Time',
  'meta/v1.MicroTime',
  'meta/v1.Duration',
  'meta/v1.FieldsV1',
  'resource.Quantity',
  'intstr.IntOrString',
  'runtime.RawExtension',
  'apiextensions/v1.JSON',
  'apiextensions/v1.JSONSchemaPropsOrBool',
  'apiextensions/v1.JSONSchemaPropsOrArray',
  'apiextensions/v1.JSONSchemaPropsOrStringArray',
]);

const internal = new Set(['meta/v1.InternalEvent', 'meta/v1.Timestamp']);

/**
 * Every struct of a v1 or v2 group version, by short name, sorted by full name: from the types that Go programs keep for reflection.
 * Structs that several programs have must be the same in all; throws with their differences if not.
 */
export function readStructs(programs: readonly string[]): Structs {
  const all = new Map<string, readonly ReflectedField[]>(Object.entries(apiregistrationStructs));
  const differences: string[] = [];
  for (const program of programs)
    for (const [name, fields] of reflectStructs(readElfFile(program), (path) => served.test(path))) {
      const other = all.get(name);
      if (other !== undefined && textOf(other) !== textOf(fields)) differences.push(`${name} in ${program}`);
      all.set(name, fields);
    }
  if (differences.length > 0) throw new Error(`two programs disagree on ${differences.join(', ')}`);
  const structs = new Map<string, readonly FieldFacts[]>();
  for (const name of [...all.keys()].toSorted(byCodePoint)) {
    const short = shortName(name);
    if (!customJson.has(short) && !internal.has(short)) structs.set(short, (all.get(name) ?? []).map(fieldFacts));
  }
  if (structs.size === 0) throw new Error(`${programs.join(' and ')} have no types of the API`);
  return structs;
}

function fieldFacts(field: ReflectedField): FieldFacts {
  const tags = new Map([...field.tag.matchAll(/(\w+):"([^"]*)"/g)].map((m) => [m[1] ?? '', m[2] ?? '']));
  const [json = '', ...options] = (tags.get('json') ?? '').split(',');
  const number = Number((tags.get('protobuf') ?? '').split(',')[1] ?? 0);
  return {
    go: field.name,
    json,
    type: field.type,
    omitempty: options.includes('omitempty'),
    omitzero: options.includes('omitzero'),
    inline: json === '' && field.embedded,
    number: Number.isNaN(number) ? 0 : number,
    patchStrategy: tags.get('patchStrategy') ?? '',
    patchMergeKey: tags.get('patchMergeKey') ?? '',
  };
}

const textOf = (fields: ReflectedStructs extends ReadonlyMap<string, infer F> ? F : never): string =>
  fields.map((f) => `${f.name} ${printGoType(f.type)} ${f.tag} ${String(f.embedded)}`).join('\n');

const byCodePoint = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

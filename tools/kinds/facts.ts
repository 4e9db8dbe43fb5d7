import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiregistrationStructs } from './apiregistration';
import { type GoType, parseGoType, shortName } from './go-type';

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

export interface RawField {
  readonly go: string;
  readonly tag: string;
  readonly type: string;
  readonly emb?: boolean;
}

const served =
  /^k8s\.io\/(?:api\/[a-z]+|apimachinery\/pkg\/apis\/meta|apiextensions-apiserver\/pkg\/apis\/apiextensions|kube-aggregator\/pkg\/apis\/apiregistration)\/v[12]\./;

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

/** Every struct of a v1 or v2 group version, by short name, in the order of the file. */
export function readStructs(folder: string): Structs {
  const raw = JSON.parse(readFileSync(join(folder, 'go-struct-tags.json'), 'utf8')) as Record<string, RawField[]>;
  const structs = new Map<string, readonly FieldFacts[]>();
  for (const [name, fields] of Object.entries({ ...raw, ...apiregistrationStructs })) {
    if (!served.test(name)) continue;
    const short = shortName(name);
    if (customJson.has(short) || internal.has(short)) continue;
    const home = name.slice(0, name.lastIndexOf('.'));
    structs.set(
      short,
      fields.map((field) => fieldFacts(field, home)),
    );
  }
  return structs;
}

function fieldFacts(raw: RawField, homePackage: string): FieldFacts {
  const tags = new Map([...raw.tag.matchAll(/(\w+):"([^"]*)"/g)].map((m) => [m[1] ?? '', m[2] ?? '']));
  const [json = '', ...options] = (tags.get('json') ?? '').split(',');
  const number = Number((tags.get('protobuf') ?? '').split(',')[1] ?? 0);
  return {
    go: raw.go,
    json,
    type: parseGoType(raw.type, homePackage),
    omitempty: options.includes('omitempty'),
    omitzero: options.includes('omitzero'),
    inline: json === '' && raw.emb === true,
    number: Number.isNaN(number) ? 0 : number,
    patchStrategy: tags.get('patchStrategy') ?? '',
    patchMergeKey: tags.get('patchMergeKey') ?? '',
  };
}

/** Types whose JSON form is not that of their Go fields. */
export type CustomKind =
  | 'time'
  | 'microTime'
  | 'duration'
  | 'quantity'
  | 'intOrString'
  | 'rawExtension'
  | 'fieldsV1'
  | 'json'
  | 'schemaOrBool'
  | 'schemaOrArray'
  | 'schemaOrStrings';

/** A field's type. `goName` is how Go prints it in messages: `v1.PullPolicy`, `[]v1.Container`, `map[string]string`. */
export type TypeRef =
  | {
      readonly kind: 'string' | 'bool' | 'int' | 'int32' | 'int64' | 'float64' | 'bytes' | 'any';
      readonly goName: string;
    }
  | { readonly kind: CustomKind; readonly goName: string }
  | { readonly kind: 'struct'; readonly struct: string; readonly goName: string }
  | { readonly kind: 'pointer'; readonly of: TypeRef; readonly goName: string }
  | { readonly kind: 'slice'; readonly of: TypeRef; readonly goName: string; readonly wrapped: boolean }
  | { readonly kind: 'map'; readonly of: TypeRef; readonly goName: string };

const customKinds: Readonly<Record<string, CustomKind>> = {
  'meta/v1.Time': 'time',
  'meta/v1.MicroTime': 'microTime',
  'meta/v1.Duration': 'duration',
  'meta/v1.FieldsV1': 'fieldsV1',
  'resource.Quantity': 'quantity',
  'intstr.IntOrString': 'intOrString',
  'runtime.RawExtension': 'rawExtension',
  'apiextensions/v1.JSON': 'json',
  'apiextensions/v1.JSONSchemaPropsOrBool': 'schemaOrBool',
  'apiextensions/v1.JSONSchemaPropsOrArray': 'schemaOrArray',
  'apiextensions/v1.JSONSchemaPropsOrStringArray': 'schemaOrStrings',
};

/** Reads the table's Go syntax; `named` maps a named type to what it stands for. All map keys are strings. */
export function parseGoType(text: string, named: Readonly<Record<string, string>>): TypeRef {
  const goName = printed(text);
  if (text.startsWith('*')) return { kind: 'pointer', of: parseGoType(text.slice(1), named), goName };
  if (text === '[]byte') return { kind: 'bytes', goName };
  if (text.startsWith('[]')) return { kind: 'slice', of: parseGoType(text.slice(2), named), goName, wrapped: false };
  if (text.startsWith('map[')) {
    return { kind: 'map', of: parseGoType(text.slice(text.indexOf(']') + 1), named), goName };
  }
  switch (text) {
    case 'string':
    case 'bool':
    case 'int':
    case 'int32':
    case 'int64':
    case 'float64':
      return { kind: text, goName };
    case 'any':
      return { kind: 'any', goName: 'interface {}' };
    default:
      return named[text] === undefined ? namedStruct(text, goName) : underlying(named[text], goName, named);
  }
}

function namedStruct(text: string, goName: string): TypeRef {
  const custom = customKinds[text];
  return custom === undefined ? { kind: 'struct', struct: text, goName } : { kind: custom, goName };
}

/** A named slice (`ExtraValue`, `Verbs`) is a message with one repeated field in protobuf: `wrapped`. */
function underlying(under: string, goName: string, named: Readonly<Record<string, string>>): TypeRef {
  const type = parseGoType(under, named);
  return type.kind === 'slice' ? { ...type, goName, wrapped: type.of.kind === 'string' } : { ...type, goName };
}

/** Package paths are cut to their last element. */
function printed(text: string): string {
  return text.replace(/[\w.-]+\//g, '').replaceAll('[]byte', '[]uint8');
}

import { createKindRegistry, swaggerDocument } from '@reckon/api/kinds';
import { describe, expect, it } from 'vitest';
import { encodeDocument } from './encode-document';

/**
 * Messages as openapiv2/OpenAPIv2.proto declares them, noted apart from the encoder's table: `name:number`, `*` if repeated,
 * `=Message`. Messages with a `|` before them hold one of their fields.
 */
const proto = `
Document swagger:1 info:2=Info schemes:5* paths:8=Paths definitions:9=Definitions parameters:10=ParameterDefinitions security:12*=SecurityRequirement security_definitions:13=SecurityDefinitions
Info title:1 version:2
Paths path:2*=NamedPathItem
NamedPathItem name:1 value:2=PathItem
PathItem get:2=Operation put:3=Operation post:4=Operation delete:5=Operation options:6=Operation head:7=Operation patch:8=Operation parameters:9*=ParametersItem
Operation tags:1* description:3 operation_id:5 produces:6* consumes:7* parameters:8*=ParametersItem responses:9=Responses schemes:10* vendor_extension:13*=NamedAny
|ParametersItem parameter:1=Parameter json_reference:2=JsonReference
JsonReference _ref:1
ParameterDefinitions additional_properties:1*=NamedParameter
NamedParameter name:1 value:2=Parameter
|Parameter body_parameter:1=BodyParameter non_body_parameter:2=NonBodyParameter
BodyParameter name:2 in:3 required:4b schema:5=Schema
|NonBodyParameter query_parameter_sub_schema:3=QueryParameterSubSchema path_parameter_sub_schema:4=PathParameterSubSchema
QueryParameterSubSchema required:1b in:2 description:3 name:4 type:6 unique_items:20b
PathParameterSubSchema required:1b in:2 description:3 name:4 type:5 unique_items:19b
Responses response_code:1*=NamedResponseValue
NamedResponseValue name:1 value:2=ResponseValue
|ResponseValue response:1=Response
Response description:1 schema:2=SchemaItem
|SchemaItem schema:1=Schema
Definitions additional_properties:1*=NamedSchema
Properties additional_properties:1*=NamedSchema
NamedSchema name:1 value:2=Schema
Schema _ref:1 format:2 description:4 default:5=Any maximum:7d min_length:12i enum:20*=Any required:19* additional_properties:21=AdditionalPropertiesItem type:22=TypeItem items:23=ItemsItem properties:25=Properties vendor_extension:31*=NamedAny
|AdditionalPropertiesItem schema:1=Schema boolean:2b
TypeItem value:1*
ItemsItem schema:1*=Schema
NamedAny name:1 value:2=Any
Any yaml:2
SecurityRequirement additional_properties:1*=NamedStringArray
NamedStringArray name:1 value:2=StringArray
StringArray value:1*
SecurityDefinitions additional_properties:1*=NamedSecurityDefinitionsItem
NamedSecurityDefinitionsItem name:1 value:2=SecurityDefinitionsItem
|SecurityDefinitionsItem api_key_security:2=ApiKeySecurity
ApiKeySecurity type:1 name:2 in:3
`;

interface Field {
  readonly name: string;
  readonly isRepeated: boolean;
  readonly type: string;
}
interface Message {
  readonly isUnion: boolean;
  readonly fields: ReadonlyMap<number, Field>;
}

const declared = new Map<string, Message>();
for (const line of proto.trim().split('\n')) {
  const [head = '', ...words] = line.split(' ');
  const fields = words.map((word): [number, Field] => {
    const [, name = '', number = '', scalar, star, type] = /^(\w+):(\d+)([bid])?(\*)?(?:=(\w+))?$/.exec(word) ?? [];
    return [Number(number), { name, isRepeated: star !== undefined, type: type ?? scalar ?? 'string' }];
  });
  declared.set(head.replace('|', ''), { isUnion: head.startsWith('|'), fields: new Map(fields) });
}

type Json = Record<string, unknown>;

/** Reads the wire, then undoes what gnostic does to JSON. */
function decode(bytes: Buffer, name: string): unknown {
  const message = declared.get(name);
  if (message === undefined) throw new Error(`no message ${name}`);
  const out: Json = {};
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const field = message.fields.get(key >> 3);
    if (field === undefined) throw new Error(`${name} has no field ${String(key >> 3)}`);
    let value: unknown;
    if ((key & 7) === 0) value = field.type === 'b' ? varint() === 1 : varint();
    else if ((key & 7) === 1) {
      value = bytes.readDoubleLE(at);
      at += 8;
    } else {
      const length = varint();
      const slice = bytes.subarray(at, at + length);
      at += length;
      value = field.type === 'string' ? slice.toString() : decode(slice, field.type);
    }
    if (field.isRepeated) ((out[field.name] ??= []) as unknown[]).push(value);
    else out[field.name] = value;
  }
  return undo(name, message, out);
}

function undo(name: string, message: Message, out: Json): unknown {
  if (message.isUnion) return Object.values(out)[0];
  if (name === 'Any') return JSON.parse(out.yaml as string) as unknown;
  if (name === 'TypeItem' || name === 'ItemsItem') {
    const list = (out.value ?? out.schema) as unknown[];
    return list.length === 1 ? list[0] : list;
  }
  if (name === 'StringArray') return out.value ?? [];
  const pairs = (list: unknown): Json =>
    Object.fromEntries((list as { name: string; value: unknown }[]).map((pair) => [pair.name, pair.value]));
  const [first] = message.fields.values();
  const holdsPairs = message.fields.size === 1 && first?.type.startsWith('Named') === true;
  if (holdsPairs) return pairs(out[first.name] ?? []);
  const { vendor_extension: extensions = [], ...rest } = out;
  const named = Object.entries(rest).map(([key, value]): [string, unknown] => [
    key === '_ref' ? '$ref' : key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return { ...Object.fromEntries(named), ...pairs(extensions) };
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('OpenAPI v2 in protobuf', () => {
  it('says all that the JSON form says', () => {
    const document = swaggerDocument(createKindRegistry(), {
      version: 'v1.36.2',
      describe: (struct, field) => `${struct} ${field}: “über” 💡`,
    });
    expect(decode(encodeDocument(document), 'Document')).toEqual(plain(document));
  });

  it('keeps what schemas of custom kinds may say, and the order of names', () => {
    const definitions = {
      b: {
        type: ['string', 'null'],
        default: { deep: [1, 'x', null] },
        maximum: 1.5,
        minLength: 300,
        enum: ['a', 1],
        'x-kubernetes-preserve-unknown-fields': true,
      },
      a: { type: 'object', additionalProperties: false, properties: { any: {}, list: { type: 'array', items: {} } } },
      c: { type: 'object', additionalProperties: true },
    };
    const document = { ...swaggerDocument(createKindRegistry({ rows: [] }), { version: 'v1' }), definitions };
    const decoded = decode(encodeDocument(document), 'Document') as { definitions: object };
    expect(decoded.definitions).toEqual(definitions);
    expect(Object.keys(decoded.definitions)).toEqual(['b', 'a', 'c']);
  });

  it('grows as far as it must', () => {
    const description = 'é'.repeat(2_000_000);
    const document = {
      ...swaggerDocument(createKindRegistry({ rows: [] }), { version: 'v1' }),
      definitions: { long: { description } },
    };
    expect(decode(encodeDocument(document), 'Document')).toMatchObject({ definitions: { long: { description } } });
  });

  it('refuses a word that it cannot say', () => {
    const document = {
      ...swaggerDocument(createKindRegistry({ rows: [] }), { version: 'v1' }),
      definitions: { odd: { oneOf: [] } },
    };
    expect(() => encodeDocument(document)).toThrow('openapi.v2.Schema has no field oneOf');
  });
});

import { describe, expect, it } from 'vitest';
import { runCreate } from '../../testing/run-strategy';
import type { JsonSchema } from './json-schema';

const base = 'spec.validation.openAPIV3Schema';

/** The refusals of a definition with this schema, without the path of the schema. */
function refusals(schema: JsonSchema, more: object = {}): readonly string[] {
  return runCreate('apiextensions.k8s.io/customresourcedefinitions', {
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...more }],
    },
  }).refusals.map((text) => text.replace(`${base}.`, '').replace(`${base}: `, ''));
}

/** Of one property called `a`. */
const ofProperty = (schema: JsonSchema): readonly string[] =>
  refusals({ type: 'object', properties: { a: schema } }).map((text) => text.replaceAll('properties[a].', ''));

const types = 'supported values: "array", "boolean", "integer", "number", "object", "string"';
const text: JsonSchema = { type: 'string' };

describe('a structural schema', () => {
  it.each<[JsonSchema, ...string[]]>([
    [{ type: 'object' }],
    [{}, 'type: Required value: must not be empty at the root'],
    [{ 'x-kubernetes-preserve-unknown-fields': true }],
    [{ type: 'array', items: text }, 'type: Invalid value: "array": must be object at the root'],
    [{ type: 'object', additionalProperties: text }, 'additionalProperties: Forbidden: must not be used at the root'],
    [{ type: 'object', nullable: true }, 'nullable: Forbidden: nullable cannot be true at the root'],
    [
      { type: 'object', properties: { kind: { type: 'integer' }, apiVersion: text } },
      'properties[kind].type: Invalid value: "integer": must be string',
    ],
    [
      {
        type: 'object',
        properties: { metadata: { type: 'object', properties: { name: { type: 'string', maxLength: 5 } } } },
      },
    ],
    [
      { type: 'object', properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } } },
      'properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
    ],
    [
      { type: 'object', properties: { metadata: { ...text, description: 'mine' } } },
      'properties[metadata].type: Invalid value: "string": must be object',
      'properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
    ],
    [
      { type: 'object', properties: { a: { type: 'object' } }, allOf: [{ properties: { a: { items: {} }, b: {} } }] },
      'properties[a].items: Required value: because it is defined in spec.validation.openAPIV3Schema.allOf[0].properties[a].items',
      'properties[b]: Required value: because it is defined in spec.validation.openAPIV3Schema.allOf[0].properties[b]',
    ],
  ])('%j', (schema, ...messages) => {
    expect(refusals(schema)).toEqual(messages);
  });

  it.each<[JsonSchema, ...string[]]>([
    [{}, 'type: Required value: must not be empty for specified object fields'],
    [{ type: 'array' }, 'items: Required value: must be specified'],
    [{ type: 'array', items: {} }, 'items.type: Required value: must not be empty for specified array items'],
    [{ type: 'thing' }, `type: Unsupported value: "thing": ${types}`],
    [{ 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] }],
    [
      {
        'x-kubernetes-int-or-string': true,
        allOf: [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, { maxLength: 2 }],
      },
    ],
    [
      { 'x-kubernetes-int-or-string': true, 'x-kubernetes-preserve-unknown-fields': true },
      'x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if x-kubernetes-int-or-string is true',
    ],
    [
      { ...text, anyOf: [{ type: 'string', description: 'd', default: 'a', nullable: true, title: 't' }] },
      'anyOf[0].default: Forbidden: must be undefined to be structural',
      'anyOf[0].description: Forbidden: must be empty to be structural',
      'anyOf[0].nullable: Forbidden: must be false to be structural',
      'anyOf[0].title: Forbidden: must be empty to be structural',
      'anyOf[0].type: Forbidden: must be empty to be structural',
    ],
    [
      { type: 'object', not: { properties: { b: {}, metadata: {} }, additionalProperties: true } },
      'not.additionalProperties: Forbidden: must be undefined to be structural',
      'not.properties[metadata]: Forbidden: must not be specified in a nested context',
    ],
    [
      { type: 'array', items: text, oneOf: [{ items: { pattern: '(' } }] },
      'oneOf[0].items.pattern: Invalid value: "(": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ): `(`',
    ],
    [
      { type: 'object', 'x-kubernetes-embedded-resource': true },
      'properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
    ],
    [
      {
        'x-kubernetes-embedded-resource': true,
        'x-kubernetes-preserve-unknown-fields': true,
        additionalProperties: text,
      },
      'additionalProperties: Forbidden: must not be used if x-kubernetes-embedded-resource is set',
      'type: Required value: must be object if x-kubernetes-embedded-resource is true',
    ],
    [{ type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true }],
  ])('has fields like %j', (schema, ...messages) => {
    expect(ofProperty(schema)).toEqual(messages);
  });
});

describe('the keywords of a schema', () => {
  it.each<[JsonSchema, ...string[]]>([
    [{ ...text, id: 'x' }, 'id: Forbidden: id is not supported'],
    [{ ...text, $ref: '#/x' }, '$ref: Forbidden: $ref is not supported'],
    [{ ...text, $schema: 'x' }, 'Invalid value: "": OpenAPIV3Schema \'schema\' is not supported'],
    [
      { type: 'object', patternProperties: { x: text }, definitions: { x: text }, dependencies: { x: ['y'] } },
      'patternProperties: Forbidden: patternProperties is not supported',
      'definitions: Forbidden: definitions is not supported',
      'dependencies: Forbidden: dependencies is not supported',
    ],
    [
      { type: 'array', items: [text], additionalItems: true },
      'additionalItems: Forbidden: additionalItems is not supported',
      'items: Forbidden: items must be a schema object and not an array',
    ],
    [
      { type: 'null' },
      `type: Unsupported value: "null": ${types}`,
      'type: Forbidden: type cannot be set to null, use nullable as an alternative',
    ],
    [
      { type: 'array', items: text, uniqueItems: true },
      'uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
    ],
    [
      { type: 'object', properties: { b: text }, additionalProperties: text },
      'additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive',
    ],
    [
      { type: 'object', 'x-kubernetes-preserve-unknown-fields': false },
      'x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined',
    ],
    [
      { ...text, 'x-kubernetes-map-type': 'x' },
      'type: Invalid value: "string": must be object if x-kubernetes-map-type is specified',
      'x-kubernetes-map-type: Unsupported value: "x": supported values: "atomic", "granular"',
    ],
    [
      { ...text, 'x-kubernetes-list-type': 'x' },
      'type: Invalid value: "string": must be array if x-kubernetes-list-type is specified',
      'x-kubernetes-list-type: Unsupported value: "x": supported values: "atomic", "set", "map"',
    ],
    [
      { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'object', nullable: true } },
      'items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set',
      'items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is set',
    ],
    [
      {
        type: 'array',
        'x-kubernetes-list-type': 'set',
        items: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
      },
      'items.x-kubernetes-list-type: Invalid value: "set": must be atomic as item of a list with x-kubernetes-list-type=set',
    ],
    [
      { type: 'array', items: text, 'x-kubernetes-list-map-keys': ['b'] },
      'x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty',
    ],
    [
      { type: 'array', items: text, 'x-kubernetes-list-type': 'map' },
      'x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map',
      'items.type: Invalid value: "string": must be object if parent array\'s x-kubernetes-list-type is map',
    ],
    [
      {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['b', 'c', 'c', 'd'],
        items: {
          type: 'object',
          required: ['c'],
          properties: { b: { ...text, nullable: true }, c: { type: 'object' } },
        },
      },
      'items.properties[c].type: Invalid value: "object": must be a scalar type if parent array\'s x-kubernetes-list-type is map',
      'items.properties[c].type: Invalid value: "object": must be a scalar type if parent array\'s x-kubernetes-list-type is map',
      'x-kubernetes-list-map-keys: Invalid value: ["b","c","c","d"]: must not contain duplicate entries',
      'x-kubernetes-list-map-keys: Invalid value: ["b","c","c","d"]: entries must all be names of item properties',
      'items.properties[b].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
      'items.properties[b].nullable: Forbidden: this property is in x-kubernetes-list-map-keys, so it cannot be nullable',
    ],
    [
      {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['b'],
        items: { type: 'object', properties: { b: { ...text, default: 'x' } } },
      },
    ],
    [
      { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['b'] },
      'items: Required value: must be specified',
      'items: Required value: must have a schema if x-kubernetes-list-type is map',
    ],
    [
      {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        properties: {
          metadata: {
            type: 'object',
            'x-kubernetes-embedded-resource': true,
            'x-kubernetes-preserve-unknown-fields': true,
          },
        },
      },
      'properties[metadata].x-kubernetes-embedded-resource: Forbidden: must not be used inside of resource meta',
    ],
    [
      {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        'x-kubernetes-preserve-unknown-fields': true,
        properties: { b: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { c: text } } },
      },
    ],
  ])('%j', (schema, ...messages) => {
    expect(ofProperty(schema)).toEqual(messages);
  });

  it('are one schema for all items of a list that is a map', () => {
    const [first, second = '', ...others] = ofProperty({
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['b'],
      items: [{ type: 'object' }],
    });
    expect(first).toBe('items: Forbidden: items must be a schema object and not an array');
    expect(second).toContain('items: Invalid value: {"Schema":null,"JSONSchemas":[{"ID":"","Schema":"","Ref":null,');
    expect(second).toMatch(/: must only have a single schema if x-kubernetes-list-type is map$/);
    expect(others).toEqual([]);
  });

  it('at the root are few where the status is a subresource', () => {
    const status = { subresources: { status: {} } };
    const required: JsonSchema = { type: 'object', required: ['spec'], properties: { spec: { type: 'object' } } };
    expect(refusals(required, status)).toEqual([]);
    const [refusal = ''] = refusals({ ...required, maxProperties: 4 }, status);
    expect(refusal).toContain(
      'Invalid value: {"ID":"","Schema":"","Ref":null,"Description":"","Type":"object","Nullable":false',
    );
    expect(refusal).toContain(
      ': only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations] fields are allowed at the root of the schema if the status subresource is enabled',
    );
    expect(refusals({ type: 'array', items: text }, status)).toEqual([
      'type: Invalid value: "array": only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
      'type: Invalid value: "array": must be object at the root',
    ]);
  });
});

describe('rules of a schema', () => {
  const rules = (rule: object): readonly string[] =>
    ofProperty({ type: 'object', properties: { b: text }, 'x-kubernetes-validations': [{ rule: 'true', ...rule }] });
  it.each<[object, ...string[]]>([
    [{ message: 'no', reason: 'FieldValueForbidden', fieldPath: '.b' }],
    [{ rule: ' ' }, 'rule: Required value: rule is not specified'],
    [{ message: ' ' }, 'message: Invalid value: " ": message must be non-empty if specified'],
    [{ message: 'a\nb' }, 'message: Invalid value: "a\\nb": message must not contain line breaks'],
    [{ rule: 'a\n||b' }, 'message: Required value: message must be specified if rule contains line breaks'],
    [{ messageExpression: ' ' }, 'messageExpression: Required value: messageExpression must be non-empty if specified'],
    [
      { reason: 'Because' },
      'reason: Unsupported value: "Because": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"',
    ],
    [{ fieldPath: '.c' }, 'fieldPath: Invalid value: ".c": fieldPath must be a valid path'],
    [{ fieldPath: "['b']" }],
    [{ fieldPath: "['b'" }, 'fieldPath: Invalid value: "[\'b\'": fieldPath must be a valid path'],
    [
      { fieldPath: ' ' },
      'fieldPath: Invalid value: " ": fieldPath must be non-empty if specified',
      'fieldPath: Invalid value: " ": fieldPath must be a valid path',
    ],
    [
      { fieldPath: '.b\n' },
      'fieldPath: Invalid value: ".b\\n": fieldPath must not contain line breaks',
      'fieldPath: Invalid value: ".b\\n": fieldPath must be a valid path',
    ],
  ])('like %j', (rule, ...messages) => {
    expect(rules(rule)).toEqual(messages.map((message) => `x-kubernetes-validations[0].${message}`));
  });
});

describe('defaults in a schema', () => {
  it.each<[JsonSchema, ...string[]]>([
    [{ type: 'integer', default: 3, minimum: 1 }],
    [
      { type: 'integer', default: 0, minimum: 1 },
      'default: Invalid value: 0:  in body should be greater than or equal to 1',
    ],
    [{ ...text, default: 3 }, 'default: Invalid value: "integer":  in body must be of type string: "integer"'],
    [{ ...text, enum: ['x', 'y'], default: 'z' }, 'default: Unsupported value: "z": supported values: "x", "y"'],
    [
      { type: 'object', properties: { b: text }, default: { c: 1 } },
      'default: Invalid value: {"c":1}: must not have unknown fields',
    ],
    [{ type: 'object', properties: { b: text }, required: ['b'], default: {} }, 'default.b: Required value'],
    [{ type: 'object', 'x-kubernetes-preserve-unknown-fields': true, default: { c: 1 } }],
    [
      {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        'x-kubernetes-preserve-unknown-fields': true,
        default: { kind: 'a b', metadata: {} },
      },
      'default.apiVersion: Required value',
      `default.kind: Invalid value: "a b": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`,
    ],
    [
      {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        'x-kubernetes-preserve-unknown-fields': true,
        default: { kind: 'A', apiVersion: 'v1', metadata: { name: 1 } },
      },
      'default.metadata: Invalid value: {"name":1}: json: cannot unmarshal number into Go struct field ObjectMeta.name of type string',
    ],
    [
      {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        properties: { metadata: { type: 'object', properties: { name: { ...text, default: '..' } } } },
      },
      'properties[metadata].properties[name].default: Invalid value: "..": must result in valid metadata: metadata.name: Invalid value: "..": may not be \'..\'',
    ],
  ])('like %j', (schema, ...messages) => {
    expect(ofProperty(schema)).toEqual(messages);
  });

  it.each<[JsonSchema, ...string[]]>([
    [
      { type: 'array', items: text, default: ['a', 'b'], maxItems: 1 },
      'default: Too many: 2: must have at most 1 items',
    ],
    [
      { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, default: { b: 1, c: 1 }, maxProperties: 1 },
      'default: Too many: 2: must have at most 1 items',
    ],
    [{ ...text, default: 'ab', maxLength: 1 }, 'default: Too long: may not be more than 1 bytes'],
    [
      { type: 'integer', default: 1, oneOf: [{ minimum: 5 }, { maximum: 0 }] },
      'default: Invalid value: "": "" must validate one and only one schema (oneOf). Found none valid',
      'default: Invalid value: 1:  in body should be greater than or equal to 5',
    ],
    [{ type: 'integer', default: 1, oneOf: [{ minimum: 1 }, { maximum: 0 }] }],
    [
      { type: 'array', items: text, default: ['a', 'a'], uniqueItems: true },
      'default: Invalid value: "":  in body shouldn\'t contain duplicates',
      'uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
    ],
    [
      {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        properties: { metadata: { type: 'object', additionalProperties: { ...text, default: 'x' } } },
      },
      'properties[metadata].additionalProperties.default: Forbidden: must not be set inside additionalProperties applying to object metadata',
    ],
  ])('are values of it: %j', (schema, ...messages) => {
    expect(ofProperty(schema)).toEqual(messages);
  });

  it('may not be for what every object has', () => {
    expect(refusals({ type: 'object', properties: { kind: { ...text, default: 'x' } } })).toEqual([
      'properties[kind].default: Forbidden: must not be set in top-level kind',
    ]);
  });
});

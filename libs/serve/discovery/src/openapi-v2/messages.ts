/** How a JSON value is written: a scalar, or a message of the table below. */
export type Scalar = 'string' | 'bool' | 'int64' | 'double' | 'any';

export interface FieldRule {
  readonly number: number;
  readonly type: Scalar | MessageName;
  /**
   * `list`: a repeated field. `map`: a message whose field `mapNumber` repeats pairs of name (1) and value (2).
   * `boxed`: a message whose field 1 repeats what JSON has once or as a list.
   */
  readonly shape: 'one' | 'list' | 'map' | 'boxed';
  readonly mapNumber: number;
}

export interface MessageRule {
  /** By name in JSON. */
  readonly fields: Readonly<Record<string, FieldRule>>;
  /** Number of the repeated NamedAny that takes fields whose names begin with `x-`; 0 if there is none. */
  readonly extensions: number;
  /** A message that is one of several others: the number and the message for this value. */
  readonly choose?: (value: Readonly<Record<string, unknown>>) => readonly [number: number, type: MessageName];
}

const one = (number: number, type: Scalar | MessageName): FieldRule => ({ number, type, shape: 'one', mapNumber: 0 });
const list = (number: number, type: Scalar | MessageName): FieldRule => ({ number, type, shape: 'list', mapNumber: 0 });
const boxed = (number: number, type: Scalar | MessageName): FieldRule => ({
  number,
  type,
  shape: 'boxed',
  mapNumber: 0,
});
const map = (number: number, type: Scalar | MessageName, mapNumber = 1): FieldRule => ({
  number,
  type,
  shape: 'map',
  mapNumber,
});

/** What a value that is no object says; numbered in order from `from` on. */
const limits = (from: number): Record<string, FieldRule> => ({
  maximum: one(from, 'double'),
  exclusiveMaximum: one(from + 1, 'bool'),
  minimum: one(from + 2, 'double'),
  exclusiveMinimum: one(from + 3, 'bool'),
  maxLength: one(from + 4, 'int64'),
  minLength: one(from + 5, 'int64'),
  pattern: one(from + 6, 'string'),
  maxItems: one(from + 7, 'int64'),
  minItems: one(from + 8, 'int64'),
  uniqueItems: one(from + 9, 'bool'),
});

export type MessageName =
  | 'Document'
  | 'Info'
  | 'PathItem'
  | 'Operation'
  | 'ParametersItem'
  | 'Parameter'
  | 'BodyParameter'
  | 'NonBodyParameter'
  | 'QueryParameter'
  | 'PathParameter'
  | 'PrimitivesItems'
  | 'JsonReference'
  | 'ResponseValue'
  | 'Response'
  | 'SchemaItem'
  | 'Schema'
  | 'AdditionalProperties'
  | 'ExternalDocs'
  | 'SecurityDefinition'
  | 'ApiKeySecurity'
  | 'StringArray'
  | 'SecurityRequirement';

const isReference = (value: Readonly<Record<string, unknown>>): boolean => '$ref' in value;

/**
 * The messages of `openapi.v2.Document` as far as Kubernetes documents use them, with the field numbers of gnostic's
 * openapiv2/OpenAPIv2.proto. What the table does not know is refused when it is written, not dropped.
 */
export const messages: Readonly<Record<MessageName, MessageRule>> = {
  Document: {
    fields: {
      swagger: one(1, 'string'),
      info: one(2, 'Info'),
      host: one(3, 'string'),
      basePath: one(4, 'string'),
      schemes: list(5, 'string'),
      consumes: list(6, 'string'),
      produces: list(7, 'string'),
      paths: map(8, 'PathItem', 2),
      definitions: map(9, 'Schema'),
      parameters: map(10, 'Parameter'),
      security: list(12, 'SecurityRequirement'),
      securityDefinitions: map(13, 'SecurityDefinition'),
      externalDocs: one(15, 'ExternalDocs'),
    },
    extensions: 16,
  },
  Info: {
    fields: {
      title: one(1, 'string'),
      version: one(2, 'string'),
      description: one(3, 'string'),
      termsOfService: one(4, 'string'),
    },
    extensions: 7,
  },
  PathItem: {
    fields: {
      $ref: one(1, 'string'),
      get: one(2, 'Operation'),
      put: one(3, 'Operation'),
      post: one(4, 'Operation'),
      delete: one(5, 'Operation'),
      options: one(6, 'Operation'),
      head: one(7, 'Operation'),
      patch: one(8, 'Operation'),
      parameters: list(9, 'ParametersItem'),
    },
    extensions: 10,
  },
  Operation: {
    fields: {
      tags: list(1, 'string'),
      summary: one(2, 'string'),
      description: one(3, 'string'),
      externalDocs: one(4, 'ExternalDocs'),
      operationId: one(5, 'string'),
      produces: list(6, 'string'),
      consumes: list(7, 'string'),
      parameters: list(8, 'ParametersItem'),
      responses: map(9, 'ResponseValue'),
      schemes: list(10, 'string'),
      deprecated: one(11, 'bool'),
      security: list(12, 'SecurityRequirement'),
    },
    extensions: 13,
  },
  ParametersItem: union((value) => (isReference(value) ? [2, 'JsonReference'] : [1, 'Parameter'])),
  Parameter: union((value) => (value.in === 'body' ? [1, 'BodyParameter'] : [2, 'NonBodyParameter'])),
  BodyParameter: {
    fields: {
      description: one(1, 'string'),
      name: one(2, 'string'),
      in: one(3, 'string'),
      required: one(4, 'bool'),
      schema: one(5, 'Schema'),
    },
    extensions: 6,
  },
  NonBodyParameter: union((value) => (value.in === 'path' ? [4, 'PathParameter'] : [3, 'QueryParameter'])),
  QueryParameter: {
    fields: {
      required: one(1, 'bool'),
      in: one(2, 'string'),
      description: one(3, 'string'),
      name: one(4, 'string'),
      allowEmptyValue: one(5, 'bool'),
      type: one(6, 'string'),
      format: one(7, 'string'),
      items: one(8, 'PrimitivesItems'),
      collectionFormat: one(9, 'string'),
      default: one(10, 'any'),
      ...limits(11),
      enum: list(21, 'any'),
      multipleOf: one(22, 'double'),
    },
    extensions: 23,
  },
  PathParameter: {
    fields: {
      required: one(1, 'bool'),
      in: one(2, 'string'),
      description: one(3, 'string'),
      name: one(4, 'string'),
      type: one(5, 'string'),
      format: one(6, 'string'),
      items: one(7, 'PrimitivesItems'),
      collectionFormat: one(8, 'string'),
      default: one(9, 'any'),
      ...limits(10),
      enum: list(20, 'any'),
      multipleOf: one(21, 'double'),
    },
    extensions: 22,
  },
  PrimitivesItems: {
    fields: {
      type: one(1, 'string'),
      format: one(2, 'string'),
      items: one(3, 'PrimitivesItems'),
      collectionFormat: one(4, 'string'),
      default: one(5, 'any'),
      ...limits(6),
      enum: list(16, 'any'),
      multipleOf: one(17, 'double'),
    },
    extensions: 18,
  },
  JsonReference: { fields: { $ref: one(1, 'string'), description: one(2, 'string') }, extensions: 0 },
  ResponseValue: union((value) => (isReference(value) ? [2, 'JsonReference'] : [1, 'Response'])),
  Response: { fields: { description: one(1, 'string'), schema: one(2, 'SchemaItem') }, extensions: 5 },
  SchemaItem: union(() => [1, 'Schema']),
  Schema: {
    fields: {
      $ref: one(1, 'string'),
      format: one(2, 'string'),
      title: one(3, 'string'),
      description: one(4, 'string'),
      default: one(5, 'any'),
      multipleOf: one(6, 'double'),
      ...limits(7),
      maxProperties: one(17, 'int64'),
      minProperties: one(18, 'int64'),
      required: list(19, 'string'),
      enum: list(20, 'any'),
      additionalProperties: one(21, 'AdditionalProperties'),
      type: boxed(22, 'string'),
      items: boxed(23, 'Schema'),
      allOf: list(24, 'Schema'),
      properties: map(25, 'Schema'),
      discriminator: one(26, 'string'),
      readOnly: one(27, 'bool'),
      externalDocs: one(29, 'ExternalDocs'),
      example: one(30, 'any'),
    },
    extensions: 31,
  },
  /** `true` and `false` are field 2, which the encoder knows. */
  AdditionalProperties: union(() => [1, 'Schema']),
  ExternalDocs: { fields: { description: one(1, 'string'), url: one(2, 'string') }, extensions: 3 },
  SecurityDefinition: union(() => [2, 'ApiKeySecurity']),
  ApiKeySecurity: {
    fields: {
      type: one(1, 'string'),
      name: one(2, 'string'),
      in: one(3, 'string'),
      description: one(4, 'string'),
    },
    extensions: 5,
  },
  /** JSON has the bare list. */
  StringArray: { fields: {}, extensions: 0 },
  /** JSON has the bare map. */
  SecurityRequirement: { fields: {}, extensions: 0 },
};

function union(choose: NonNullable<MessageRule['choose']>): MessageRule {
  return { fields: {}, extensions: 0, choose };
}

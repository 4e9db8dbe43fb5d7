import { type Dialect, operationExtensions } from './dialect';
import { type CustomSchema, plainBodies } from './schema-name';

const custom: Readonly<Record<CustomSchema, object>> = {
  ...plainBodies,
  quantity: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  intOrString: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
};

/** OpenAPI 3.0: a reference hides what stands beside it, so it is wrapped; bodies and answers have a schema per media type. */
export const dialectV3: Dialect = {
  ref: (name) => ({ $ref: `#/components/schemas/${name}` }),
  embed: (ref) => ({ allOf: [ref] }),
  custom,
  tellsDefaults: true,
  parameter: ({ name, in: place, type, description }) => ({
    name,
    in: place,
    ...(place === 'path' ? { required: true } : {}),
    ...(description === '' ? {} : { description }),
    schema: { type, uniqueItems: true },
  }),
  operation: (operation) => {
    const { body } = operation;
    return {
      tags: [operation.tag],
      description: operation.description,
      operationId: operation.operationId,
      parameters: operation.parameters,
      ...(body === undefined
        ? {}
        : {
            requestBody: {
              ...(body.isRequired ? { required: true } : {}),
              content: contentOf(body.types, body.schema),
            },
          }),
      responses: Object.fromEntries(
        operation.answers.map(({ code, description, schema }) => [
          String(code),
          { description, ...(schema === undefined ? {} : { content: contentOf(operation.types, schema) }) },
        ]),
      ),
      ...operationExtensions(operation),
    };
  },
};

const contentOf = (types: readonly string[], schema: object): Record<string, object> =>
  Object.fromEntries(types.map((type) => [type, { schema }]));

import { createHash } from 'node:crypto';
import { type Dialect, operationExtensions } from './dialect';
import { type CustomSchema, plainBodies } from './schema-name';

const custom: Readonly<Record<CustomSchema, object>> = {
  ...plainBodies,
  quantity: { type: 'string' },
  intOrString: { type: 'string', format: 'int-or-string' },
};

/** Clients search operations for these two and do not follow references, so upstream writes them out each time. */
const neverShared: ReadonlySet<string> = new Set(['dryRun', 'fieldValidation']);
const sharedBodies = /\.meta\.v1\.(Patch|DeleteOptions)$/;

export interface DialectV2 extends Dialect {
  /** Parameters that operations refer to, by name, in order. */
  parameters(): Record<string, object>;
}

/**
 * Swagger 2.0. Made anew for each document: parameters that many operations take are gathered, and stand in the document once
 * (k8s.io/kube-openapi/pkg/builder `collectSharedParameters`).
 */
export function createDialectV2(): DialectV2 {
  const shared = new Map<string, object>();
  /** By what they stand for, since the same few are asked for thousands of times. */
  const references = new Map<string, object>();
  const share = (name: string, parameter: object): object => {
    const text = JSON.stringify(parameter);
    let reference = references.get(text);
    if (reference === undefined) {
      const key = `${name}-${createHash('sha256').update(text).digest().subarray(0, 6).toString('base64url')}`;
      shared.set(key, parameter);
      reference = { $ref: `#/parameters/${key}` };
      references.set(text, reference);
    }
    return reference;
  };
  return {
    parameters: () => Object.fromEntries([...shared].sort(([a], [b]) => (a < b ? -1 : 1))),
    ref: (name) => ({ $ref: `#/definitions/${name}` }),
    embed: ({ $ref }) => ({ $ref }),
    custom,
    tellsDefaults: false,
    parameter: ({ name, in: place, type, description }) => {
      const parameter = {
        ...(description === '' ? {} : { description }),
        in: place,
        name,
        ...(place === 'path' ? { required: true } : {}),
        type,
        uniqueItems: true,
      };
      // The name's description names the kind.
      return neverShared.has(name) || name === 'name' ? parameter : share(name, parameter);
    },
    operation: (operation) => {
      const { body, parameters } = operation;
      const all: object[] = [...parameters];
      if (body !== undefined) {
        const parameter = {
          in: 'body',
          name: 'body',
          ...(body.isRequired ? { required: true } : {}),
          schema: body.schema,
        };
        all.unshift(sharedBodies.test(body.schema.$ref) ? share('body', parameter) : parameter);
      }
      return {
        consumes: body?.types ?? ['*/*'],
        description: operation.description,
        operationId: operation.operationId,
        ...(all.length === 0 ? {} : { parameters: all }),
        produces: operation.types,
        responses: Object.fromEntries(
          operation.answers.map(({ code, description, schema }) => [
            String(code),
            { description, ...(schema === undefined ? {} : { schema }) },
          ]),
        ),
        schemes: ['https'],
        tags: [operation.tag],
        ...operationExtensions(operation),
      };
    },
  };
}

import type { CelSchema } from '@reckon/api/cel';
import { type GroupVersionKind, reasonOf } from '@reckon/api/machinery';
import type { RestClient } from '@reckon/client/rest';

/** The parts of a published schema that are followed here, beside those that types come from. */
interface PublishedSchema extends Omit<CelSchema, 'properties' | 'additionalProperties' | 'items'> {
  readonly $ref?: string;
  readonly allOf?: readonly PublishedSchema[];
  readonly properties?: Readonly<Record<string, PublishedSchema>>;
  readonly additionalProperties?: PublishedSchema | boolean;
  readonly items?: PublishedSchema;
  readonly 'x-kubernetes-group-version-kind'?: readonly GroupVersionKind[];
}

interface OpenApiDocument {
  readonly components?: { readonly schemas?: Readonly<Record<string, PublishedSchema>> };
}

/** What a kind looks like; undefined for one that nobody describes. */
export type SchemaSource = (kind: GroupVersionKind) => Promise<CelSchema | undefined>;

const prefix = '#/components/schemas/';

/**
 * Schemas from the server's own description (cel/openapi/resolver `ClientDiscoveryResolver`). A source keeps the documents that it has
 * read: it is made for one policy and dropped.
 */
export function schemaSource(rest: Pick<RestClient, 'request'>): SchemaSource {
  const documents = new Map<string, Promise<OpenApiDocument | undefined>>();
  const read = async (path: string): Promise<OpenApiDocument | undefined> => {
    try {
      return await rest.request<OpenApiDocument>('GET', path);
    } catch (error) {
      if (reasonOf(error) === 'NotFound') return undefined;
      throw error;
    }
  };
  return async (wanted) => {
    const { group, version } = wanted;
    const path = group === '' ? `/openapi/v3/api/${version}` : `/openapi/v3/apis/${group}/${version}`;
    let document = documents.get(path);
    if (document === undefined) documents.set(path, (document = read(path)));
    const schemas = (await document)?.components?.schemas ?? {};
    const found = Object.entries(schemas).find(([, { 'x-kubernetes-group-version-kind': kinds = [] }]) =>
      kinds.some((kind) => kind.group === group && kind.version === version && kind.kind === wanted.kind),
    );
    return found === undefined ? undefined : resolved(schemas, found[1], [found[0]]);
  };
}

/**
 * With references replaced by what they mean (resolver `PopulateRefs`); one that leads back to where it stands is an object of which
 * nothing is known.
 */
function resolved(
  schemas: Readonly<Record<string, PublishedSchema>>,
  schema: PublishedSchema,
  way: readonly string[],
): CelSchema {
  const name = referenceOf(schema)?.slice(prefix.length);
  if (name !== undefined) {
    if (way.includes(name)) return { type: 'object' };
    const meant = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
    return meant === undefined ? {} : resolved(schemas, meant, [...way, name]);
  }
  const { properties, additionalProperties: rest, items, format, ...own } = schema;
  const inside = (part: PublishedSchema): CelSchema => resolved(schemas, part, way);
  return {
    ...own,
    ...(format === undefined ? {} : { format }),
    // Built-in kinds say it by the format, custom ones by the extension.
    ...(format === 'int-or-string' ? { 'x-kubernetes-int-or-string': true } : {}),
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([field, of]) => [field, inside(of)])) }),
    ...(rest === undefined ? {} : { additionalProperties: typeof rest === 'object' ? inside(rest) : rest }),
    ...(items === undefined ? {} : { items: inside(items) }),
  };
}

/** It may stand in an `allOf`, where it has a description or a default of its own beside it. */
const referenceOf = ({ $ref, allOf = [] }: PublishedSchema): string | undefined =>
  $ref ?? allOf.find((part) => part.$ref !== undefined)?.$ref;

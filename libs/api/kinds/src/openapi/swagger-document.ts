import type { KindRegistry } from '../kind-registry';
import { collectPaths, patchSchema, sorted } from './collect';
import { createDialectV2 } from './dialect-v2';
import type { PathItem } from './path-item';
import { plainPathItems, type PlainPathOptions, plainPathsOf, versionSchema } from './plain-paths';
import { type Describe, SchemaCollector } from './schemas';
import { streamPathsOf } from './stream-paths';
import { watchPathsOf } from './watch-paths';

/** The OpenAPI v2 document: one for all that is served. */
export interface SwaggerDocument {
  readonly swagger: '2.0';
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly definitions: Readonly<Record<string, object>>;
  /** Those that operations refer to. */
  readonly parameters: Readonly<Record<string, object>>;
  readonly securityDefinitions: Readonly<Record<string, object>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
}

export interface SwaggerOptions extends PlainPathOptions {
  /** Of the server, as `info` tells it. */
  readonly version: string;
  readonly describe?: Describe;
}

/** Costs some 100 ms and tens of megabytes of garbage: ask once, keep the text. */
export function swaggerDocument(
  kinds: KindRegistry,
  { version, describe = () => '', ...plain }: SwaggerOptions,
): SwaggerDocument {
  const dialect = createDialectV2();
  const schemas = new SchemaCollector(kinds.types, describe, dialect);
  const rows = kinds.resources();
  const plainPaths = plainPathItems(plainPathsOf(kinds, plain), schemas, dialect);
  const paths = { ...plainPaths, ...collectPaths(kinds, rows, schemas, dialect) };
  for (const row of rows) {
    Object.assign(paths, streamPathsOf(kinds, row, dialect, describe));
    Object.assign(paths, watchPathsOf(row, schemas, dialect));
  }
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version },
    paths: sorted(paths),
    definitions: sorted({ ...schemas.schemas(), ...patchSchema(describe), ...versionSchema(describe) }),
    parameters: dialect.parameters(),
    securityDefinitions: { BearerToken: { type: 'apiKey', name: 'authorization', in: 'header' } },
    security: [{ BearerToken: [] }],
  };
}

import type { KindRegistry } from '../kind-registry';
import { collectPaths, patchSchema, sorted } from './collect';
import { dialectV3 } from './dialect-v3';
import { type PlainPath, plainPathItems, versionSchema } from './plain-paths';
import { type Describe, SchemaCollector } from './schemas';
import { streamPathsOf } from './stream-paths';
import { watchPathsOf } from './watch-paths';

export interface DocumentOptions {
  /** Of the server, as `info` tells it. */
  readonly version: string;
  readonly describe: Describe;
}

/** The OpenAPI v3 document of the resources of one group version, and of the path that lists them. */
export function groupVersionDocument(
  kinds: KindRegistry,
  { group, version }: { readonly group: string; readonly version: string },
  list: PlainPath,
  options: DocumentOptions,
): object {
  const { describe } = options;
  const rows = kinds.resources().filter((row) => row.group === group && row.version === version);
  const schemas = new SchemaCollector(kinds.types, describe, dialectV3);
  const paths = { ...plainPathItems([list], schemas, dialectV3), ...collectPaths(kinds, rows, schemas, dialectV3) };
  for (const row of rows) {
    Object.assign(paths, streamPathsOf(kinds, row, dialectV3, describe));
    Object.assign(paths, watchPathsOf(row, schemas, dialectV3));
  }
  return documentOf(paths, { ...schemas.schemas(), ...patchSchema(describe) }, options);
}

/** The OpenAPI v3 document of one path that is no resource. */
export function plainDocument(kinds: KindRegistry, path: PlainPath, options: DocumentOptions): object {
  const schemas = new SchemaCollector(kinds.types, options.describe, dialectV3);
  const paths = plainPathItems([path], schemas, dialectV3);
  const further = path.answer === 'version' ? versionSchema(options.describe) : {};
  return documentOf(paths, { ...schemas.schemas(), ...further }, options);
}

const documentOf = (
  paths: Readonly<Record<string, object>>,
  schemas: Readonly<Record<string, object>>,
  { version }: DocumentOptions,
): object => ({
  openapi: '3.0.0',
  info: { title: 'Kubernetes', version },
  paths: sorted(paths),
  components: {
    schemas: sorted(schemas),
    securitySchemes: {
      BearerToken: { type: 'apiKey', name: 'authorization', in: 'header' },
    },
  },
});

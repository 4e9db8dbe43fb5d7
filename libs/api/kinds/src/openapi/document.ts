import type { KindRegistry } from '../kind-registry';
import { collectPaths, patchSchema, sorted } from './collect';
import { dialectV3 } from './dialect-v3';
import { type PlainPath, plainPathItems, versionSchema } from './plain-paths';
import { type Describe, SchemaCollector } from './schemas';
import { streamPathsOf } from './stream-paths';

/** The OpenAPI v3 document of the resources of one group version, and of the path that lists them. */
export function groupVersionDocument(
  kinds: KindRegistry,
  { group, version }: { readonly group: string; readonly version: string },
  { list, describe }: { readonly list: PlainPath; readonly describe: Describe },
): object {
  const rows = kinds.resources().filter((row) => row.group === group && row.version === version);
  const schemas = new SchemaCollector(kinds.types, describe, dialectV3);
  const paths = { ...plainPathItems([list], schemas, dialectV3), ...collectPaths(kinds, rows, schemas, dialectV3) };
  for (const row of rows) Object.assign(paths, streamPathsOf(kinds, row, dialectV3, describe));
  return documentOf(paths, { ...schemas.schemas(), ...patchSchema(describe) });
}

/** The OpenAPI v3 document of one path that is no resource. */
export function plainDocument(kinds: KindRegistry, path: PlainPath, describe: Describe): object {
  const schemas = new SchemaCollector(kinds.types, describe, dialectV3);
  const paths = plainPathItems([path], schemas, dialectV3);
  return documentOf(paths, { ...schemas.schemas(), ...(path.answer === 'version' ? versionSchema(describe) : {}) });
}

const documentOf = (paths: Readonly<Record<string, object>>, schemas: Readonly<Record<string, object>>): object => ({
  openapi: '3.0.0',
  info: { title: 'Kubernetes', version: 'unversioned' },
  paths: sorted(paths),
  components: {
    schemas: sorted(schemas),
    securitySchemes: {
      BearerToken: { type: 'apiKey', name: 'authorization', in: 'header' },
    },
  },
});

import type { KindRegistry } from '../kind-registry';
import { collectPaths, patchSchema, sorted } from './collect';
import { dialectV3 } from './dialect-v3';
import { type Describe, SchemaCollector } from './schemas';
import { streamPathsOf } from './stream-paths';

/** The OpenAPI v3 document of one group version; undefined when it has no resources. */
export function groupVersionDocument(
  kinds: KindRegistry,
  group: string,
  version: string,
  describe: Describe,
): object | undefined {
  const rows = kinds.resources().filter((row) => row.group === group && row.version === version);
  if (rows.length === 0) return undefined;
  const schemas = new SchemaCollector(kinds.types, describe, dialectV3);
  const paths = collectPaths(kinds, rows, schemas, dialectV3);
  for (const row of rows) Object.assign(paths, streamPathsOf(kinds, row, dialectV3, describe));
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'unversioned' },
    paths: sorted(paths),
    components: {
      schemas: sorted({ ...schemas.schemas(), ...patchSchema }),
      securitySchemes: {
        BearerToken: { type: 'apiKey', name: 'authorization', in: 'header' },
      },
    },
  };
}

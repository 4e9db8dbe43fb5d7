import type { GroupVersionKind } from '@reckon/api/machinery';
import type { KindRegistry } from '../kind-registry';
import type { StructType } from '../table';
import { pathsOf, type PathSchemas } from './paths';
import { type Describe, SchemaCollector } from './schemas';

const patchName = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch';

/** The OpenAPI v3 document of one group version; undefined when it has no resources. */
export function groupVersionDocument(
  kinds: KindRegistry,
  group: string,
  version: string,
  describe: Describe,
): object | undefined {
  const rows = kinds.resources().filter((row) => row.group === group && row.version === version);
  if (rows.length === 0) return undefined;
  const schemas = new SchemaCollector(kinds.types, describe);
  /** The row's own type, or one that the table has; a subresource of an unknown kind is any object. */
  const typeOf = (kind: GroupVersionKind): StructType | undefined =>
    rows.find((row) => row.kind === kind.kind && row.group === kind.group)?.type ?? kinds.structOf(kind);
  const pathSchemas: PathSchemas = {
    kind: (kind) => {
      const type = typeOf(kind);
      return type === undefined ? { $ref: `#/components/schemas/${patchName}` } : schemas.refer(type, kind);
    },
    list: (row) => {
      const kind = { group, version, kind: row.listKind };
      const type = kinds.structOf(kind);
      return type === undefined ? schemas.referList(row.type, row, kind) : schemas.refer(type, kind);
    },
    deleteOptions: schemas.refer(kinds.types.struct('meta/v1.DeleteOptions'), {
      group,
      version,
      kind: 'DeleteOptions',
    }),
    status: schemas.refer(kinds.types.struct('meta/v1.Status'), { group: '', version: 'v1', kind: 'Status' }),
    patch: { $ref: `#/components/schemas/${patchName}` },
  };
  const paths: Record<string, object> = {};
  for (const row of rows) Object.assign(paths, pathsOf(row, pathSchemas));
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'unversioned' },
    paths: sorted(paths),
    components: {
      schemas: sorted({ ...schemas.schemas(), [patchName]: { type: 'object' } }),
      securitySchemes: {
        BearerToken: { type: 'apiKey', name: 'authorization', in: 'header' },
      },
    },
  };
}

const sorted = (map: Record<string, object>): Record<string, object> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

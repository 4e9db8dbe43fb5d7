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
  const refer = (kind: GroupVersionKind, struct: StructType | undefined): { readonly $ref: string } => {
    if (struct === undefined) throw new RangeError(`no type for ${kind.kind} of ${kind.group}/${kind.version}`);
    return schemas.refer(struct, kind);
  };
  const meta = (kind: string): GroupVersionKind => ({ group: group === '' ? '' : group, version, kind });
  const pathSchemas: PathSchemas = {
    kind: (kind) => refer(kind, kinds.structOf(kind)),
    list: (row) => {
      const kind = { group, version, kind: row.listKind };
      return refer(kind, kinds.structOf(kind));
    },
    deleteOptions: refer(meta('DeleteOptions'), kinds.types.struct('meta/v1.DeleteOptions')),
    status: refer({ group: '', version: 'v1', kind: 'Status' }, kinds.types.struct('meta/v1.Status')),
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

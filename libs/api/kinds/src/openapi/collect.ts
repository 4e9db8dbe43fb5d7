import type { KindRegistry } from '../kind-registry';
import type { ResourceRow } from '../resource-row';
import type { Dialect } from './dialect';
import type { PathItem } from './path-item';
import { pathsOf, type PathSchemas } from './paths';
import { schemaName } from './schema-name';
import { type Describe, type SchemaCollector, told } from './schemas';

const patchType = 'meta/v1.Patch';
const patchName = schemaName(patchType);

/** The schema that any patch has, whatever its type. */
export const patchSchema = (describe: Describe): Readonly<Record<string, object>> => ({
  [patchName]: { ...told(describe(patchType, '')), type: 'object' },
});

/** The paths of these rows; what they refer to is collected. */
export function collectPaths(
  kinds: KindRegistry,
  rows: readonly ResourceRow[],
  schemas: SchemaCollector,
  dialect: Dialect,
): Record<string, PathItem> {
  const paths: Record<string, PathItem> = {};
  for (const row of rows) {
    const { group, version } = row;
    const pathSchemas: PathSchemas = {
      kind: (kind) => {
        const type = kinds.structOf(kind);
        // A subresource of a kind that no table has is any object.
        return type === undefined ? dialect.ref(patchName) : schemas.refer(type, kind);
      },
      list: () => {
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
      patch: dialect.ref(patchName),
    };
    Object.assign(paths, pathsOf(row, pathSchemas, dialect));
  }
  return paths;
}

export const sorted = <T>(map: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

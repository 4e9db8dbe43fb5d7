import type { KindRegistry } from '../kind-registry';
import type { Dialect } from './dialect';
import { tagOf } from './operation-id';
import { objectTypes, type PathItem, unauthorized } from './path-item';
import type { SchemaCollector } from './schemas';

/** `/api/`, `/apis/` and what is under them before resources begin. */
export function discoveryPaths(
  kinds: KindRegistry,
  schemas: SchemaCollector,
  dialect: Dialect,
): Record<string, PathItem> {
  const paths: Record<string, PathItem> = {};
  const add = (path: string, kind: string, tag: string, name: string): void => {
    const gvk = { group: '', version: 'v1', kind };
    paths[path] = {
      get: dialect.operation({
        tag,
        operationId: name,
        parameters: [],
        types: objectTypes,
        answers: [
          { code: 200, description: 'OK', schema: schemas.refer(kinds.types.struct(`meta/v1.${kind}`), gvk) },
          unauthorized,
        ],
      }),
    };
  };
  const groups = new Set<string>();
  add('/apis/', 'APIGroupList', 'apis', 'getAPIVersions');
  for (const { group, version } of kinds.groupVersions()) {
    const { tag, prefix } = namesOf(group, version);
    const [groupTag = ''] = tag.split('_');
    if (!groups.has(group)) {
      groups.add(group);
      if (group === '') add('/api/', 'APIVersions', groupTag, 'getCoreAPIVersions');
      else add(`/apis/${group}/`, 'APIGroup', groupTag, `get${prefix}APIGroup`);
    }
    const path = group === '' ? `/api/${version}/` : `/apis/${group}/${version}/`;
    add(
      path,
      'APIResourceList',
      tag,
      `get${prefix}${version.slice(0, 1).toUpperCase()}${version.slice(1)}APIResources`,
    );
  }
  return paths;
}

function namesOf(group: string, version: string): { readonly tag: string; readonly prefix: string } {
  const tag = tagOf({ group, version });
  const [name = ''] = tag.split('_');
  return { tag, prefix: name.slice(0, 1).toUpperCase() + name.slice(1) };
}

import { createKindRegistry, mergeSchema } from '@reckon/api/kinds';
import { parseApiVersion } from '@reckon/api/machinery';
import type { Shape, ShapeOf } from '@reckon/history';

/** How the lists of built-in kinds merge: what names their elements in a history. */
export function mergeShapes(): ShapeOf {
  const kinds = createKindRegistry();
  const known = new Map<string, Shape | undefined>();
  return ({ apiVersion = '', kind = '' }) => {
    const id = `${apiVersion} ${kind}`;
    if (!known.has(id)) {
      const { group = '', version = '' } = parseApiVersion(apiVersion) ?? {};
      const type = kinds.structOf({ group, version, kind });
      known.set(id, type === undefined ? undefined : mergeSchema(kinds.types, type));
    }
    return known.get(id);
  };
}

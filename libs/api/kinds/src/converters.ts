import { apiVersionOf, type KubeObject } from '@reckon/api/machinery';

export interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

/** Gives the object in the other version, as a new object; the argument is not changed. Both are in canonical form. */
export type Convert = (object: KubeObject) => KubeObject;

/** Conversions between versions that share their objects: of each pair one is the storage version. */
export interface Converters {
  /** By the object's own `apiVersion` and `kind`; the same version gives the same object. Throws RangeError if none fits. */
  convert(object: KubeObject, to: GroupVersion): KubeObject;
  /** Replaces an earlier one; the result takes it out again. */
  add(kind: string, from: GroupVersion, to: GroupVersion, convert: Convert): () => void;
}

export function createConverters(): Converters {
  const byRoute = new Map<string, Convert>();
  const routeOf = (kind: string, from: string, to: string): string => `${kind} ${from} ${to}`;
  return {
    convert(object, to) {
      const from = object.apiVersion ?? '';
      const target = apiVersionOf(to);
      if (from === target) return object;
      const convert = byRoute.get(routeOf(object.kind ?? '', from, target));
      if (convert === undefined)
        throw new RangeError(`no conversion of ${object.kind ?? '?'} from ${from} to ${target}`);
      return convert(object);
    },
    add(kind, from, to, convert) {
      const route = routeOf(kind, apiVersionOf(from), apiVersionOf(to));
      byRoute.set(route, convert);
      return () => {
        if (byRoute.get(route) === convert) byRoute.delete(route);
      };
    },
  };
}

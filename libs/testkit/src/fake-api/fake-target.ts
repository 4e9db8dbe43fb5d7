import { statusErrors } from '@reckon/api/machinery';
import type { ResourceRef } from '@reckon/client/rest';

/** What a path speaks of. */
export interface FakeTarget {
  readonly ref: ResourceRef;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

/** `/api/v1/namespaces/x/pods/y/status` and the like; throws a 404 for a collection that is not served. */
export function targetOf(path: string, kinds: readonly ResourceRef[]): FakeTarget {
  const parts = path.split('/').slice(1).map(decodeURIComponent);
  const [group, version, ...rest] = parts[0] === 'api' ? ['', ...parts.slice(1)] : parts.slice(1);
  const hasNamespace = rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2] ?? '');
  const [resource, name = '', ...subresource] = hasNamespace ? rest.slice(2) : rest;
  const ref = kinds.find((k) => k.group === group && k.version === version && k.resource === resource);
  if (ref === undefined) throw statusErrors.generic(404);
  return { ref, namespace: hasNamespace ? (rest[1] ?? '') : '', name, subresource: subresource.join('/') };
}

import type { GroupVersionKind } from '@reckon/api/machinery';
import type { JsonNode } from '../json/node';

/** A body whose kind or version cannot be told; the message is upstream's. */
export class TypeMetaError extends Error {
  readonly code = 'TypeMeta';
  constructor(message: string) {
    super(message);
    this.name = 'TypeMetaError';
  }
}

const goStruct = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;

/**
 * Kind and version of a JSON tree, as runtime/serializer/json `SimpleMetaFactory.Interpret`: a plain Go decoder, so names
 * match whatever their case.
 */
export function readTypeMeta(root: JsonNode): { readonly apiVersion: string; readonly kind: string } {
  const found = { apiVersion: '', kind: '' };
  if (root.kind === 'null') return found;
  if (root.kind !== 'object') throw unreadable(`json: cannot unmarshal ${root.kind} into Go value of type ${goStruct}`);
  for (const [key, value] of root.members) {
    const lower = key.toLowerCase();
    const name = lower === 'kind' ? 'kind' : lower === 'apiversion' ? 'apiVersion' : undefined;
    if (name === undefined || value.kind === 'null') continue;
    if (value.kind !== 'string') {
      throw unreadable(`json: cannot unmarshal ${value.kind} into Go struct field .${name} of type string`);
    }
    found[name] = value.text;
  }
  return found;
}

export function unreadable(why: string): TypeMetaError {
  return new TypeMetaError(`couldn't get version/kind; json parse error: ${why}`);
}

/** What the body does not say comes from the endpoint (`gvkWithDefaults`). */
export function completeTypeMeta(
  meta: { readonly apiVersion: string; readonly kind: string },
  expected: GroupVersionKind,
): GroupVersionKind {
  const parts = meta.apiVersion === '/' ? [''] : meta.apiVersion.split('/');
  if (parts.length > 2) throw new TypeMetaError(`unexpected GroupVersion string: ${meta.apiVersion}`);
  const [first = '', second] = parts;
  const { group, version } = second === undefined ? { group: '', version: first } : { group: first, version: second };
  const kind = meta.kind === '' ? expected.kind : meta.kind;
  if (version !== '') return { group, version, kind };
  if (group === '' || group === expected.group) return { group: expected.group, version: expected.version, kind };
  return { group, version, kind };
}

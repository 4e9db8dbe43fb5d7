import { type ObjectMeta, statusErrors } from '@reckon/api/machinery';

/** Fills or checks the namespace of a body (apiserver/pkg/registry/rest `EnsureObjectNamespaceMatchesRequestNamespace`). */
export function matchNamespace(meta: ObjectMeta, namespace: string): void {
  const own = meta.namespace ?? '';
  if (own === namespace) return;
  if (namespace === '') {
    delete meta.namespace;
    return;
  }
  if (own !== '') {
    throw statusErrors.badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  meta.namespace = namespace;
}

/** The name in the body of a PUT or PATCH must be that of the URL (apiserver/pkg/endpoints/handlers `checkName`). */
export function matchName(meta: ObjectMeta, name: string): void {
  const own = meta.name ?? '';
  if (own === name) return;
  throw statusErrors.badRequest(
    own === ''
      ? `the name of the object (${name} based on URL) was undeterminable: name must be provided`
      : `the name of the object (${own}) does not match the name on the URL (${name})`,
  );
}

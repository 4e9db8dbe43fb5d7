import { apiVersionOf, type GroupVersionKind } from '@reckon/api/machinery';

/** Since when, and what to use instead (upstream: `APILifecycleDeprecated` and `APILifecycleReplacement` of the types). */
const deprecated: Readonly<Record<string, { readonly since: string; readonly replacement?: string }>> = {
  'v1 ComponentStatus': { since: 'v1.19' },
  'v1 Endpoints': { since: 'v1.33', replacement: 'discovery.k8s.io/v1 EndpointSlice' },
};

/** The warning that every request for a deprecated kind gets (k8s.io/apiserver/pkg/endpoints/deprecation `WarningMessage`). */
export function deprecationOf(kind: GroupVersionKind): string | undefined {
  if (kind.group !== '') return undefined;
  const name = `${apiVersionOf(kind)} ${kind.kind}`;
  const found = Object.hasOwn(deprecated, name) ? deprecated[name] : undefined;
  if (found === undefined) return undefined;
  const instead = found.replacement === undefined ? '' : `; use ${found.replacement}`;
  return `${name} is deprecated in ${found.since}+${instead}`;
}

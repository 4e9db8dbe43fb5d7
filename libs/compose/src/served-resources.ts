import type { ResourceRow } from '@reckon/api/kinds';

/** Resources that are only created: their answer is the whole of them. Their handlers are in `subresource-handlers.ts`. */
const createOnly = new Set([
  '/bindings',
  'authentication.k8s.io/selfsubjectreviews',
  'authentication.k8s.io/tokenreviews',
  'authorization.k8s.io/localsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectrulesreviews',
  'authorization.k8s.io/subjectaccessreviews',
]);

/** Resources whose objects are stored, each with a strategy in `@reckon/registry/kinds`. */
const stored = new Set([
  '/configmaps',
  '/endpoints',
  '/events',
  '/limitranges',
  '/namespaces',
  '/nodes',
  '/pods',
  '/secrets',
  '/serviceaccounts',
  '/services',
  'apps/controllerrevisions',
  'apps/deployments',
  'apps/replicasets',
  'coordination.k8s.io/leases',
  'discovery.k8s.io/endpointslices',
  'events.k8s.io/events',
  'rbac.authorization.k8s.io/clusterrolebindings',
  'rbac.authorization.k8s.io/clusterroles',
  'rbac.authorization.k8s.io/rolebindings',
  'rbac.authorization.k8s.io/roles',
  'scheduling.k8s.io/priorityclasses',
]);

/** What this server offers of the table of kinds. */
export function isServed(row: ResourceRow): boolean {
  const key = `${row.group}/${row.resource}`;
  return createOnly.has(key) || stored.has(key);
}

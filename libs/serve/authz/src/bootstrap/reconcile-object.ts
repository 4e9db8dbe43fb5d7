import { semanticEqual } from '@reckon/api/machinery';
import type { rbacv1 } from '@reckon/api/types';
import { uncoveredRules } from '../rbac/rule-coverage';
import { autoUpdateAnnotation, type PolicyObject } from './bootstrap-policy';

type AnyRole = rbacv1.ClusterRole;
type AnyBinding = rbacv1.RoleBinding;

/** What becomes of an object that is there: nothing, an update, or (a binding to another role) a new one in its place. */
export type Reconciled =
  | { readonly kind: 'keep' }
  | { readonly kind: 'update'; readonly object: PolicyObject }
  | { readonly kind: 'recreate'; readonly object: PolicyObject };

const keep: Reconciled = { kind: 'keep' };

/**
 * Upstream's `autoupdate` rules (pkg/registry/rbac/reconciliation, as the start-up hook runs it): what is missing is added, what
 * somebody added stays, labels and annotations that are there win, an object marked "false" is left alone.
 */
export function reconcileObject(existing: PolicyObject, expected: PolicyObject): Reconciled {
  if (existing.metadata.annotations?.[autoUpdateAnnotation] === 'false') return keep;
  return 'roleRef' in expected ? reconcileBinding(existing as AnyBinding, expected) : reconcileRole(existing, expected);
}

function reconcileRole(existing: AnyRole, expected: AnyRole): Reconciled {
  const present = existing.rules ?? [];
  const wanted = expected.rules ?? [];
  // The usual start: nothing changed, and nothing need be taken apart to know it.
  const missing = semanticEqual(present, wanted) ? [] : uncoveredRules(present, wanted);
  const selectors = existing.aggregationRule?.clusterRoleSelectors ?? [];
  const missingSelectors = (expected.aggregationRule?.clusterRoleSelectors ?? []).filter(
    (selector) => !selectors.some((known) => semanticEqual(known, selector)),
  );
  if (missing.length + missingSelectors.length === 0 && hasMetadata(existing, expected)) return keep;
  const clusterRoleSelectors = [...selectors, ...missingSelectors];
  const object = {
    ...withMetadata(existing, expected),
    rules: [...present, ...missing],
    ...(clusterRoleSelectors.length === 0 ? {} : { aggregationRule: { clusterRoleSelectors } }),
  };
  return { kind: 'update', object };
}

function reconcileBinding(existing: AnyBinding, expected: AnyBinding): Reconciled {
  // A roleRef cannot be changed.
  if (!semanticEqual(existing.roleRef, expected.roleRef)) return { kind: 'recreate', object: expected };
  const subjects = existing.subjects ?? [];
  const missing = (expected.subjects ?? []).filter(
    (subject) => !subjects.some((known) => isSameSubject(known, subject)),
  );
  if (missing.length === 0 && hasMetadata(existing, expected)) return keep;
  return { kind: 'update', object: { ...withMetadata(existing, expected), subjects: [...subjects, ...missing] } };
}

const isSameSubject = (a: rbacv1.Subject, b: rbacv1.Subject): boolean =>
  a.kind === b.kind &&
  a.name === b.name &&
  (a.namespace ?? '') === (b.namespace ?? '') &&
  (a.apiGroup ?? '') === (b.apiGroup ?? '');

/** Values that are there win, so only missing keys count. */
function hasMetadata({ metadata: existing }: PolicyObject, { metadata: expected }: PolicyObject): boolean {
  const hasAll = (there: Record<string, string> = {}, wanted: Record<string, string> = {}): boolean =>
    Object.keys(wanted).every((key) => Object.hasOwn(there, key));
  return hasAll(existing.labels, expected.labels) && hasAll(existing.annotations, expected.annotations);
}

function withMetadata<T extends PolicyObject>(existing: T, expected: PolicyObject): T {
  const { labels, annotations } = expected.metadata;
  return {
    ...existing,
    metadata: {
      ...existing.metadata,
      labels: { ...labels, ...existing.metadata.labels },
      annotations: { ...annotations, ...existing.metadata.annotations },
    },
  };
}

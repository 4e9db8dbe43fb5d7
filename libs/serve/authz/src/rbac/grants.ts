import type { rbacv1 } from '@reckon/api/types';
import type { Decision } from '../authorizer';

/** One binding as one of its subjects has it. */
export interface Grant {
  readonly binding: string;
  /** '' for a ClusterRoleBinding. */
  readonly namespace: string;
  readonly roleRef: rbacv1.RoleRef;
  readonly subject: rbacv1.Subject;
  /** What an allowed request is told; made when first needed. */
  decision: Decision | undefined;
}

/** Where a role is kept: `ClusterRole/name` or `Role/namespace/name`. */
export const roleKey = (kind: string, namespace: string, name: string): string =>
  kind === 'ClusterRole' ? `ClusterRole/${name}` : `${kind}/${namespace}/${name}`;

/** The grants of one subject in one scope, by role: however many bindings name a role, its rules are tried once. */
export type ScopeGrants = Map<string, Map<string, Grant>>;

/** All that one subject is granted, by namespace; '' holds what is granted cluster-wide. */
type SubjectGrants = Map<string, ScopeGrants>;

/** Grants by subject. A change of a binding touches only its own subjects. */
export class Grants {
  private readonly bySubject = new Map<string, SubjectGrants>();
  private readonly subjectsOf = new Map<string, readonly string[]>();

  set(namespace: string, binding: string, subjects: readonly rbacv1.Subject[], roleRef: rbacv1.RoleRef): void {
    this.delete(namespace, binding);
    const role = roleKey(roleRef.kind, namespace, roleRef.name);
    const keys: string[] = [];
    for (const subject of subjects) {
      const key = subjectKey(subject, namespace);
      if (key === undefined || keys.includes(key)) continue;
      keys.push(key);
      const scope = child(child(this.bySubject, key), namespace);
      child(scope, role).set(binding, { binding, namespace, roleRef, subject, decision: undefined });
    }
    this.subjectsOf.set(`${namespace}/${binding}`, keys);
  }

  delete(namespace: string, binding: string): void {
    const id = `${namespace}/${binding}`;
    for (const key of this.subjectsOf.get(id) ?? []) {
      const subject = this.bySubject.get(key);
      const scope = subject?.get(namespace);
      for (const [role, grants] of scope ?? []) if (grants.delete(binding) && grants.size === 0) scope?.delete(role);
      if (scope?.size === 0) subject?.delete(namespace);
      if (subject?.size === 0) this.bySubject.delete(key);
    }
    this.subjectsOf.delete(id);
  }

  of(subject: string, namespace: string): ScopeGrants | undefined {
    return this.bySubject.get(subject)?.get(namespace);
  }
}

export const userKey = (name: string): string => `u:${name}`;
export const groupKey = (name: string): string => `g:${name}`;

/** Service accounts are users by name. Undefined: a subject that nobody can be. */
function subjectKey({ kind, name, namespace = '' }: rbacv1.Subject, bindingNamespace: string): string | undefined {
  switch (kind) {
    case 'User':
      return userKey(name);
    case 'Group':
      return groupKey(name);
    case 'ServiceAccount': {
      const home = namespace === '' ? bindingNamespace : namespace;
      return home === '' ? undefined : userKey(`system:serviceaccount:${home}:${name}`);
    }
    default:
      return undefined;
  }
}

function child<K, A, B>(map: Map<K, Map<A, B>>, key: K): Map<A, B> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = new Map<A, B>();
  map.set(key, made);
  return made;
}

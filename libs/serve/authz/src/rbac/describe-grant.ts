import { goQuote } from '@reckon/api/machinery';
import type { Grant } from './grants';

/** `RoleBinding "b/ns" of Role "r" to User "u"`: how upstream tells where a right comes from (rbac/validation `roleBindingDescriber`). */
export function describeGrant({ binding, namespace, roleRef, subject }: Grant): string {
  const source =
    namespace === '' ? `ClusterRoleBinding ${goQuote(binding)}` : `RoleBinding ${goQuote(`${binding}/${namespace}`)}`;
  const home = subject.namespace !== undefined && subject.namespace !== '' ? subject.namespace : namespace;
  const name = subject.kind === 'ServiceAccount' ? `${subject.name}/${home}` : subject.name;
  return `${source} of ${roleRef.kind} ${goQuote(roleRef.name)} to ${subject.kind} ${goQuote(name)}`;
}

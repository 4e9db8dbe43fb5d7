import { type EscalationCheck, rbacGroup, type RbacResource, rbacResources } from '@reckon/serve/authz';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin';

const guarded: ReadonlySet<string> = new Set<RbacResource>(rbacResources);
const isGuarded = (resource: string): resource is RbacResource => guarded.has(resource);

/** Upstream checks this in the storage of the four kinds; here it is the last of the mutating plugins and cannot be switched off. */
export function rbacEscalation(check: EscalationCheck): AdmissionPlugin {
  function admit({
    ctx,
    row,
    subresource,
    namespace,
    name,
    object,
    oldObject,
  }: AdmissionAttributes): void | Promise<void> {
    if (object === undefined || subresource !== '' || row.group !== rbacGroup || !isGuarded(row.resource)) return;
    const shown = name === '' ? (object.metadata.name ?? '') : name;
    return check(ctx, { resource: row.resource, namespace, name: shown, object, old: oldObject });
  }
  return { name: 'RBACEscalation', handles: (operation) => operation === 'CREATE' || operation === 'UPDATE', admit };
}

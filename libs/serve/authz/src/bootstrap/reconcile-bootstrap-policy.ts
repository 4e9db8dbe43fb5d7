import type { RbacResource } from '../rbac/rbac-resources';
import { bootstrapPolicy, type PolicyObject, policyObjects } from './bootstrap-policy';
import { reconcileObject } from './reconcile-object';

export interface PolicyChange {
  readonly verb: 'create' | 'update' | 'delete';
  readonly resource: RbacResource;
  /** Without uid and creation time where it is created; with those that it has otherwise. */
  readonly object: PolicyObject;
}

/** What reconciling needs of the store. */
export interface PolicyStore {
  /** The newest state, as a copy. */
  read(resource: RbacResource, namespace: string, name: string): PolicyObject | undefined;
  /** Writes all in one step. */
  commit(changes: readonly PolicyChange[]): Promise<void>;
}

/**
 * Brings the stored policy up to the bootstrap policy, in one batch; a second run writes nothing. The namespaces of its Roles must
 * be there. Answers how many objects were written. A binding to another role is deleted first and made anew in a second batch.
 */
export async function reconcileBootstrapPolicy(store: PolicyStore): Promise<number> {
  const deletes: PolicyChange[] = [];
  const writes: PolicyChange[] = [];
  for (const { resource, object } of policyObjects(bootstrapPolicy())) {
    const { namespace = '', name = '' } = object.metadata;
    const existing = store.read(resource, namespace, name);
    if (existing === undefined) {
      writes.push({ verb: 'create', resource, object });
      continue;
    }
    const outcome = reconcileObject(existing, object);
    switch (outcome.kind) {
      case 'keep':
        break;
      case 'update':
        writes.push({ verb: 'update', resource, object: outcome.object });
        break;
      case 'recreate':
        deletes.push({ verb: 'delete', resource, object: existing });
        writes.push({ verb: 'create', resource, object: outcome.object });
        break;
    }
  }
  if (deletes.length > 0) await store.commit(deletes);
  if (writes.length > 0) await store.commit(writes);
  return writes.length;
}

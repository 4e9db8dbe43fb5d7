import type { KindRegistry, ResourceRow } from '@reckon/api/kinds';
import { type KubeObject, deepCopy, semanticEqual } from '@reckon/api/machinery';
import type { Random } from '@reckon/kernel';
import { type RequestContext, type ResourceStore, attributionOf } from '@reckon/registry/generic';
import { missingAddresses } from '@reckon/registry/kinds';
import { type PolicyChange, type PolicyStore, rbacGroup, reconcileBootstrapPolicy } from '@reckon/serve/authz';
import type { Storage } from '@reckon/store/contract';
import { systemWrite } from '../system-context';
import { createAggregatedRole, isAggregated } from './create-aggregated-role';
import { flowControlChanges } from './flow-control';
import { serviceCidrChanges } from './service-cidr';
import { type SystemObject, systemObjects } from './system-objects';

export interface BootstrapParts {
  readonly kinds: KindRegistry;
  readonly storeOf: (row: ResourceRow) => ResourceStore | undefined;
  readonly storage: Storage;
  readonly ctx: RequestContext;
  /** Objects beyond the usual ones: the `kubernetes` Service, the rights of embedded agents. */
  readonly further: readonly SystemObject[];
  /** For what is made whole, status and all, in one step: addresses of services, priority and fairness. Absent: not made. */
  readonly whole?: {
    readonly random: Random;
    /** `--service-cluster-ip-range`, each network for itself. */
    readonly serviceCidrs: readonly string[];
  };
}

/**
 * Makes what is missing of the objects that every cluster has; what is there is left as it is, but what is the
 * apiserver's own for good (the RBAC policy, where it can be reached) is brought up to date.
 */
export async function bootstrapCluster(parts: BootstrapParts): Promise<void> {
  // Namespaces first: what else there is lives in them. The rest shares one commit.
  const isNamespace = (s: SystemObject): boolean => s.resource === 'namespaces';
  const all = [...systemObjects, ...parts.further];
  await Promise.all(all.filter(isNamespace).map((system) => ensureSystemObject(parts, system)));
  await Promise.all([
    ...all.filter((s) => !isNamespace(s)).map((system) => ensureSystemObject(parts, system)),
    reconcileBootstrapPolicy(policyStore(parts)),
    commitWhole(parts),
  ]);
}

async function commitWhole({ whole, ...parts }: BootstrapParts): Promise<void> {
  if (whole === undefined) return;
  const { ctx, kinds, storage } = parts;
  const { random, serviceCidrs } = whole;
  const changes = [
    ...serviceCidrChanges({ ctx, storage, random, cidrs: serviceCidrs }),
    ...flowControlChanges({ ctx, kinds, storage, random }),
    ...missingAddresses({ ctx, storage, random }),
  ];
  if (changes.length > 0) await storage.commit(changes, attributionOf(ctx));
}

function storeFor(
  { kinds, storeOf }: Pick<BootstrapParts, 'kinds' | 'storeOf'>,
  group: string,
  resource: string,
): ResourceStore {
  const row = kinds.resource(group, 'v1', resource);
  const store = row === undefined ? undefined : storeOf(row);
  if (store === undefined) throw new Error(`${resource}.${group} is not served`);
  return store;
}

/** Makes an object that is missing, and brings up to date what of it is the server's own. */
export async function ensureSystemObject(
  parts: Pick<BootstrapParts, 'kinds' | 'storeOf' | 'storage' | 'ctx'>,
  { group, resource, object, owned = [] }: SystemObject,
): Promise<void> {
  const { namespace = '', name = '' } = object.metadata;
  const current = parts.storage.newest({ group, resource, namespace, name });
  if (current === undefined) {
    await create(parts, group, resource, object);
    return;
  }
  const isCurrent = (there: object): boolean =>
    owned.every((path) => semanticEqual(valueAt(there, path), valueAt(object, path)));
  if (owned.length === 0 || isCurrent(current.parse())) return;
  const next = (there: KubeObject | undefined): KubeObject => {
    const made = there ?? deepCopy(object);
    for (const path of owned) setAt(made, path, deepCopy(valueAt(object, path)));
    return made;
  };
  const intent = { next, operation: 'Update', mayCreate: false } as const;
  const store = storeFor(parts, group, resource);
  await store.update(parts.ctx, namespace, name, '', intent, systemWrite(object.apiVersion ?? ''));
}

const valueAt = (object: object, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, field) => (value as Record<string, unknown> | undefined)?.[field], object);

function setAt(object: object, path: readonly string[], value: unknown): void {
  const parent = valueAt(object, path.slice(0, -1)) as Record<string, unknown>;
  parent[path.at(-1) ?? ''] = value;
}

async function create(
  parts: Pick<BootstrapParts, 'kinds' | 'storeOf' | 'ctx'>,
  group: string,
  resource: string,
  object: KubeObject,
): Promise<void> {
  await storeFor(parts, group, resource).create(
    parts.ctx,
    object.metadata.namespace ?? '',
    deepCopy(object),
    systemWrite(object.apiVersion ?? ''),
  );
}

/** The stores as the policy's reconciler sees them. All writes of a batch are handed over at once, so that they share a commit. */
function policyStore(parts: BootstrapParts): PolicyStore {
  return {
    read: (resource, namespace, name) => parts.storage.newest({ group: rbacGroup, resource, namespace, name })?.parse(),
    commit: async (changes) => {
      await Promise.all(changes.map((change) => write(parts, change)));
    },
  };
}

async function write(parts: BootstrapParts, { verb, resource, object }: PolicyChange): Promise<void> {
  const { namespace = '', name = '' } = object.metadata;
  const options = systemWrite(object.apiVersion ?? '');
  switch (verb) {
    case 'create': {
      if (!isAggregated(object)) return create(parts, rbacGroup, resource, object);
      const { kinds, ctx } = parts;
      return createAggregatedRole({ kinds, ctx, store: storeFor(parts, rbacGroup, resource) }, object);
    }
    case 'update': {
      const intent = { next: () => deepCopy(object) as KubeObject, operation: 'Update' as const, mayCreate: false };
      await storeFor(parts, rbacGroup, resource).update(parts.ctx, namespace, name, '', intent, options);
      return;
    }
    case 'delete':
      await storeFor(parts, rbacGroup, resource).delete(parts.ctx, namespace, name, {}, options);
  }
}

import { type KindRegistry, createDecoder } from '@reckon/api/kinds';
import { type KubeObject, deepCopy } from '@reckon/api/machinery';
import type { RequestContext, ResourceStore } from '@reckon/registry/generic';
import type { rbacv1 } from '@reckon/api/types';
import { systemWrite } from '../system-context';

/** As the controller that keeps the rules names itself. */
const aggregator = 'clusterrole-aggregation-controller';

export interface AggregatedRoleParts {
  readonly kinds: KindRegistry;
  readonly store: ResourceStore;
  readonly ctx: RequestContext;
}

/**
 * Makes a ClusterRole that gathers others, and then applies what it gathers in the name of the controller, as upstream's cluster has it
 * after its first seconds: the rules hold before a controller runs, and are the controller's from the beginning.
 */
export async function createAggregatedRole(
  { kinds, store, ctx }: AggregatedRoleParts,
  { rules, ...role }: rbacv1.ClusterRole,
): Promise<void> {
  const { apiVersion = '', kind = '', metadata } = role;
  const options = systemWrite(apiVersion);
  await store.create(ctx, '', deepCopy(role), options);
  const decoder = createDecoder(kinds);
  const expected = { group: store.row.group, version: store.row.version, kind };
  const application = {
    config: deepCopy({ apiVersion, kind, metadata: { name: metadata.name ?? '' }, rules }) as KubeObject,
    isForced: true,
    restore: (document: KubeObject) => decoder.normalize(document, { expected, strict: false }).object,
  };
  const intent = {
    next: (_: KubeObject | undefined, apply: (request: typeof application) => KubeObject) => apply(application),
    operation: 'Apply',
    mayCreate: false,
  } as const;
  await store.update({ ...ctx, fieldManager: aggregator }, '', metadata.name ?? '', '', intent, options);
}

export const isAggregated = (object: object): object is rbacv1.ClusterRole =>
  'aggregationRule' in object && object.aggregationRule !== undefined;

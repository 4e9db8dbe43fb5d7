import type { KubeObject, OwnerReference } from '@reckon/api/machinery';
import { type Identity, identityOf, isSameIdentity, keyOf, matchesCoordinates } from './owner-identity';

export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

/** One object of the cluster and who depends on it. */
export interface GraphNode {
  identity: Identity;
  owners: readonly OwnerReference[];
  readonly dependents: Set<GraphNode>;
  /** Known only from what its dependents say: no informer has shown it. */
  isVirtual: boolean;
  isBeingDeleted: boolean;
  /** It is being deleted in the foreground: it waits for its dependents to go. */
  isDeletingDependents: boolean;
}

type Metadata = KubeObject['metadata'];

export const isBeingDeleted = (metadata: Metadata): boolean => metadata.deletionTimestamp !== undefined;

export const hasFinalizer = (metadata: Metadata, finalizer: string): boolean =>
  (metadata.finalizers ?? []).includes(finalizer);

/** Dependents that keep their owner from going (`node.blockingDependents`). */
export const blockingDependents = ({ identity, dependents }: GraphNode): GraphNode[] =>
  [...dependents].filter(({ owners }) => owners.some((o) => o.uid === identity.uid && o.blockOwnerDeletion === true));

/**
 * Splits dependents into those whose reference means exactly this owner and those who use its uid for something else; one with two
 * references may be in both.
 */
export function partitionDependents(
  dependents: Iterable<GraphNode>,
  owner: Identity,
): { readonly matching: GraphNode[]; readonly others: GraphNode[] } {
  const matching: GraphNode[] = [];
  const others: GraphNode[] = [];
  for (const dependent of dependents) {
    const mayOwn = owner.namespace === '' || owner.namespace === dependent.identity.namespace;
    const same = dependent.owners.filter((reference) => reference.uid === owner.uid);
    if (mayOwn && same.some((reference) => matchesCoordinates(reference, owner))) matching.push(dependent);
    if (!mayOwn || same.some((reference) => !matchesCoordinates(reference, owner))) others.push(dependent);
  }
  return { matching, others };
}

/**
 * What else the absent owner may be, by what dependents say of its uid: the first after it in the order of identities, or the first
 * of all, so that every candidate has its turn (`getAlternateOwnerIdentity`).
 */
export function alternativeIdentity(dependents: readonly GraphNode[], absent: Identity): Identity | undefined {
  const candidates = dependents
    .flatMap(({ owners, identity }) =>
      owners
        .filter((reference) => reference.uid === absent.uid)
        .map((reference) => {
          const isOfClusterScopedKind =
            absent.namespace === '' && reference.apiVersion === absent.apiVersion && reference.kind === absent.kind;
          return identityOf(reference, isOfClusterScopedKind ? '' : identity.namespace);
        }),
    )
    .filter((identity) => !isSameIdentity(identity, absent))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return candidates.find((identity) => keyOf(identity) > keyOf(absent)) ?? candidates[0];
}

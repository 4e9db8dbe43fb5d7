import { type KubeObject, type OwnerReference, reasonOf } from '@reckon/api/machinery';
import { type Result, done, requeue } from '@reckon/control/runtime';
import type { AbsentOwners } from './absent-owners';
import type { DependencyGraph } from './dependency-graph';
import {
  type GraphNode,
  blockingDependents,
  foregroundFinalizer,
  hasFinalizer,
  isBeingDeleted,
  orphanFinalizer,
} from './graph-node';
import type { ObjectOperations, Policy } from './object-operations';
import { identityOf } from './owner-identity';
import type { ServedKinds } from './served-kinds';

export interface DeletionParts {
  readonly graph: DependencyGraph;
  readonly absentOwners: AbsentOwners;
  readonly kinds: ServedKinds;
  readonly operations: ObjectOperations;
  readonly attemptToDelete: (uid: string) => void;
}

/** The references of an object, by what the server says of their owners. */
interface Owners {
  /** There, and staying. */
  readonly solid: OwnerReference[];
  readonly dangling: OwnerReference[];
  /** There, but waiting for its dependents to go. */
  readonly waiting: OwnerReference[];
}

/** A cluster-scoped object that names a namespaced owner: no look-up could ever tell, so it is left alone. */
const unanswerable = Symbol('namespaced owner of a cluster-scoped object');

/**
 * Decides about one object (pkg/controller/garbagecollector `attemptToDeleteItem`): deletes it if none of its owners is there, takes
 * references to absent owners out if some are, and lets it go if it only waited for its dependents.
 */
export async function attemptToDelete(parts: DeletionParts, uid: string): Promise<Result> {
  const { graph, kinds, operations } = parts;
  const node = graph.get(uid);
  if (node === undefined) return done;
  // Its end is on its way; its dependents are looked at when it is gone.
  if (node.isBeingDeleted && !node.isDeletingDependents) return done;
  // Nothing to decide: without owners it is nobody's garbage. (Upstream asks the server first, and then finds the same.)
  if (!node.isVirtual && !node.isDeletingDependents && node.owners.length === 0) return done;
  const { identity } = node;
  // Only a cluster-scoped object can have said this of its owner: where to look for it is not known.
  const { namespaced } = await kinds.find(identity.apiVersion, identity.kind);
  if (namespaced && identity.namespace === '') return done;
  const latest = await operations.get(identity);
  if (latest?.metadata.uid !== uid) {
    graph.confirmedAbsent(identity);
    return done;
  }
  if (node.isDeletingDependents) await letGoOrWait(parts, node);
  else {
    const owners = await classify(parts, node, latest.metadata.ownerReferences ?? []);
    if (owners === unanswerable) return done;
    await collect(parts, node, latest.metadata, owners);
  }
  // A virtual node whose object came and went unseen would never be told of: it is asked for until an informer shows it.
  return node.isVirtual && graph.get(uid) === node ? requeue : done;
}

async function letGoOrWait({ operations, attemptToDelete: enqueue }: DeletionParts, node: GraphNode): Promise<void> {
  const blocking = blockingDependents(node);
  if (blocking.length === 0) await operations.removeFinalizer(node.identity, foregroundFinalizer);
  for (const dependent of blocking) if (!dependent.isDeletingDependents) enqueue(dependent.identity.uid);
}

async function classify(
  parts: DeletionParts,
  node: GraphNode,
  references: readonly OwnerReference[],
): Promise<Owners | typeof unanswerable> {
  const owners: Owners = { solid: [], dangling: [], waiting: [] };
  for (const reference of references) {
    const owner = await lookUp(parts, node, reference);
    if (owner === unanswerable) return unanswerable;
    if (owner === undefined) owners.dangling.push(reference);
    else if (isBeingDeleted(owner.metadata) && hasFinalizer(owner.metadata, foregroundFinalizer))
      owners.waiting.push(reference);
    else owners.solid.push(reference);
  }
  return owners;
}

/** The owner as the server has it, undefined if it is not there; who was absent once stays so. */
async function lookUp(
  { absentOwners, kinds, operations }: DeletionParts,
  { identity }: GraphNode,
  reference: OwnerReference,
): Promise<KubeObject | undefined | typeof unanswerable> {
  const inCluster = identityOf(reference, '');
  const inNamespace = identityOf(reference, identity.namespace);
  if (absentOwners.has(inCluster) || absentOwners.has(inNamespace)) return undefined;
  const { namespaced } = await kinds.find(reference.apiVersion, reference.kind);
  if (namespaced && identity.namespace === '') return unanswerable;
  const owner = await operations.get(inNamespace);
  if (owner?.metadata.uid === reference.uid) return owner;
  absentOwners.add(namespaced ? inNamespace : inCluster);
  return undefined;
}

async function collect(
  parts: DeletionParts,
  node: GraphNode,
  latest: KubeObject['metadata'],
  { solid, dangling, waiting }: Owners,
): Promise<void> {
  const { operations } = parts;
  const { identity } = node;
  if (solid.length + dangling.length + waiting.length === 0) return;
  if (solid.length > 0) {
    // References to owners that wait are taken out too: they would wait for ever.
    const uids = [...dangling, ...waiting].map((reference) => reference.uid);
    if (uids.length > 0) await operations.dropOwners(identity, uids);
    return;
  }
  if (waiting.length > 0 && node.dependents.size > 0) {
    // A circle of objects that wait for each other is broken here.
    if ([...node.dependents].some((dependent) => dependent.isDeletingDependents))
      await operations.unblockOwners(identity, node.owners);
    await deleteNode(parts, node, latest, 'Foreground');
    return;
  }
  await deleteNode(parts, node, latest, policyOf(latest));
}

/** A finalizer that asks for a policy is honoured. */
function policyOf(latest: KubeObject['metadata']): Policy {
  if (hasFinalizer(latest, orphanFinalizer)) return 'Orphan';
  return hasFinalizer(latest, foregroundFinalizer) ? 'Foreground' : 'Background';
}

async function deleteNode(
  { operations, graph }: DeletionParts,
  { identity }: GraphNode,
  latest: KubeObject['metadata'],
  policy: Policy,
): Promise<void> {
  try {
    await operations.delete(identity, latest, policy);
  } catch (error) {
    if (reasonOf(error) !== 'NotFound') throw error;
    graph.confirmedAbsent(identity);
  }
}

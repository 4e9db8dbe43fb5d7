import { type KubeObject, type OwnerReference, semanticEqual } from '@reckon/api/machinery';
import type { AbsentOwners } from './absent-owners';
import {
  type GraphNode,
  alternativeIdentity,
  foregroundFinalizer,
  hasFinalizer,
  isBeingDeleted,
  orphanFinalizer,
  partitionDependents,
} from './graph-node';
import { type Identity, identityOf, isSameIdentity, matchesCoordinates } from './owner-identity';

/** What the graph asks to be looked at; keys are uids. */
export interface GraphSink {
  attemptToDelete(uid: string): void;
  /** The same, after a while that grows. */
  attemptToDeleteLater(uid: string): void;
  attemptToOrphan(uid: string): void;
  /** A reference to an owner in another namespace, which can never hold. */
  invalidNamespace(dependent: GraphNode, owner: OwnerReference): void;
}

/**
 * Who owns whom, of everything in the cluster (pkg/controller/garbagecollector.GraphBuilder `processGraphChanges`). Informers tell it
 * what they see, in any order between kinds: an owner that no informer has shown yet is a virtual node until it is seen, or until
 * the server says that it is not there.
 *
 * Where upstream has a queue and locks, every call here is one step of one thread.
 */
export class DependencyGraph {
  private readonly nodes = new Map<string, GraphNode>();

  constructor(
    private readonly sink: GraphSink,
    private readonly absentOwners: AbsentOwners,
  ) {}

  get(uid: string): GraphNode | undefined {
    return this.nodes.get(uid);
  }

  /** An informer shows an object, new or changed. */
  observed(identity: Identity, metadata: KubeObject['metadata'], old?: KubeObject['metadata']): void {
    const owners = metadata.ownerReferences ?? [];
    let node = this.nodes.get(identity.uid);
    if (node === undefined) {
      node = {
        identity,
        owners,
        dependents: new Set(),
        isVirtual: false,
        isBeingDeleted: isBeingDeleted(metadata),
        isDeletingDependents: isBeingDeleted(metadata) && hasFinalizer(metadata, foregroundFinalizer),
      };
      this.nodes.set(identity.uid, node);
      this.addToOwners(node, owners);
    } else {
      if (node.isVirtual) this.becomeReal(node, identity);
      node.identity = identity;
      this.changeOwners(node, owners);
      if (isBeingDeleted(metadata)) node.isBeingDeleted = true;
    }
    this.followDeletion(node, metadata, old);
  }

  /** An informer saw the object go. */
  removed(uid: string): void {
    const node = this.nodes.get(uid);
    if (node !== undefined) this.remove(node);
  }

  /**
   * The server says that there is no such object ("virtual delete event"). A real node is believed over it, if the two differ; of a
   * virtual one other dependents may know better what it is.
   */
  confirmedAbsent(absent: Identity): void {
    const node = this.nodes.get(absent.uid);
    if (node === undefined) return;
    const isMeant = isSameIdentity(node.identity, absent);
    const { matching, others } = partitionDependents(node.dependents, absent);
    if (node.isVirtual ? others.length === 0 : isMeant) {
      this.remove(node, absent);
      return;
    }
    if (matching.length > 0) {
      this.absentOwners.add(absent);
      for (const dependent of matching) this.sink.attemptToDelete(dependent.identity.uid);
    }
    if (!node.isVirtual || !isMeant) return;
    const replacement = alternativeIdentity(others, absent);
    if (replacement === undefined) return;
    node.identity = replacement;
    this.sink.attemptToDeleteLater(replacement.uid);
  }

  private becomeReal(node: GraphNode, identity: Identity): void {
    node.isVirtual = false;
    if (isSameIdentity(node.identity, identity)) return;
    for (const dependent of partitionDependents(node.dependents, identity).others) {
      this.reportNamespace(dependent, identity);
      this.sink.attemptToDelete(dependent.identity.uid);
    }
  }

  private changeOwners(node: GraphNode, owners: readonly OwnerReference[]): void {
    if (semanticEqual(node.owners, owners)) return;
    const before = new Map(node.owners.map((reference) => [reference.uid, reference]));
    const after = new Map(owners.map((reference) => [reference.uid, reference]));
    node.owners = owners;
    for (const [uid, reference] of before) {
      const now = after.get(uid);
      if (now !== undefined && semanticEqual(now, reference)) continue;
      // An owner that waited for this one need not wait any longer.
      const isUnblocked = reference.blockOwnerDeletion === true && now?.blockOwnerDeletion !== true;
      if (isUnblocked && this.nodes.has(uid)) this.sink.attemptToDelete(uid);
      if (now === undefined) this.nodes.get(uid)?.dependents.delete(node);
    }
    this.addToOwners(
      node,
      owners.filter((reference) => !before.has(reference.uid)),
    );
  }

  private addToOwners(node: GraphNode, owners: readonly OwnerReference[]): void {
    const { uid, namespace } = node.identity;
    let isDoubtful = false;
    for (const reference of owners) {
      let owner = this.nodes.get(reference.uid);
      if (owner === undefined) {
        owner = {
          identity: identityOf(reference, namespace),
          owners: [],
          dependents: new Set(),
          isVirtual: true,
          isBeingDeleted: false,
          isDeletingDependents: false,
        };
        this.nodes.set(reference.uid, owner);
        owner.dependents.add(node);
        this.sink.attemptToDelete(reference.uid);
        continue;
      }
      owner.dependents.add(node);
      const isElsewhere = owner.identity.namespace !== namespace;
      if (owner.identity.namespace !== '' && isElsewhere) {
        if (!owner.isVirtual) this.sink.invalidNamespace(node, reference);
        isDoubtful = true;
      } else if (!matchesCoordinates(reference, owner.identity) || (owner.isVirtual && isElsewhere)) isDoubtful = true;
    }
    if (isDoubtful) this.sink.attemptToDelete(uid);
  }

  private reportNamespace(dependent: GraphNode, owner: Identity): void {
    if (owner.namespace === '' || dependent.identity.namespace === owner.namespace) return;
    const reference = dependent.owners.find((o) => o.uid === owner.uid);
    if (reference !== undefined) this.sink.invalidNamespace(dependent, reference);
  }

  /** The step from "not being deleted with this finalizer" to "being deleted with it" starts the work. */
  private followDeletion(
    node: GraphNode,
    metadata: KubeObject['metadata'],
    old: KubeObject['metadata'] | undefined,
  ): void {
    const starts = (finalizer: string): boolean =>
      isBeingDeleted(metadata) &&
      hasFinalizer(metadata, finalizer) &&
      (old === undefined || !isBeingDeleted(old) || !hasFinalizer(old, finalizer));
    if (starts(orphanFinalizer)) {
      this.sink.attemptToOrphan(node.identity.uid);
      return;
    }
    if (!starts(foregroundFinalizer)) return;
    node.isDeletingDependents = true;
    for (const dependent of node.dependents) this.sink.attemptToDelete(dependent.identity.uid);
    this.sink.attemptToDelete(node.identity.uid);
  }

  private remove(node: GraphNode, knownAs = node.identity): void {
    this.nodes.delete(node.identity.uid);
    for (const { uid } of node.owners) this.nodes.get(uid)?.dependents.delete(node);
    if (node.dependents.size > 0) this.absentOwners.add(knownAs);
    for (const dependent of node.dependents) this.sink.attemptToDelete(dependent.identity.uid);
    for (const { uid } of node.owners)
      if (this.nodes.get(uid)?.isDeletingDependents === true) this.sink.attemptToDelete(uid);
  }
}

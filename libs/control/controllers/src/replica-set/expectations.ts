import type { Clock } from '@reckon/kernel';

interface Expected {
  /** Created by us, not yet seen in the cache. */
  readonly created: Set<string>;
  /** Seen while our creates were still being answered: the watch may be faster than the answer. */
  readonly early: Set<string>;
  /** Deleted by us, not yet seen going or gone. */
  readonly deleted: Set<string>;
  isCreating: boolean;
  sinceMs: number;
}

/** As pkg/controller.ExpectationsTimeout: a relist may have swallowed the event that was waited for. */
const longestWaitMs = 300_000;

/**
 * What an owner has done that its cache does not show yet. Counting pods is right only when nothing is awaited; until then an owner
 * must neither create nor delete.
 *
 * Unlike pkg/controller.UIDTrackingControllerExpectations creations are known by uid too, so that another's pod never stands for ours.
 */
export class Expectations {
  private readonly owners = new Map<string, Expected>();

  constructor(private readonly clock: Clock) {}

  isSatisfied(owner: string): boolean {
    const expected = this.owners.get(owner);
    if (expected === undefined) return true;
    if (expected.created.size + expected.deleted.size > 0) return this.clock.nowMs() - expected.sinceMs > longestWaitMs;
    return true;
  }

  /** From now until `createsEnded` arrivals are remembered. Begins afresh. */
  createsBegin(owner: string): void {
    this.owners.set(owner, { ...this.fresh(), isCreating: true });
  }

  created(owner: string, uid: string): void {
    const expected = this.owners.get(owner);
    if (expected !== undefined && !expected.early.delete(uid)) expected.created.add(uid);
  }

  createsEnded(owner: string): void {
    const expected = this.owners.get(owner);
    if (expected === undefined) return;
    expected.isCreating = false;
    expected.early.clear();
  }

  /** Before the deletes are sent. Begins afresh. */
  willDelete(owner: string, uids: Iterable<string>): void {
    this.owners.set(owner, { ...this.fresh(), deleted: new Set(uids) });
  }

  /** As `willDelete`, beside what is awaited already. */
  alsoDeletes(owner: string, uids: Iterable<string>): void {
    const expected = this.owners.get(owner) ?? this.fresh();
    this.owners.set(owner, expected);
    for (const uid of uids) expected.deleted.add(uid);
  }

  /** The cache shows the pod. */
  sawCreation(owner: string, uid: string): void {
    const expected = this.owners.get(owner);
    if (expected !== undefined && !expected.created.delete(uid) && expected.isCreating) expected.early.add(uid);
  }

  /** The cache shows the pod as going or gone, or the delete was refused. */
  sawDeletion(owner: string, uid: string): void {
    const expected = this.owners.get(owner);
    expected?.created.delete(uid);
    expected?.deleted.delete(uid);
  }

  forget(owner: string): void {
    this.owners.delete(owner);
  }

  private fresh(): Expected {
    return { created: new Set(), early: new Set(), deleted: new Set(), isCreating: false, sinceMs: this.clock.nowMs() };
  }
}

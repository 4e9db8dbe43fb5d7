import type { KubeObject, OwnerReference } from '@reckon/api/machinery';
import { beforeEach, describe, expect, it } from 'vitest';
import { AbsentOwners } from './absent-owners';
import { DependencyGraph } from './dependency-graph';
import type { Identity } from './owner-identity';

const identity = (name: string, options: Partial<Identity> = {}): Identity => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name,
  uid: `uid-${name}`,
  namespace: 'default',
  ...options,
});
const ownedBy = (owner: Identity, options: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.name,
  uid: owner.uid,
  ...options,
});
const metadata = (...ownerReferences: OwnerReference[]): KubeObject['metadata'] => ({ ownerReferences });
const going = (finalizer: string): KubeObject['metadata'] => ({
  deletionTimestamp: '2026-01-01T00:00:00Z',
  finalizers: [finalizer],
});

let asked: string[];
let absent: AbsentOwners;
let graph: DependencyGraph;
const takeAsked = (): string[] => asked.splice(0).sort();

beforeEach(() => {
  asked = [];
  absent = new AbsentOwners();
  graph = new DependencyGraph(
    {
      attemptToDelete: (uid) => asked.push(uid),
      attemptToDeleteLater: (uid) => asked.push(`later ${uid}`),
      attemptToOrphan: (uid) => asked.push(`orphan ${uid}`),
      invalidNamespace: (dependent, { name }) => asked.push(`invalid ${dependent.identity.name} of ${name}`),
    },
    absent,
  );
});

describe('the dependency graph', () => {
  const [owner, dependent] = [identity('owner'), identity('dependent')];

  it('asks for nothing when an owner is seen before its dependent', () => {
    graph.observed(owner, metadata());
    graph.observed(dependent, metadata(ownedBy(owner)));
    expect(takeAsked()).toEqual([]);
    expect([...(graph.get(owner.uid)?.dependents ?? [])].map((d) => d.identity.name)).toEqual(['dependent']);
  });

  it('asks for an owner that nobody has seen, until it is seen', () => {
    graph.observed(dependent, metadata(ownedBy(owner)));
    expect(takeAsked()).toEqual([owner.uid]);
    expect(graph.get(owner.uid)?.isVirtual).toBe(true);
    graph.observed(owner, metadata());
    expect(graph.get(owner.uid)?.isVirtual).toBe(false);
    expect(takeAsked()).toEqual([]);
  });

  it('asks for the dependents of what goes, and knows that it is gone', () => {
    graph.observed(owner, metadata());
    graph.observed(dependent, metadata(ownedBy(owner)));
    graph.removed(owner.uid);
    expect(takeAsked()).toEqual([dependent.uid]);
    expect(absent.has(owner)).toBe(true);
    expect(graph.get(owner.uid)).toBeUndefined();
  });

  it('asks for the dependents of an owner that the server does not know', () => {
    graph.observed(dependent, metadata(ownedBy(owner)));
    takeAsked();
    graph.confirmedAbsent(owner);
    expect(takeAsked()).toEqual([dependent.uid]);
    expect(absent.has(owner)).toBe(true);
  });

  it('believes what it has seen over a reference with other coordinates', () => {
    const wrong = { ...owner, kind: 'Secret' };
    graph.observed(owner, metadata());
    graph.observed(dependent, metadata(ownedBy(wrong)));
    expect(takeAsked()).toEqual([dependent.uid]);
    graph.confirmedAbsent(wrong);
    expect(takeAsked()).toEqual([dependent.uid]);
    expect(graph.get(owner.uid)?.identity).toEqual(owner);
    expect(absent.has(wrong)).toBe(true);
  });

  it('looks for an absent owner under every description that dependents give', () => {
    const other = { ...owner, kind: 'Secret' };
    graph.observed(dependent, metadata(ownedBy(owner)));
    graph.observed(identity('second'), metadata(ownedBy(other)));
    expect(takeAsked()).toEqual([owner.uid, 'uid-second']);
    graph.confirmedAbsent(owner);
    expect(takeAsked()).toEqual([`later ${owner.uid}`, dependent.uid]);
    expect(graph.get(owner.uid)?.identity.kind).toBe('Secret');
    graph.confirmedAbsent(other);
    // The first description was found absent already; nobody else is left to ask but in turn.
    expect(takeAsked()).toEqual([`later ${owner.uid}`, 'uid-second']);
  });

  it('reports an owner of another namespace, whichever is seen first', () => {
    const elsewhere = identity('owner', { namespace: 'other' });
    graph.observed(elsewhere, metadata());
    graph.observed(dependent, metadata(ownedBy(elsewhere)));
    expect(takeAsked()).toEqual(['invalid dependent of owner', dependent.uid].sort());
    graph.removed(elsewhere.uid);
    graph.removed(dependent.uid);
    takeAsked();
    graph.observed(dependent, metadata(ownedBy(elsewhere)));
    expect(takeAsked()).toEqual([elsewhere.uid]);
    graph.observed(elsewhere, metadata());
    expect(takeAsked()).toEqual(['invalid dependent of owner', dependent.uid].sort());
  });

  it('lets a cluster-scoped owner own anything', () => {
    const node = identity('node-1', { kind: 'Node', namespace: '' });
    graph.observed(node, metadata());
    graph.observed(dependent, metadata(ownedBy(node)));
    expect(takeAsked()).toEqual([]);
  });

  it('asks for dependents and owner when a deletion in the foreground begins, once', () => {
    graph.observed(owner, metadata());
    graph.observed(dependent, metadata(ownedBy(owner)));
    graph.observed(owner, going('foregroundDeletion'), metadata());
    expect(takeAsked()).toEqual([dependent.uid, owner.uid]);
    expect(graph.get(owner.uid)?.isDeletingDependents).toBe(true);
    graph.observed(owner, going('foregroundDeletion'), going('foregroundDeletion'));
    expect(takeAsked()).toEqual([]);
    graph.removed(dependent.uid);
    expect(takeAsked()).toEqual([owner.uid]);
  });

  it('asks for orphaning when a deletion with the orphan finalizer begins', () => {
    graph.observed(owner, metadata());
    graph.observed(owner, going('orphan'), metadata());
    expect(takeAsked()).toEqual([`orphan ${owner.uid}`]);
  });

  it('asks for an owner whose dependent no longer blocks it', () => {
    graph.observed(owner, metadata());
    const blocking = metadata(ownedBy(owner, { blockOwnerDeletion: true }));
    graph.observed(dependent, blocking);
    graph.observed(dependent, metadata(ownedBy(owner, { blockOwnerDeletion: false })), blocking);
    expect(takeAsked()).toEqual([owner.uid]);
    graph.observed(dependent, blocking);
    takeAsked();
    graph.observed(dependent, metadata(), blocking);
    expect(takeAsked()).toEqual([owner.uid]);
    expect(graph.get(owner.uid)?.dependents.size).toBe(0);
  });
});

describe('the memory of absent owners', () => {
  it('forgets those that were not asked for longest', () => {
    for (let i = 0; i < 500; i++) absent.add(identity(`o${String(i)}`));
    expect(absent.has(identity('o0'))).toBe(true);
    absent.add(identity('one-more'));
    expect(absent.has(identity('o0'))).toBe(true);
    expect(absent.has(identity('o1'))).toBe(false);
  });
});

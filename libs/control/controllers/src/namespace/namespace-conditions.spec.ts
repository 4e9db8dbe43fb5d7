import { describe, expect, it } from 'vitest';
import { namespaceConditions } from './namespace-conditions';
import type { RemainingContent } from './namespace-content';

const content = (options: Partial<RemainingContent> = {}): RemainingContent => ({
  objects: new Map(),
  finalizers: new Map(),
  deletionErrors: [],
  ...options,
});
const at = Date.UTC(2026, 0, 1);
const messageOf = (found: Partial<RemainingContent>, type: string): string | undefined =>
  namespaceConditions([], content(found), at).find((c) => c.type === type)?.message;

describe('the conditions of a namespace that is being deleted', () => {
  it('are five, all False when nothing stands in the way', () => {
    const conditions = namespaceConditions([], content(), at);
    expect(conditions.map(({ type, status, reason, message }) => [type, status, reason, message])).toEqual([
      ['NamespaceDeletionDiscoveryFailure', 'False', 'ResourcesDiscovered', 'All resources successfully discovered'],
      [
        'NamespaceDeletionGroupVersionParsingFailure',
        'False',
        'ParsedGroupVersions',
        'All legacy kube types successfully parsed',
      ],
      [
        'NamespaceDeletionContentFailure',
        'False',
        'ContentDeleted',
        'All content successfully deleted, may be waiting on finalization',
      ],
      ['NamespaceContentRemaining', 'False', 'ContentRemoved', 'All content successfully removed'],
      ['NamespaceFinalizersRemaining', 'False', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
    ]);
    expect(conditions.every((c) => c.lastTransitionTime === '2026-01-01T00:00:00Z')).toBe(true);
  });

  it('count what remains, in order of name', () => {
    const objects = new Map([
      ['services.', 2],
      ['pods.', 1],
    ]);
    expect(messageOf({ objects }, 'NamespaceContentRemaining')).toBe(
      'Some resources are remaining: pods. has 1 resource instances, services. has 2 resource instances',
    );
    expect(messageOf({ finalizers: new Map([['example.org/a', 3]]) }, 'NamespaceFinalizersRemaining')).toBe(
      'Some content in the namespace has finalizers remaining: example.org/a in 3 resource instances',
    );
    expect(messageOf({ deletionErrors: ['no', 'never'] }, 'NamespaceDeletionContentFailure')).toBe(
      'Failed to delete all resource types, 2 remaining: no, never',
    );
  });

  it('keep their time while they say the same, and are the same array when nothing changed', () => {
    const before = namespaceConditions([], content(), at);
    expect(namespaceConditions(before, content(), at + 60_000)).toBe(before);
    const after = namespaceConditions(before, content({ objects: new Map([['pods.', 1]]) }), at + 60_000);
    expect(after.map((c) => c.lastTransitionTime)).toEqual([
      ...Array.from({ length: 3 }, () => '2026-01-01T00:00:00Z'),
      '2026-01-01T00:01:00Z',
      '2026-01-01T00:00:00Z',
    ]);
  });

  it('leave the conditions of others alone', () => {
    const foreign = { type: 'Mine', status: 'True' };
    expect(namespaceConditions([foreign], content(), at)).toContainEqual(foreign);
  });
});

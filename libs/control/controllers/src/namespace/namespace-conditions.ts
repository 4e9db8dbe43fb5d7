import { timeText } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { RemainingContent } from './namespace-content';

type Condition = corev1.NamespaceCondition;

interface Row {
  readonly type: string;
  readonly good: { readonly reason: string; readonly message: string };
  /** What is wrong, undefined if nothing is. */
  readonly bad: (content: RemainingContent) => { readonly reason: string; readonly message: string } | undefined;
}

/** Texts of pkg/controller/namespace/deletion/status_condition_utils.go. */
const rows: readonly Row[] = [
  {
    type: 'NamespaceDeletionDiscoveryFailure',
    good: { reason: 'ResourcesDiscovered', message: 'All resources successfully discovered' },
    bad: ({ discoveryError }) =>
      discoveryError === undefined
        ? undefined
        : { reason: 'DiscoveryFailed', message: `Discovery failed for some groups, 1 failing: ${discoveryError}` },
  },
  {
    type: 'NamespaceDeletionGroupVersionParsingFailure',
    good: { reason: 'ParsedGroupVersions', message: 'All legacy kube types successfully parsed' },
    bad: () => undefined,
  },
  {
    type: 'NamespaceDeletionContentFailure',
    good: {
      reason: 'ContentDeleted',
      message: 'All content successfully deleted, may be waiting on finalization',
    },
    bad: ({ deletionErrors }) =>
      deletionErrors.length === 0
        ? undefined
        : {
            reason: 'ContentDeletionFailed',
            message: `Failed to delete all resource types, ${String(deletionErrors.length)} remaining: ${deletionErrors.join(', ')}`,
          },
  },
  {
    type: 'NamespaceContentRemaining',
    good: { reason: 'ContentRemoved', message: 'All content successfully removed' },
    bad: ({ objects }) =>
      objects.size === 0
        ? undefined
        : {
            reason: 'SomeResourcesRemain',
            message: `Some resources are remaining: ${counts(objects, 'has', 'resource instances')}`,
          },
  },
  {
    type: 'NamespaceFinalizersRemaining',
    good: { reason: 'ContentHasNoFinalizers', message: 'All content-preserving finalizers finished' },
    bad: ({ finalizers }) =>
      finalizers.size === 0
        ? undefined
        : {
            reason: 'SomeFinalizersRemain',
            message: `Some content in the namespace has finalizers remaining: ${counts(finalizers, 'in', 'resource instances')}`,
          },
  },
];

const counts = (map: ReadonlyMap<string, number>, verb: string, what: string): string =>
  [...map]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, n]) => `${name} ${verb} ${String(n)} ${what}`)
    .join(', ');

/** The conditions as they should be now; the same array when nothing changed. */
export function namespaceConditions(before: Condition[], content: RemainingContent, nowMs: number): Condition[] {
  const after = rows.map(({ type, good, bad }): Condition => {
    const wrong = bad(content);
    const status = wrong === undefined ? 'False' : 'True';
    const { reason, message } = wrong ?? good;
    const old = before.find((c) => c.type === type);
    if (old?.status === status && old.reason === reason && old.message === message) return old;
    return { type, status, lastTransitionTime: timeText(nowMs), reason, message };
  });
  const others = before.filter((c) => !rows.some((r) => r.type === c.type));
  const isSame = before.length === after.length + others.length && after.every((c) => before.includes(c));
  return isSame ? before : [...others, ...after];
}

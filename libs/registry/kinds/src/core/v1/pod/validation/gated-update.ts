import { type FieldPath, fieldErrors, semanticEqual } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Errors } from '../../../../field-checks';
import { internalForm } from '../internal-form';
import { restore } from './restore-field';

/**
 * While gates hold a pod back from the scheduler, where it may go can still be narrowed, never widened. What is allowed
 * is put back in `rest`, so that the caller's comparison no longer sees it.
 */
export function allowGatedChanges(errors: Errors, path: FieldPath, rest: corev1.PodSpec, old: corev1.PodSpec): void {
  const selector = rest.nodeSelector ?? {};
  const before = old.nodeSelector ?? {};
  if (!semanticEqual(rest.nodeSelector, old.nodeSelector)) {
    if (Object.keys(before).some((key) => !Object.hasOwn(selector, key) || selector[key] !== before[key]))
      errors.push(
        fieldErrors.invalid(
          path.child('nodeSelector'),
          rest.nodeSelector ?? null,
          'only additions to spec.nodeSelector are allowed (no mutations or deletions)',
        ),
      );
    restore(rest, old, 'nodeSelector');
  }
  const affinity = rest.affinity?.nodeAffinity;
  const oldAffinity = old.affinity?.nodeAffinity;
  if (semanticEqual(affinity, oldAffinity)) return;
  validateNarrowed(errors, path.child('affinity', 'nodeAffinity'), affinity, oldAffinity);
  if (!rest.affinity) {
    if (oldAffinity) rest.affinity = { nodeAffinity: oldAffinity };
  } else if (!old.affinity && !rest.affinity.podAffinity && !rest.affinity.podAntiAffinity) delete rest.affinity;
  else if (oldAffinity) rest.affinity.nodeAffinity = oldAffinity;
  else delete rest.affinity.nodeAffinity;
}

/** `validateNodeAffinityMutation`. */
function validateNarrowed(
  errors: Errors,
  path: FieldPath,
  affinity: corev1.NodeAffinity | undefined,
  old: corev1.NodeAffinity | undefined,
): void {
  const before = old?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  if (before.length === 0) return;
  const now = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const termsPath = path.child('requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms');
  if (before.length !== now.length) {
    errors.push(
      fieldErrors.invalid(
        termsPath,
        now.map((term) => internalForm('NodeSelectorTerm', term)),
        'no additions/deletions to non-empty NodeSelectorTerms list are allowed',
      ),
    );
    return;
  }
  for (const [index, term] of now.entries())
    if (!onlyAdds(term, before[index] ?? {}))
      errors.push(
        fieldErrors.invalid(
          termsPath.index(index),
          internalForm('NodeSelectorTerm', term),
          'only additions are allowed (no mutations or deletions)',
        ),
      );
}

function onlyAdds(term: corev1.NodeSelectorTerm, old: corev1.NodeSelectorTerm): boolean {
  const lists = ['matchExpressions', 'matchFields'] as const;
  // A term that selects nothing stays one.
  if (lists.every((list) => (old[list] ?? []).length === 0))
    return lists.every((list) => (term[list] ?? []).length === 0);
  return lists.every((list) => {
    const before = old[list] ?? [];
    return semanticEqual((term[list] ?? []).slice(0, before.length), before);
  });
}

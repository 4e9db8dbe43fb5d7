import { semanticEqual } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';

type Toleration = corev1.Toleration;

/** Both lists, without what another toleration of them covers (pkg/util/tolerations `MergeTolerations`). */
export function mergeTolerations(first: readonly Toleration[], second: readonly Toleration[]): Toleration[] {
  const all = [...first, ...second];
  const merged: Toleration[] = [];
  for (const [i, toleration] of all.entries()) {
    if (merged.some((kept) => covers(kept, toleration))) continue;
    // Of equal ones the first stays.
    if (all.slice(i + 1).some((later) => !semanticEqual(later, toleration) && covers(later, toleration))) continue;
    merged.push(toleration);
  }
  return merged;
}

/** Whether each is covered by one of the list; a list of none allows all. */
export const isWithin = (tolerations: readonly Toleration[], list: readonly Toleration[]): boolean =>
  list.length === 0 || tolerations.every((toleration) => list.some((allowed) => covers(allowed, toleration)));

/** Whether `wide` tolerates all that `narrow` does. */
function covers(wide: Toleration, narrow: Toleration): boolean {
  if (semanticEqual(wide, narrow)) return true;
  const anyKey = (wide.key ?? '') === '' && wide.operator === 'Exists';
  if ((wide.key ?? '') !== (narrow.key ?? '') && !anyKey) return false;
  const effect = wide.effect ?? '';
  if (effect !== '' && effect !== (narrow.effect ?? '')) return false;
  if (effect === 'NoExecute' && wide.tolerationSeconds != null)
    if (narrow.tolerationSeconds == null || narrow.tolerationSeconds > wide.tolerationSeconds) return false;
  switch (wide.operator ?? '') {
    case '':
    case 'Equal':
      return (narrow.operator ?? '') === (wide.operator ?? '') && (narrow.value ?? '') === (wide.value ?? '');
    case 'Exists':
      return true;
    default:
      return false;
  }
}

import { type FieldPath, fieldErrors, validateLabelName } from '@reckon/api/machinery';
import type { corev1, metav1 } from '@reckon/api/types';
import type { Errors } from '../../../../field-checks';

/** What affinity terms and spread constraints have alike. */
type Keyed = Pick<corev1.PodAffinityTerm, 'labelSelector' | 'matchLabelKeys' | 'mismatchLabelKeys'>;

/** `validateMatchLabelKeysAndMismatchLabelKeys`: keys whose values are taken from the pod itself. */
export function validateLabelKeys(errors: Errors, path: FieldPath, term: Keyed): void {
  const match = term.matchLabelKeys ?? [];
  const mismatch = term.mismatchLabelKeys ?? [];
  for (const [field, keys] of [
    ['matchLabelKeys', match],
    ['mismatchLabelKeys', mismatch],
  ] as const) {
    if (keys.length === 0) continue;
    if (!term.labelSelector)
      errors.push(fieldErrors.forbidden(path.child(field), 'must not be specified when labelSelector is not set'));
    else
      for (const [index, key] of keys.entries()) errors.push(...validateLabelName(key, path.child(field).index(index)));
  }
  if (term.labelSelector && match.length > 0) checkKeyTwice(errors, path, match, term.labelSelector);
  for (const [index, key] of match.entries())
    if (mismatch.includes(key))
      errors.push(
        fieldErrors.invalid(
          path.child('matchLabelKeys').index(index),
          key,
          'exists in both matchLabelKeys and mismatchLabelKeys',
        ),
      );
}

/** The selector already holds what the keys add to it, so a key is wrong only when it stands there twice. */
function checkKeyTwice(errors: Errors, path: FieldPath, keys: readonly string[], selector: metav1.LabelSelector): void {
  const seen = new Set(Object.keys(selector.matchLabels ?? {}));
  for (const { key } of selector.matchExpressions ?? []) {
    const index = keys.lastIndexOf(key);
    if (index >= 0 && seen.has(key))
      errors.push(fieldErrors.invalid(path.index(index), key, 'exists in both matchLabelKeys and labelSelector'));
    seen.add(key);
  }
}

import { type FieldPath, goQuote, parseQuantity, quantityMilliValue } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';

/** GetWarningsForPersistentVolumeClaimSpec: there is no part of a byte. */
export function claimSizeWarnings(
  spec: corev1.PersistentVolumeClaimSpec,
  path: FieldPath,
  warn: (at: FieldPath, text: string) => void,
): void {
  for (const list of ['requests', 'limits'] as const) {
    const size = spec.resources?.[list]?.storage;
    // Almost every size is plain bytes or a multiple: only with these can it be a fraction of one.
    if (size === undefined || !/[.mnue-]/i.test(size) || quantityMilliValue(parseQuantity(size)) % 1000n === 0n)
      continue;
    warn(
      path.child('resources', list).key('storage'),
      `fractional byte value ${goQuote(size)} is invalid, must be an integer`,
    );
  }
}

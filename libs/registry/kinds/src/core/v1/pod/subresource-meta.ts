import type { metav1 } from '@reckon/api/types';

const kept = [
  'deletionTimestamp',
  'generation',
  'selfLink',
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
] as const satisfies readonly (keyof metav1.ObjectMeta)[];

/** A subresource changes its part of the object and nothing of its metadata (metav1.ResetObjectMetaForStatus). */
export function keepMetaForStatus(metadata: metav1.ObjectMeta, old: metav1.ObjectMeta): void {
  for (const field of kept) keep(metadata, old, field);
}

function keep<Field extends keyof metav1.ObjectMeta>(
  metadata: metav1.ObjectMeta,
  old: metav1.ObjectMeta,
  field: Field,
): void {
  if (old[field] === undefined) delete metadata[field];
  else metadata[field] = old[field];
}

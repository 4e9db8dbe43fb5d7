import type { corev1 } from '@reckon/api/types';

/** Puts one field of a spec back to what it was. */
export function restore<Field extends keyof corev1.PodSpec>(
  spec: corev1.PodSpec,
  old: corev1.PodSpec,
  field: Field,
): void {
  if (old[field] === undefined) delete spec[field];
  else spec[field] = old[field];
}

import type { corev1 } from '@reckon/api/types';
import { objectDifference } from '../../../object-difference';
import { internalForm } from './internal-form';

/** What changed in a pod's spec, as upstream's refusal tells it. */
export function specDifference(old: corev1.PodSpec, spec: corev1.PodSpec): string {
  return objectDifference(internalForm('PodSpec', old), internalForm('PodSpec', spec));
}

export function ephemeralDifference(old: corev1.EphemeralContainer, container: corev1.EphemeralContainer): string {
  return objectDifference(internalForm('EphemeralContainer', old), internalForm('EphemeralContainer', container));
}

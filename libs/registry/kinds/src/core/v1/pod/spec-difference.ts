import type { corev1 } from '@reckon/api/types';
import { unifiedDifference } from '../../../unified-difference';
import { internalForm } from './internal-form';

/** What changed in a pod's spec, as upstream tells it (k8s.io/apimachinery/pkg/util/diff of the internal objects). */
export function specDifference(old: corev1.PodSpec, spec: corev1.PodSpec): string {
  return unifiedDifference(linesOf(internalForm('PodSpec', old)), linesOf(internalForm('PodSpec', spec)));
}

export function ephemeralDifference(old: corev1.EphemeralContainer, container: corev1.EphemeralContainer): string {
  return unifiedDifference(
    linesOf(internalForm('EphemeralContainer', old)),
    linesOf(internalForm('EphemeralContainer', container)),
  );
}

const escapes: Readonly<Record<string, string>> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026' };

/** encoding/json.MarshalIndent with one blank. */
function linesOf(value: unknown): string[] {
  return JSON.stringify(value, null, 1)
    .replace(/[<>&]/g, (character) => escapes[character] ?? character)
    .split('\n');
}

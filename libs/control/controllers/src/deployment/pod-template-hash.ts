import { semanticEqual } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { safeText } from '../controller-history/safe-text';
import { goDump } from '../template-hash/go-dump';

export const podTemplateHashLabel = 'pod-template-hash';

/**
 * Names a template: FNV-1a over Go's dump of it, then over the collision count (pkg/controller.ComputeHash), its decimal digits replaced
 * by safe letters (rand.SafeEncodeString). Kubernetes names the same template the same.
 */
export function podTemplateHash(template: corev1.PodTemplateSpec, collisionCount: number | undefined): string {
  let hash = fnv1a(Buffer.from(goDump('core/v1.PodTemplateSpec', template), 'utf8'), 0x811c9dc5);
  if (collisionCount !== undefined) {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32LE(collisionCount);
    hash = fnv1a(bytes, hash);
  }
  return safeText(String(hash));
}

/** Equal but for the hash label (deployment/util.EqualIgnoreHash). */
export function isSameTemplate(a: corev1.PodTemplateSpec | undefined, b: corev1.PodTemplateSpec | undefined): boolean {
  return semanticEqual(withoutHash(a), withoutHash(b));
}

function withoutHash(template: corev1.PodTemplateSpec = {}): corev1.PodTemplateSpec {
  if (template.metadata?.labels?.[podTemplateHashLabel] === undefined) return { metadata: {}, ...template };
  const labels = { ...template.metadata.labels };
  delete labels[podTemplateHashLabel];
  return { ...template, metadata: { ...template.metadata, labels } };
}

function fnv1a(bytes: Uint8Array, seed: number): number {
  let hash = seed;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

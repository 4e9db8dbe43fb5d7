import type { FieldPath } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { AnyContainer } from '../container.defaults';

/** Init, regular, then ephemeral containers, with their paths (podshelper.VisitContainersWithPath). */
export function forEachContainer(
  spec: corev1.PodSpec,
  path: FieldPath,
  visit: (container: AnyContainer, path: FieldPath) => void,
): void {
  for (const field of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    const list: readonly AnyContainer[] = spec[field] ?? [];
    for (const [index, container] of list.entries()) visit(container, path.child(field).index(index));
  }
}

import { statusErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';

/** The container asked for, or the only one there is (registry/core/pod `validateContainer`). */
export function containerOf(pod: corev1.Pod, asked: string): string {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec ?? {};
  const name = pod.metadata.name ?? '';
  const all = [...initContainers, ...containers, ...ephemeralContainers].map((c) => c.name);
  if (asked !== '') {
    if (!all.includes(asked)) throw statusErrors.badRequest(`container ${asked} is not valid for pod ${name}`);
    return asked;
  }
  const [only, ...others] = containers.map((c) => c.name);
  if (only !== undefined && others.length === 0) return only;
  throw statusErrors.badRequest(
    `a container name must be specified for pod ${name}, choose one of: [${all.join(' ')}]`,
  );
}

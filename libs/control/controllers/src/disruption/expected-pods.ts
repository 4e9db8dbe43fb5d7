import { controllerOf, scaledIntOrPercent } from '@reckon/api/machinery';
import type { Pod } from '../replica-set/pod-state';
import type { Budget } from './budget';
import { UnknownScaleError, type WorkloadScales } from './workload-scale';

export interface Expectation {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
  /** Names of pods that nobody controls: there is no saying how many of them there should be. */
  readonly unmanaged: readonly string[];
}

/** How many pods there should be, and how many of them healthy (`DisruptionController.getExpectedPodCount`). */
export async function expectation(
  { spec }: Budget,
  pods: readonly Pod[],
  scales: Pick<WorkloadScales, 'of'>,
): Promise<Expectation> {
  const { maxUnavailable, minAvailable } = spec ?? {};
  if (maxUnavailable != null) {
    const { total, unmanaged } = await expectedScale(pods, scales);
    const desiredHealthy = Math.max(total - scaledIntOrPercent(maxUnavailable, total, 'up'), 0);
    return { expectedPods: total, desiredHealthy, unmanaged };
  }
  if (typeof minAvailable === 'string') {
    const { total, unmanaged } = await expectedScale(pods, scales);
    return { expectedPods: total, desiredHealthy: scaledIntOrPercent(minAvailable, total, 'up'), unmanaged };
  }
  if (minAvailable == null) return { expectedPods: 0, desiredHealthy: 0, unmanaged: [] };
  return { expectedPods: pods.length, desiredHealthy: minAvailable, unmanaged: [] };
}

/** The scales of all that control these pods, each once. */
async function expectedScale(
  pods: readonly Pod[],
  scales: Pick<WorkloadScales, 'of'>,
): Promise<{ readonly total: number; readonly unmanaged: readonly string[] }> {
  const unmanaged: string[] = [];
  const asked = new Set<string>();
  const replicas = new Map<string, number>();
  for (const pod of pods) {
    const { name = '', namespace = '' } = pod.metadata;
    const owner = controllerOf(pod);
    if (owner === undefined) {
      unmanaged.push(name);
      continue;
    }
    if (asked.has(owner.uid)) continue;
    asked.add(owner.uid);
    const scale = await scales.of(owner, namespace);
    if (scale === undefined) throw new UnknownScaleError(`found no controllers for pod "${name}"`);
    replicas.set(scale.uid, scale.replicas);
  }
  return { total: [...replicas.values()].reduce((sum, count) => sum + count, 0), unmanaged };
}
